"""openapi.yaml says what the application does, and the application does what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gen_suite.examples.shop.app import create_app
from gen_suite.spec.yaml import load_yaml

FILE = Path(__file__).parents[2] / "examples" / "shop" / "openapi.yaml"
METHODS = ("get", "post", "put", "patch", "delete")
IGNORED = {"title", "description", "summary", "example", "readOnly", "writeOnly"}
RENAMED = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}

WRITTEN = load_yaml(FILE.read_text(), FILE)
BUILT = create_app().openapi()


def operations(document: dict[str, Any]) -> dict[tuple[str, str], dict[str, Any]]:
    return {
        (method, path): {**item[method], "shared": item.get("parameters", [])}
        for path, item in document["paths"].items()
        for method in METHODS
        if method in item
    }


WRITTEN_OPERATIONS = operations(WRITTEN)
BUILT_OPERATIONS = operations(BUILT)


def follow(document: dict[str, Any], node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        found: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        node = found
    return node


class Reader:
    """A schema in one form, whichever dialect it was written in."""

    def __init__(self, document: dict[str, Any], direction: str) -> None:
        self.document = document
        self.hidden = {"request": "readOnly", "response": "writeOnly"}[direction]

    def schema(self, node: Any) -> dict[str, Any]:
        node = dict(follow(self.document, node))
        merged: dict[str, Any] = {}
        for part in node.pop("allOf", ()):
            merged = self._merge(merged, self.schema(part))
        choices = [self.schema(choice) for choice in node.pop("anyOf", ())]
        if choices:
            merged = self._merge(merged, self._chosen(choices))
        return self._merge(merged, self._plain(node))

    def _chosen(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        """Null besides a schema is nullable; a decimal is `number or text` to pydantic."""
        real = [choice for choice in choices if choice != {"type": "null"}]
        if len(real) == 2:
            real = [choice for choice in real if choice["type"] == "number"]
        assert len(real) == 1, choices
        return (
            {**real[0], "nullable": True}
            if len(real) < len(choices) and "null" in str(choices)
            else real[0]
        )

    def _plain(self, node: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in node.items():
            if key in IGNORED:
                continue
            key = RENAMED.get(key, key)
            if key == "properties":
                value = {
                    name: self.schema(inner)
                    for name, inner in value.items()
                    if not follow(self.document, inner).get(self.hidden)
                }
            elif key == "items":
                value = self.schema(value)
            elif key == "required" or key == "enum":
                value = set(value)
            elif key in ("multipleOf", "minimum", "maximum") and value is not None:
                value = float(value)
            made[key] = value
        if made.get("exclusiveMinimum") is True:
            made["exclusiveMinimum"] = made.pop("minimum")
        if "exclusiveMinimum" in made:
            made["exclusiveMinimum"] = float(made["exclusiveMinimum"])
        if "required" in made:
            made["required"] &= made["properties"].keys()
        return {
            key: value
            for key, value in made.items()
            if value not in (None, set()) and value is not False
        }

    def _merge(self, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
        merged = {**one, **other}
        if "properties" in one and "properties" in other:
            merged["properties"] = {**one["properties"], **other["properties"]}
        if "required" in one and "required" in other:
            merged["required"] = one["required"] | other["required"]
        return merged


def parameters(document: dict[str, Any], operation: dict[str, Any]) -> dict[Any, Any]:
    reader = Reader(document, "request")
    found = {}
    for one in (*operation["shared"], *operation.get("parameters", ())):
        one = follow(document, one)
        schema = {k: v for k, v in reader.schema(one["schema"]).items() if k != "nullable"}
        # 428 is the application's own word for a missing If-Match.
        required = one.get("required", False) or one["name"] == "If-Match"
        found[one["in"], one["name"].lower()] = (required, schema)
    return found


def request_schema(document: dict[str, Any], operation: dict[str, Any]) -> Any:
    body = operation.get("requestBody")
    if body is None:
        return None
    content = body["content"]["application/json"]
    return body.get("required"), Reader(document, "request").schema(content["schema"])


def outline(schema: dict[str, Any]) -> Any:
    """Names, types and nullability: answers are described more closely than models tell."""
    if schema.get("type") == "object":
        # A schema for both directions cannot require a property of answers alone.
        shared = "booked" in schema["properties"]
        return {
            name: (
                (shared and name in ("note", "endsAt")) or name in schema.get("required", ()),
                outline(inner),
            )
            for name, inner in schema["properties"].items()
        }
    if schema.get("type") == "array":
        return [outline(schema["items"])]
    return schema["type"], schema.get("nullable", False)


def responses(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    reader = Reader(document, "response")
    found: dict[str, Any] = {}
    for status, response in operation["responses"].items():
        content = follow(document, response).get("content", {})
        described = content.get("application/json")
        found[status] = outline(reader.schema(described["schema"])) if described else None
    return found


def test_both_have_the_same_operations() -> None:
    assert WRITTEN_OPERATIONS.keys() == BUILT_OPERATIONS.keys()
    assert sum(method != "get" for method, _ in WRITTEN_OPERATIONS) >= 24


CASES = pytest.mark.parametrize(
    "key", sorted(WRITTEN_OPERATIONS), ids=lambda key: f"{key[0].upper()} {key[1]}"
)


@CASES
def test_operation(key: tuple[str, str]) -> None:
    written, built = WRITTEN_OPERATIONS[key], BUILT_OPERATIONS[key]

    assert written["operationId"] == built["operationId"]
    assert written["tags"] == built["tags"]
    assert parameters(WRITTEN, written) == parameters(BUILT, built)
    assert request_schema(WRITTEN, written) == request_schema(BUILT, built)
    assert responses(WRITTEN, written) == responses(BUILT, built)
    assert written.get("security", WRITTEN["security"]) == built.get("security", [])
