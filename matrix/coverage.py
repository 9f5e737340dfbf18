"""Matrix + results -> the same cells after a run; and the gaps, worst first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .answered import not_seen, undocumented_findings
from .build import Matrix
from .cell import Cell, State
from .concerns import concerns
from .results import Results, TestResult

RISK = {"high": 3, "medium": 2, "low": 1}
SUCCESS = "success"
FEW = 2
"""Cells that are named one by one."""
TESTED = (State.PASSED, State.PROVEN)
UNTESTED = (
    State.GAP,
    State.PLANNED,
    State.COVERED,
    State.NOT_REACHED,
    State.SKIPPED,
    State.FAILED,
)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How many of the cells that apply a run has tested with success."""

    tested: int
    applicable: int

    @property
    def percent(self) -> float:
        """0 to 100; an API with nothing to test counts as wholly tested."""
        return 100.0 if not self.applicable else 100.0 * self.tested / self.applicable

    def shown(self, places: int = 0) -> str:
        """The percentage cut off after so many places, so that 100 is said of the whole only."""
        factor = 10**places
        return f"{int(self.percent * factor + 1e-9) / factor:.{places}f}"


@dataclass(frozen=True, slots=True)
class Gap:
    """Untested cells of one operation that share a reason and what closes them.

    `score` = risk of the operation (1 to 3) x weight of the heaviest of their concerns (1 to 5).
    """

    cells: tuple[Cell, ...]
    score: int

    @property
    def cell(self) -> Cell:
        """The heaviest of them."""
        return self.cells[0]

    @property
    def concerns(self) -> str:
        return ", ".join(cell.concern for cell in self.cells)


def after_run(matrix: Matrix, results: Results) -> Matrix:
    """The matrix with the outcome of each cell's tests; also hand-written ones that cover it."""
    by_cell: dict[tuple[str, str], list[TestResult]] = defaultdict(list)
    for test in results.tests:
        for pair in test.covers:
            by_cell[pair].append(test.of_cell(pair))
    cells = (_after(cell, by_cell[cell.operation, cell.concern]) for cell in matrix.cells)
    closed = (_closed_by(cell, by_cell[cell.operation, SUCCESS]) for cell in cells)
    told = undocumented_findings(matrix.documented, results.answers)
    return replace(
        matrix,
        cells=tuple(_with_unseen(cell, matrix, results) for cell in closed),
        findings=(*matrix.findings, *told),
    )


def _closed_by(cell: Cell, successes: Sequence[TestResult]) -> Cell:
    """Of a cell that was not reached: what has to pass first, the success of its operation."""
    failed = next((test for test in successes if test.outcome == "failed"), None)
    if cell.state is not State.NOT_REACHED or failed is None:
        return cell
    return replace(cell, closes=f"pytest {failed.id!r}")


def _with_unseen(cell: Cell, matrix: Matrix, results: Results) -> Cell:
    """The cell of a success with what the spec documents of it and no test saw."""
    known = matrix.documented.get(cell.operation)
    if cell.concern != SUCCESS or cell.state is not State.PASSED or known is None:
        return cell
    unseen = "; ".join(not_seen(cell.operation, known, results.answers))
    if not unseen:
        return cell
    closes = f'write a test of it with @covers("{cell.operation}", "success")'
    return replace(
        cell, unseen="; ".join(filter(None, (cell.unseen, unseen))), closes=cell.closes or closes
    )


def _after(cell: Cell, tests: Sequence[TestResult]) -> Cell:
    if not tests:
        if cell.state is State.PLANNED:
            reason = "no test of it was in the run"
            return replace(cell, reason=reason, closes=f'gen-suite scaffold "{cell.operation}"')
        return cell
    failed = [test for test in tests if test.outcome == "failed"]
    skipped = [test for test in tests if test.outcome == "skipped"]
    if failed:
        return _became(cell, State.FAILED, failed)
    not_reached = [test for test in tests if test.outcome == "not reached"]
    if len(skipped) + len(not_reached) == len(tests):
        if not_reached:
            return _became(cell, State.NOT_REACHED, not_reached[:1])
        return _became(cell, State.SKIPPED, skipped)
    parts = [
        f"{len(some)} of {len(tests)} tests {outcome}: {some[0].reason}"
        for outcome, some in (("not reached", not_reached), ("skipped", skipped))
        if some
    ]
    closes = cell.closes if cell.unseen else ""
    return replace(cell, state=State.PASSED, reason="; ".join(parts), closes=closes)


