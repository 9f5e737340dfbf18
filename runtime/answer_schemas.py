"""Schemas as they hold for answers: what the spec calls `writeOnly` is not there, and not demanded.

JSON Schema, and with it OpenAPI 3.1, takes `writeOnly` for a remark; OpenAPI 3.0 and Swagger 2.0 (as
converted) speak of properties alone. Here it means the same in all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import SpecError

WRITE_ONLY = "x-gen-suite-write-only"
"""Marks the schema that nothing satisfies, in place of a property that is writeOnly."""

COMPOSED = ("allOf", "anyOf", "oneOf")

Follow = Callable[[Any], Any]


def as_answered(node: Any, follow: Follow) -> Any:
    """A document with every schema in it as it holds for an answer; `follow` follows references."""
    return _as_answered(node, follow, frozenset())


def _as_answered(node: Any, follow: Follow, hidden: frozenset[str]) -> Any:
    """`hidden` are the writeOnly properties of the schemas that this one is a part of."""
    if isinstance(node, list):
        return [_as_answered(part, follow, frozenset()) for part in node]
    if not isinstance(node, Mapping):
        return node
    hidden |= _hidden(node, follow, 0)
    made: dict[str, Any] = {}
    for name, value in node.items():
        if name in COMPOSED and isinstance(value, list):
            made[name] = [_as_answered(part, follow, hidden) for part in value]
        elif name == "properties" and isinstance(value, Mapping):
            made[name] = {
                key: {"not": {}, WRITE_ONLY: True}
                if _is_write_only(schema, follow)
                else _as_answered(schema, follow, frozenset())
                for key, schema in value.items()
            }
        elif name == "required" and isinstance(value, list) and hidden:
            made[name] = [key for key in value if key not in hidden]
        else:
            made[name] = _as_answered(value, follow, frozenset())
    if made.get("required") == []:
        del made["required"]  # OpenAPI 3.0 allows no empty list
    return made


DEEPEST = 8
"""Levels of allOf and references that are looked through for properties."""


def _hidden(node: Any, follow: Follow, depth: int) -> frozenset[str]:
    """The writeOnly properties of a schema and of all that it is composed of."""
    if depth > DEEPEST or not isinstance(node, Mapping):
        return frozenset()
    properties = node.get("properties")
    own = properties.items() if isinstance(properties, Mapping) else ()
    found = {name for name, schema in own if _is_write_only(schema, follow)}
    for keyword in COMPOSED:
        parts = node.get(keyword)
        for part in parts if isinstance(parts, list) else ():
            found |= _hidden(_followed(part, follow), follow, depth + 1)
    return frozenset(found)


def _is_write_only(schema: Any, follow: Follow) -> bool:
    if not isinstance(schema, Mapping):
        return False
    if schema.get("writeOnly") is True:
        return True
    target = _followed(schema, follow) if "$ref" in schema else schema
    if isinstance(target, Mapping) and target.get("writeOnly") is True:
        return True
    parts = schema.get("allOf")
    return isinstance(parts, list) and any(_is_write_only(part, follow) for part in parts)


def _followed(node: Any, follow: Follow) -> Any:
    try:
        return follow(node)
    except SpecError:
        return None  # the validation of an answer says what is wrong with the reference
