"""The results file: the one thing that reports read, and that every run writes.

Format 1, JSON: {"format": 1, "tool": version, "started": ISO 8601 UTC, "seconds": float,
"target": {} (no run fills it yet), "tests": [{"id": pytest node id,
"outcome": "passed" | "failed" | "not reached" | "skipped", "seconds": float,
"covers": [[operation, concern], ...],
"cells": [[operation, concern, outcome], ...] of those that came to something else than their test,
"reason": text, "verdict": text, "operation": label, "status": int, "column": text, "raised": text}],
"findings": [text, ...],
"answers": [[operation, status, media type of the request], ...],
"complete": whether the run came to its end}.
A reader refuses another format number; fields may be added within one.

While a run goes on its results stand in a journal beside that file, one JSON text a line: first the head
({"format", "tool", "started"}), then {"test": …} or {"finding": text} as they come, of a test that comes
again the last. The end of the run makes the file of it and removes it, so a journal that is there is newer
than the file: that of a run that still goes on, or was killed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import Location, UsageError
from ..files import LOCAL

FORMAT = 1
FILE = Path(LOCAL) / "results.json"
JOURNAL = ".jsonl"
"""What the name of a journal ends with, instead of `.json`."""


Answer = tuple[str, int, str]
"""(operation, status, media type of the request) of an answer that a run saw."""


@dataclass(frozen=True, slots=True)
class TestResult:
    """What one test of a run came to; `covers` holds (operation, concern) pairs.

    `operation` and `status` are of its last answer ("" and 0 without one); of a failure `column` is the
    field that the verdict is about, `raised` the last exception in the application's log. `cells` has
    (operation, concern, outcome) of the cells that came to something else than the test: a failed
    assertion is about one concern, those of others held before it or were not reached.
    """

    __test__ = False

    id: str
    outcome: str
    seconds: float
    covers: tuple[tuple[str, str], ...]
    reason: str = ""
    verdict: str = ""
    operation: str = ""
    status: int = 0
    column: str = ""
    raised: str = ""
    cells: tuple[tuple[str, str, str], ...] = ()

    def outcome_of(self, pair: tuple[str, str]) -> str:
        """What one of its cells, (operation, concern), came to."""
        return next((outcome for *cell, outcome in self.cells if tuple(cell) == pair), self.outcome)

    def of_cell(self, pair: tuple[str, str]) -> TestResult:
        """The result as one of its cells sees it: with the outcome of that cell."""
        return replace(self, outcome=self.outcome_of(pair)) if self.cells else self


@dataclass(frozen=True, slots=True)
class Results:
    """One run of a suite."""

    started: str
    seconds: float
    tests: tuple[TestResult, ...]
    target: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    complete: bool = True
    """The run came to its end: nobody interrupted or killed it."""
    answers: tuple[Answer, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, "tool": __version__, **asdict(self)}


def write_results(results: Results, path: Path) -> None:
    """Write through a neighbouring file, so that a killed run leaves the former results whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(results.to_json(), indent=1) + "\n", encoding="utf-8")
    partial.replace(path)
    path.with_suffix(JOURNAL).unlink(missing_ok=True)


class Journal:
    """The results of a run while it goes on; each is in the file when `add` returns."""

    def __init__(self, results: Path, started: str) -> None:
        path = results.with_suffix(JOURNAL)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8")
        self._write({"format": FORMAT, "tool": __version__, "started": started})

    def add(self, test: TestResult) -> None:
        self._write({"test": asdict(test)})

    def add_finding(self, text: str) -> None:
        self._write({"finding": text})

    def close(self) -> None:
        self._file.close()

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


def _read_journal(path: Path) -> Results:
    """The results of a run that did not end; the last line may have been cut off."""
    entries: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            break
    head: Mapping[str, Any] = entries[0] if entries else {}
    tests = {entry["test"]["id"]: entry["test"] for entry in entries if "test" in entry}
    data = {
        **head,
        "tests": list(tests.values()),
        "seconds": round(sum(test["seconds"] for test in tests.values()), 3),
        "findings": [entry["finding"] for entry in entries if "finding" in entry],
        "complete": False,
    }
    return _results(_of_this_format(data, path), path)


def read_results(path: Path) -> Results:
    """Read one results file; UsageError when it is missing, no results file, or of another format.

    Of a run that goes on, or was killed, what its journal holds.
    """
    journal = path.with_suffix(JOURNAL)
    if path.suffix == ".json" and journal.is_file():
        return _read_journal(journal)
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(
            f"there are no results at {path}", hint="run the suite first: pytest --allow-db"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    except json.JSONDecodeError as error:
        raise UsageError(
            f"this is no results file: {error.msg}",
            where=Location(path, error.lineno, error.colno),
        ) from error
    return _results(_of_this_format(data, path), path)


def _of_this_format(data: Any, path: Path) -> Mapping[str, Any]:
    if isinstance(data, dict) and data.get("format") == FORMAT:
        return data
    stated = data.get("format") if isinstance(data, dict) else None
    raise UsageError(
        f"{path} has results format {stated!r}; this version reads {FORMAT}",
        hint="run the suite again with the installed version",
    )


def _results(data: Mapping[str, Any], path: Path) -> Results:
    try:
        return Results(
            started=data["started"],
            seconds=data["seconds"],
            tests=tuple(_test(test) for test in data["tests"]),
            target=data.get("target", {}),
            findings=tuple(data.get("findings", ())),
            complete=data.get("complete", True),
            answers=tuple((o, status, sent) for o, status, sent in data.get("answers", ())),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is no whole results file: {error!r}") from error


def _test(test: Mapping[str, Any]) -> TestResult:
    return TestResult(
        id=test["id"],
        outcome=test["outcome"],
        seconds=test["seconds"],
        covers=tuple((operation, concern) for operation, concern in test["covers"]),
        reason=test.get("reason", ""),
        verdict=test.get("verdict", ""),
        operation=test.get("operation", ""),
        status=test.get("status", 0),
        column=test.get("column", ""),
        raised=test.get("raised", ""),
        cells=tuple((o, concern, outcome) for o, concern, outcome in test.get("cells", ())),
    )


def merge(several: Sequence[Results]) -> Results:
    """Results of several runs as one; of a test that ran more than once the last outcome counts."""
    latest = {test.id: test for results in several for test in results.tests}
    return Results(
        started=min(results.started for results in several),
        seconds=sum(results.seconds for results in several),
        tests=tuple(latest.values()),
        target=several[-1].target,
        findings=tuple(dict.fromkeys(f for results in several for f in results.findings)),
        complete=all(results.complete for results in several),
        answers=tuple(sorted({answer for results in several for answer in results.answers})),
    )
