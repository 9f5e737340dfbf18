"""What every report shows, computed once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ...errors import Location
from ..build import Matrix
from ..causes import Cause, causes
from ..cell import Cell, State
from ..comparison import Comparison
from ..coverage import (
    Coverage,
    EngineLimit,
    Gap,
    Untold,
    coverage,
    engine_limits,
    gaps,
    partly_tested,
    untold_by_reason,
)
from ..depth import Omission, omissions
from ..gathering import sources
from ..results import Results

SIGNS = {
    State.PASSED: "✓",
    State.PROVEN: "✓✓",
    State.FAILED: "✗",
    State.NOT_REACHED: "n",
    State.SKIPPED: "~",
    State.PLANNED: "○",
    State.NOT_RUN: "?",
    State.COVERED: "●",
    State.GAP: "!",
    State.LEFT_OUT: "·",
    State.NOT_APPLICABLE: "-",
}


FEW = 3
"""Operations that a footnote names."""


def _by_operation(cells: Iterable[Cell]) -> tuple[str, ...]:
    """`POST /orders: rollback, auth`, an operation each."""
    concerns: dict[str, list[str]] = {}
    for cell in cells:
        concerns.setdefault(cell.operation, []).append(cell.concern)
    return tuple(f"{operation}: {', '.join(names)}" for operation, names in concerns.items())


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


def _engine_note(limits: Sequence[EngineLimit]) -> str:
    if not limits:
        return ""
    engines = ", ".join(dict.fromkeys(limit.engine or "this database" for limit in limits))
    reasons = "; ".join(f"{limit.reason} ({limit.tests:,})" for limit in limits)
    elsewhere = list(dict.fromkeys(name for limit in limits for name in limit.elsewhere))
    where = f"; on {' or '.join(elsewhere)} they would" if elsewhere else ""
    tests = _counted(sum(limit.tests for limit in limits), "test")
    return f"{tests} cannot run on {engines}{where}: {reasons}"


@dataclass(frozen=True, slots=True)
class Moment:
    """What was tested after one run of several."""

    started: str
    coverage: Coverage


@dataclass(frozen=True)
class View:
    """A matrix with the run behind it, if any; `colour` and `width` count for the terminal only.

    `folder` is that of the mapping file, `output` the file that the report becomes, if any: links lead
    from there to the tests. `history` is what was tested after each of several runs,
    `comparison` what changed since the run of a base. `locate` tells the place of a pointer in the spec.
    """

    matrix: Matrix
    results: Results | None = None
    warnings: tuple[str, ...] = ()
    colour: bool = False
    width: int = 100
    top: int | None = None
    folder: Path | None = None
    output: Path | None = None
    history: tuple[Moment, ...] = ()
    comparison: Comparison | None = None
    locate: Callable[[str], Location] | None = None
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
    def next_step(self) -> str:
        """The command to run now, or the line to add; "" where nothing is left to do."""
        if self.causes:
            return f"pytest {self.causes[0].again!r}"
        closes = next((gap.cell.closes for gap in self.gaps if gap.cell.closes), "")
        if not closes or closes.startswith(("pytest", "gen-suite")):
            return closes
        return "add the first of these lines to gen-suite.yaml, then gen-suite generate --allow-db"

    @property
    def untold(self) -> tuple[Untold, ...]:
        """What cells that count as tested left out, a line for each reason."""
        return untold_by_reason(self.partly, self.results) if self.results is not None else ()

    @property
    def omissions(self) -> tuple[Omission, ...]:
        """What is left out for its depth, a line for each reason."""
        return omissions(self.matrix.cells)

    @property
    def engine_limits(self) -> tuple[EngineLimit, ...]:
        """What the database engine does not allow: no gap that anything on it would close."""
        return engine_limits(self.results) if self.results is not None else ()

    @property
    def engine_note(self) -> str:
        """The same as one footnote, "" where there is nothing to say."""
        return _engine_note(self.engine_limits)

    @property
    def outdated(self) -> tuple[Cell, ...]:
        """Cells some of whose results are older than what they are about."""
        return tuple(cell for cell in self.matrix.cells if cell.outdated)

    @property
    def outdated_note(self) -> str:
        """The same as one footnote, "" where all is of today."""
        cells = self.outdated
        if not cells:
            return ""
        operations = dict.fromkeys(cell.operation for cell in cells)
        named = ", ".join(list(operations)[:FEW]) + (", ..." if len(operations) > FEW else "")
        return (
            f"outdated: {_counted(len(cells), 'cell')} of {_counted(len(operations), 'operation')} "
            f"({named}) with results that are older than what they are about: run them again"
        )

    @property
    def changes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """What changed since the base: what kind of change, and what it is about."""
        changed = self.comparison
        if changed is None:
            return ()
        kinds = (
            ("new, with nothing tested", changed.new_untested),
            ("newly lost", _by_operation(changed.lost)),
            ("newly covered", _by_operation(changed.covered)),
            ("new", tuple(n for n in changed.new if n not in changed.new_untested)),
        )
        return tuple((kind, about) for kind, about in kinds if about)

    @property
    def change(self) -> str:
        """The same as one line, "" without a base."""
        changed = self.comparison
        if changed is None:
            return ""
        return (
            f"{changed.before.shown(1)} % -> {changed.now.shown(1)} % tested: "
            f"{len(changed.covered)} newly covered, {len(changed.lost)} newly lost, "
            f"{_counted(len(changed.new), 'new operation')}, "
            f"{len(changed.new_untested)} of them untested"
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What is said once, under everything: where results came from, which are old, engine limits."""
        came = (f"results of {source}" for source in self.sources)
        return tuple(note for note in (*came, self.outdated_note, self.engine_note) if note)

    @property
    def sources(self) -> tuple[str, ...]:
        """Which results came from where and when; nothing where all are of one run."""
        found = tuple(sources(self.results)) if self.results is not None else ()
        return found if len(found) > 1 else ()

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
        left_out = f", {tested.left_out} left out" if tested.left_out else ""
        if tested.stated:
            share = f" ({tested.with_stated.shown()} % with them)" if self.results else ""
            left_out += f", {tested.stated} stated as not applicable{share}"
        if self.results is None:
            planned = self.counts[State.PLANNED]
            return (
                f"{operations} write operations, {tested.applicable} cells apply: "
                f"{planned} planned, {self.counts[State.GAP]} gaps"
                f"{left_out}"
            )
        partly = f", {len(self.partly)} of them partly" if self.partly else ""
        counts = ((state, self.counts[state]) for state in (State.NOT_REACHED, State.NOT_RUN))
        unreached = "".join(f"{number} {state}, " for state, number in counts if number)
        return (
            f"{operations} write operations, {tested.tested} of {tested.applicable} cells tested "
            f"({tested.shown()} %{partly}): {self.counts[State.FAILED]} failed, "
            f"{unreached}{self.counts[State.SKIPPED]} skipped, {self.counts[State.GAP]} gaps"
            f"{left_out}"
        )

    @property
    def legend(self) -> str:
        return "   ".join(f"{SIGNS[state]} {state}" for state in SIGNS if self.counts[state])
