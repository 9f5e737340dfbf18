"""Matrix + results -> the same cells after a run; and the gaps, worst first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..mapping.names import did_you_mean
from .answered import not_seen, undocumented_findings
from .build import Matrix
from .cell import Cell, State
from .concerns import concerns
from .outdated import Outdated
from .results import Results, Run, TestResult

RISK = {"high": 3, "medium": 2, "low": 1}
SUCCESS = "success"
FEW = 2
"""Cells that are named one by one."""
TESTED = (State.PASSED, State.PROVEN)
UNTESTED = (
    State.GAP,
    State.PLANNED,
    State.NOT_RUN,
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
    left_out: int = 0
    """Cells that apply and have no test for their depth; they are not among `applicable`."""
    stated: int = 0
    """Cells of which the mapping states that they do not apply; nor are they."""

    @property
    def percent(self) -> float:
        """0 to 100; an API with nothing to test counts as wholly tested."""
        return 100.0 if not self.applicable else 100.0 * self.tested / self.applicable

    @property
    def with_stated(self) -> Coverage:
        """The same, were nothing stated as not applicable."""
        return replace(self, applicable=self.applicable + self.stated, stated=0)

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


def tests_by_cell(results: Results) -> Mapping[tuple[str, str], Sequence[TestResult]]:
    """(operation, concern) -> the results of the tests that cover it, in the order of the run."""
    by_cell: dict[tuple[str, str], list[TestResult]] = defaultdict(list)
    for test in results.tests:
        for pair in test.covers:
            by_cell[pair].append(test.of_cell(pair))
    return by_cell


def after_run(
    matrix: Matrix,
    results: Results,
    *,
    old: Outdated | None = None,
    marked: Mapping[tuple[str, str], Path] | None = None,
) -> Matrix:
    """The matrix with the outcome of each cell's tests; also hand-written ones that cover it.

    `old` are the results that are older than what they are about, `marked` the cells that the tests of
    the suite are marked with, with the file to run.
    """
    by_cell = tests_by_cell(results)
    cells = (
        _after(cell, by_cell.get((cell.operation, cell.concern), ()), old or {}, marked)
        for cell in matrix.cells
    )
    closed = (_closed_by(cell, by_cell.get((cell.operation, SUCCESS), ())) for cell in cells)
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


def _after(
    cell: Cell,
    results: Sequence[TestResult],
    old: Outdated,
    marked: Mapping[tuple[str, str], Path] | None,
) -> Cell:
    if not results:
        return _not_run(cell, marked) if cell.state is State.PLANNED else cell
    if not old:
        return _came_to(cell, _once(results))
    outdated = Counter(old[t.id, t.run] for t in results if (t.id, t.run) in old)
    told = (f"{n} of {len(results)} results older than {what}" for what, n in outdated.items())
    return _came_to(replace(cell, outdated="; ".join(told)), _once(results))


def _not_run(cell: Cell, marked: Mapping[tuple[str, str], Path] | None) -> Cell:
    """A planned cell of which there is no result: nobody ran its tests, or the suite has none."""
    if marked is None:
        closes, reason = "pytest --allow-db", "its tests were not run"
    elif file := marked.get((cell.operation, cell.concern)):
        closes, reason = f"pytest --allow-db {file.as_posix()}", "its tests were not run"
    else:
        closes, reason = "gen-suite generate --allow-db", "the suite has no test of it yet"
    return replace(cell, state=State.NOT_RUN, reason=reason, closes=closes)


ENGINE_LAST = ("failed", "passed", "not reached", "skipped")


def _once(results: Sequence[TestResult]) -> list[TestResult]:
    """Each test once: what it came to on one engine counts before what another engine does not allow."""
    once: dict[str, TestResult] = {}
    for test in results:
        before = once.get(test.id)
        if before is None or ENGINE_LAST.index(test.outcome) < ENGINE_LAST.index(before.outcome):
            once[test.id] = test
    return list(once.values())


def _came_to(cell: Cell, tests: Sequence[TestResult]) -> Cell:
    failed = [test for test in tests if test.outcome == "failed"]
    skipped = [test for test in tests if test.outcome == "skipped"]
    if failed:
        return _became(cell, State.FAILED, failed)
    not_reached = [test for test in tests if test.outcome == "not reached"]
    if len(skipped) + len(not_reached) == len(tests):
        if not_reached:
            return _became(cell, State.NOT_REACHED, not_reached[:1])
        became = _became(cell, State.SKIPPED, skipped)
        return replace(became, elsewhere=_elsewhere(skipped))
    parts = [
        f"{len(some)} of {len(tests)} tests {outcome}: {some[0].reason}"
        for outcome, some in (("not reached", not_reached), ("skipped", skipped))
        if some
    ]
    closes = cell.closes if cell.unseen else ""
    return replace(cell, state=State.PASSED, reason="; ".join(parts), closes=closes)


def _elsewhere(skipped: Sequence[TestResult]) -> tuple[str, ...] | None:
    """The engines on which tests would run that all were skipped for what the engine does not allow."""
    if any(test.unsupported is None for test in skipped):
        return None
    return tuple(dict.fromkeys(name for test in skipped for name in test.unsupported or ()))


def _became(cell: Cell, state: State, tests: Sequence[TestResult]) -> Cell:
    more = f" (+{len(tests) - 1} more)" if len(tests) > 1 else ""
    reason = tests[0].verdict or tests[0].reason or tests[0].id
    return replace(cell, state=state, reason=reason + more, closes=f"pytest {tests[0].id!r}")


def coverage(cells: Iterable[Cell]) -> Coverage:
    """Tested and applicable cells; what a run did not show to hold does not count as tested.

    Those that are left out for their depth are counted apart.
    """
    every = tuple(cells)
    states = [cell.state for cell in every]
    left_out = states.count(State.LEFT_OUT)
    applicable = len(states) - states.count(State.NOT_APPLICABLE) - left_out
    stated = sum(cell.stated and cell.state is State.NOT_APPLICABLE for cell in every)
    return Coverage(sum(state in TESTED for state in states), applicable, left_out, stated)


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
            if test.unsupported is not None:
                continue
            if outcome in ("skipped", "not reached") and pair in by_pair:
                tests[outcome, test.reason].add(test.id)
                cells[outcome, test.reason][by_pair[pair]] = None
    reasons = (Untold(*key, len(tests[key]), tuple(cells[key])) for key in tests)
    return tuple(sorted(reasons, key=lambda untold: -untold.tests))


@dataclass(frozen=True, slots=True)
class EngineLimit:
    """Tests that a database engine does not allow, for one reason; `elsewhere` they would run."""

    engine: str
    reason: str
    elsewhere: tuple[str, ...]
    tests: int
    cells: int


def engine_limits(results: Results) -> tuple[EngineLimit, ...]:
    """What the engines of some runs do not allow, that of most tests first.

    A test that ran on another engine is none of them.
    """
    ran = {test.id for test in results.tests if test.unsupported is None}
    tests: dict[tuple[str, str, tuple[str, ...]], set[str]] = defaultdict(set)
    cells: dict[tuple[str, str, tuple[str, ...]], set[tuple[str, str]]] = defaultdict(set)
    for test in results.tests:
        if test.unsupported is not None and test.id not in ran:
            key = (results.run_of(test).engine, test.reason, test.unsupported)
            tests[key].add(test.id)
            cells[key].update(test.covers)
    limits = (EngineLimit(*key, len(ids), len(cells[key])) for key, ids in tests.items())
    return tuple(sorted(limits, key=lambda limit: -limit.tests))


def gaps(matrix: Matrix, *, planned: bool = True) -> tuple[Gap, ...]:
    """Everything that is not tested, by risk, then in the order of the spec.

    Without `planned` only what no test is planned for: the question before a run. What the engine does
    not allow is none: nothing on this one closes it.
    """
    weights = {concern.name: concern.weight for concern in concerns()}
    groups: dict[tuple[str, State, str, str], list[Cell]] = defaultdict(list)
    for cell in (part for whole in matrix.cells for part in _parts(whole)):
        if cell.elsewhere is not None:
            continue
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
    runs = results.runs or (Run(results.started, complete=results.complete),)
    counts = Counter(test.run for test in results.tests)
    return tuple(
        f"the run of {run.started} did not come to its end: {counts[place]} test(s)"
        for place, run in enumerate(runs)
        if not run.complete
    )


def unknown_covers(matrix: Matrix, results: Results) -> tuple[str, ...]:
    """`covers` marks of the run that name no cell: a typing error, or an operation that is gone."""
    cells = {(cell.operation, cell.concern) for cell in matrix.cells}
    unknown: dict[tuple[str, str], str] = {}
    for test in results.tests:
        for pair in test.covers:
            if pair not in cells:
                unknown.setdefault(pair, test.id)
    return tuple(
        f"{test} covers {operation} / {concern}; {_nearest(operation, concern, matrix)}"
        for (operation, concern), test in unknown.items()
    )


def _nearest(operation: str, concern: str, matrix: Matrix) -> str:
    if operation in matrix.operations:
        return did_you_mean(concern, [known.name for known in concerns()])
    return did_you_mean(operation, matrix.operations)
