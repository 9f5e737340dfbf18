"""Whole bodies with one field at an edge: valid, one change each, named, fresh, few, quick."""

from __future__ import annotations

import importlib.resources
import time
from pathlib import Path
from typing import Any

import pytest

from gen_suite.runtime.payloads import ColumnLimit, payloads_for
from gen_suite.spec.read import read_document

SHOP = Path(str(importlib.resources.files("gen_suite.examples.shop"))) / "openapi.yaml"


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


ORDER = obj(
    ("email", "items"),
    email={"type": "string", "format": "email"},
    name={"type": "string", "minLength": 1, "maxLength": 80},
    note={"type": ["string", "null"], "maxLength": 500},
    code={"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"},
    kind={"type": "string", "enum": ["gift", "own", "other"]},
    price={"type": "number", "minimum": 0.01, "maximum": 1000, "multipleOf": 0.01},
    stars={"type": "integer", "minimum": -5, "maximum": 5},
    startsAt={"type": "string", "format": "date-time"},
    day={"type": "string", "format": "date"},
    site={"type": "string", "format": "uri"},
    active={"type": "boolean"},
    tags={"type": "array", "maxItems": 4, "items": {"type": "string", "maxLength": 5}},
    items={
        "type": "array",
        "minItems": 1,
        "maxItems": 20,
        "items": obj(("productId",), productId={"type": "integer"}),
    },
)


def at(body: Any, pointer: str) -> Any:
    for step in pointer.split("/"):
        body = body[int(step)] if step.isdigit() else body[step]
    return body


def values(found: Any, **options: Any) -> dict[str, Any]:
    """Name -> the value at the edge."""
    edges = found.space.edges(**options)[1:]
    return {edge.name: at(edge.body, edge.name.partition(":")[0]) for edge in edges}


def test_each_is_named_for_what_its_field_is_tried_with(judged) -> None:
    told = values(judged(ORDER))
    assert told["name: 1 character"] == "a"
    assert len(told["name: 80 characters"]) == 80
    assert not told["name: 80 characters beyond ASCII"].isascii()
    assert told["name: spaces around"] != told["name: spaces around"].strip()
    assert told["name: capitals inside"] != told["name: capitals inside"].title()
    assert {"'", '"', "<", ";", "\\"} <= set(told["name: quotes and markup"])
    assert "\u0308" in told["name: combining marks and emoji"]
    assert told["note: null"] is None
    assert told["note: empty"] == ""
    assert "\n" in told["note: two lines"]
    assert told["code: ZZ-999"] == "ZZ-999"
    assert {told["kind: own"], told["kind: other"]} == {"own", "other"}
    assert told["price: 1000"] == 1000
    assert told["stars: -5"] == -5
    assert told["startsAt: with an offset"].endswith("+05:30")
    assert told["startsAt: with fractions of a second"].endswith(".123456Z")
    assert told["day: 2024-02-29"] == "2024-02-29"
    assert "+" in told["email: with a plus"]
    assert told["email: in mixed case"] != told["email: in mixed case"].lower()
    assert told["site: with a port"].startswith("https://example.com:8443/")
    assert told["active: false"] is False
    assert told["tags: empty"] == []
    assert len(told["items: 20 elements"]) == 20


def test_the_same_moment_is_told_with_another_offset(judged) -> None:
    """A rule between two moments holds as before."""
    schema = obj(("at",), at={"type": "string", "format": "date-time"})
    told = values(judged(schema))
    assert told["at: with an offset"] == "2024-01-01T05:30:00+05:30"
    assert told["at: with a negative offset"] == "2023-12-31T16:00:00-08:00"


def test_a_number_that_floats_get_wrong_is_among_them(judged) -> None:
    told = values(judged(ORDER))
    cents = [value for name, value in told.items() if name.startswith("price: ")]
    assert any(int(value * 100) != round(value * 100) for value in cents)
    assert "price: 0.29" in told


def test_each_is_valid_and_departs_from_the_whole_body_in_one_place(case) -> None:
    first, *rest = case.space.edges()
    assert first.name == "every field"
    names = [edge.name for edge in rest]
    assert len(names) == len(set(names))
    for edge in (first, *rest):
        errors = case.errors(edge.body)
        # The package counts in floats: 0.29 is no multiple of 0.01 to it.
        assert {rule for _, rule in errors} <= {"multipleOf"}, (edge.name, errors)
    for edge in rest:
        pointer = edge.name.partition(":")[0]
        if pointer != "body":
            assert put(edge.body, pointer, at(first.body, pointer)) == first.body, edge.name


def put(body: Any, pointer: str, value: Any) -> Any:
    *way, last = pointer.split("/")
    holder = at(body, "/".join(way)) if way else body
    holder[int(last) if last.isdigit() else last] = value
    return body


