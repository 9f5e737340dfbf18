"""What every report shows, computed once."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ..build import Matrix
from ..causes import Cause, causes
from ..cell import Cell, State
from ..coverage import Coverage, Gap, Untold, coverage, gaps, partly_tested, untold_by_reason
from ..results import Results

SIGNS = {
    State.PASSED: "✓",
    State.PROVEN: "✓✓",
    State.FAILED: "✗",
    State.NOT_REACHED: "n",
    State.SKIPPED: "~",
    State.PLANNED: "○",
    State.COVERED: "●",
    State.GAP: "!",
    State.NOT_APPLICABLE: "-",
}


@dataclass(frozen=True)
class View:
    """A matrix with the run behind it, if any; `colour` and `width` count for the terminal only."""

    matrix: Matrix
    results: Results | None = None
    warnings: tuple[str, ...] = ()
    colour: bool = False
    width: int = 100
    top: int | None = None
    concerns: tuple[str, ...] = field(init=False)
    coverage: Coverage = field(init=False)
    gaps: tuple[Gap, ...] = field(init=False)
    partly: tuple[Cell, ...] = field(init=False)
    counts: Counter[State] = field(init=False)

    def __post_init__(self) -> None:
        cells = self.matrix.cells
        set_field = object.__setattr__
        set_field(self, "concerns", tuple(dict.fromkeys(cell.concern for cell in cells)))
        set_field(self, "coverage", coverage(cells))
        set_field(self, "gaps", gaps(self.matrix, planned=self.results is not None))
        set_field(self, "partly", partly_tested(cells) if self.results is not None else ())
        set_field(self, "counts", Counter(cell.state for cell in cells))

    @property
    def shown_gaps(self) -> tuple[Gap, ...]:
        return self.gaps if self.top is None else self.gaps[: self.top]

    @property
    def causes(self) -> tuple[Cause, ...]:
        """The failures of the run by likely cause, the one that explains most first."""
        return causes(self.results) if self.results is not None else ()

    @property
    def untold(self) -> tuple[Untold, ...]:
        """What cells that count as tested left out, a line for each reason."""
        return untold_by_reason(self.partly, self.results) if self.results is not None else ()

    @property
    def findings(self) -> tuple[str, ...]:
        """What spec, mapping and columns tell beside the cells, and what the run found beside its tests."""
        found = self.results.findings if self.results is not None else ()
        return tuple(dict.fromkeys([*self.matrix.findings, *found]))

    @property
    def summary(self) -> str:
        """One line: what a run tested, or what a suite would."""
        operations = len(self.matrix.operations)
        tested = self.coverage
        if self.results is None:
            planned = self.counts[State.PLANNED]
            return (
                f"{operations} write operations, {tested.applicable} cells apply: "
                f"{planned} planned, {self.counts[State.GAP]} gaps"
            )
        partly = f", {len(self.partly)} of them partly" if self.partly else ""
        not_reached = self.counts[State.NOT_REACHED]
        unreached = f"{not_reached} not reached, " if not_reached else ""
        return (
            f"{operations} write operations, {tested.tested} of {tested.applicable} cells tested "
            f"({tested.shown()} %{partly}): {self.counts[State.FAILED]} failed, "
            f"{unreached}{self.counts[State.SKIPPED]} skipped, {self.counts[State.GAP]} gaps"
        )

    @property
    def legend(self) -> str:
        return "   ".join(f"{SIGNS[state]} {state}" for state in SIGNS if self.counts[state])
