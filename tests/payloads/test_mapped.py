"""What mapping and schema say of a body reaches its payloads."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings

from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.runtime.payloads import PayloadSpace
from gen_suite.runtime.requests import payloads_of
from gen_suite.spec.read import read_document

MOMENT = {"type": "string", "format": "date-time"}
GUEST = {
    "type": "object",
    "required": ["email"],
    "properties": {"email": {"type": "string", "enum": ["a@example.com", "A@example.com", "b@example.com"]},
                   "optional": {"type": "boolean"}},
}  # fmt: skip
BOOKING = {
    "type": "object",
    "required": ["opening", "closing", "guests"],
    "properties": {"opening": MOMENT, "closing": MOMENT, "seats": {"type": ["integer", "null"], "minimum": 0, "maximum": 9},
                   "guests": {"type": "array", "minItems": 2, "maxItems": 5, "items": GUEST}},
}  # fmt: skip
TABLES = """
CREATE TABLE bookings (
  id INTEGER PRIMARY KEY, opening TIMESTAMP NOT NULL, closing TIMESTAMP NOT NULL,
  seats INTEGER NOT NULL DEFAULT 1, CHECK (closing > opening));
CREATE TABLE guests (
  id INTEGER PRIMARY KEY, booking_id INTEGER NOT NULL REFERENCES bookings (id),
  email VARCHAR(80) NOT NULL, optional BOOLEAN NOT NULL DEFAULT 0, UNIQUE (booking_id, email));
"""
MAPPING = """
spec: openapi.json
resources: {booking: {table: bookings}, guest: {table: guests}}
operations:
  POST /bookings:
    creates: booking
    changes: [{inserts: guests, for_each: $request.body#/guests}]
"""


@pytest.fixture
def mapped(tmp_path: Path) -> Callable[..., PayloadSpace]:
    """`mapped(mapping)`: the payloads of `POST /bookings` under a mapping file."""
    engine = sa.create_engine(f"sqlite:///{tmp_path}/rooms.db")
    with engine.begin() as connection:
        for statement in filter(str.strip, TABLES.split(";")):
            connection.exec_driver_sql(statement)
    engine.dispose()
    schema = reflect(f"sqlite:///{tmp_path}/rooms.db")

    def make(mapping: str = MAPPING, label: str = "POST /bookings") -> PayloadSpace:
        content = {"application/json": {"schema": BOOKING}}
        method, path = label.split()
        one = {"requestBody": {"required": True, "content": content},
               "responses": {"200": {"description": "done"}}}  # fmt: skip
        spec = {"openapi": "3.1.0", "info": {"title": "t", "version": "1"},
                "paths": {path: {method.lower(): one}}}  # fmt: skip
        (tmp_path / "openapi.json").write_text(json.dumps(spec))
        (tmp_path / "gen-suite.yaml").write_text(mapping)
        resolved = resolve(
            read_mapping(tmp_path / "gen-suite.yaml"),
            read_document(tmp_path / "openapi.json"),
            schema,
        )
        return payloads_of(resolved.operations[label], resolved)

    return make


def everything(space: PayloadSpace) -> list[Any]:
    drawn: list[Any] = []

    @settings(max_examples=60, database=None, deadline=None)
    @given(space.bodies())
    def draw(body: Any) -> None:
        drawn.append(body)

    draw()
    return [space.example(), space.complete(), *(edge.body for edge in space.edges()), *drawn]


def test_a_check_of_two_columns_orders_their_fields(mapped) -> None:
    for body in everything(mapped()):
        opening, closing = (datetime.fromisoformat(body[name]) for name in ("opening", "closing"))
        assert opening < closing


COERCIBLE = {
    "seats: a number as text", "seats: true", "guests/0/optional: 1",
    "guests/0/optional: a boolean as text",
}  # fmt: skip


@pytest.mark.parametrize(
    ("top", "own", "sent"),
    [
        ("", "", True),
        ("lenient: true", "", False),
        ("", "lenient: true", False),
        ("lenient: true", "lenient: false", True),
    ],
)
def test_what_a_lenient_api_takes_is_no_violation(mapped, top, own, sent) -> None:
    names = {str(one) for one in mapped(f"{MAPPING}    {own}\n{top}\n").violations()}
    assert names & COERCIBLE == (COERCIBLE if sent else set())
    assert {"seats: 0.5", "seats: not an integer", "guests/0/optional: not a boolean"} <= names


UPDATING = """
spec: openapi.json
resources: {booking: {table: bookings}}
operations: {"PATCH /bookings/{id}": {updates: booking}}
"""


def test_null_for_a_field_that_an_update_may_leave_out_is_no_excess(mapped) -> None:
    """`seats: int | None = None`: it was not sent, and the column stays as it is."""
    null = "seats: null, bookings.seats is NOT NULL"
    assert null in {str(one) for one in mapped().overflows()}
    space = mapped(UPDATING, "PATCH /bookings/{id}")
    assert not space.overflows()
    assert "seats: spec allows null, bookings.seats is NOT NULL" in space.findings


@pytest.mark.parametrize(
    "mapping",
    [MAPPING, MAPPING.replace(", guest: {table: guests}", "")],
    ids=["resource", "plain table"],
)
def test_elements_differ_in_what_a_unique_constraint_keeps_apart(mapped, mapping) -> None:
    """`UNIQUE (booking_id, email)`, whose rows share the booking."""
    for body in everything(mapped(mapping)):
        emails = [guest["email"].lower() for guest in body["guests"]]
        assert len(emails) >= 2
        assert len(emails) == len(set(emails))
