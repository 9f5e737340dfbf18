"""Test reports -> the results file, also when the tests ran in several workers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

import pytest

from .. import __version__
from ..errors import GenSuiteError
from ..files import local_folder
from ..mapping.read import read_mapping
from ..matrix.answered import documented_answers, undocumented_statuses
from ..matrix.causes import causes, summary, unreached
from ..matrix.fingerprint import functions, of_file, of_mapping, of_operations, of_spec
from ..matrix.merging import add_run
from ..matrix.results import (
    FILE,
    LONGEST_EVIDENCE,
    Answer,
    Journal,
    Results,
    Run,
    TestResult,
)
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
UNSUPPORTED = "gen_suite.unsupported"
STORY = "gen-suite: what happened"
"""The section of a report that tells it."""
INTERNAL = (COVERS, CELLS, VERDICT, FINDING, ANSWER, COLUMN, RAISED, ANSWERS, UNSUPPORTED)
"""What tests tell the recorder; nobody else is to read it."""
DESELECTED = "gen_suite.deselected"
"""What a worker of pytest-xdist says when it ran a choice of its tests."""
SAYS_NOTHING = ("assert False", "assert not True", "assert None", "rows changed:")
"""Ends of what is said first of a failure whose next line tells what it is about."""
WORST_LAST = ("passed", "skipped", NOT_REACHED, "failed")


@dataclass(eq=False)
class Recorder:
    """Collects what the tests of the suite came to; `mapping` is the file whose suite it is.

    At the end of the run it renews their results, and drops those of tests that are there no more:
    where a folder or file was run whole, each test in it that did not come. `of_run` tells what else is
    to be known of the run.
    """

    mapping: Path
    config: pytest.Config
    of_run: Callable[[], Iterable[str]] = tuple
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    _clock: float = field(default_factory=time.monotonic)
    _tests: dict[str, TestResult] = field(default_factory=dict)
    _findings: dict[str, None] = field(default_factory=dict)
    _set_up: dict[str, float] = field(default_factory=dict)
    _complete: bool = True
    _journal: Journal | None = None
    _answers: set[Answer] = field(default_factory=set)
    _chosen: bool = False
    """Only some of the tests of a file were run."""

    @property
    def results_file(self) -> Path:
        return self.mapping.parent / FILE

    @pytest.hookimpl(tryfirst=True)
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
            evidence=_evidence(report) or (before.evidence if before else ""),
            unsupported=_unsupported(properties, before),
            line=0 if report.location[1] is None else report.location[1] + 1,
        )
        self._open_journal().add(test)
        if report.when == "teardown":
            foreign = [entry for entry in report.user_properties if entry[0] not in INTERNAL]
            report.user_properties = [*foreign, *_readable(test)]

    def _find(self, finding: str) -> None:
        if finding not in self._findings:
            self._findings[finding] = None
            self._open_journal().add_finding(finding)

    def _open_journal(self) -> Journal:
        if self._journal is None:
            local_folder(self.mapping.parent)
            self._journal = Journal(self.results_file, self._run())
        return self._journal

    def pytest_keyboard_interrupt(self) -> None:
        self._complete = False

    def pytest_deselected(self) -> None:
        self._chosen = True

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be collected keeps its results."""
        self._chosen |= report.failed

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """A worker of pytest-xdist ended; what it deselected, its controller never saw."""
        output = getattr(node, "workeroutput", None)
        self._chosen |= output is None or output.get(DESELECTED, False)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._tests:
            options = (self.config.getoption(n, None) for n in ("lf", "ignore", "ignore_glob"))
            self._chosen |= bool(session.shouldfail or session.shouldstop) or any(options)
            fresh = bool(self.config.getoption("--fresh"))
            add_run(self.results(), self.results_file, fresh=fresh, gone=self._is_gone)
        if self._journal is not None:
            self._journal.remove()

    def _is_gone(self, test: str) -> bool:
        """A test that did not come is there no more: its file, its function, or this case of it."""
        file, _, name = test.partition("::")
        path = self.config.rootpath / file
        if name.partition("[")[0] not in functions(path):
            return True
        if self._chosen or not self._complete:
            return False
        return any(
            "::" not in argument
            and path.is_relative_to(self.config.invocation_params.dir / argument)
            for argument in self.config.args
        )

    @property
    def _started_text(self) -> str:
        return self.started.isoformat(timespec="seconds")

    def results(self) -> Results:
        """What is known by now."""
        seconds = round(time.monotonic() - self._clock, 3)
        run = replace(self._run(), seconds=seconds, complete=self._complete)
        return Results(
            started=self._started_text,
            seconds=seconds,
            tests=tuple(self._with_source(test) for test in self._tests.values()),
            runs=(self._with_fingerprints(run),),
            findings=tuple(dict.fromkeys([*self.of_run(), *self._findings, *self._of_suite()])),
            complete=self._complete,
            answers=tuple(sorted(self._answers)),
        )

    def _with_source(self, test: TestResult) -> TestResult:
        file, _, name = test.id.partition("::")
        function = functions(self.config.rootpath / file).get(name.partition("[")[0])
        return replace(test, source=function.fingerprint) if function else test

    def _run(self) -> Run:
        """This run, as far as is known of it while it goes on."""
        return Run(self._started_text, tool=__version__, root=self._root, engine=self._engine)

    @cached_property
    def _engine(self) -> str:
        """The database engine of the target, "" without a database."""
        from sqlalchemy.engine import make_url
        from sqlalchemy.exc import ArgumentError

        from .database.connect import backend_of

        try:
            url = read_mapping(self.mapping).target.database
            return backend_of(make_url(str(url))) if url else ""
        except (GenSuiteError, ArgumentError, ValueError):
            return ""  # who needs the mapping says what is wrong with it

    @property
    def _root(self) -> str:
        """The folder that test ids are relative to, as seen from the mapping file."""
        return Path(os.path.relpath(self.config.rootpath, self.mapping.parent)).as_posix()

    def _with_fingerprints(self, run: Run) -> Run:
        """The run with what it tested; as it is where spec or mapping cannot be read."""
        from .suite import active_suite

        try:
            resolved = active_suite().resolved
            operations = of_operations(resolved)
        except GenSuiteError:
            return run
        files = dict.fromkeys(name.partition("::")[0] for name in self._tests)
        return replace(
            run,
            spec=of_spec(resolved),
            mapping=of_mapping(resolved.mapping),
            operations=operations,
            files={name: of_file(self.config.rootpath / name) for name in files},
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


def _readable(test: TestResult) -> Iterator[tuple[str, str]]:
    """What pytest's own JUnit XML says of a test, as properties of its test case."""
    for operation, concern in test.covers:
        yield "gen_suite.cell", f"{operation} / {concern}: {test.outcome_of((operation, concern))}"
    if test.verdict:
        yield "gen_suite.verdict", test.verdict
    if test.unsupported:
        yield "gen_suite.runs_on", ", ".join(test.unsupported)


def _cells(properties: dict[str, Any], outcome: str) -> tuple[tuple[str, str, str], ...]:
    """What the cells of a failed test came to, of those that came to something else than it."""
    cells = cast(list[list[str]], properties.get(CELLS, []))
    return tuple((o, concern, became) for o, concern, became in cells if became != outcome)


def _evidence(report: pytest.TestReport) -> str:
    """What was sent, claimed and stored in a test that failed; masked where it was put together."""
    stories = (text for title, text in report.sections if title == STORY)
    return next(stories, "")[:LONGEST_EVIDENCE] if report.failed else ""


def _unsupported(
    properties: Mapping[str, Any], before: TestResult | None
) -> tuple[str, ...] | None:
    """The engines on which a test would run, where its own does not allow it; of a former phase too."""
    if UNSUPPORTED in properties:
        return tuple(properties[UNSUPPORTED])
    return before.unsupported if before else None


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
