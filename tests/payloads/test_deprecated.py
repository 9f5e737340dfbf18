"""Each deprecated field is sent alone, as clients send it that were never changed."""

from __future__ import annotations

from typing import Any

OLD = {"type": "string", "deprecated": True, "maxLength": 9}
TEXT = {"type": "string", "maxLength": 9}


def obj(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": [*required], "properties": properties}


def alone(space: Any, skip: tuple[str, ...] = ()) -> dict[str, Any]:
    return {e.name: e.body for e in space.edges(skip) if e.name.endswith("deprecated, alone")}


def test_a_deprecated_field_stands_beside_required_ones_only(judged) -> None:
    space = judged(obj("name", name=TEXT, mobile=OLD, phone=TEXT, fax=OLD)).space
    found = alone(space)
    assert list(found) == ["mobile: deprecated, alone", "fax: deprecated, alone"]
    assert [sorted(body) for body in found.values()] == [["mobile", "name"], ["fax", "name"]]


def test_also_in_elements_and_nested_objects(judged) -> None:
    item = obj("sku", sku=TEXT, colour=OLD, shade=TEXT)
    schema = obj("lines", lines={"type": "array", "minItems": 1, "items": item}, extra=item)
    found = judged(schema)
    bodies = alone(found.space)
    assert list(bodies) == ["lines/0/colour: deprecated, alone", "extra/colour: deprecated, alone"]
    first, second = bodies.values()
    assert [sorted(element) for element in first["lines"]] == [["colour", "sku"]]
    assert sorted(second["extra"]) == ["colour", "sku"]
    assert not any(found.errors(body) for body in bodies.values())


def test_a_list_that_a_test_fills_in_is_there(judged) -> None:
    lines = {"type": "array", "items": obj("productId", productId={"type": "integer"})}
    (body,) = alone(judged(obj(old=OLD, lines=lines)).space, ("lines/*/productId",)).values()
    assert sorted(body) == ["lines", "old"]
    assert len(body["lines"]) == 1


def test_what_must_be_sent_anyway_is_sent_by_every_body(judged) -> None:
    assert alone(judged(obj("old", old=OLD)).space) == {}
