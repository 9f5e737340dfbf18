"""Questions to raw schemas, with references followed and `allOf` merged.

A schema is a dict or, since OpenAPI 3.1, a bool; `document` is what its references belong to.
Circular schemas are fine: what was seen on the way is not entered again.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .model import Document


def parts(document: Document, schema: Any) -> Iterator[dict[str, Any]]:
    """The schemas that all apply: `schema` itself, what it refers to, and those of its `allOf`.

    What is nearer comes later, so that merging in this order lets it win.
    """
    yield from _parts(document, schema, set())


def _parts(document: Document, schema: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    if not isinstance(schema, dict) or id(schema) in seen:
        return
    seen.add(id(schema))
    if isinstance(schema.get("$ref"), str):
        yield from _parts(document, document.follow(schema), seen)
    several = schema.get("allOf")
    for part in several if isinstance(several, list) else ():
        yield from _parts(document, part, seen)
    yield schema


def properties(document: Document, schema: Any) -> dict[str, Any]:
    """The raw schemas of an object's properties by name."""
    found: dict[str, Any] = {}
    for part in parts(document, schema):
        own = part.get("properties")
        if isinstance(own, dict):
            found |= own
    return found


def required(document: Document, schema: Any) -> frozenset[str]:
    """The names of the properties that an object must have."""
    names: set[str] = set()
    for part in parts(document, schema):
        own = part.get("required")
        if isinstance(own, list):
            names.update(name for name in own if isinstance(name, str))
    return frozenset(names)


def keyword(document: Document, schema: Any, name: str, default: Any = None) -> Any:
    """The value of a keyword wherever it stands among the parts; the nearest one wins."""
    found = default
    for part in parts(document, schema):
        found = part.get(name, found)
    return found


def type_of(document: Document, schema: Any) -> str:
    """The JSON type: "object", "array", "string", "integer", "number", "boolean", or "" if any.

    Of several types the one beside "null". Without `type`, what the other keywords imply. Of
    `oneOf` and `anyOf` the type that all alternatives share.
    """
    return _type_of(document, schema, set())


def _type_of(document: Document, schema: Any, seen: set[int]) -> str:
    named = keyword(document, schema, "type")
    types = named if isinstance(named, list) else [named]
    kinds = [kind for kind in types if isinstance(kind, str) and kind != "null"]
    if kinds:
        return kinds[0] if len(kinds) == 1 else ""
    for part in parts(document, schema):
        if "properties" in part or "additionalProperties" in part:
            return "object"
        if "items" in part:
            return "array"
    return _shared_type(document, schema, seen)


def _shared_type(document: Document, schema: Any, seen: set[int]) -> str:
    if id(schema) in seen:
        return ""
    seen.add(id(schema))
    kinds = {
        _type_of(document, alternative, seen)
        for alternative in alternatives(document, schema)
        if not _is_null(alternative)
    }
    return kinds.pop() if len(kinds) == 1 else ""


def alternatives(document: Document, schema: Any) -> tuple[Any, ...]:
    """The schemas of `oneOf` and `anyOf`, raw."""
    found: list[Any] = []
    for part in parts(document, schema):
        for key in ("oneOf", "anyOf"):
            if isinstance(part.get(key), list):
                found += part[key]
    return tuple(found)


def nullable(document: Document, schema: Any) -> bool:
    """Whether null is a value, in any dialect: `nullable`, a list of types, `anyOf`."""
    for part in parts(document, schema):
        named = part.get("type")
        if part.get("nullable") is True or part.get("x-nullable") is True:
            return True
        if named == "null" or (isinstance(named, list) and "null" in named):
            return True
        if None in part.get("enum", ()) or ("const" in part and part["const"] is None):
            return True
    return any(_is_null(document.follow(item)) for item in alternatives(document, schema))


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("type") == "null"


def items(document: Document, schema: Any) -> Any:
    """The raw schema of an array's elements; {} if there is none."""
    found = keyword(document, schema, "items", {})
    return found if isinstance(found, dict | bool) else {}
