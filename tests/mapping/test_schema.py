"""The schema as data: its JSON form, and what can be asked of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gen_suite.mapping.schema import Column, ForeignKey, Schema, Table

Told = Callable[[Callable[[], object]], str]


def test_json_and_back(schema: Schema) -> None:
    text = json.dumps(schema.to_json())
    again = Schema.from_json(json.loads(text))
    assert again == schema
    assert json.dumps(again.to_json()) == text
    assert list(again.tables["orders"].columns) == list(schema.tables["orders"].columns)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"format": 99}, "schema.json: the kept schema has format 99, not 1"),
        ({"format": 1, "tables": {"a": {}}}, "schema.json: the kept schema cannot be read"),
        ([], "schema.json: the kept schema cannot be read"),
        (None, "schema.json: the kept schema cannot be read"),
        ({"format": 1, "tables": 5}, "schema.json: the kept schema cannot be read"),
    ],
)
def test_what_is_no_kept_schema(told: Told, data: Any, message: str) -> None:
    hint = "\n  remove it: it is made anew from the database"
    assert told(lambda: Schema.from_json(data, Path("schema.json"))) == message + hint


def test_questions() -> None:
    wide = ForeignKey(("tenant_id", "customer_id"), "customers", ("tenant_id", "id"), "CASCADE")
    narrow = ForeignKey(("tenant_id",), "tenants", ("id",))
    orders = Table("orders", foreign_keys=(wide, narrow))
    schema = Schema({"orders": orders, "customers": Table("customers")})
    assert orders.foreign_key("tenant_id") is narrow
    assert orders.foreign_key("customer_id") is wide
    assert orders.foreign_key("id") is None
    assert wide.target_of("customer_id") == "id"
    assert schema.cascades("customers") == ("orders",)
    assert schema.cascades("tenants") == ()
    assert schema.table("none") is None


@pytest.mark.parametrize(
    ("column", "needed"),
    [
        (Column("a", "text", nullable=False), True),
        (Column("a", "text"), False),
        (Column("a", "text", nullable=False, default=True), False),
        (Column("a", "integer", nullable=False, autoincrement=True), False),
        (Column("a", "integer", nullable=False, generated=True), False),
    ],
)
def test_which_columns_an_insert_must_give(column: Column, needed: bool) -> None:
    assert column.needed is needed
