"""Why a list leaves rows of a tenant out, from those that came and those that did not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from gen_suite.mapping.infer.observed import Listed
from gen_suite.mapping.infer.seen_list import list_rule
from gen_suite.mapping.schema import Column, ForeignKey, Table

TABLE = Table(
    "notes",
    columns={
        name: Column(name, "integer" if name.endswith("id") else "text")
        for name in ("id", "owner_id", "state", "color")
    },
    primary_key=("id",),
    foreign_keys=(ForeignKey(("owner_id",), "users", ("id",)),),
)


def rows(*values: tuple[int, str, str]) -> tuple[dict[str, Any], ...]:
    names = ("owner_id", "state", "color")
    return tuple(
        {"id": number, **dict(zip(names, row, strict=True))} for number, row in enumerate(values)
    )


@pytest.mark.parametrize(
    ("shown", "hidden", "where"),
    [
        (
            [(7, "open", "red"), (7, "done", "blue")],
            [(8, "open", "red")],
            {"owner_id": "$actor.id"},
        ),
        ([(7, "open", "red"), (8, "open", "blue")], [(8, "done", "red")], {"state": "open"}),
        ([(7, "open", "red")], [(8, "done", "blue")], {"owner_id": "$actor.id"}),
    ],
    ids=["the caller's own", "in one state", "whose it is goes before how it looks"],
)
def test_a_rule_is_the_column_that_tells_them_apart(
    shown: Sequence[tuple[int, str, str]],
    hidden: Sequence[tuple[int, str, str]],
    where: dict[str, Any],
) -> None:
    listed = Listed("ann", rows(*shown), rows(*hidden))
    assert list_rule(listed, TABLE, {"ann": {"id": 7}})["where"].value == where


@pytest.mark.parametrize(
    "listed",
    [
        None,
        Listed("ann", rows((7, "open", "red"))),
        Listed("ann", (), rows((7, "open", "red"))),
        Listed("ann", rows((7, "open", "red")), rows((7, "open", "red"))),
        Listed("ann", rows((8, "open", "red")), rows((8, "done", "blue"))),
    ],
    ids=["not looked at", "all came", "none came", "nothing differs", "two reasons"],
)
def test_without_one_reason_there_is_no_rule(listed: Listed | None) -> None:
    assert list_rule(listed, TABLE, {"ann": {"id": 7}}) == {}
