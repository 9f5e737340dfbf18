"""`python -m benchmarks.schemathesis_bugs`: what schemathesis finds of the shop's seeded bugs.

For each bug schemathesis runs for 40 s against the shop with that bug, told which resource the bug is
in (the operations with the same tags, and those of the things they refer to), as `benchmarks.bugs`
runs no other tests either. The same runs without a bug, with other seeds, are the controls: what they
report too is no find. Every run is stored in benchmarks/schemathesis.json when it ends, and a run that
is stored is not made again, so the command may be interrupted and repeated.
`python -m benchmarks.comparison` makes the table of it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml12

from gen_suite.examples.shop.bugs import BUGS, Bug

from . import kept
from .bugs import operations_of
from .schemathesis_run import one_run

OUTPUT = Path(__file__).parent / "schemathesis.json"
BUDGET = 40
CONTROLS = 3
BUG_SEED = 1
NEEDS = {
    "addresses": ("customers",),
    "stock": ("products",),
    "orders": ("customers", "products"),
    "payments": ("orders",),
    "deliveries": ("orders",),
    "transfers": ("wallets",),
}
"""Tag -> tags of the things that its operations refer to."""


@dataclass(frozen=True, order=True)
class Job:
    """One run to make; `bug` is empty for a control."""

    tags: tuple[str, ...]
    seed: int
    bug: str = ""

    @property
    def key(self) -> str:
        return self.bug or f"control {self.seed}: {' '.join(self.tags) or 'all'}"


def operation_tags() -> dict[str, str]:
    """Label of each operation of the shop -> its tag."""
    text = (files("gen_suite.examples.shop") / "openapi.yaml").read_text(encoding="utf-8")
    document: Any = yaml12.parse_yaml(text)
    paths: dict[str, dict[str, Any]] = document["paths"]
    return {
        f"{method.upper()} {path}": operation["tags"][0]
        for path, item in paths.items()
        for method, operation in item.items()
        if isinstance(operation, dict) and "tags" in operation
    }


def everywhere(bug: Bug) -> bool:
    """Whether a bug is not in one resource only."""
    return bug.summary.startswith(("All", "PUT, PATCH, DELETE"))


def tags_of(bug: Bug, tags: Mapping[str, str]) -> tuple[str, ...]:
    """The tags schemathesis is told for a bug; none, which is all, for a bug that is everywhere."""
    if everywhere(bug):
        return ()
    own = {tags[label] for label in operations_of(bug, tags)}
    return tuple(sorted(own | {needed for tag in own for needed in NEEDS.get(tag, ())}))


def jobs(bugs: Sequence[Bug], controls: int) -> Iterator[Job]:
    """Two controls of each set of tags, the bugs, then the rest of the controls."""
    tags = operation_tags()
    sets = sorted({tags_of(bug, tags) for bug in bugs})
    early = min(controls, 2)
    for seed in range(BUG_SEED, BUG_SEED + early):
        yield from (Job(names, seed) for names in sets)
    yield from (Job(tags_of(bug, tags), BUG_SEED, bug.name) for bug in bugs)
    for seed in range(BUG_SEED + early, BUG_SEED + controls):
        yield from (Job(names, seed) for names in sets)


def one(job: Job) -> tuple[Job, dict[str, Any]]:
    """A job's run as it is stored; failures as [check, operation, seconds]."""
    result = one_run(job.bug, job.tags, job.seed, BUDGET)
    row = {**asdict(result), "bug": job.bug, "tags": job.tags, "seed": job.seed}
    row["failures"] = [[f.check, f.operation, f.seconds] for f in result.failures]
    return job, row


def main() -> int:
    """Make the runs that are not stored; a run that breaks is told and left for the next time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=2, help="runs at the same time")
    parser.add_argument("--controls", type=int, default=CONTROLS, help="clean runs per resource")
    parser.add_argument(
        "--processor",
        type=float,
        default=0,
        metavar="SECONDS",
        help="make stored runs again that got less processor time, as others used the machine",
    )
    parser.add_argument("bugs", nargs="*", help="all by default")
    options = parser.parse_args()
    bugs = [bug for bug in BUGS.values() if not options.bugs or bug.name in options.bugs]
    runs = kept.read(OUTPUT)
    waiting = [
        job
        for job in jobs(bugs, options.controls)
        if job.key not in runs or runs[job.key]["processor"] < options.processor
    ]
    broken = 0
    with ThreadPoolExecutor(options.workers) as pool:
        for future in as_completed([pool.submit(one, job) for job in waiting]):
            try:
                job, row = future.result()
            except Exception as error:
                broken += 1
                print(f"broken: {error}", flush=True)
                continue
            runs[job.key] = row
            kept.write(OUTPUT, runs)
            used = f"{row['processor']:>5} of {row['seconds']:>5} s"
            seen = f"{row['cases']:>5} cases {len(row['failures']):>3} failures"
            print(f"{len(runs):>4} {job.key:<44} {used} {seen}", flush=True)
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
