"""`python -m benchmarks.comparison`: docs/comparison.md, from the stored runs of both tools.

benchmarks/bugs.json is written by `make bugs`, benchmarks/schemathesis.json by
`python -m benchmarks.schemathesis_bugs`; a bug counts in the table when both have run.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from gen_suite.examples.shop.bugs import BUGS, Bug

from . import bugs as ours
from . import kept
from . import schemathesis_bugs as theirs

PAGE = Path(__file__).parents[1] / "docs" / "comparison.md"
ENGINE = "sqlite"
MANY = 20
HEAD = "| concern | bugs | gen-suite | time | schemathesis | where the bug is | time |"
INTRODUCTION = """\
# gen-suite and schemathesis on the same bugs

The shop of `examples/shop` can be told to have one of {all} bugs (`SHOP_BUGS=name`). Here is what two
tools notice of the {count} that both were run on. They are not rivals: schemathesis needs nothing but
the spec and finds what contradicts it; gen-suite is told which rows of which tables an operation writes,
and looks there. The table shows what that is worth. The bugs are ours, most of them chosen because an
answer alone does not show them: others' bugs would give other shares.

- **gen-suite**: the emitted tests of the operations that a bug is in, on SQLite. Found is what a test of
  the bug's own concern fails for. The time is that of the whole run.
- **schemathesis** {version}: `st run --phases examples,coverage,fuzzing,stateful --checks all --mode all
  --max-time {budget} --continue-on-failure`, on SQLite, the outbox worker running, with three identities
  to choose from, two of them peers that must not see each other's things. It is told which resource the
  bug is in (its operations and those of the things they refer to); for a bug that is everywhere it gets
  the whole API. Found is a failed check of an operation that none of {controls} runs without a bug
  reports.
- "Where the bug is" counts only failures of the bug's own resource, and none of a check that more than
  {many} operations fail without a bug ({blind}): there the runs differ by chance. The
  time is that until the first of these failures.

A run of schemathesis got {processor} s of processor time in its {budget} s (median) and judged {cases}
requests; two ran at once on two cores.
"""


@dataclass(frozen=True)
class Line:
    """One bug: seconds until each tool had found it, None where it did not.

    `anything` is whether schemathesis reported something that it does not without the bug, `theirs`
    when it first did so where the bug is, by `checks`.
    """

    bug: Bug
    ours: float | None
    anything: bool
    theirs: float | None
    checks: tuple[str, ...]


def noise(runs: Iterable[Mapping[str, Any]]) -> set[tuple[str, str]]:
    """The (check, operation) pairs that runs without a bug report."""
    return {
        (check, operation)
        for run in runs
        if not run["bug"]
        for check, operation, _ in run["failures"]
    }


def blind(usual: set[tuple[str, str]]) -> set[str]:
    """The checks that fail so often without a bug that one more failure tells nothing."""
    counts = Counter(check for check, _ in usual)
    return {check for check, count in counts.items() if count > MANY}


def lines(
    caught: Sequence[Mapping[str, Any]], runs: Mapping[str, Mapping[str, Any]]
) -> Iterator[Line]:
    """What both tools made of each bug that both ran on."""
    tags = theirs.operation_tags()
    usual = noise(runs.values())
    often = blind(usual)
    mine = {row["bug"]: row for row in caught if row["engine"] == ENGINE}
    for bug in BUGS.values():
        if bug.name not in mine or bug.name not in runs:
            continue
        new = [failure for failure in runs[bug.name]["failures"] if tuple(failure[:2]) not in usual]
        own = {tags[label] for label in ours.operations_of(bug, tags)}
        telling = [
            (check, seconds)
            for check, operation, seconds in new
            if check not in often and (theirs.everywhere(bug) or tags.get(operation) in own)
        ]
        yield Line(
            bug,
            mine[bug.name]["seconds"] if mine[bug.name]["by"] else None,
            bool(new),
            min((seconds for _, seconds in telling), default=None),
            tuple(sorted({check for check, _ in telling})),
        )


def row(name: str, group: Sequence[Line]) -> str:
    """A line of the table."""
    mine = [line.ours for line in group if line.ours is not None]
    found = [line.theirs for line in group if line.theirs is not None]
    anything = sum(line.anything for line in group)
    cells = [name, len(group), len(mine), _seconds(mine), anything, len(found), _seconds(found)]
    return f"| {' | '.join(map(str, cells))} |"


def _seconds(values: Sequence[float]) -> str:
    return f"{median(values):.0f} s" if values else ""


def page(caught: Sequence[Mapping[str, Any]], runs: Mapping[str, Mapping[str, Any]]) -> str:
    """The page as Markdown; ValueError when no bug has run with both tools."""
    found = list(lines(caught, runs))
    if not found:
        raise ValueError("no bug has run with both tools yet")
    mine = [run for run in runs.values() if run["bug"]]
    controls = [run for run in runs.values() if not run["bug"]]
    introduction = INTRODUCTION.format(
        all=len(BUGS),
        count=len(found),
        version=mine[0]["version"],
        budget=theirs.BUDGET,
        controls=len(controls),
        many=MANY,
        blind=", ".join(f"`{check}`" for check in sorted(blind(noise(controls)))) or "none",
        processor=f"{median(run['processor'] for run in mine):.0f}",
        cases=f"{median(run['cases'] for run in mine):.0f}",
    )
    concerns = dict.fromkeys(line.bug.concern for line in found)
    table = [row(name, [line for line in found if line.bug.concern == name]) for name in concerns]
    checks = Counter(check for line in found for check in line.checks)
    told = ", ".join(f"`{check}` {count}" for check, count in checks.most_common())
    alone = [line.bug.name for line in found if line.theirs is not None and line.ours is None]
    return "\n".join(
        (
            introduction,
            HEAD,
            "| --- " + "| ---: " * 6 + "|",
            *table,
            row("all", found),
            "",
            f"The checks of schemathesis that told of a bug where it is: {told or 'none'}.",
            f"Found by schemathesis and not by gen-suite: {', '.join(alone) or 'none'}.",
            "",
            "Each run is in `benchmarks/bugs.json` and `benchmarks/schemathesis.json`, made with `make bugs`",
            "and `python -m benchmarks.schemathesis_bugs`; this page with `python -m benchmarks.comparison`.",
            "",
        )
    )


def main() -> int:
    """Write the page; 1 when there is nothing to compare yet."""
    if not (ours.OUTPUT.exists() and theirs.OUTPUT.exists()):
        print("run `make bugs` and `python -m benchmarks.schemathesis_bugs` first")
        return 1
    text = page(json.loads(ours.OUTPUT.read_text(encoding="utf-8")), kept.read(theirs.OUTPUT))
    PAGE.write_text(text, encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
