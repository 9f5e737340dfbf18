"""What a run leaves out: markers by which pytest selects tests, and `--gen-suite-quick`.

Each test that covers a cell carries markers of its concern and of the risk of its operation, so that
`pytest -m "rollback and high"` needs to know nothing of this project.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

import pytest

from ..errors import GenSuiteError
from ..mapping.depth import BY_RISK
from ..mapping.resolved import Resolved
from ..matrix.concerns import concerns
from ..matrix.depth import DRAWN
from .profiles import active_profile
from .recorder import COVERS
from .suite import active_suite

OUTPUT = "gen_suite.left_out"
"""The key by which a worker of pytest-xdist hands on what it left out."""


def markers() -> Iterator[str]:
    """What `pytest --markers` says of each marker that covered cells give to their tests."""
    for concern in concerns():
        yield f"{concern.name}: tests of the concern {concern.name}: {concern.asks}"
    for risk in BY_RISK:
        yield f"{risk}: tests of operations of {risk} risk"


@dataclass
class LeftOutCases:
    """What a run does not do of the suite's tests, and why."""

    quick: int = 0
    """Cases that `--gen-suite-quick` leaves out."""
    drawn: int = 0
    """Tests of which it draws one example."""
    depth: int = 0
    """Cases that the depth of their operations leaves out."""

    def findings(self) -> Iterator[str]:
        """What reports say of a run that was quick."""
        if self.quick or self.drawn:
            yield (
                f"--gen-suite-quick left out {self.quick} cases of parametrised tests, and drew one "
                f"example in each of {self.drawn} tests"
            )

    def lines(self) -> Iterator[str]:
        """What the end of the run says."""
        yield from self.findings()
        if self.depth:
            yield (
                f"{self.depth} cases of parametrised tests are left out for the depth of "
                "their operations; all of them: depth: thorough in the mapping"
            )


@dataclass(eq=False)
class Selection:
    """The plugin that marks tests and leaves cases out; one for each process of a run."""

    quick: bool = False
    left_out: LeftOutCases = field(default_factory=LeftOutCases)

    @cached_property
    def resolved(self) -> Resolved | None:
        """What is known of the operations; None where that cannot be read: tests that need it say so."""
        try:
            return active_suite().resolved
        except GenSuiteError:
            return None

    @pytest.hookimpl(trylast=True)
    def pytest_itemcollected(self, item: pytest.Item) -> None:
        """Give a test the markers of the cells that it covers; an operation that is gone has no risk."""
        names = {concern.name for concern in concerns()}
        for operation, concern in cells_of(item):
            for name in (concern if concern in names else "", self._risk(operation)):
                if name and item.get_closest_marker(name) is None:
                    item.add_marker(name)

    def _risk(self, operation: str) -> str:
        write = self.resolved.operations.get(operation) if self.resolved else None
        return write.risk if write is not None else ""

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> None:
        """Of what other plugins selected, the first case of each test."""
        kept: list[pytest.Item] = []
        dropped: list[pytest.Item] = []
        if self.quick:
            seen: set[tuple[object, str]] = set()
            for item in items:
                place = (item.parent, getattr(item, "originalname", item.name))
                (dropped if cells_of(item) and place in seen else kept).append(item)
                seen.add(place)
            self.left_out.quick = len(dropped)
            drawn = [test for item in kept if cells_of(item) and (test := _drawn(item))]
            for test in drawn:
                _draw(test, 1)
            self.left_out.drawn = len(drawn)
            if dropped:
                config.hook.pytest_deselected(items=dropped)
                items[:] = kept
        for item in items if not self.quick else ():
            self._draw_as_deep(item)
        self.left_out.depth = self._left_out_for_depth(items)
        output: dict[str, Any] | None = getattr(config, "workeroutput", None)
        if output is not None:
            output[OUTPUT] = [self.left_out.quick, self.left_out.drawn, self.left_out.depth]

    def _left_out_for_depth(self, items: Iterable[pytest.Item]) -> int:
        """The cases that the depth leaves out of the operations that the run is about."""
        if self.resolved is None:
            return 0
        covered = {operation for item in items for operation, _ in cells_of(item)}
        counts = active_suite().cases_left_out.items()
        return sum(number for (operation, _), number in counts if operation in covered)

    def _draw_as_deep(self, item: pytest.Item) -> None:
        """Draw as many of the profile's examples as the depth of the operation asks for.

        A test that states its own number of examples keeps it.
        """
        drawn, examples = _drawn(item), active_profile().examples
        if drawn is None or drawn._hypothesis_internal_use_settings.max_examples != examples:
            return
        _draw(drawn, -(-examples * max(self._shares(item), default=100) // 100))

    def _shares(self, item: pytest.Item) -> Iterator[int]:
        """The percent of examples for each cell that a test covers."""
        resolved = self.resolved
        for operation, concern in cells_of(item):
            write = resolved.operations.get(operation) if resolved else None
            if resolved and write is not None:
                yield DRAWN[resolved.depth(write, concern)[0]]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """All workers of pytest-xdist collect the same."""
        told = getattr(node, "workeroutput", {}).get(OUTPUT)
        if told is not None:
            self.left_out.quick, self.left_out.drawn, self.left_out.depth = told

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for line in self.left_out.lines():
            terminalreporter.write_line(f"gen-suite: {line}")


def cells_of(item: pytest.Item) -> list[tuple[str, str]]:
    """The cells that a test is about."""
    pairs = dict(item.user_properties).get(COVERS, [])
    return [(operation, concern) for operation, concern in cast(list[list[str]], pairs)]


def _drawn(item: pytest.Item) -> Any:
    """The function of a test of Hypothesis, which has its settings; None for another test."""
    test = getattr(item, "obj", None)
    if not getattr(test, "is_hypothesis_test", False):
        return None
    return getattr(test, "__func__", test)  # a method hands no attributes on


def _draw(drawn: Any, examples: int) -> None:
    from hypothesis import settings

    chosen = drawn._hypothesis_internal_use_settings
    drawn._hypothesis_internal_use_settings = settings(chosen, max_examples=examples)
