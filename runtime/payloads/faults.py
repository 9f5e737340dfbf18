"""Which keywords of one node a value breaks: shallow, one level, all of them at once.

A violation has to break the named rule and no other; a validator that stops or nests would not do.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .ecma import found_in
from .formats import format_named
from .node import Bound, Node, same
from .numbers import RANGES, is_multiple


def kind_of(value: Any) -> str:
    """The JSON type of a value."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "integer" if value.is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return (
        "array" if isinstance(value, list | tuple) and not hasattr(value, "content") else "object"
    )


def faults(node: Node, value: Any) -> frozenset[str]:
    """The keywords that the value breaks, without looking at its parts."""
    return frozenset(_faults(node, value))


def _faults(node: Node, value: Any) -> Iterator[str]:
    kind = kind_of(value)
    if node.types is not None and not node.allows(kind):
        yield "type"
    if node.enum is not None and same(value) not in {same(allowed) for allowed in node.enum}:
        yield "enum"
    if kind == "string":
        yield from _of_text(node, value)
    elif kind in ("integer", "number"):
        yield from _of_number(node, value)
    elif kind == "array":
        yield from _of_array(node, value)
    elif kind == "object" and isinstance(value, dict):
        yield from _of_object(node, value)


def _of_text(node: Node, value: str) -> Iterator[str]:
    if len(value) < node.min_length:
        yield "minLength"
    if node.max_length is not None and len(value) > node.max_length:
        yield "maxLength"
    if not all(found_in(pattern, value) for pattern in node.patterns):
        yield "pattern"
    forms = (format_named(name) for name in node.formats)
    if not all(form.holds(value) for form in forms if form):
        yield "format"


def _of_number(node: Node, value: float) -> Iterator[str]:
    number = Fraction(str(value))
    if node.minimum and not _above(number, node.minimum):
        yield "minimum"
    if node.maximum and not _below(number, node.maximum):
        yield "maximum"
    if not all(is_multiple(value, step) for step in node.multiples):
        yield "multipleOf"
    for name in node.formats:
        if name in RANGES and not RANGES[name][0] <= number <= RANGES[name][1]:
            yield "format"


def _above(number: Fraction, bound: Bound) -> bool:
    return number > bound.value if bound.strict else number >= bound.value


def _below(number: Fraction, bound: Bound) -> bool:
    return number < bound.value if bound.strict else number <= bound.value


def _of_array(node: Node, value: list[Any]) -> Iterator[str]:
    if len(value) < node.min_items:
        yield "minItems"
    if node.max_items is not None and len(value) > node.max_items:
        yield "maxItems"
    if node.unique_items and len({same(item) for item in value}) < len(value):
        yield "uniqueItems"


def _of_object(node: Node, value: dict[str, Any]) -> Iterator[str]:
    if not node.required <= value.keys():
        yield "required"
    if node.closed and not value.keys() <= node.properties.keys():
        yield "additionalProperties"
    if len(value) < node.min_properties:
        yield "minProperties"
    if node.max_properties is not None and len(value) > node.max_properties:
        yield "maxProperties"
