"""Gates of a build: what must be tested for it to pass."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import UsageError
from ..mapping.names import did_you_mean
from .build import Matrix
from .comparison import Comparison
from .concerns import concerns
from .coverage import RISK, Gap, coverage
from .results import Results

FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Gates:
    """`under`: percent that must be tested of all cells; `concerns`: likewise of those of one.

    `risk`: no gap of an operation of that risk or a higher one. `failed`: no test may fail.
    `regression`: nothing may be worse than before.
    """

    under: float | None = None
    concerns: Mapping[str, float] = field(default_factory=dict)
    risk: str | None = None
    failed: bool = False
    regression: bool = False


def read_gates(under: Sequence[str], on: Sequence[str], regression: bool) -> Gates:
    """Gates of the command line: `85` is for all cells, `rollback=70` for one concern.

    `on` has risks, of which the lowest counts, and `failed`. Raises UsageError for what is no
    percentage, or no concern.
    """
    of_all: float | None = None
    of_concern: dict[str, float] = {}
    known = [concern.name for concern in concerns()]
    for text in under:
        name, equals, number = text.rpartition("=")
        percent = _percent(number, text)
        if not equals:
            of_all = percent
        elif name in known:
            of_concern[name] = percent
        else:
            raise UsageError(
                f"--fail-under {text}: there is no concern {name!r}", hint=did_you_mean(name, known)
            )
    risk = min((name for name in on if name in RISK), key=RISK.__getitem__, default=None)
    return Gates(of_all, of_concern, risk, FAILED in on, regression)


def _percent(number: str, text: str) -> float:
    try:
        percent = float(number)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise UsageError(
            f"--fail-under {text}: {number!r} is no percentage",
            hint="write --fail-under 85, or --fail-under rollback=70 for one concern",
        )
    return percent


def not_met(
    gates: Gates,
    matrix: Matrix,
    results: Results,
    gaps: Sequence[Gap],
    comparison: Comparison | None,
) -> Iterator[str]:
    """Why a build does not pass, a sentence for each gate."""
    failed = [test.id for test in results.tests if test.outcome == "failed"]
    if gates.failed and failed:
        yield f"{len(failed)} test{'s' * (len(failed) != 1)} failed, as {failed[0]}"
    if gates.under is not None and coverage(matrix.cells).percent < gates.under:
        yield f"{coverage(matrix.cells).shown(1)} % tested, {gates.under:g} % wanted"
    for name, percent in gates.concerns.items():
        tested = coverage(cell for cell in matrix.cells if cell.concern == name)
        if tested.percent < percent:
            yield f"{name}: {tested.shown(1)} % tested, {percent:g} % wanted"
    if gates.risk is not None:
        worse = [gap for gap in gaps if RISK[gap.cell.risk] >= RISK[gates.risk]]
        if worse:
            cells = sum(len(gap.cells) for gap in worse)
            first = f"{worse[0].cell.operation} {worse[0].concerns}"
            yield f"{cells} untested cell{'s' * (cells != 1)} of {gates.risk} risk, as {first}"
    if gates.regression and comparison is not None and comparison.regressions:
        more = len(comparison.regressions) - 1
        yield f"worse than before: {comparison.regressions[0]}" + (
            f" (+{more} more)" if more else ""
        )
