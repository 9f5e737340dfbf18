"""Several results files as one: what belongs together is merged, what does not is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..errors import GenSuiteError, UsageError
from .merging import merge, read_results
from .outdated import Present
from .results import Results, Run

What = tuple[str, str]
"""Fingerprints of spec and mapping."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """The results of several files, and what is to be said of files that were left aside."""

    results: Results
    warnings: tuple[str, ...] = ()
    several: tuple[Results, ...] = ()
    """Those of each file that was merged."""


def results_files(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The files themselves; of a folder those in it that end with `.json`, by name."""
    named = (sorted(path.glob("*.json")) if path.is_dir() else [path] for path in paths)
    files = tuple(dict.fromkeys(file for several in named for file in several))
    if not files:
        raise UsageError(f"there is no results file in {', '.join(map(str, paths))}")
    return files


def gather(paths: Sequence[Path], present: Present) -> Gathered:
    """Read and merge results files.

    A file that cannot be read, or is of another spec or mapping than the others, is left aside with
    a warning. Raises UsageError when nothing is left, or when nothing tells which of them are right.
    """
    read: list[tuple[Path, Results]] = []
    problems: list[GenSuiteError] = []
    for path in results_files(paths):
        try:
            read.append((path, read_results(path)))
        except UsageError as error:
            problems.append(error)
    if not read:
        raise problems[0]
    chosen = _what(read, present)
    right = [(path, results) for path, results in read if _belongs(results, chosen)]
    several = len(paths) > 1 or paths[0].is_dir()
    parts = tuple(_named(results, path) if several else results for path, results in right)
    warnings = [str(problem) for problem in problems]
    warnings += (
        f"{path} is left aside: {_differs(results, chosen)}"
        for path, results in read
        if not _belongs(results, chosen)
    )
    return Gathered(merge(parts), tuple(warnings), parts)


def _last(results: Results) -> What:
    """What the last run of some results tested."""
    return max(results.runs, key=lambda run: run.started).what if results.runs else ("", "")


def _belongs(results: Results, chosen: What) -> bool:
    """Their last run tested the chosen spec and mapping, or does not say what it tested."""
    return _last(results)[0] == "" or _last(results) == chosen


def _what(read: Sequence[tuple[Path, Results]], present: Present) -> What:
    """The spec and mapping to which results are to belong: those at hand if any file is of them."""
    tested = dict.fromkeys(_last(results) for _, results in read if _last(results)[0])
    if not tested or present.what in tested:
        return present.what
    if len(tested) == 1:
        return next(iter(tested))
    files = ", ".join(str(path) for path, _ in read)
    raise UsageError(
        f"these results do not belong together: {files} are of {len(tested)} versions of spec and "
        "mapping, none of which is the one at hand",
        hint="give results of one version, or run the suite again",
    )


def _differs(results: Results, chosen: What) -> str:
    spec, mapping = _last(results)
    parts = (("spec", spec != chosen[0]), ("mapping", mapping != chosen[1]))
    return f"it is of another {' and '.join(name for name, other in parts if other)}"


def _named(results: Results, path: Path) -> Results:
    """Results whose runs say which file they came from."""
    runs = results.runs or (Run(results.started, results.seconds, results.complete),)
    return replace(results, runs=tuple(replace(run, origin=str(path)) for run in runs))


def sources(results: Results) -> Iterator[str]:
    """Which results came from where and when, a line for each run."""
    counts = [0] * len(results.runs)
    for test in results.tests:
        if test.run < len(counts):
            counts[test.run] += 1
    for run, count in zip(results.runs, counts, strict=True):
        parts = [run.started[:16].replace("T", " "), f"{count} test{'s' * (count != 1)}"]
        parts += [part for part in (run.engine, run.origin) if part]
        yield ", ".join(parts) + ("" if run.complete else ", did not come to its end")
