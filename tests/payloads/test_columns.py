"""A column's limits tighten what is drawn; where the contract allows more, that is told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings

from gen_suite.runtime.payloads import CannotBreak, ColumnLimit


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


SCHEMA = obj(
    ("name", "price", "count", "note"),
    name={"type": "string", "maxLength": 500},
    price={"type": "number", "minimum": -5000, "maximum": 5000},
    count={"type": "integer", "minimum": 0, "maximum": 100000},
    note={"type": ["string", "null"]},
    items={"type": "array", "minItems": 1, "items": obj(("sku",), sku={"type": "string"})},
)
COLUMNS = {
    "name": ColumnLimit("customers", "name", length=20),
    "price": ColumnLimit("customers", "price", "number", precision=5, scale=2),
    "count": ColumnLimit("customers", "count", "integer", minimum=-(2**15), maximum=2**15 - 1),
    "note": ColumnLimit("customers", "note", length=10, nullable=False),
    "items/*/sku": ColumnLimit("items", "sku", length=8),
}


@pytest.mark.parametrize("most", [None, 1_000_000])
def test_numbers_that_the_contract_leaves_open_do_not_run_to_the_columns_end(
    judged, most: int | None
) -> None:
    """An API may well take less than its column holds; what the contract says is drawn whole."""
    amount = {"type": "number", "exclusiveMinimum": 0} | ({"maximum": most} if most else {})
    either = {"anyOf": [amount, {"type": "string"}]}
    columns = {"amount": ColumnLimit("expenses", "amount", "number", precision=10, scale=2)}
    space = judged(obj(("amount",), amount=either), columns=columns).space
    drawn: list[float] = []

    @settings(max_examples=200, database=None)
    @given(body=space.bodies())
    def draw(body: Any) -> None:
        drawn.append(float(body["amount"]))

    draw()
    assert (max(drawn) > 10_000) is (most is not None)


def test_values_fit_the_columns(judged) -> None:
    found = judged(SCHEMA, columns=COLUMNS)

    def fits(body: Any) -> None:
        assert found.errors(body) == []
        assert len(body["name"]) <= 20
        assert abs(body["price"]) <= 999.99
        assert round(body["price"], 2) == body["price"]
        assert body["count"] <= 2**15 - 1
        assert body["note"] is not None
        assert len(body["note"]) <= 10
        assert all(len(item["sku"]) <= 8 for item in body.get("items", []))

    fits(found.space.example())
    fits(found.space.complete())

    @settings(max_examples=80, database=None, deadline=None)
    @given(found.space.bodies())
    def check(body: Any) -> None:
        fits(body)

    check()


def test_where_the_contract_allows_more_that_is_a_finding(judged) -> None:
    assert judged(SCHEMA, columns=COLUMNS).space.findings == (
        "name: spec allows 500 characters, customers.name holds 20",
        "price: spec allows any fraction, customers.price keeps 2 digits after the point",
        "price: spec allows up to 5000, customers.price holds at most 999.99",
        "price: spec allows down to -5000, customers.price holds at least -999.99",
        "count: spec allows up to 100000, customers.count holds at most 32767",
        "note: spec allows any length, customers.note holds 10",
        "note: spec allows null, customers.note is NOT NULL",
        "items/*/sku: spec allows any length, items.sku holds 8",
    )


def test_a_whole_number_column_under_a_number(judged) -> None:
    column = ColumnLimit("t", "n", "integer", minimum=0, maximum=50)
    found = judged(obj(("n",), n={"type": "number", "maximum": 40}), columns={"n": column})
    assert isinstance(found.space.example()["n"], int)
    assert found.space.findings == (
        "n: spec allows any fraction, t.n keeps whole numbers",
        "n: spec allows any number, t.n holds at least 0",
    )
    below, between = found.space.overflows()
    assert below.of()["json"] == {"n": -1}
    assert between.of()["json"] == {"n": 0.1}


def test_what_a_check_leaves_out_is_not_sent(judged) -> None:
    column = ColumnLimit("t", "n", "integer", minimum=5)
    found = judged(obj(("n",), n={"type": "integer"}), columns={"n": column})
    assert found.space.example()["n"] >= 5
    assert found.space.findings == ("n: spec allows any number, t.n holds at least 5",)
    assert [over.of()["json"] for over in found.space.overflows()] == [{"n": 4}]


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"pattern": "^[A-Z]{2}-[0-9]{3,8}$"}, False),
        ({"format": "uuid"}, False),
        ({"pattern": "^[A-Z]{2}-[0-9]+$"}, True),
        ({"pattern": "^[A-Z]{2}|[0-9]{3}$"}, True),
        ({"pattern": "[A-Z]{2}"}, True),
        ({"format": "uri"}, True),
    ],
)
def test_a_pattern_or_a_format_may_limit_the_length(judged, schema, told) -> None:
    column = ColumnLimit("t", "a", length=36)
    space = judged(obj(("a",), a={"type": "string", **schema}), columns={"a": column}).space
    assert bool(space.findings) is told


def test_a_pattern_that_wants_more_than_the_column_is_told(judged) -> None:
    schema = obj(("a",), a={"type": "string", "pattern": "^[a-z]{20}$"})
    found = judged(schema, columns={"a": ColumnLimit("t", "a", length=9)})
    assert found.errors(found.space.example()) == []
    assert found.space.findings == ("a: spec allows any length, t.a holds 9",)


def test_a_contract_within_its_columns_has_no_findings(judged) -> None:
    schema = obj(
        (), name={"type": "string", "maxLength": 20}, kind={"type": "string", "enum": ["a"]}
    )
    columns = {name: ColumnLimit("t", name, length=20) for name in ("name", "kind")}
    space = judged(schema, columns=columns).space
    assert space.findings == ()
    assert space.overflows() == ()


def test_what_exceeds_a_column_is_valid_by_the_contract(judged) -> None:
    found = judged(SCHEMA, columns=COLUMNS)
    over = found.space.overflows()
    assert [str(violation) for violation in over] == [
        "name: 21 characters, customers.name holds 20",
        "price: 1000, customers.price holds at most 999.99",
        "price: -1000, customers.price holds at least -999.99",
        "price: 0.001, customers.price keeps 2 digits after the point",
        "count: 32768, customers.count holds at most 32767",
        "note: 11 characters, customers.note holds 10",
        "note: null, customers.note is NOT NULL",
        "items/0/sku: 9 characters, items.sku holds 8",
    ]
    body = found.space.example()
    for violation in over:
        sent = violation.of(json=body)["json"]
        assert found.errors(sent) == [], str(violation)
        assert sent != body
    assert len(over[0].of(json=body)["json"]["name"]) == 21
    assert len(over[-1].of(json=body)["json"]["items"][0]["sku"]) == 9


def test_the_strategy_can_exceed_one_column(judged) -> None:
    found = judged(SCHEMA, columns=COLUMNS)

    @settings(max_examples=20, database=None, deadline=None)
    @given(found.space.bodies(beyond="note"))
    def check(body: Any) -> None:
        assert body["note"] is None or len(body["note"]) == 11
        assert found.errors(body) == []
        assert len(body["name"]) <= 20

    check()


def test_nothing_to_exceed_is_told(judged) -> None:
    space = judged(obj(("a",), a={"type": "string", "maxLength": 5})).space

    @settings(max_examples=1, database=None)
    @given(space.bodies(beyond="a"))
    def check(body: Any) -> None:
        raise AssertionError(body)

    with pytest.raises(CannotBreak, match="a: the contract allows nothing that its column"):
        check()
