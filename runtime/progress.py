"""A pytest plugin that shows how many tests are done of all, and how long the rest will take.

`pytest -p gen_suite.runtime.progress` shows one line instead of a sign for each test: on a terminal it
is written over, anywhere else (the log of a build) it is a new one now and then.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

EVERY_SECONDS = 0.2
"""How often the line of a terminal is renewed."""
LOG_SECONDS = 30.0
"""The longest time without a line, where there is no terminal."""
LOG_SHARE = 0.1
"""The share of the tests after which a line is due, where there is no terminal."""
FIRST_SECONDS = 3.0
"""How long a run must last before it tells how long the rest will take."""


@dataclass
class Progress:
    """How far a run is: its lines, and when one is due."""

    terminal: bool
    total: int = 0
    clock: Callable[[], float] = time.monotonic
    done: int = 0
    failed: int = 0
    _started: float = field(init=False)
    _first_done: float = field(init=False)
    """When the first test was done: what came before it, workers that start, comes once."""
    _shown: int = 0
    _shown_at: float = field(init=False)

    def __post_init__(self) -> None:
        self._started = self._first_done = self._shown_at = self.clock()

    def advance(self) -> str:
        """One more test is done; the line that is due now, "" where none is."""
        self.done += 1
        now = self.clock()
        if self.done == 1:
            self._first_done = now
        if not self._is_due(now):
            return ""
        self._shown, self._shown_at = self.done, now
        return self._line(now)

    def _is_due(self, now: float) -> bool:
        """The last test always has a line."""
        if self.done >= self.total:
            return True
        waited = now - self._shown_at
        if self.terminal:
            return waited >= EVERY_SECONDS
        return waited >= LOG_SECONDS or self.done - self._shown >= self.total * LOG_SHARE

    def _line(self, now: float) -> str:
        """`1,204 of 3,092 tests (38 %), 0 failed, about 2 min 10 s left`."""
        percent = 100 * self.done // max(self.total, 1)
        text = f"{self.done:,} of {self.total:,} tests ({percent} %), {self.failed} failed"
        if self.done >= self.total:
            return f"{text}, in {duration(now - self._started)}"
        passed = now - self._first_done
        if passed < FIRST_SECONDS:
            return text
        left = passed / (self.done - 1) * (self.total - self.done)
        return f"{text}, about {duration(left)} left"


def duration(seconds: float) -> str:
    """`8 s`, `2 min 10 s`, `1 h 5 min`."""
    whole = max(round(seconds), 1)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


class Reporter:
    """The part that pytest calls."""

    def __init__(self, terminal: pytest.TerminalReporter) -> None:
        self._terminal = terminal
        self._total = 0
        self._progress: Progress | None = None

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        self._total = len(session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """With pytest-xdist the workers collect, all of them the same."""
        self._total = len(ids)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtestloop(self) -> Generator[None, Any, Any]:
        self._progress = Progress(bool(self._terminal.isatty))
        try:
            return (yield)
        finally:
            self._progress = None
            if self._terminal.isatty:
                self._terminal.write_line("")

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_report_teststatus(self) -> Generator[None, Any, Any]:
        """No sign for each test while they run; the summary has its words."""
        category, letter, word = yield
        return (category, "", "") if self._progress is not None else (category, letter, word)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._progress is not None and report.failed:
            self._progress.failed += 1

    def pytest_runtest_logfinish(self) -> None:
        """One test is done, teardown too."""
        progress = self._progress
        if progress is None:
            return
        progress.total = self._total
        if line := progress.advance():
            self._show(line)

    def _show(self, line: str) -> None:
        if self._terminal.isatty:
            self._terminal.rewrite(f"   {line}", erase=True)
        else:
            self._terminal.write_line(f"   {line}")
        self._terminal.flush()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    terminal = config.pluginmanager.get_plugin("terminalreporter")
    if terminal is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Reporter(terminal), "gen-suite-progress")
