"""Which texts of rows are states that the API itself puts there."""

from __future__ import annotations

from typing import Any

from gen_suite.mapping.infer.observed import RowSeen, Seen, Trial
from gen_suite.mapping.infer.seen_states import new_row_states, state_texts
from gen_suite.mapping.schema import Column, Schema, Table

TEXTS = ("status", "title", "made_at", "token")
COLUMNS = {"id": Column("id", "integer"), **{name: Column(name, "text") for name in TEXTS}}
TABLE = Table("tickets", columns=COLUMNS, primary_key=("id",))
SCHEMA = Schema({"tickets": TABLE})
KEY = "0b6f6c1e-7a54-4d6b-9c1c-2f6f2a3d9a01"


def _created(title: str, **values: Any) -> Trial:
    row = {"id": 1, "status": "open", "title": title, **values}
    return Trial(
        "ann", 201, body={"title": title}, rows=(RowSeen("tickets", "insert", {}, None, row),)
    )


def _moved(before: str, after: str, body: Any = None) -> Trial:
    row = RowSeen("tickets", "update", {"id": 1}, {"status": before}, {"status": after})
    return Trial("ann", 200, body=body, rows=(row,))


def test_a_text_that_every_new_row_has_and_no_request_names_is_its_state() -> None:
    moment = {"made_at": "2026-01-02T03:04:05", "token": KEY}
    seen = Seen("POST /tickets", trials=(_created("a", **moment), _created("b", **moment)))
    assert new_row_states(seen, SCHEMA) == {"tickets": {"status": "open"}}


def test_one_request_shows_no_constant_and_what_was_sent_is_none() -> None:
    assert new_row_states(Seen("POST /tickets", trials=(_created("a"),)), SCHEMA) == {}
    twice = (_created("open"), _created("open"))
    assert new_row_states(Seen("POST /tickets", trials=twice), SCHEMA) == {}


def test_states_are_those_of_new_rows_and_those_that_updates_make_by_themselves() -> None:
    made = Seen("POST /tickets", trials=(_created("a"), _created("b")))
    closed = Seen("POST /tickets/{id}/close", trials=(_moved("open", "closed"),))
    named = Seen("PATCH /tickets/{id}", trials=(_moved("open", "odd", {"status": "odd"}),))
    texts = state_texts((made, closed, named), SCHEMA)
    assert texts == {("tickets", "status"): ["open", "closed"]}
