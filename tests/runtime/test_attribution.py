"""Which cell the failure of a test that covers several belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gen_suite.runtime.attribution import outcomes

OPERATION = "POST /orders"
COVERED = [(OPERATION, c) for c in ("persistence", "success", "rollback", "effects", "contract")]


def of_several(response: Any, changes: Any, row: Any, succeeded: Any, conforms: Any) -> None:
    """A test as emitted ones are; never called."""
    assert succeeded(response)
    assert row == 1
    assert changes.inserted("outbox").one(
        topic="order.created",
    )
    assert changes.one_transaction()
    assert conforms(response)


FIRST = of_several.__code__.co_firstlineno + 2


@pytest.mark.parametrize(
    ("line", "passed", "failed"),
    [
        (FIRST, "", "success"),
        (FIRST + 1, "success", "persistence"),
        (FIRST + 3, "persistence success", "effects"),
        (FIRST + 5, "persistence success effects", "rollback"),
        (FIRST + 6, "persistence success effects rollback", "contract"),
    ],
)
def test_the_failed_assertion_tells_the_cell(line: int, passed: str, failed: str) -> None:
    cells = outcomes(of_several, line, COVERED, ["outbox"])
    assert {c for (_, c), outcome in cells.items() if outcome == "failed"} == {failed}
    assert {c for (_, c), outcome in cells.items() if outcome == "passed"} == set(passed.split())
    others = {outcome for (_, c), outcome in cells.items() if c not in {failed, *passed.split()}}
    assert others <= {"not reached"}


def test_a_concern_that_is_not_covered_is_the_test_s_own() -> None:
    cells = outcomes(of_several, FIRST + 6, COVERED[:2])
    assert cells == {COVERED[0]: "failed", COVERED[1]: "passed"}


@pytest.mark.parametrize("test", [of_several, len, eval("lambda: None")])
def test_without_a_line_all_cells_failed(test: Callable[..., Any]) -> None:
    assert set(outcomes(test, None, COVERED).values()) == {"failed"}


def test_without_source_the_failure_is_the_test_s_own() -> None:
    cells = outcomes(len, 3, COVERED)
    assert cells[COVERED[0]] == "failed"
    assert {outcome for pair, outcome in cells.items() if pair != COVERED[0]} == {"not reached"}
