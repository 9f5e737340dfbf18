"""Results that add up: those of one run to those of runs before it, and those of several files."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from filelock import FileLock

from ..errors import UsageError
from .results import (
    Answer,
    Results,
    Run,
    TestResult,
    journals,
    read_file,
    read_journal,
    write_results,
)

LOCK = ".lock"
Key = tuple[str, str]
"""A test, and the database engine that it ran on."""


def merge(several: Sequence[Results]) -> Results:
    """Results of several runs as one; of a test that ran more than once on an engine the latest counts."""
    runs: dict[Run, int] = {}
    latest: dict[Key, tuple[str, TestResult]] = {}
    for results in several:
        places = _places(results, runs)
        for test in results.tests:
            run = results.run_of(test)
            key = test.id, run.engine
            if key not in latest or latest[key][0] <= run.started:
                place = places[test.run]
                moved = test if test.run == place else replace(test, run=place)
                latest[key] = run.started, moved
    tests, left = _used([test for _, test in latest.values()], tuple(runs))
    return Results(
        started=min(results.started for results in several),
        seconds=round(sum(results.seconds for results in several), 3),
        tests=tests,
        target=several[-1].target,
        findings=tuple(dict.fromkeys(f for results in several for f in results.findings)),
        complete=all(results.complete for results in several),
        answers=tuple(sorted({answer for results in several for answer in results.answers})),
        runs=left,
    )


def _places(results: Results, runs: dict[Run, int]) -> dict[int, int]:
    """Where each run of some results stands among `runs`, to which it is added."""
    own = results.runs or (Run(results.started, results.seconds, results.complete),)
    return {place: runs.setdefault(run, len(runs)) for place, run in enumerate(own)}


def _used(
    tests: Iterable[TestResult], runs: Sequence[Run]
) -> tuple[tuple[TestResult, ...], tuple[Run, ...]]:
    """The tests with the runs that any result is left of, the oldest run first."""
    kept = tuple(tests)
    used = sorted({test.run for test in kept}, key=lambda place: (runs[place].started, place))
    places = {before: now for now, before in enumerate(used)}
    moved = (
        test if test.run == places[test.run] else replace(test, run=places[test.run])
        for test in kept
    )
    return tuple(moved), tuple(runs[place] for place in used)


def renewed(before: Results, now: Results, gone: Callable[[str], bool]) -> Results:
    """The results of a run, with those of the tests before it that it did not run.

    `gone` tells of the id of a test that it is there no more. `started`, `seconds` and `complete` are
    of the new run.
    """
    ran = {(test.id, now.run_of(test).engine) for test in now.tests}
    kept = [
        test
        for test in before.tests
        if (test.id, before.run_of(test).engine) not in ran and not gone(test.id)
    ]
    if not kept:
        return now
    merged = merge([replace(before, tests=tuple(kept)), now])
    still_tested = {operation for test in kept for operation, _ in test.covers}
    tested_now = {operation for test in now.tests for operation, _ in test.covers}
    return replace(
        merged,
        started=now.started,
        seconds=now.seconds,
        complete=now.complete,
        findings=tuple(dict.fromkeys([*_open_findings(before, tested_now), *now.findings])),
        answers=_answers(before.answers, now.answers, still_tested),
    )


def _open_findings(before: Results, tested: set[str]) -> Iterator[str]:
    """What a run before found of operations that this one did not test: of these it says all anew."""
    for finding in before.findings:
        if finding.partition(": ")[0] not in tested:
            yield finding


def _answers(
    before: Sequence[Answer], now: Sequence[Answer], still_tested: set[str]
) -> tuple[Answer, ...]:
    return tuple(sorted({*now, *(answer for answer in before if answer[0] in still_tested)}))


def read_results(path: Path) -> Results:
    """The results of a file with those of its journals: of a run that goes on, or was killed.

    Raises UsageError when there is neither, or when the file is no results file.
    """
    left = [(journal, read_journal(journal)) for journal in journals(path)]
    ran = [results for _, results in left if results.tests]
    if not ran:
        return read_file(path)
    return _with_journals(read_file(path) if path.exists() else None, ran)


def _with_journals(results: Results | None, left: Iterable[Results]) -> Results:
    for journal in left:
        results = journal if results is None else renewed(results, journal, lambda test: False)
    assert results is not None
    return results


def add_run(
    now: Results,
    path: Path,
    *,
    fresh: bool = False,
    gone: Callable[[str], bool] = lambda test: False,
) -> None:
    """Renew in a results file what a run ran; with `fresh` nothing of before is left.

    Journals that killed runs left are taken in. Two runs that end at once wait for one another.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(path.with_suffix(LOCK)):
        dead = [journal for journal in journals(path) if not _is_alive(journal)]
        before = None if fresh else _before(path, dead)
        write_results(renewed(before, now, gone) if before is not None else now, path)
        for journal in dead:
            with suppress(OSError):  # on Windows that of a run that goes on cannot be removed
                journal.unlink()


def _before(path: Path, dead: Sequence[Path]) -> Results | None:
    """What is left of former runs; None where there is nothing that can be read."""
    try:
        results = read_file(path)
    except UsageError:
        results = None
    left = []
    for journal in dead:
        with suppress(UsageError):
            left.append(read_journal(journal))
    ran = [killed for killed in left if killed.tests]
    return _with_journals(results, ran) if ran else results


def _is_alive(journal: Path) -> bool:
    """The process that writes a journal runs; this one removes its own."""
    pid = journal.suffixes[-2].lstrip(".") if len(journal.suffixes) > 1 else ""
    if pid == str(os.getpid()):
        return True
    if not pid.isdigit() or os.name == "nt":
        return False  # on Windows os.kill would do more than ask
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is somebody else's
    return True