def test_other_alternatives_are_edges(judged) -> None:
    schema = obj(("pay",), pay={"oneOf": [obj(("card",), card={"type": "string"}),
                                          obj(("iban",), iban={"type": "string"})]})  # fmt: skip
    assert values(judged(schema))["pay: alternative 2"] == {"iban": "amber"}


def test_references_stay_and_so_do_the_places_that_hold_them(judged) -> None:
    schema = obj(
        ("items", "owner"),
        items={
            "type": ["array", "null"],
            "maxItems": 2,
            "items": obj(("id",), id={"type": "integer"}),
        },
        owner={"type": ["object", "null"], "properties": {"id": {"type": "integer"}}},
    )
    names = set(values(judged(schema), skip=["items/*/id", "owner/id"]))
    assert names == {"items: empty", "items: 2 elements"}


def test_columns_limit_them(judged) -> None:
    columns = {
        "name": ColumnLimit("orders", "name", length=30),
        "stars": ColumnLimit("orders", "stars", "integer", minimum=-2, maximum=100),
        "note": ColumnLimit("orders", "note", nullable=False),
    }
    told = values(judged(ORDER, columns=columns))
    assert len(told["name: 30 characters"]) == 30
    assert "name: 80 characters" not in told
    assert {name for name in told if name.startswith("stars")} == {
        "stars: 5",
        "stars: -2",
        "stars: -1",
    }
    assert "note: null" not in told


def test_unique_fields_are_fresh_in_each(judged) -> None:
    schema = obj(
        ("email", "code", "a"),
        email={"type": "string", "format": "email"},
        code={"type": "string", "minLength": 3, "maxLength": 40},
        a={"type": "boolean"},
    )
    edges = judged(schema, unique=["email", "code"]).space.edges()
    for field in ("email", "code"):
        assert len({edge.body[field].lower() for edge in edges}) == len(edges)
    names = {edge.name for edge in edges}
    assert {"email: with a plus", "code: spaces around", "code: 40 characters"} <= names


def test_there_are_at_most_sixty_and_every_field_has_its_turn(judged) -> None:
    many = {f"field{number}": {"type": ["string", "null"], "maxLength": 9} for number in range(40)}
    edges = judged(obj((), **many)).space.edges()
    assert len(edges) == 60
    assert {edge.name.partition(":")[0] for edge in edges[1:]} == set(many)
    assert judged(obj((), **many)).space.edges()[7].name == edges[7].name


def test_a_form_shows_no_null_and_no_empty_list(judged) -> None:
    media = "application/x-www-form-urlencoded"
    told = values(judged(ORDER, media=media))
    assert not {"note: null", "note: empty", "tags: empty"} & set(told)
    assert told["active: false"] is False


def test_without_a_body_there_is_none(judged) -> None:
    document = read_document(SHOP)
    assert payloads_for(document, document.operation("DELETE /coupons/{couponId}")).edges() == ()


def test_all_of_the_shop_cost_milliseconds() -> None:
    """They are made when test modules are imported."""
    document = read_document(SHOP)
    start = time.perf_counter()
    count = sum(len(payloads_for(document, op).edges()) for op in document.write_operations)
    assert time.perf_counter() - start < 1
    assert count > 500


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ({"type": "string", "pattern": r"^\d+(\.\d{1,2})?$"}, None),
        ({"type": "string", "format": "decimal"}, None),
        ({"type": "string"}, ColumnLimit("orders", "total", "number", precision=10, scale=2)),
        ({"type": ["string", "null"], "format": "decimal"}, None),
    ],
    ids=["by its pattern", "by its format", "by its column", "that may be null"],
)
def test_money_as_text_has_the_amounts_that_floats_get_wrong(judged, field, limit) -> None:
    """An API that multiplies by 100 and cuts stores 19.98 for them."""
    columns = {"total": limit} if limit else {}
    amounts = ("19.99", "0.29", "1.15")
    told = values(judged(obj(("total",), total=field), columns=columns))
    assert {*amounts} <= {*told.values()}
    assert all(int(float(text) * 100) != round(float(text) * 100) for text in amounts)


@pytest.mark.parametrize(
    ("field", "limit"),
    [
        ({"type": "string", "maxLength": 9}, None),
        ({"type": "string", "pattern": "^[A-Z]{2}-[0-9]{3}$"}, None),
        ({"type": "string"}, ColumnLimit("orders", "rate", "number", precision=10, scale=1)),
        ({"type": "string"}, ColumnLimit("orders", "share", "number", precision=2, scale=2)),
    ],
    ids=["a word", "a code", "a column of tenths", "a column below one"],
)
def test_other_texts_are_no_amounts(judged, field, limit) -> None:
    columns = {"code": limit} if limit else {}
    told = values(judged(obj(("code",), code=field), columns=columns))
    assert "19.99" not in told.values()
