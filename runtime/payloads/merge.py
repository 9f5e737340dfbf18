"""`allOf`: two nodes -> the node that both allow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

from .ecma import found_in
from .node import Bound, Node, Raw, same

Combine = Callable[[Raw, Raw], Raw]
T = TypeVar("T")


def merge(left: Node, right: Node, combine: Combine) -> Node:
    """What satisfies both; `combine` joins two raw schemas and gives the same one for the same two."""
    return replace(
        left,
        raw=combine(left.raw, right.raw),
        types=_types(left.types, right.types),
        enum=_enum(left.enum, right.enum),
        minimum=_tighter(left.minimum, right.minimum, 1),
        maximum=_tighter(left.maximum, right.maximum, -1),
        multiples=_union(left.multiples, right.multiples),
        min_length=max(left.min_length, right.min_length),
        max_length=_least(left.max_length, right.max_length),
        patterns=_union(left.patterns, right.patterns),
        formats=_union(left.formats, right.formats),
        min_items=max(left.min_items, right.min_items),
        max_items=_least(left.max_items, right.max_items),
        unique_items=left.unique_items or right.unique_items,
        prefix=_prefix(left, right, combine),
        items=combine(left.items, right.items),
        properties=_properties(left, right, combine),
        required=left.required | right.required,
        additional=combine(left.additional, right.additional),
        pattern_properties=_patterns(left, right, combine),
        names=_union(left.names, right.names),
        min_properties=max(left.min_properties, right.min_properties),
        max_properties=_least(left.max_properties, right.max_properties),
        dependent=_dependent(left, right),
        choices=(*left.choices, *right.choices),
        judged=left.judged or right.judged,
        read_only=left.read_only or right.read_only,
        vague_null=left.vague_null or right.vague_null,
        examples=left.examples or right.examples,
        default=left.default or right.default,
        is_file=left.is_file or right.is_file,
        unique=left.unique or right.unique,
    )


def _types(left: tuple[str, ...] | None, right: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if left is None or right is None:
        return right if left is None else left
    both = [kind for kind in left if kind in right]
    if "integer" not in both and "integer" in (*left, *right) and "number" in (*left, *right):
        both.append("integer")
    return tuple(both)


def _enum(left: tuple[Any, ...] | None, right: tuple[Any, ...] | None) -> tuple[Any, ...] | None:
    if left is None or right is None:
        return right if left is None else left
    keys = {same(value) for value in right}
    return tuple(value for value in left if same(value) in keys)


def _tighter(left: Bound | None, right: Bound | None, sign: int) -> Bound | None:
    """The one that allows less; sign 1 for lower limits, -1 for upper ones."""
    if left is None or right is None:
        return right if left is None else left
    return max(left, right, key=lambda bound: (sign * bound.value, bound.strict))


def _least(left: int | None, right: int | None) -> int | None:
    if left is None or right is None:
        return right if left is None else left
    return min(left, right)


def _union(left: tuple[T, ...], right: tuple[T, ...]) -> tuple[T, ...]:
    return (*left, *(part for part in right if part not in left))


def _prefix(left: Node, right: Node, combine: Combine) -> tuple[Raw, ...]:
    longest = max(len(left.prefix), len(right.prefix))
    return tuple(combine(item_at(left, i), item_at(right, i)) for i in range(longest))


def item_at(node: Node, index: int) -> Raw:
    """The schema of an array's element."""
    return node.prefix[index] if index < len(node.prefix) else node.items


def _properties(left: Node, right: Node, combine: Combine) -> Mapping[str, Raw]:
    names = dict.fromkeys((*left.properties, *right.properties))
    return {
        name: combine(property_of(left, name, combine), property_of(right, name, combine))
        for name in names
    }


def property_of(node: Node, name: str, combine: Combine) -> Raw:
    """The schema of a property, declared or not: `properties`, `patternProperties`, the rest."""
    declared = [node.properties[name]] if name in node.properties else []
    for pattern, part in node.pattern_properties.items():
        if found_in(pattern, name):
            declared.append(part)
    if not declared:
        return node.additional
    result = declared[0]
    for part in declared[1:]:
        result = combine(result, part)
    return result


def _patterns(left: Node, right: Node, combine: Combine) -> Mapping[str, Raw]:
    both = dict(left.pattern_properties)
    for pattern, part in right.pattern_properties.items():
        both[pattern] = combine(both[pattern], part) if pattern in both else part
    return both


def _dependent(left: Node, right: Node) -> Mapping[str, frozenset[str]]:
    both = dict(left.dependent)
    for name, needs in right.dependent.items():
        both[name] = both.get(name, frozenset()) | needs
    return both
