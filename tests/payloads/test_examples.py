"""Bodies without Hypothesis: the smallest, the whole one, the document's own."""

from __future__ import annotations

from typing import Any


def obj(required: tuple[str, ...] = (), **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


ADDRESS = obj(("city",), city={"type": "string"}, street={"type": "string"})
SCHEMA = obj(
    ("id", "name", "email", "items"),
    id={"type": "integer", "readOnly": True},
    name={"type": "string", "example": "Ada Lovelace"},
    email={"type": "string", "format": "email"},
    kind={"type": "string", "enum": ["person", "company"], "default": "person"},
    newsletter={"type": "boolean", "default": True},
    address=ADDRESS,
    items={
        "type": "array",
        "items": obj(("sku",), sku={"type": "string"}, gift={"type": "boolean"}),
    },
)


def test_the_smallest_body_has_what_is_required_and_one_element(judged) -> None:
    assert judged(SCHEMA).space.example() == {
        "name": "Ada Lovelace",
        "email": "amber@example.com",
        "items": [{"sku": "amber"}],
    }


def test_the_whole_body_has_every_writable_property_and_repeats_no_default(judged) -> None:
    assert judged(SCHEMA).space.complete() == {
        "name": "Ada Lovelace",
        "email": "amber@example.com",
        "kind": "company",
        "newsletter": False,
        "address": {"city": "amber", "street": "amber"},
        "items": [{"sku": "amber", "gift": True}],
    }


def test_bodies_are_the_same_each_time_but_for_unique_parts(judged) -> None:
    space = judged(SCHEMA, unique=["email", "items/*/sku"]).space
    first, second = space.complete(), space.complete()
    assert first["email"] != second["email"]
    assert first["email"].startswith("amber.")
    assert first["items"][0]["sku"] != second["items"][0]["sku"]
    for body in (first, second):
        del body["email"], body["items"][0]["sku"]
    assert first == second


def test_each_optional_field_is_left_out_once(judged) -> None:
    found = dict(judged(SCHEMA).space.without())
    assert list(found) == ["kind", "newsletter", "address", "address/street"]
    assert found["address/street"]["address"] == {"city": "amber"}
    assert "kind" not in found["kind"]
    assert "address" in found["kind"]


def test_the_document_s_examples_are_payloads(judged) -> None:
    extra = {
        "examples": {
            "small": {"value": {"id": 7, "name": "Lin", "email": "lin@example.com", "items": []}},
            "wrong": {"value": {"name": 5, "email": "x@example.com", "items": []}},
        }
    }
    space = judged(SCHEMA, extra=extra, unique=["email"]).space
    found = {example.name: example.body for example in space.examples()}
    assert list(found) == ["small", "of the properties", "defaults of the properties"]
    assert found["small"].keys() == {"name", "email", "items"}, "read-only parts are left out"
    assert found["small"]["name"] == "Lin"
    assert found["small"]["email"] != "lin@example.com", "unique parts are fresh"
    assert found["small"]["email"].startswith("lin.")
    assert found["defaults of the properties"]["kind"] == "person"
    assert found["defaults of the properties"]["newsletter"] is True
    wrong = [finding for finding in space.findings if finding.startswith("example wrong")]
    assert wrong == ['example wrong is not valid: 5 is not of type "string"']


def test_the_example_of_a_schema_counts_too(judged) -> None:
    schema = {**obj(("a",), a={"type": "integer"}), "example": {"a": 42}}
    bodies = [example.body for example in judged(schema, version="3.0.3").space.examples()]
    assert bodies == [{"a": 42}]


def test_no_body_is_none(judged, tmp_path) -> None:
    import json

    from gen_suite.runtime.payloads import payloads_for
    from gen_suite.spec.read import read_document

    file = tmp_path / "none.json"
    paths = {"/things/{id}": {"delete": {"responses": {"204": {"description": "gone"}}}}}
    info = {"title": "t", "version": "1"}
    file.write_text(json.dumps({"openapi": "3.1.0", "info": info, "paths": paths}))
    document = read_document(file)
    space = payloads_for(document, document.operation("DELETE /things/{id}"))
    assert space.example() is None
    assert space.complete() is None
    assert space.request(None) == {}
    assert (space.examples(), space.without(), space.violations(), space.findings) == (
        (),
        (),
        (),
        (),
    )
