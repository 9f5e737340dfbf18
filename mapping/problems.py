"""Everything that is wrong with a mapping file, collected and told in one message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from pathlib import Path

from ..errors import Location, MappingError, Refused


class Rank(IntEnum):
    """What to mend first: a wrong name is often only the echo of a wrong shape."""

    SAFETY = 0
    ENVIRONMENT = 1
    SHAPE = 2
    NAME = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend; `pointer` is the JSON pointer of the place in the file."""

    pointer: str
    message: str
    hint: str = ""
    rank: Rank = Rank.NAME


class MappingProblems(MappingError):  # noqa: N818 - the errors are inside
    """All problems of a mapping file; its text has one located paragraph for each."""

    def __init__(self, problems: Sequence[tuple[Location, Problem]]) -> None:
        self.problems = tuple(problem for _, problem in problems)
        where, first = problems[0]
        told = [first.message + _hint(first)]
        told += [f"{place}: {problem.message}{_hint(problem)}" for place, problem in problems[1:]]
        super().__init__("\n".join(told), where=where)
        if any(problem.rank is Rank.SAFETY for problem in self.problems):
            self.exit_code = Refused.exit_code


@dataclass(slots=True)
class Problems:
    """Collects problems of one file."""

    path: Path
    text: str = ""
    found: list[Problem] = field(default_factory=list)

    def add(self, pointer: str, message: str, hint: str = "", rank: Rank = Rank.NAME) -> None:
        problem = Problem(pointer, message, hint, rank)
        if problem not in self.found:
            self.found.append(problem)

    def add_error(self, pointer: str, error: MappingError, rank: Rank = Rank.NAME) -> None:
        """Take over what a pure step, which knows no files, has raised."""
        self.add(pointer, error.message, error.hint, rank)

    def raise_all(self) -> None:
        """Raise MappingProblems if there are any: most useful first, then by place."""
        from ..spec.position import Locator

        if not self.found:
            return
        locator = Locator(self.text)
        located = [
            (Location(self.path, *locator.nearest(problem.pointer)), problem)
            for problem in self.found
        ]
        located.sort(key=lambda pair: (pair[1].rank, pair[0].line, pair[0].column))
        raise MappingProblems(located)


def _hint(problem: Problem) -> str:
    return f"\n  {problem.hint}" if problem.hint else ""
