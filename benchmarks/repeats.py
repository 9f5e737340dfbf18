"""`python -m benchmarks.repeats`: whether what holds once holds every time.

`bugs` runs, for each seeded bug, the tests of its concern again and again, each time in a fresh
session, and counts the times a test noticed. `clean` runs the suite without a bug again and again, in
another random order each time and on several workers, and counts the failures. Every result is stored
in benchmarks/repeats.json when it is there, and what is stored is not run again, so that the command
may be interrupted and repeated.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from gen_suite.examples.shop.bugs import Bug

from . import kept
from .bugs import UNSEEN, WORKERS, Workplace, chosen, judge, prepare
from .engines import fresh_database

OUTPUT = Path(__file__).parent / "repeats.json"
SEVERAL = ("rollback", "idempotency", "concurrency", "effects")
"""The concerns of more than one request, or more than one outcome: those that chance could touch."""


@contextmanager
def workplaces(engine: str, number: int) -> Iterator[SimpleQueue[Workplace]]:
    """That many folders with a suite and a database of their own, to be taken and given back."""
    with ExitStack() as stack:
        free: SimpleQueue[Workplace] = SimpleQueue()
        for _ in range(number):
            made = tempfile.TemporaryDirectory(prefix="gen-suite-repeats-")
            folder = Path(stack.enter_context(made))
            url = stack.enter_context(fresh_database(engine, folder))
            free.put(prepare(folder, url, quick=True))
        yield free


def repeat_bugs(engine: str, bugs: Sequence[Bug], times: int) -> int:
    """Each bug `times` times; how many were not noticed every time."""
    rows = kept.read(OUTPUT)
    seen = [bug for bug in bugs if (bug.name, engine) not in UNSEEN]
    waiting = [bug for bug in seen if rows.get(f"{engine} {bug.name}", {}).get("runs", 0) < times]
    with workplaces(engine, WORKERS) as free, ThreadPoolExecutor(WORKERS) as pool:

        def one(bug: Bug) -> dict[str, Any]:
            place = free.get()
            try:
                start = time.perf_counter()
                caught = [_noticed(place, bug, engine) for _ in range(times)]
                seconds = round((time.perf_counter() - start) / times, 1)
            finally:
                free.put(place)
            return {
                "concern": bug.concern,
                "runs": times,
                "caught": sum(caught),
                "seconds": seconds,
            }

        for bug, row in zip(waiting, pool.map(one, waiting), strict=True):
            rows[f"{engine} {bug.name}"] = row
            kept.write(OUTPUT, rows)
            told = f"{row['caught']} of {row['runs']} times, {row['seconds']} s each"
            print(f"{engine:<11}{bug.concern:<12}{bug.name:<34}{told}", flush=True)
    mine = [rows[f"{engine} {bug.name}"] for bug in seen]
    missed = len([row for row in mine if row["caught"] < row["runs"]])
    print(f"{engine}: {len(mine) - missed} of {len(mine)} bugs noticed every time")
    for bug in bugs:
        if bug not in seen:
            print(f"  {bug.name}: {UNSEEN[bug.name, engine]}")
    return missed


def _noticed(place: Workplace, bug: Bug, engine: str) -> bool:
    return bool(judge(bug, engine, place.run(bug), 0).by)


def repeat_clean(engine: str, concerns: Sequence[str], times: int, workers: int) -> int:
    """The suite without a bug `times` times; how many tests failed in all."""
    rows = kept.read(OUTPUT)
    failed: int = 0
    with workplaces(engine, 1) as free:
        place = free.get()
        for seed in range(1, times + 1):
            key = f"{engine} clean {seed}: {' '.join(concerns) or 'all'}"
            if key not in rows:
                rows[key] = _clean(place, concerns, seed, workers)
                kept.write(OUTPUT, rows)
            row = rows[key]
            failed += len(row["failed"])
            print(f"{key}: {row['tests']} tests, {row['seconds']} s, failed: {row['failed']}")
            sys.stdout.flush()
    print(f"{engine}: {failed} failures in {times} runs")
    return failed


def _clean(place: Workplace, concerns: Sequence[str], seed: int, workers: int) -> dict[str, Any]:
    options = ["-n", str(workers), "--random-order", "--random-order-bucket=global"]
    options += [f"--random-order-seed={seed}"]
    start = time.perf_counter()
    tests = place.run(None, concerns, options)
    return {
        "tests": len(tests),
        "failed": [f"{test.id}: {test.reason}" for test in tests if test.outcome == "failed"],
        "skipped": sum(test.outcome == "skipped" for test in tests),
        "seconds": round(time.perf_counter() - start, 1),
        "workers": workers,
    }


def main() -> int:
    """Run what is asked for; exit code 1 when anything was missed or failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("bugs", "clean"))
    parser.add_argument("bugs", nargs="*", help="names of bugs; all of the concerns by default")
    parser.add_argument("--engine", default="postgresql")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--workers", type=int, default=2, help="of the clean runs")
    parser.add_argument(
        "--concerns", default=",".join(SEVERAL), help="comma-separated; `all` for every one"
    )
    options = parser.parse_intermixed_args()
    concerns = [] if options.concerns == "all" else options.concerns.split(",")
    if options.what == "clean":
        return bool(repeat_clean(options.engine, concerns, options.times, options.workers))
    bugs = chosen(options.bugs, [] if options.bugs else concerns)
    return bool(repeat_bugs(options.engine, bugs, options.times))


if __name__ == "__main__":
    sys.exit(main())
