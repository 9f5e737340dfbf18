"""Failures of a run -> causes; causes -> what a person judged of them once.

A judgement names its cause by what stays the same from run to run: a pattern of the operation, of the
test's name, and a regular expression that is searched in the verdict and the reason. The first one
that fits counts.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml12

from gen_suite.matrix.results import TestResult

JUDGEMENTS = ("real", "dismissable", "false alarm")
_LITERALS = re.compile(
    r"'[^']*'|\"[^\"]*\"|`[^`]*`|[0-9a-f]{8}-[0-9a-f-]{27}|\b(?!\d{3}\b)\d+(\.\d+)?\b"
)


@dataclass(frozen=True)
class Cause:
    """Failures of one operation that look alike: the same words but for values.

    `what` is the verdict, or the reason where there is none, with its values taken out; three-digit
    numbers stay, since most are statuses.
    """

    operation: str
    what: str


@dataclass(frozen=True)
class Judgement:
    """What a person said of a cause: `judgement` is one of JUDGEMENTS, `because` says why."""

    judgement: str
    because: str
    operation: str = "*"
    test: str = "*"
    text: str = ""

    def fits(self, operation: str, test: TestResult) -> bool:
        return (
            fnmatchcase(operation, self.operation)
            and fnmatchcase(test_name(test), self.test)
            and re.search(self.text, f"{test.verdict}\n{test.reason}") is not None
        )


@dataclass(frozen=True)
class Counted:
    """The failures of a run by judgement; what nobody judged yet is `unjudged`."""

    tests: Mapping[str, int] = field(default_factory=dict)
    causes: Mapping[str, int] = field(default_factory=dict)
    examples: Mapping[str, Sequence[tuple[Cause, TestResult, int]]] = field(default_factory=dict)


def failed_cells(test: TestResult) -> list[tuple[str, str]]:
    """The cells for which a test failed, of those that it covers."""
    return [pair for pair in test.covers if test.outcome_of(pair) == "failed"]


def test_name(test: TestResult) -> str:
    """The function, with its case in brackets, without its module."""
    return test.id.rpartition("::")[2]


def operation_of(test: TestResult) -> str:
    """The operation that a test covers first; hand-written tests may cover none."""
    return test.covers[0][0] if test.covers else ""


def cause_of(test: TestResult) -> Cause:
    """What its failure has in common with others."""
    text = test.verdict or test.reason
    return Cause(operation_of(test), _LITERALS.sub("…", text.splitlines()[0] if text else ""))


def read_judgements(file: Path) -> tuple[Judgement, ...]:
    """The judgements of a file; none where there is no file. ValueError names what is wrong."""
    if not file.exists():
        return ()
    entries: list[dict[str, Any]] = yaml12.parse_yaml(file.read_text(encoding="utf-8")) or []
    made = []
    for number, entry in enumerate(entries, 1):
        judgement = Judgement(**entry)
        if judgement.judgement not in JUDGEMENTS or not judgement.because:
            raise ValueError(f"{file}, entry {number}: one of {JUDGEMENTS}, and `because`")
        re.compile(judgement.text)
        made.append(judgement)
    return tuple(made)


def judge(tests: Iterable[TestResult], judgements: Sequence[Judgement]) -> Counted:
    """Failed tests counted by judgement, and their causes likewise."""
    groups: dict[str, dict[Cause, list[TestResult]]] = defaultdict(lambda: defaultdict(list))
    for test in tests:
        if test.outcome == "failed":
            groups[_judged(test, judgements)][cause_of(test)].append(test)
    return Counted(
        tests={kind: sum(map(len, causes.values())) for kind, causes in groups.items()},
        causes={kind: len(causes) for kind, causes in groups.items()},
        examples={
            kind: sorted(
                ((cause, members[0], len(members)) for cause, members in causes.items()),
                key=lambda group: -group[2],
            )
            for kind, causes in groups.items()
        },
    )


def _judged(test: TestResult, judgements: Sequence[Judgement]) -> str:
    operation = operation_of(test)
    for judgement in judgements:
        if judgement.fits(operation, test):
            return judgement.judgement
    return "unjudged"


def rightly_red(tests: Iterable[TestResult], judgements: Sequence[Judgement]) -> int:
    """How many cells have failed for real faults alone: every failed test of theirs is judged so."""
    cells: dict[tuple[str, str], set[str]] = defaultdict(set)
    for test in tests:
        if test.outcome == "failed":
            for cell in failed_cells(test):
                cells[cell].add(_judged(test, judgements))
    return sum(kinds == {"real"} for kinds in cells.values())


def outcomes(tests: Iterable[TestResult]) -> dict[str, int]:
    """How many tests passed, failed, were skipped or not reached."""
    return dict(sorted(Counter(test.outcome.replace(" ", "_") for test in tests).items()))
