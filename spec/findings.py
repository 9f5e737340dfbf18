"""What is wrong in a document, collected while it is read and placed once, at the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .model import Problem
from .places import Places

MAX_FINDINGS = 200
"""Problems kept of one document; a last one tells how many more there are."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem that has no line and column yet; `pointer` says where."""

    level: Literal["error", "warning"]
    pointer: str
    message: str
    hint: str = ""


class BrokenError(Exception):
    """An operation cannot be read, for what stands at `pointer`."""

    def __init__(self, pointer: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.pointer, self.message, self.hint = pointer, message, hint


def placed(findings: list[Finding], places: Places) -> tuple[Problem, ...]:
    """The findings as problems with places, errors first, in the document's order of reading."""
    ordered = sorted(dict.fromkeys(findings), key=lambda finding: finding.level != "error")
    problems = [
        Problem(
            finding.level,
            finding.message,
            places.location(finding.pointer),
            finding.pointer,
            finding.hint,
        )
        for finding in ordered[:MAX_FINDINGS]
    ]
    if more := len(ordered) - len(problems):
        level, where = ordered[MAX_FINDINGS].level, places.location("")
        problems.append(Problem(level, f"and {more} more problems", where, ""))
    return tuple(problems)
