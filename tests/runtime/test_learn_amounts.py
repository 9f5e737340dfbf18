"""What `learn` sends to see whether a row says by how much a column moves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from gen_suite.mapping.infer.observed import RowSeen, Trial
from gen_suite.mapping.schema import Column, Schema, Table
from gen_suite.runtime.learn_amounts import other_amounts
from gen_suite.runtime.learn_request import Plan


def _others(held: dict[str, Any], moved: int, **limits: int) -> list[Any]:
    """The states of the requests that are sent after one with such a row, by which `stock` moved."""
    columns = {"id": Column("id", "integer"), "quantity": Column("quantity", "integer", **limits)}
    schema = Schema({"holds": Table("holds", columns=columns, primary_key=("id",))}, "sqlite")
    resolved = SimpleNamespace(schema=schema, resources={"hold": SimpleNamespace(table="holds")})
    database = SimpleNamespace(rules=SimpleNamespace(allows=lambda table, column, value: True))
    stock = RowSeen("items", "update", {"id": 1}, {"stock": 100}, {"stock": 100 + moved})
    trial = Trial("ada", 200, rows=(stock,), arranged={"hold": held})
    plans = other_amounts(Plan("ada"), [trial], cast("Any", resolved), cast("Any", database))
    return [dict(plan.state) for plan in plans]


@pytest.mark.parametrize(
    ("held", "moved", "limits", "states"),
    [
        ({"id": 1, "quantity": 50}, 50, {}, [{"hold": {"quantity": 53}}]),
        ({"id": 1, "quantity": 50}, -50, {"maximum": 50}, [{"hold": {"quantity": 47}}]),
        ({"id": 1, "quantity": 50}, 1, {}, []),
        ({"id": 50, "quantity": 7}, 50, {}, []),
        ({"id": 1, "quantity": 1}, 1, {"minimum": 1, "maximum": 1}, []),
    ],
)
def test_a_row_that_holds_what_a_column_moved_by_gets_another_number(
    held: dict[str, Any], moved: int, limits: dict[str, int], states: list[Any]
) -> None:
    assert _others(held, moved, **limits) == states
