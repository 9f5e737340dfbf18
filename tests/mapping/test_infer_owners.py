"""Rows that an API gives to their caller: the columns are told by what its own creates wrote."""

from __future__ import annotations

from typing import Any

import pytest

from gen_suite.mapping.infer.observed import RowSeen, Seen, Trial
from gen_suite.mapping.infer.seen_owners import callers_columns
from gen_suite.mapping.schema import Column, ForeignKey, Schema, Table

FACTS = {"tara": {"id": 1}, "tom": {"id": 2}, "eve": {"role": "guest"}}


def _schema() -> Schema:
    def table(name: str, *columns: str) -> Table:
        keys = tuple(
            ForeignKey((one,), "courses" if one == "course_id" else "auth_user", ("id",))
            for one in columns
        )
        held = {one: Column(one, "integer", nullable=False) for one in ("id", *columns)}
        return Table(name, columns=held, primary_key=("id",), foreign_keys=keys)

    tables = (
        table("auth_user"),
        table("courses", "teacher_id", "assistant_id"),
        table("lessons", "course_id"),
    )
    return Schema({one.name: one for one in tables}, "sqlite")


def _made(actor: str, row: dict[str, Any], body: dict[str, Any] | None = None) -> Trial:
    made = RowSeen("courses", "insert", {"id": 9}, None, {"id": 9, **row})
    return Trial(actor, 201, body=body or {}, rows=(made,))


@pytest.mark.parametrize(
    ("trials", "expected"),
    [
        (
            [_made("tara", {"teacher_id": 1, "assistant_id": 1}),
             _made("tom", {"teacher_id": 2, "assistant_id": 1})],
            {"courses": ("teacher_id",)},
        ),
        (
            [_made("tara", {"teacher_id": 1}, {"position": 1}),
             _made("tara", {"teacher_id": 1}, {"position": 8})],
            {"courses": ("teacher_id",)},
        ),
        ([_made("tara", {"teacher_id": 1}, {"teacher": 1})], {}),
        ([_made("eve", {"teacher_id": None})], {}),
    ],
    ids=["not the assistant", "a number that is the id once", "the request names it", "unknown"],
)  # fmt: skip
def test_the_columns_that_hold_the_caller_are_told_by_new_rows(
    trials: list[Trial], expected: dict[str, tuple[str, ...]]
) -> None:
    seen = Seen("POST /courses", tuple(trials), "tara")
    assert callers_columns([seen], _schema(), FACTS) == expected
