"""The ways to break an array or an object itself: how many, which, how often."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .breach import Breach
from .columns import Scope
from .errors import CannotBreak, NoPayload
from .examples import with_unique
from .node import Node, copied, same
from .walk import Walker

_MOST = 2_000  # elements or properties; more tell about the server's memory


def array_breaches(node: Node, walker: Walker, scope: Scope | None) -> Iterator[Breach]:
    def elements(value: Any) -> list[Any]:
        return list(value) if isinstance(value, list) else []

    def more(value: Any, count: int) -> list[Any]:
        return _grown(node, walker, scope, elements(value), count)

    def twice(value: Any) -> list[Any]:
        found = elements(value)
        wanted = max(2, node.min_items)
        if len(found) < wanted - 1:
            found = more(found, wanted - 1)
        if node.max_items is not None and len(found) >= node.max_items:
            return [*found[: node.max_items - 1], found[0]]
        return [*found, found[0]]

    count = "element" if node.min_items == 1 else "elements"
    if node.min_items:
        least = node.min_items - 1
        said = "empty" if least == 0 else f"fewer than {node.min_items} {count}"
        yield Breach("minItems", said, lambda value: more(value, least)[:least])
    most = node.max_items
    if most is not None and most <= _MOST and _has_room(node, walker, most + 1):
        yield Breach("maxItems", f"more than {most} elements", lambda value: more(value, most + 1))
    if node.unique_items and most != 1 and _has_room(node, walker, 1):
        yield Breach("uniqueItems", "the same element twice", twice)


def _grown(
    node: Node, walker: Walker, scope: Scope | None, found: list[Any], count: int
) -> list[Any]:
    """That many elements: the caller's own again and again, as they may name rows that exist."""
    inner = scope.child("*") if scope else None
    given, seen = len(found), {same(item) for item in found}
    for index in range(count * 4):
        if len(found) >= count:
            break
        child = walker.schemas.item(node, len(found))
        item = walker.value(child, inner, index=index)
        if given and not node.prefix:
            item = _like(copied(found[index % given]), item, seen if node.unique_items else set())
            item = with_unique(walker, child, inner, item)
        if not node.unique_items or same(item) not in seen:
            found.append(item)
            seen.add(same(item))
    if len(found) < count:
        raise CannotBreak("there are not enough different elements")
    return found


def _like(given: Any, other: Any, taken: set[str]) -> Any:
    """The given element, different in one property where that is asked for."""
    if same(given) not in taken:
        return given
    if isinstance(given, dict) and isinstance(other, dict):
        # What the caller filled in stands at the start of a body most often: the end is changed.
        for name in reversed(other):
            if same(changed := {**given, name: other[name]}) not in taken:
                return changed
    return other


def _has_room(node: Node, walker: Walker, count: int) -> bool:
    """Whether there are as many elements, and as many different ones where they must differ."""
    item = walker.schemas.item(node, 0)
    try:
        if not node.unique_items:
            walker.value(item)
            return True
        found = {same(walker.value(item, index=index)) for index in range(count)}
    except NoPayload:
        return False
    return len(found) >= count


def object_breaches(node: Node, walker: Walker) -> Iterator[Breach]:
    def members(value: Any) -> dict[str, Any]:
        return dict(value) if isinstance(value, dict) else walker.value(node)

    if node.closed and node.max_properties is None:
        name = next(name for name in ("unexpected", "unexpected_", "x-unexpected")
                    if name not in node.properties)  # fmt: skip
        yield Breach(
            "additionalProperties",
            "a property that is not declared",
            lambda value: {**members(value), name: "unexpected"},
        )
    required = walker.schemas.required(node)
    least = node.min_properties
    if least > len(required):

        def fewer(value: Any) -> dict[str, Any]:
            found = members(value)
            spare = [name for name in found if name not in required]
            for name in spare[: max(0, len(found) - least + 1)]:
                del found[name]
            return found

        said = "empty" if least == 1 else f"fewer than {least} properties"
        yield Breach("minProperties", said, fewer)
    most = node.max_properties
    if most is not None and most <= _MOST and node.additional is not False:

        def crowded(value: Any) -> dict[str, Any]:
            found = members(value)
            return found | walker.extras(node, most + 1 - len(found), found)

        yield Breach("maxProperties", f"more than {most} properties", crowded)
