"""Parts of Swagger 2.0 as parts of OpenAPI 3.0: schemas, parameters, bodies, responses."""

from __future__ import annotations

from typing import Any

# fmt: off
_SCHEMA_KEYS = frozenset({
    "type", "format", "items", "default", "maximum", "exclusiveMaximum", "minimum",
    "exclusiveMinimum", "maxLength", "minLength", "pattern", "maxItems", "minItems",
    "uniqueItems", "enum", "multipleOf", "x-nullable",
})
# fmt: on

_NAMED = frozenset({"properties", "definitions", "patternProperties"})
_DATA = frozenset({"example", "default", "enum", "examples"})
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_STYLES: dict[str, dict[str, Any]] = {
    "csv": {"explode": False},
    "multi": {"explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "tsv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
}


def converted(node: Any, *, named: bool = False) -> Any:
    """A copy of a schema (with `named`, of a mapping of them) in the terms of OpenAPI 3.0."""
    if isinstance(node, list):
        return [converted(item) for item in node]
    if not isinstance(node, dict):
        return node
    if named:
        return {name: converted(child) for name, child in node.items()}
    found: dict[str, Any] = {}
    for key, value in node.items():
        if key in _DATA or (key.startswith("x-") and key != "x-nullable"):
            found[key] = value
        elif key == "$ref" and isinstance(value, str):
            found[key] = reference(value)
        elif key == "discriminator" and isinstance(value, str):
            found[key] = {"propertyName": value}
        elif key == "x-nullable":
            found["nullable"] = value
        else:
            found[key] = converted(value, named=key in _NAMED)
    if found.get("type") == "file":
        found |= {"type": "string", "format": "binary"}
    return found


def reference(ref: str) -> str:
    """Where what Swagger 2.0 calls `#/definitions/X` stands afterwards."""
    prefix = "#/definitions/"
    return f"#/components/schemas/{ref[len(prefix) :]}" if ref.startswith(prefix) else ref


def parameter(node: Any) -> Any:
    """A parameter that is not in the body: its type becomes a schema."""
    if not isinstance(node, dict) or "$ref" in node:
        return node
    found = {key: value for key, value in node.items() if key not in _SCHEMA_KEYS}
    collection = found.pop("collectionFormat", None)
    if "schema" not in node:
        found["schema"] = _schema_of(node)
        if found["schema"].get("type") == "array":
            found |= _STYLES.get(str(collection), {"explode": False})
            if node.get("in") not in ("query", None):
                found.pop("style", None)  # paths and headers have no other style
    if "x-example" in node:
        found["example"] = node["x-example"]
    return found


def _schema_of(node: dict[str, Any]) -> dict[str, Any]:
    schema = converted({key: value for key, value in node.items() if key in _SCHEMA_KEYS})
    assert isinstance(schema, dict)
    return schema


def body(parameters: list[dict[str, Any]], types: list[str]) -> dict[str, Any]:
    """The request body of parameters in `body` or `formData`."""
    whole = next((p for p in parameters if p.get("in") == "body"), None)
    if whole is None:
        return _form(parameters, types)
    media: dict[str, Any] = {"schema": converted(whole.get("schema", {}))}
    examples = whole.get("x-examples")
    found: dict[str, Any] = {
        "required": whole.get("required") is True,
        "content": {name: _with_example(media, examples, name) for name in types},
    }
    return found | {key: whole[key] for key in ("description",) if key in whole}


def _form(parameters: list[dict[str, Any]], types: list[str]) -> dict[str, Any]:
    has_file = any(p.get("type") == "file" for p in parameters)
    forms = [name for name in types if name in _FORMS] or [_FORMS[0] if has_file else _FORMS[1]]
    properties: dict[str, Any] = {}
    encoding: dict[str, Any] = {}
    for item in parameters:
        name = str(item.get("name", ""))
        properties[name] = _schema_of(item)
        if "description" in item:
            properties[name]["description"] = item["description"]
        if properties[name].get("type") == "array":
            encoding[name] = _STYLES.get(str(item.get("collectionFormat")), {"explode": False})
    required = [str(p.get("name", "")) for p in parameters if p.get("required") is True]
    schema: dict[str, Any] = {"type": "object", "properties": properties}
    media: dict[str, Any] = {"schema": schema | ({"required": required} if required else {})}
    if encoding:
        media["encoding"] = encoding
    return {"required": bool(required), "content": dict.fromkeys(forms, media)}


def response(node: Any, types: list[str]) -> Any:
    """A response; its schema is that of every media type, files are octets."""
    if not isinstance(node, dict) or "$ref" in node:
        return node
    moved = ("schema", "examples", "headers")
    found = {key: value for key, value in node.items() if key not in moved}
    examples = node.get("examples")
    if "schema" in node:
        media = {"schema": converted(node["schema"])}
        found["content"] = {name: _with_example(media, examples, name) for name in types}
    if isinstance(node.get("headers"), dict):
        found["headers"] = {name: parameter(header) for name, header in node["headers"].items()}
    return found


def _with_example(media: dict[str, Any], examples: Any, name: str) -> dict[str, Any]:
    if isinstance(examples, dict) and name in examples:
        return {**media, "example": examples[name]}
    return media