def _became(cell: Cell, state: State, tests: Sequence[TestResult]) -> Cell:
    more = f" (+{len(tests) - 1} more)" if len(tests) > 1 else ""
    reason = tests[0].verdict or tests[0].reason or tests[0].id
    return replace(cell, state=state, reason=reason + more, closes=f"pytest {tests[0].id!r}")


def coverage(cells: Iterable[Cell]) -> Coverage:
    """Tested and applicable cells; what a run did not show to hold does not count as tested."""
    states = [cell.state for cell in cells if cell.state is not State.NOT_APPLICABLE]
    return Coverage(sum(state in TESTED for state in states), len(states))


def partly_tested(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    """Cells that count as tested although some of their tests showed nothing; the reason says which."""
    return tuple(cell for cell in cells if cell.state in TESTED and cell.reason)


@dataclass(frozen=True, slots=True)
class Untold:
    """Tests of cells that count as tested which showed nothing for one reason."""

    outcome: str
    reason: str
    tests: int
    cells: tuple[Cell, ...]

    def __str__(self) -> str:
        named = ", ".join(f"{cell.operation} {cell.concern}" for cell in self.cells)
        where = named if len(self.cells) <= FEW else f"{len(self.cells)} cells"
        return f"{self.tests} {self.outcome}: {self.reason} ({where})"


def untold_by_reason(partly: Iterable[Cell], results: Results) -> tuple[Untold, ...]:
    """What cells that are tested in part left out, each reason once, that of most tests first."""
    by_pair = {(cell.operation, cell.concern): cell for cell in partly}
    tests: dict[tuple[str, str], set[str]] = defaultdict(set)
    cells: dict[tuple[str, str], dict[Cell, None]] = defaultdict(dict)
    for test in results.tests:
        for pair in test.covers:
            outcome = test.outcome_of(pair)
            if outcome in ("skipped", "not reached") and pair in by_pair:
                tests[outcome, test.reason].add(test.id)
                cells[outcome, test.reason][by_pair[pair]] = None
    reasons = (Untold(*key, len(tests[key]), tuple(cells[key])) for key in tests)
    return tuple(sorted(reasons, key=lambda untold: -untold.tests))


def gaps(matrix: Matrix, *, planned: bool = True) -> tuple[Gap, ...]:
    """Everything that is not tested, by risk, then in the order of the spec.

    Without `planned` only what no test is planned for: the question before a run.
    """
    weights = {concern.name: concern.weight for concern in concerns()}
    groups: dict[tuple[str, State, str, str], list[Cell]] = defaultdict(list)
    for cell in (part for whole in matrix.cells for part in _parts(whole)):
        if cell.state in UNTESTED and (planned or cell.state is not State.PLANNED):
            groups[cell.operation, cell.state, cell.reason, cell.closes].append(cell)
    found = [_gap(cells, weights) for cells in groups.values()]
    return tuple(sorted(found, key=lambda gap: -gap.score))


def _parts(cell: Cell) -> Iterator[Cell]:
    """The cell, and as a gap what its tests cannot show."""
    yield cell
    if cell.unseen:
        yield replace(cell, state=State.GAP, reason=cell.unseen, tests=(), unseen="")


def _gap(cells: Sequence[Cell], weights: Mapping[str, int]) -> Gap:
    heaviest = sorted(cells, key=lambda cell: -weights[cell.concern])
    return Gap(tuple(heaviest), RISK[heaviest[0].risk] * weights[heaviest[0].concern])


def unfinished(results: Results) -> tuple[str, ...]:
    """What is to be said of results of a run that was interrupted or killed, or still goes on."""
    if results.complete:
        return ()
    return (f"the run of {results.started} did not come to its end: {len(results.tests)} test(s)",)


def unknown_covers(matrix: Matrix, results: Results) -> tuple[str, ...]:
    """`covers` marks of the run that name no cell: a typing error, or an operation that is gone."""
    known = {(cell.operation, cell.concern) for cell in matrix.cells}
    return tuple(
        dict.fromkeys(
            f"{test.id} covers {operation} / {concern}"
            for test in results.tests
            for operation, concern in test.covers
            if (operation, concern) not in known
        )
    )
