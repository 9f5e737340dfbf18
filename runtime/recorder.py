"""Test reports -> the results file, also when the tests ran in several workers."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from ..errors import GenSuiteError
from ..files import local_folder
from ..matrix.answered import documented_answers, undocumented_statuses
from ..matrix.causes import causes, summary, unreached
from ..matrix.results import FILE, Answer, Journal, Results, TestResult, write_results
from .outcomes import NOT_REACHED, OUTCOME
from .secrets import mask_text

COVERS = "gen_suite.covers"
CELLS = "gen_suite.cells"
"""(operation, concern, outcome) of each cell of a failed test that covers several."""
VERDICT = "gen_suite.verdict"
FINDING = "gen_suite.finding"
ANSWER = "gen_suite.answer"
COLUMN = "gen_suite.column"
RAISED = "gen_suite.raised"
ANSWERS = "gen_suite.answers"
SAYS_NOTHING = ("assert False", "assert not True", "assert None")
"""Ends of what pytest says first of an assertion whose next line tells what it is about."""
WORST_LAST = ("passed", "skipped", NOT_REACHED, "failed")


@dataclass(eq=False)
class Recorder:
    """Collects what the tests of the suite came to; `mapping` is the file whose suite it is."""

    mapping: Path
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.monotonic)
    _tests: dict[str, TestResult] = field(default_factory=dict)
    _findings: dict[str, None] = field(default_factory=dict)
    _set_up: dict[str, float] = field(default_factory=dict)
    _complete: bool = True
    _journal: Journal | None = None
    _answers: set[Answer] = field(default_factory=set)

    @property
    def results_file(self) -> Path:
        return self.mapping.parent / FILE

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """One phase of one test: setup, call or teardown; the worst outcome of the three counts."""
        properties: dict[str, Any] = dict(report.user_properties)
        if COVERS not in properties:
            return
        for name, kept in report.user_properties:
            if name == FINDING:
                self._find(mask_text(str(kept)))
            if name == ANSWERS:
                self._answers.update((o, n, t) for o, n, t in cast(list[Answer], kept))
        if report.when == "setup" and report.passed:  # nothing was tested by then
            self._set_up[report.nodeid] = report.duration
            return
        before = self._tests.get(report.nodeid)
        now = properties.get(OUTCOME, report.outcome)
        outcome = max(before.outcome if before else "passed", now, key=WORST_LAST.index)
        operation, status = properties.get(ANSWER, ("", 0))
        self._tests[report.nodeid] = test = TestResult(
            id=report.nodeid,
            outcome=outcome,
            seconds=round(
                (before.seconds if before else self._set_up.pop(report.nodeid, 0.0))
                + report.duration,
                4,
            ),
            covers=tuple((operation, concern) for operation, concern in properties[COVERS]),
            reason=_reason(report) or (before.reason if before else ""),
            verdict=mask_text(properties.get(VERDICT, "")) or (before.verdict if before else ""),
            operation=operation or (before.operation if before else ""),
            status=status or (before.status if before else 0),
            column=properties.get(COLUMN, "") or (before.column if before else ""),
            raised=mask_text(properties.get(RAISED, "")) or (before.raised if before else ""),
            cells=_cells(properties, outcome) or (before.cells if before else ()),
        )
        self._open_journal().add(test)

    def _find(self, finding: str) -> None:
        if finding not in self._findings:
            self._findings[finding] = None
            self._open_journal().add_finding(finding)

    def _open_journal(self) -> Journal:
        if self._journal is None:
            local_folder(self.mapping.parent)
            self._journal = Journal(self.results_file, self._started_text)
        return self._journal

    def pytest_keyboard_interrupt(self) -> None:
        self._complete = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        if self._journal is not None:
            self._journal.close()
        if self._tests:
            write_results(self.results(), self.results_file)

    @property
    def _started_text(self) -> str:
        return self.started.isoformat(timespec="seconds")

    def results(self) -> Results:
        """What is known by now."""
        return Results(
            started=self._started_text,
            seconds=round(time.monotonic() - self._clock, 3),
            tests=tuple(self._tests.values()),
            findings=tuple(dict.fromkeys([*self._findings, *self._of_suite()])),
            complete=self._complete,
            answers=tuple(sorted(self._answers)),
        )

    def _of_suite(self) -> Iterator[str]:
        """What is to be known of the database, and of the bodies of the operations that were tested."""
        from .requests import findings
        from .suite import active_suite

        try:
            yield from active_suite().outdated
        except GenSuiteError:
            return  # a spec that cannot be read: who needs it has said so, and results are kept
        labels = (operation for test in self._tests.values() for operation, _ in test.covers)
        for label in dict.fromkeys(labels):
            try:
                yield from (f"{label}: {finding}" for finding in findings(label))
            except GenSuiteError:
                continue  # no such operation, or no body that can be made: its tests say so

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        results = Results("", 0.0, tuple(self._tests.values()))
        if found := causes(results):
            terminalreporter.section("gen-suite: failures by likely cause")
            for line in summary(found):
                terminalreporter.write_line(line)
        for line in unreached(results):
            terminalreporter.write_line(line)
        for line in self._summary():
            terminalreporter.write_line(line)

    def _summary(self) -> Iterator[str]:
        if not self._tests:
            return
        cells = {pair for test in self._tests.values() for pair in test.covers}
        failed = {
            pair
            for test in self._tests.values()
            for pair in test.covers
            if test.outcome_of(pair) == "failed"
        }
        yield (
            f"gen-suite: {len(self._tests)} tests of {len(cells)} cells, {len(failed)} cells failed; "
            "what is untested: gen-suite gaps"
        )
        if undocumented := self._undocumented():
            yield (
                "gen-suite: statuses that the spec does not document: "
                f"{', '.join(undocumented)}; which: gen-suite gaps"
            )

    def _undocumented(self) -> list[str]:
        """Each undocumented status with the number of operations that answered with it."""
        if not self._answers:
            return []
        from .suite import active_suite

        documented = documented_answers(active_suite().resolved)
        by_status = undocumented_statuses(documented, self._answers)
        return [
            f"{status} ({len(labels)} operation{'s' * (len(labels) > 1)})"
            for status, labels in by_status.items()
        ]


def _cells(properties: dict[str, Any], outcome: str) -> tuple[tuple[str, str, str], ...]:
    """What the cells of a failed test came to, of those that came to something else than it."""
    cells = cast(list[list[str]], properties.get(CELLS, []))
    return tuple((o, concern, became) for o, concern, became in cells if became != outcome)


def _reason(report: pytest.TestReport) -> str:
    """One line of why a test did not pass."""
    if report.passed:
        return ""
    if report.skipped and isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    text = crash.message if crash is not None else str(report.longrepr)
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    shown = " ".join(lines[:2] if lines and lines[0].endswith(SAYS_NOTHING) else lines[:1])
    return mask_text(shown)[:300]
