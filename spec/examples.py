"""Examples by name, from wherever a document puts them.

A media type or parameter has `example` or `examples`; its schema may have `example`, `examples` (a
list, OpenAPI 3.1) and `default`. The names: the author's own, "example", "schema", "schema-1",
"default".
"""

from __future__ import annotations

from typing import Any

from ..errors import SpecError
from .follow import References
from .refs import is_reference


def collect(refs: References, node: dict[str, Any], schema: Any) -> dict[str, Any]:
    """The examples of a media type or parameter and of its schema, as values to send.

    Examples that stand elsewhere (`externalValue`) or whose reference leads nowhere are passed
    over.
    """
    found: dict[str, Any] = {}
    if "example" in node:
        found["example"] = _data(refs, node["example"])
    named = node.get("examples")
    if isinstance(named, dict):
        named = _data(refs, named)
        for name, example in named.items():
            _add(refs, found, str(name), example)
    schema = _data(refs, schema)
    if isinstance(schema, dict):
        _add_schema(refs, found, schema)
    return found


def _add(refs: References, found: dict[str, Any], name: str, example: Any) -> None:
    example = _data(refs, example)
    if not isinstance(example, dict):
        found[name] = example  # not by the standard, but plain what is meant
    elif "value" in example:
        found[name] = _data(refs, example["value"])
    elif "dataValue" in example:  # OpenAPI 3.2
        found[name] = _data(refs, example["dataValue"])


def _add_schema(refs: References, found: dict[str, Any], schema: dict[str, Any]) -> None:
    if "example" in schema:
        found.setdefault("schema", _data(refs, schema["example"]))
    several = schema.get("examples")
    if isinstance(several, list):
        for number, value in enumerate(several, start=1):
            found.setdefault(f"schema-{number}", value)
    if "default" in schema:
        found.setdefault("default", schema["default"])


def _data(refs: References, value: Any) -> Any:
    """`value`, or what it refers to; data that only looks like a reference stays as it is."""
    if not is_reference(value):
        return value
    try:
        return refs.follow(value)
    except SpecError:
        return value
