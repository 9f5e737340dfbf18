"""The one exception base, and the place in a file that a message points at.

GenSuiteError
 +-- SpecError        the OpenAPI document
 +-- MappingError     the table-mapping file
 +-- UsageError       the command line, an output folder
 +-- TargetError      the application or its database
 +-- Refused          something is possible but not safe (exit code 3)

Errors are raised where they are found and printed at one edge, `cli/main.py` or the pytest plugin.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a file; `line` and `column` count from 1, 0 where unknown."""

    file: Path
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if not self.line:
            return str(self.file)
        return f"{self.file}:{self.line}:{self.column}"


class GenSuiteError(Exception):
    """Something the user can mend: where, what, and what to do next."""

    exit_code = 2

    def __init__(self, message: str, *, where: Location | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{place}{self.message}{hint}"


def reason_of(error: Exception) -> str:
    """Why something failed, in one line; an error that is not ours is named by its class."""
    text = error.message if isinstance(error, GenSuiteError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:500]


class SpecError(GenSuiteError):
    """The OpenAPI document cannot be used."""


class MappingError(GenSuiteError):
    """The table-mapping file cannot be used."""


class UsageError(GenSuiteError):
    """The command line or an output folder is not what it should be."""


class TargetError(GenSuiteError):
    """The application or its database does not do what the mapping says."""


class Refused(GenSuiteError):  # noqa: N818 - it is a decision, not a mistake
    """Possible, but not safe without the user's word."""

    exit_code = 3
