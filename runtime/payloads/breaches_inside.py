"""The ways to break an array or an object itself: how many, which, how often."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from .breach import Breach
from .columns import Scope
from .errors import CannotBreak, NoPayload
from .examples import with_unique
from .node import Node, copied, same
from .orders import out_of_order, refusable
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
    seen = {same(item) for item in found}
    for item in _offered(node, walker, inner, list(found), count):
        if len(found) >= count:
            break
        fresh = with_unique(walker, walker.schemas.item(node, len(found)), inner, copied(item))
        if not node.unique_items or same(fresh) not in seen:
            found.append(fresh)
            seen.add(same(fresh))
    if len(found) < count:
        raise CannotBreak("there are not enough different elements")
    return found


def _offered(
    node: Node, walker: Walker, inner: Scope | None, given: list[Any], count: int
) -> Iterator[Any]:
    """Elements to add; where they must differ, the caller's first one with another value in it."""

    def made(index: int) -> Any:
        place = len(given) + index if node.prefix else 0
        return walker.value(walker.schemas.item(node, place), inner, index=index)

    if given and not node.unique_items and not node.prefix:
        yield from (given[index % len(given)] for index in range(count))
    if given and isinstance(given[0], dict) and isinstance(first := made(0), dict):
        # References stand at the start of a body most often: what stands at its end is changed.
        for name in reversed(first):
            others = (made(index) for index in range(count * 4))
            yield from ({**given[0], name: other[name]} for other in others if name in other)
    yield from (made(index) for index in range(count * 4))


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


def object_breaches(node: Node, walker: Walker, scope: Scope | None) -> Iterator[Breach]:
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
    for order in refusable(walker, node, scope, walker.schemas.writable(node)):
        said = f"{order.upper} before {order.lower}"
        yield Breach("order", said, partial(out_of_order, walker, node, scope, order))
