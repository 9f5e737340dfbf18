"""What a request is known by when it is sent again, and sums of items: from observations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from gen_suite.errors import MappingError
from gen_suite.mapping.infer.guess import Proposal, rows
from gen_suite.mapping.infer.observed import RowSeen, Trial
from gen_suite.mapping.infer.seen_repeats import repeat_key
from gen_suite.mapping.infer.seen_rows import Own, Sample
from gen_suite.mapping.infer.seen_sums import sums
from gen_suite.mapping.infer.write import WIDTH, render
from gen_suite.mapping.schema import Column, ForeignKey, Schema, Table
from gen_suite.spec.yaml import load_yaml

CALLERS = {"ann": {"id": 7, "tenant": 3}, "ben": {"id": 8, "tenant": 3}}


def _own(*made: tuple[str, Mapping[str, Any], Mapping[str, Any], Mapping[str, Any]]) -> Own:
    """(actor, path, body, row) of each request."""
    samples = []
    for actor, path, body, row in made:
        seen = RowSeen("bookings", "insert", {"id": row.get("id")}, None, row)
        trial = Trial(actor, 201, path=path, body=body, answer={"id": row.get("id")}, rows=(seen,))
        samples.append(Sample(body, {"id": row.get("id")}, seen, trial))
    return Own("creates", "bookings", tuple(samples))


def _table(*unique: tuple[str, ...], refers: Sequence[str] = ()) -> Table:
    names = dict.fromkeys(["id", *(name for columns in unique for name in columns)])
    return Table(
        "bookings",
        columns={name: Column(name, "integer") for name in names},
        primary_key=("id",),
        foreign_keys=tuple(ForeignKey((name,), "others", ("id",)) for name in refers),
        unique=unique,
    )


REFERENCE = _own(
    ("ann", {}, {"ref": "abc", "name": "x"}, {"id": 1, "owner_id": 7, "reference": "abc"}),
    ("ben", {}, {"ref": "xyz", "name": "x"}, {"id": 2, "owner_id": 8, "reference": "xyz"}),
)
ORDER = _own(
    ("ann", {"id": 4}, {"orderId": 11, "seats": 2}, {"id": 1, "show_id": 4, "order_id": 11}),
    ("ann", {"id": 5}, {"orderId": 12, "seats": 2}, {"id": 2, "show_id": 5, "order_id": 12}),
)
AGAIN, REFUSED = Trial("ann", 201), Trial("ann", 409)
WROTE = Trial("ann", 201, rows=(RowSeen("bookings", "insert", {"id": 3}),))


def test_a_field_that_is_unique_for_its_caller_is_a_key_that_the_client_chose() -> None:
    key = repeat_key(REFERENCE, _table(("owner_id", "reference")), AGAIN, CALLERS)
    assert key is not None
    assert key.value == {"field": "ref"}


@pytest.mark.parametrize(
    ("table", "fields"),
    [
        (_table(("order_id",), refers=["order_id"]), ["orderId"]),
        (_table(("show_id", "order_id")), ["orderId"]),
    ],
    ids=["what it refers to", "beside the row in the path"],
)
@pytest.mark.parametrize("repeated", [AGAIN, REFUSED], ids=["answered", "refused"])
def test_what_a_request_is_about_is_a_natural_key(
    table: Table, fields: list[str], repeated: Trial
) -> None:
    key = repeat_key(ORDER, table, repeated, CALLERS)
    assert key is not None
    assert key.value == {"natural": fields}


@pytest.mark.parametrize(
    ("own", "table", "repeated"),
    [
        (REFERENCE, _table(("owner_id", "reference")), WROTE),
        (REFERENCE, _table(("owner_id", "reference")), None),
        (REFERENCE, _table(("owner_id", "reference")), REFUSED),
        (REFERENCE, _table(("reference",)), REFUSED),
        (REFERENCE, _table(), AGAIN),
        (ORDER, _table(("order_id", "made_by"), refers=["order_id"]), AGAIN),
    ],
    ids=[
        "the repetition wrote",
        "not tried",
        "a key of the client's is answered, not refused",
        "a unique value alone",
        "no unique key",
        "a column of the key comes from nowhere",
    ],
)
def test_nothing_is_said_without_a_reason(own: Own, table: Table, repeated: Trial | None) -> None:
    assert repeat_key(own, table, repeated, CALLERS) is None


# --- sums -----------------------------------------------------------------------------------------


def _shop(dialect: str = "postgresql", kind: Any = "integer") -> Schema:
    def column(name: str) -> Column:
        return Column(name, kind, scale=2 if kind == "number" else None)

    orders = Table(
        "order",
        columns={"id": Column("id", "integer"), "total": column("total")},
        primary_key=("id",),
    )
    items = Table(
        "items",
        columns={name: column(name) for name in ("id", "order_id", "quantity", "price")},
        primary_key=("id",),
        foreign_keys=(ForeignKey(("order_id",), "order", ("id",)),),
    )
    return Schema({"order": orders, "items": items}, dialect)


def _ordered(*orders: tuple[int, Sequence[tuple[int, int]]]) -> Own:
    """(total, (quantity, price) of each item)."""
    samples = []
    for number, (total, items) in enumerate(orders, start=1):
        row = RowSeen("order", "insert", {"id": number}, None, {"id": number, "total": total})
        below = [
            RowSeen("items", "insert", {}, None,
                    {"id": place, "order_id": number, "quantity": quantity, "price": price})
            for place, (quantity, price) in enumerate(items)
        ]  # fmt: skip
        trial = Trial("ann", 201, answer={"orderNo": number}, rows=(row, *below))
        samples.append(Sample({}, {"orderNo": number}, row, trial))
    return Own("creates", "order", tuple(samples))


def test_a_total_that_adds_up_its_items_becomes_a_check() -> None:
    own = _ordered((23, [(2, 4), (3, 5)]), (18, [(2, 9)]))
    (check,) = sums(own, _shop())
    assert check["sql"].value == (
        'SELECT "order".id FROM "order" JOIN items ON items.order_id = "order".id'
        ' WHERE "order".id = :orderNo GROUP BY "order".id, "order".total'
        ' HAVING SUM(items.quantity * items.price) <> "order".total'
    )
    assert check["rows"].value == 0


@pytest.mark.parametrize(
    ("own", "schema"),
    [
        (_ordered((23, [(2, 4), (3, 5)])), _shop()),
        (_ordered((9, [(1, 9)]), (9, [(1, 9)])), _shop()),
        (_ordered((24, [(2, 4), (3, 5)]), (18, [(2, 9)])), _shop()),
        (_ordered((23, [(2, 4), (3, 5)]), (18, [])), _shop()),
        (_ordered((23, [(2, 4), (3, 5)]), (18, [(2, 9)])), _shop("sqlite", "number")),
    ],
    ids=["seen once", "always the same", "not equal", "no item", "SQLite's decimals are floats"],
)
def test_no_sum_is_seen_in_less(own: Own, schema: Schema) -> None:
    assert sums(own, schema) == []


def test_factors_that_are_always_one_are_left_out() -> None:
    (check,) = sums(_ordered((9, [(1, 4), (1, 5)]), (7, [(1, 7)])), _shop())
    assert "SUM(items.price)" in check["sql"].value


def test_a_long_check_is_folded_in_the_file_and_read_as_it_was() -> None:
    own = _ordered((23, [(2, 4), (3, 5)]), (18, [(2, 9)]))
    (check,) = sums(own, _shop())
    text = render(Proposal({"operations": {"POST /orders": {"verify": rows([check])}}}))
    assert max(map(len, text.splitlines())) <= WIDTH
    made = load_yaml(text, Path("gen-suite.yaml"), error=MappingError)
    (read,) = made["operations"]["POST /orders"]["verify"]
    assert read == {"sql": check["sql"].value, "rows": 0}
