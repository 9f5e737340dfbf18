"""Questions to schemas: references followed, `allOf` merged, circles no danger."""

from pathlib import Path
from typing import Any

import pytest

from gen_suite.spec import schema as s
from gen_suite.spec.model import Document
from gen_suite.spec.read import read_document

DATA = Path(__file__).parent / "data"


def document_of(**schemas: Any) -> Document:
    raw = {"components": {"schemas": schemas}}
    return Document(Path("openapi.json"), "", "3.1.0", raw, (), {}, ())


def ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def test_properties_over_all_of_and_references() -> None:
    document = read_document(DATA / "orders.yaml")
    found = s.properties(document, ref("Alias"))
    assert list(found) == ["id", "parent", "customerId", "note", "items", "status"]
    assert s.required(document, ref("Alias")) == {"id", "customerId", "status"}
    assert found["status"]["enum"] == ["open", "no", "off"]


def test_what_is_nearer_wins() -> None:
    base = {"title": "base", "properties": {"a": {"type": "string"}, "b": {}}}
    document = document_of(Base=base)
    own = {"allOf": [ref("Base")], "title": "own", "properties": {"a": {"type": "integer"}}}
    assert s.properties(document, own) == {"a": {"type": "integer"}, "b": {}}
    assert s.keyword(document, own, "title") == "own"
    beside = {**ref("Base"), "properties": {"c": {}}}  # a neighbour of $ref counts since 3.1
    assert list(s.properties(document, beside)) == ["a", "b", "c"]


def test_circles_end() -> None:
    node = {"allOf": [ref("Node"), {"properties": {"next": ref("Node")}}]}
    document = document_of(Node=node, Loop={"anyOf": [ref("Loop")]})
    assert s.properties(document, ref("Node")) == {"next": ref("Node")}
    assert s.type_of(document, ref("Loop")) == ""
    assert not s.nullable(document, ref("Node"))


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "integer"}, "integer"),
        ({"type": ["string", "null"]}, "string"),
        ({"type": ["string", "integer"]}, ""),
        ({"properties": {}}, "object"),
        ({"items": {}}, "array"),
        ({"oneOf": [{"type": "object"}, {"type": "null"}]}, "object"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, ""),
        ({"allOf": [{"type": "boolean"}]}, "boolean"),
        (ref("Text"), "string"),
        (True, ""),
        (None, ""),
        ({}, ""),
    ],
)
def test_type_of(schema: Any, kind: str) -> None:
    assert s.type_of(document_of(Text={"type": "string"}), schema) == kind


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "nullable": True},
        {"type": ["string", "null"]},
        {"anyOf": [{"type": "string"}, {"type": "null"}]},
        {"allOf": [{"nullable": True}]},
        {"enum": ["a", None]},
        {"const": None},
        {"oneOf": [ref("Nothing"), {"type": "string"}]},
    ],
)
def test_nullable(schema: Any) -> None:
    assert s.nullable(document_of(Nothing={"type": "null"}), schema)


@pytest.mark.parametrize("schema", [{"type": "string"}, True, {}, {"enum": ["a"]}])
def test_not_nullable(schema: Any) -> None:
    assert not s.nullable(document_of(), schema)


def test_items() -> None:
    document = document_of(List={"type": "array", "items": ref("Text")}, Text={"type": "string"})
    assert s.items(document, ref("List")) == ref("Text")
    assert s.items(document, {"type": "array"}) == {}
