"""A cell: one operation x one concern, and what is known of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far a cell has come; the first four need no run, the last is said by a proof."""

    NOT_APPLICABLE = "not applicable"
    GAP = "gap"
    PLANNED = "planned"
    COVERED = "covered"
    NOT_REACHED = "not reached"
    SKIPPED = "skipped"
    FAILED = "failed"
    PASSED = "passed"
    PROVEN = "proven"


@dataclass(frozen=True, slots=True)
class Cell:
    """One operation x one concern.

    `reason` says why it is a gap or not applicable, `closes` what closes the gap (a line of mapping
    where one is enough), `tests` names the tests of the concern's template that will be emitted,
    `unseen` what these cannot show: a gap of its own beside what they do.
    """

    operation: str
    concern: str
    state: State
    reason: str = ""
    closes: str = ""
    tests: tuple[str, ...] = ()
    risk: str = "medium"
    unseen: str = ""
