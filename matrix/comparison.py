"""What changed between two states of one suite: newly covered, newly lost, new endpoints."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .build import Matrix
from .cell import Cell, State
from .coverage import TESTED, Coverage, after_run, coverage
from .results import Results


@dataclass(frozen=True, slots=True)
class Comparison:
    """A run beside one before it, `before` and `now` the coverage of both.

    `covered` and `lost` are cells of operations that the run before knew, as they are now.
    """

    before: Coverage
    now: Coverage
    covered: tuple[Cell, ...] = ()
    lost: tuple[Cell, ...] = ()
    new: tuple[str, ...] = ()
    """Operations that the run before did not know."""
    new_untested: tuple[str, ...] = ()
    """Those of them of which no cell is tested."""

    @property
    def regressions(self) -> tuple[str, ...]:
        """What is worse than before, in words."""
        reasons = [
            f"{cell.operation} {cell.concern} was tested and is {_now(cell)}" for cell in self.lost
        ]
        if self.now.percent < self.before.percent - 1e-9:
            reasons.append(
                f"{self.now.shown(1)} % of the cells are tested, {self.before.shown(1)} % were"
            )
        return tuple(reasons)


def _now(cell: Cell) -> str:
    return "a gap now" if cell.state is State.GAP else f"{cell.state} now"


def compare(planned: Matrix, after: Matrix, base: Results) -> Comparison:
    """The matrix `after` a run beside what `base` makes of the `planned` one."""
    before = {(c.operation, c.concern): c for c in after_run(planned, base).cells}
    known = _operations(base)
    covered, lost = [], []
    for cell in after.cells:
        if cell.operation not in known or cell.state is State.NOT_APPLICABLE:
            continue
        was = before[cell.operation, cell.concern].state in TESTED
        if cell.state in TESTED and not was:
            covered.append(cell)
        elif was and cell.state not in TESTED:
            lost.append(cell)
    new = tuple(label for label in after.operations if label not in known)
    return Comparison(
        coverage(cell for cell in before.values() if cell.operation in known),
        coverage(after.cells),
        tuple(covered),
        tuple(lost),
        new,
        tuple(label for label in new if not _is_tested(after.row(label))),
    )


def _is_tested(cells: Iterable[Cell]) -> bool:
    return any(cell.state in TESTED for cell in cells)


def _operations(base: Results) -> set[str]:
    """The operations that there were: those of its specs, and those that its tests cover."""
    named = {label for run in base.runs for label in run.operations}
    return named | {operation for test in base.tests for operation, _ in test.covers}
