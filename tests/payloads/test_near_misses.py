"""What a lenient reader takes for right is a violation of its own."""

from __future__ import annotations

from typing import Any

import pytest


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


def sent(space: Any, name: str, body: Any) -> Any:
    found = {violation.name: violation for violation in space.violations()}
    assert name in found, sorted(found)
    return found[name].of(json=body)["json"]


@pytest.mark.parametrize(
    ("schema", "name", "value"),
    [
        ({"type": "integer"}, "a: a number as text", "0"),
        ({"type": "integer"}, "a: true", True),
        ({"type": "integer"}, "a: 0.5", 0.5),
        ({"type": "number", "minimum": 2.5}, "a: a number as text", "2.5"),
        ({"type": "boolean"}, "a: a boolean as text", "true"),
        ({"type": "boolean"}, "a: 1", 1),
        ({"type": "string"}, "a: a number", 12),
        ({"type": "string", "minLength": 4}, "a: a number", 1111),
        ({"type": "array", "items": {"type": "string"}}, "a: an element without its array", "amber"),
        ({"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"},
         "a: one character off ^[0-9]{4}-(0[1-9]|1[0-2])$", "0000-00"),
        ({"type": "string", "pattern": "^[A-Z]{2}$"}, "a: a letter in the other case", "Aa"),
        ({"type": "string", "pattern": "^[A-Z]{2}$"}, "a: a line break at the end", "AA\n"),
        ({"type": "string", "pattern": r"^[^\u0000]*$"}, r"a: does not match ^[^\u0000]*$", "amber\0"),
        ({"type": "string", "format": "date"}, "a: 2023-02-29", "2023-02-29"),
        ({"type": "string", "format": "date-time"}, "a: 2024-01-01T12:00:00", "2024-01-01T12:00:00"),
        ({"type": "string", "format": "email"}, "a: amber.example.com", "amber.example.com"),
        ({"type": "string", "format": "uuid"}, "a: nearly a UUID", "00000000-0000-4000-8000-00000000000"),
    ],
)  # fmt: skip
def test_it_is_broken_by_as_little_as_can_be(judged, schema, name, value) -> None:
    found = judged(obj(("a",), a=schema))
    broken = sent(found.space, name, found.space.example())
    assert broken == {"a": value}
    assert {place for place, _ in found.errors(broken)} == {"a"}


@pytest.mark.parametrize(("trims", "expected"), [(False, ["a"]), (True, [])])
def test_a_reader_that_trims_texts_takes_a_line_break_at_their_end(
    judged, trims: bool, expected: list[str]
) -> None:
    schema = obj(("a",), a={"type": "string", "pattern": "^[A-Z]{2}$"})
    space = judged(schema, trims=trims).space
    broken = [
        one.pointer for one in space.violations() if one.name.endswith("line break at the end")
    ]
    assert broken == expected
    assert any(one.rule == "pattern" for one in space.violations())


@pytest.mark.parametrize(
    "schema",
    [
        {"type": ["integer", "string"]},
        {"type": ["number", "boolean", "string"]},
        {"type": "integer", "multipleOf": 5, "minimum": 5, "maximum": 5},
        {"type": "string", "pattern": "^[a-z]+$"},
        {"enum": [1, 2]},
    ],
)
def test_what_is_allowed_is_no_near_miss(judged, schema) -> None:
    found = judged(obj(("a",), a=schema))
    for violation in found.space.violations():
        if violation.place == "body" and violation.pointer == "a":
            assert found.errors(violation.of(json=found.space.example())["json"]), violation.name


def test_a_pattern_and_a_format_that_are_one_are_broken_together(judged) -> None:
    """Neither can be broken alone; the rule is to be tested all the same."""
    schema = {
        "type": "string",
        "format": "uuid",
        "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    }
    parameters = [{"name": "id", "in": "path", "required": True, "schema": schema}]
    space = judged({"type": "object"}, parameters=parameters, path="/things/{id}").space
    (found,) = [violation for violation in space.violations() if violation.place == "path"]
    assert found.name == "path id: not a UUID"
    assert found.of(path={"id": "x"})["path"] == {"id": "00000000-0000-4000-8000-00000000000"}


def test_elements_too_many_are_the_caller_s_own(judged) -> None:
    """They name rows that exist: refused for their number alone."""
    item = obj(
        ("productId", "quantity"), productId={"type": "integer"}, quantity={"type": "integer"}
    )
    schema = obj(("items",), items={"type": "array", "maxItems": 3, "items": item})
    body = {"items": [{"productId": 4711, "quantity": 2}]}
    broken = sent(judged(schema).space, "items: more than 3 elements", body)
    assert broken["items"] == [{"productId": 4711, "quantity": 2}] * 4


def test_they_stay_distinct_where_they_must(judged) -> None:
    item = obj(
        ("productId", "quantity"), productId={"type": "integer"}, quantity={"type": "integer"}
    )
    schema = obj(
        ("items",), items={"type": "array", "maxItems": 3, "uniqueItems": True, "items": item}
    )
    body = {"items": [{"productId": 4711, "quantity": 2}]}
    found = judged(schema)
    broken = sent(found.space, "items: more than 3 elements", body)
    assert {part["productId"] for part in broken["items"]} == {4711}
    assert found.errors(broken) == [("items", "maxItems")]


def test_they_are_unique_where_a_column_is(judged) -> None:
    item = obj(("sku",), sku={"type": "string"})
    schema = obj(("items",), items={"type": "array", "maxItems": 3, "items": item})
    space = judged(schema, unique=["items/*/sku"]).space
    broken = sent(space, "items: more than 3 elements", space.example())
    assert len({part["sku"] for part in broken["items"]}) == 4


def test_what_only_json_can_tell_is_no_violation_of_an_address(judged) -> None:
    parameters = [
        {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        {"name": "all", "in": "query", "schema": {"type": "boolean"}},
    ]
    space = judged({"type": "object"}, parameters=parameters).space
    names = [violation.name for violation in space.violations() if violation.place == "query"]
    assert names == [
        "query limit: not an integer",
        "query limit: 0.5",
        "query all: not a boolean",
        "query all: 1",
    ]


def test_without_a_body_of_the_caller_s_it_makes_one(judged) -> None:
    space = judged(obj(("a",), a={"type": "integer"})).space
    for violation in space.violations():
        assert violation.of().keys() & {"json", "content"}, violation.name
