"""Failures of a run, grouped by what they probably have in common: one fault is said once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .results import Results, TestResult

HINTS = {
    401: "is the token of the caller still good?",
    404: "rows are arranged for another tenant or owner, perhaps",
}
"""What one refusal of many operations at once usually means."""
MOST_OPERATIONS = 3
"""Operations that a cause names; of more it says how many."""
WROTE = "wrote all the same"
"""What the verdict on a refusal says whose rows changed: the status is not what is wrong with it."""
_NUMBER = re.compile(r"\d+")

Key = tuple[str, ...]
"""A kind of cause and what tells one of that kind from others."""
KINDS = ("raised", "everywhere", "status", "verdict", "reason")
"""Of two causes that explain as many failures the one of the earlier kind is taken."""


@dataclass(frozen=True, slots=True)
class Cause:
    """What some failures of a run have in common, and the one of them to run again."""

    text: str
    tests: tuple[TestResult, ...]

    @property
    def again(self) -> str:
        """The id of the test that shows it best: one of the success of an operation, else the first."""
        success = (test for test in self.tests if any(c == "success" for _, c in test.covers))
        return next(success, self.tests[0]).id


def causes(results: Results) -> tuple[Cause, ...]:
    """The failures of a run by likely cause, the one that explains most first.

    Each failure stands under one cause: of those it may have, the one that it shares with most others.
    """
    groups: dict[Key, list[TestResult]] = defaultdict(list)
    failed = [test for test in results.tests if test.outcome == "failed"]
    for test in failed:
        for key in _keys(test):
            groups[key].append(test)
    answers = _answers(results.tests)
    found = []
    left = {test.id for test in failed}
    while left:
        key = min(groups, key=lambda key: _rank(key, groups[key], left))
        tests = tuple(test for test in groups.pop(key) if test.id in left)
        left -= {test.id for test in tests}
        found.append(Cause(_text(key, tests, answers), tests))
    return tuple(sorted(found, key=lambda cause: -len(cause.tests)))


def _keys(test: TestResult) -> Iterator[Key]:
    """The causes that a failure may have."""
    operation, status = test.operation, str(test.status)
    if test.raised and test.status >= 500:
        yield "raised", _NUMBER.sub("#", test.raised)
    if test.status in HINTS:
        yield "everywhere", status
    if test.status >= 400 and WROTE not in test.verdict:
        yield "status", operation, status
    elif test.verdict:
        yield "verdict", _without(test.verdict, operation), test.column
    if test.status < 500:
        # an assertion that compares numbers is another one for another number
        same = test.reason if "assert " in test.reason else _NUMBER.sub("#", test.reason)
        yield "reason", same, operation


def _without(text: str, operation: str) -> str:
    return text.replace(operation, "").strip() if operation else text


def _rank(key: Key, tests: Sequence[TestResult], left: set[str]) -> tuple[int, int]:
    """Smaller is better: more failures that no cause explains yet, then the kind that says more."""
    open_tests = [test for test in tests if test.id in left]
    several = key[0] != "everywhere" or len({test.operation for test in open_tests}) > 1
    return (-len(open_tests) if several else 0, KINDS.index(key[0]))


def _answers(tests: Iterable[TestResult]) -> Mapping[str, set[int]]:
    """Operation -> the statuses that requests to it got, in all tests of the run."""
    answers: dict[str, set[int]] = defaultdict(set)
    for test in tests:
        if test.status:
            answers[test.operation].add(test.status)
    return answers


def _text(key: Key, tests: Sequence[TestResult], answers: Mapping[str, set[int]]) -> str:
    operations = tuple(dict.fromkeys(_operation(test) for test in tests))
    where = _listed(operations)
    if key[0] == "raised":
        return f"{where} broke: {tests[0].raised}"
    if key[0] == "everywhere":
        return f"{where} answer {key[1]}: {HINTS[int(key[1])]}"
    if key[0] == "status":
        always = " to every request" if answers[key[1]] == {int(key[2])} else ""
        hint = f": {HINTS[int(key[2])]}" if always and int(key[2]) in HINTS else ""
        return f"{key[1]} answers {key[2]}{always}{hint}"
    if key[0] == "verdict":
        about = f" ({tests[0].column})" if tests[0].column else ""
        verdict = tests[0].verdict
        return verdict if operations[0] in verdict else f"{where}{about}: {verdict}"
    return f"{where}: {tests[0].reason}" if where else tests[0].reason


def _operation(test: TestResult) -> str:
    return test.operation or next((operation for operation, _ in test.covers), "")


def _listed(operations: Sequence[str]) -> str:
    if len(operations) > MOST_OPERATIONS:
        return f"{operations[0]} and {len(operations) - 1} more operations"
    return ", ".join(operations)


def summary(causes: Sequence[Cause]) -> list[str]:
    """The causes as lines of text: how many failures, why, and what to run again."""
    width = max((len(str(len(cause.tests))) for cause in causes), default=0)
    return [
        line
        for cause in causes
        for line in (
            f"{len(cause.tests):>{width}}  {cause.text}",
            f"{'':>{width}}  -> pytest {cause.again!r}",
        )
    ]


def unreached(results: Results) -> list[str]:
    """Why tests of a run were not reached, a line for each reason with how many tests."""
    counts: dict[str, int] = defaultdict(int)
    for test in results.tests:
        if test.outcome == "not reached":
            counts[test.reason] += 1
    ordered = sorted(counts.items(), key=lambda entry: -entry[1])
    return [f"{count} not reached: {reason}" for reason, count in ordered]
