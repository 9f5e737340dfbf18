"""The results file: the one thing that reports read, and that every run writes.

Its format is `results.schema.json` beside this module; docs/results.md tells it in words. A reader
refuses another number of `format`; fields may be added within one.

A run renews the results of the tests that it ran, and leaves those of the others, each with its own
run: `tests[].run` is a place in `runs`. `started`, `seconds` and `complete` are of the last run.

While a run goes on its results stand in a journal beside that file, `results.<process>.jsonl`, one JSON
text a line: first the head ({"format", "tool", "run": …}), then {"test": …} or {"finding": text} as they
come, of a test that comes again the last. The end of the run adds them to the file and removes the
journal, so a journal that is there is of a run that still goes on, or was killed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from .. import __version__
from ..errors import Location, UsageError
from ..files import LOCAL

FORMAT = 1
SCHEMA_ID = f"urn:gen-suite:results:{FORMAT}"
SCHEMA = Path(__file__).with_name("results.schema.json")
"""The format as JSON Schema."""
FILE = Path(LOCAL) / "results.json"
JOURNAL = ".jsonl"
"""What the name of a journal ends with, instead of `.json`."""
LONGEST_EVIDENCE = 8_000
"""Characters of the evidence of one failed test."""


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
    evidence: str = ""
    """Of a failure: what was sent, claimed and stored, as the report of the run told it."""
    unsupported: tuple[str, ...] | None = None
    """Of a test that the database engine does not allow: the engines on which it would run."""
    line: int = 0
    """Where its function begins in its file, from 1; 0 where nobody knows."""
    source: str = ""
    """Fingerprint of its function."""
    run: int = 0
    """Its run, a place in `Results.runs`."""

    def outcome_of(self, pair: tuple[str, str]) -> str:
        """What one of its cells, (operation, concern), came to."""
        return next((outcome for *cell, outcome in self.cells if tuple(cell) == pair), self.outcome)

    def of_cell(self, pair: tuple[str, str]) -> TestResult:
        """The result as one of its cells sees it: with the outcome of that cell."""
        return replace(self, outcome=self.outcome_of(pair)) if self.cells else self


@dataclass(frozen=True, slots=True)
class Run:
    """One run of pytest of which results are left.

    `spec` and `mapping` are fingerprints of what it tested, `engine` the database engine, `root` the
    folder that test ids are relative to, as seen from the mapping file, `origin` the results file
    that it was merged from, "" in a file of its own.
    """

    started: str
    seconds: float = 0.0
    complete: bool = True
    spec: str = ""
    mapping: str = ""
    engine: str = ""
    tool: str = ""
    root: str = "."
    origin: str = ""
    operations: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Fingerprints of all write operations of its spec, by label."""
    files: Mapping[str, str] = field(default_factory=dict, hash=False)
    """Fingerprints of the test files that it ran, by their names in test ids."""

    @property
    def what(self) -> tuple[str, str]:
        """What it tested: results of runs that differ in it do not belong together."""
        return self.spec, self.mapping


@dataclass(frozen=True, slots=True)
class Results:
    """What is known of a suite: the results of one run, or of several that add up."""

    started: str
    seconds: float
    tests: tuple[TestResult, ...]
    target: Mapping[str, str] = field(default_factory=dict)
    findings: tuple[str, ...] = ()
    complete: bool = True
    """The run came to its end: nobody interrupted or killed it."""
    answers: tuple[Answer, ...] = ()
    runs: tuple[Run, ...] = ()

    def run_of(self, test: TestResult) -> Run:
        """The run that a result is of."""
        if test.run < len(self.runs):
            return self.runs[test.run]
        return Run(self.started, self.seconds, self.complete)

    def to_json(self) -> dict[str, Any]:
        return {
            "$schema": SCHEMA_ID,
            "format": FORMAT,
            "tool": __version__,
            **asdict(self),
            "tests": [_brief(test) for test in self.tests],
        }


_FIELDS = tuple(f.name for f in fields(TestResult))
_DEFAULTS = {f.name: f.default for f in fields(TestResult) if f.default is not MISSING}


def _brief(test: TestResult) -> dict[str, Any]:
    """A test without what says nothing: tens of thousands of them stand in one file."""
    values = ((name, getattr(test, name)) for name in _FIELDS)
    return {n: v for n, v in values if n not in _DEFAULTS or v != _DEFAULTS[n]}


def results_text(results: Results) -> str:
    """The content of a results file: a test, a finding, an answer a line.

    `json.dumps(indent=1)` would take ten times as long.
    """
    parts = []
    for key, value in results.to_json().items():
        if isinstance(value, list | tuple) and value:
            lines = ",\n".join(json.dumps(entry) for entry in value)
            parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{" + ",\n".join(parts) + "}\n"


def write_results(results: Results, path: Path) -> None:
    """Write through a neighbouring file, so that a killed run leaves the former results whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(results_text(results), encoding="utf-8")
    partial.replace(path)


def journals(results: Path) -> list[Path]:
    """The journals of runs that go on or were killed, the older first."""
    return sorted(
        results.parent.glob(f"{results.stem}.*{JOURNAL}"), key=lambda path: path.stat().st_mtime
    )


class Journal:
    """The results of a run while it goes on; each is in the file when `add` returns."""

    def __init__(self, results: Path, run: Run) -> None:
        self.path = results.with_suffix(f".{os.getpid()}{JOURNAL}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self.path.open("w", encoding="utf-8")
        self._write({"format": FORMAT, "tool": __version__, "run": asdict(run)})

    def add(self, test: TestResult) -> None:
        self._write({"test": _brief(test)})

    def add_finding(self, text: str) -> None:
        self._write({"finding": text})

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        self.close()
        self.path.unlink(missing_ok=True)

    def _write(self, entry: Mapping[str, Any]) -> None:
        self._file.write(json.dumps(entry) + "\n")
        self._file.flush()


def read_journal(path: Path) -> Results:
    """The results of a run that did not end; the last line may have been cut off."""
    entries: list[dict[str, Any]] = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            entries.append(json.loads(line))
        except json.JSONDecodeError:
            break
    head: Mapping[str, Any] = entries[0] if entries else {}
    tests = {entry["test"]["id"]: entry["test"] for entry in entries if "test" in entry}
    seconds = round(sum(test["seconds"] for test in tests.values()), 3)
    run = {**head.get("run", {"started": ""}), "seconds": seconds, "complete": False}
    data = {
        **head,
        "started": run["started"],
        "tests": list(tests.values()),
        "seconds": seconds,
        "findings": [entry["finding"] for entry in entries if "finding" in entry],
        "complete": False,
        "runs": [run],
    }
    return _results(_of_this_format(data, path), path)


def read_file(path: Path) -> Results:
    """Read one results file; UsageError when it is missing, no results file, or of another format."""
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
        tests = tuple(_test(test) for test in data["tests"])
        runs = tuple(_run(run) for run in data.get("runs", ()))
        if any(test.run not in range(max(len(runs), 1)) for test in tests):
            raise ValueError("a test is of a run that is not there")
        return Results(
            started=data["started"],
            seconds=data["seconds"],
            tests=tests,
            target=data.get("target", {}),
            findings=tuple(data.get("findings", ())),
            complete=data.get("complete", True),
            answers=tuple((o, status, sent) for o, status, sent in data.get("answers", ())),
            runs=runs,
        )
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is no whole results file: {error!r}") from error


_RUN_FIELDS = tuple(f.name for f in fields(Run))


def _run(run: Mapping[str, Any]) -> Run:
    return Run(**{name: run[name] for name in _RUN_FIELDS if name in run})


def _test(test: Mapping[str, Any]) -> TestResult:
    values = {name: test[name] for name in _FIELDS if name in test}
    values["covers"] = tuple((operation, concern) for operation, concern in test["covers"])
    values["cells"] = tuple((o, concern, outcome) for o, concern, outcome in test.get("cells", ()))
    if values.get("unsupported") is not None:
        values["unsupported"] = tuple(values["unsupported"])
    return TestResult(**values)
