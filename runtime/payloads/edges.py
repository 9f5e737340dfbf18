"""Whole bodies, each with one field at an edge of what contract and column allow.

Each field offers its edges, the most telling first; fields take turns until there are MOST bodies, so
that a long body gets the first edges of all its fields and not all edges of its first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from .columns import Scope
from .distinct import are_distinct
from .edges_amounts import amount_edges
from .edges_numbers import number_edges
from .edges_text import Edge, text_edges
from .errors import NoPayload
from .examples import Example, fitting, with_unique
from .faults import faults
from .node import Node, copied, same
from .orders import in_order, keeps_order
from .scalars import enum_values
from .walk import Walker

MOST = 60  # bodies of one operation, the plain one among them
_FULLEST = 100  # elements; more tell about the server's patience
_SEVERAL = 3  # elements that are whole each
_SHOWN = 40


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A value of the whole body, what may stand there, and how to get there.

    `unsure` where only the judge can tell whether the body as a whole stays valid; `held` where a
    reference stands in it, which the caller fills in.
    """

    keys: tuple[str | int, ...]
    node: Node
    scope: Scope | None
    value: Any
    unsure: bool
    held: bool

    @property
    def pointer(self) -> str:
        return "/".join(map(str, self.keys))

    @property
    def key(self) -> str | None:
        """What the value is to be unique among, None if it need not be."""
        return self.scope.key if self.scope is not None and self.scope.unique else None


def edge_bodies(
    walker: Walker,
    node: Node,
    scope: Scope | None,
    whole: Any,
    skip: Collection[str],
    *,
    shows_null: bool,
) -> Iterator[Example]:
    """`whole` once for each edge; `skip` are pointers (`items/*/productId`) of fields that stay."""
    places = list(_places(walker, node, scope, whole, frozenset(skip)))
    for place, name, value in _chosen(walker, places, shows_null=shows_null):
        body = with_unique(walker, node, scope, copied(whole))
        body = _put(body, place.keys, value)
        body = _settled(walker, node, scope, body, place.keys)
        if body is None:
            continue
        if not place.unsure or walker.judge.accepts(node, body):
            yield Example(f"{place.pointer or 'body'}: {name}", body)


def _chosen(
    walker: Walker, places: list[Place], *, shows_null: bool
) -> Iterator[tuple[Place, str, Any]]:
    """The edges of all places in turns, then in the order of the places."""
    rows = deque((number, _edges(walker, place)) for number, place in enumerate(places))
    found: dict[tuple[int, str], Any] = {}
    while rows and len(found) < MOST - 1:
        number, row = rows.popleft()
        edge = next((e for e in row if _tells(places[number], e[1], shows_null)), None)
        if edge is not None:
            found.setdefault((number, edge[0]), edge[1])
            rows.append((number, row))
    for number, name in sorted(found, key=lambda edge: edge[0]):
        yield places[number], name, found[number, name]


def _tells(place: Place, value: Any, shows_null: bool) -> bool:
    """Whether it is another value than the whole body has, and one that shows where it travels."""
    if value in (None, "", [], {}) and value is not False and value != 0 and not shows_null:
        return False
    return same(value) != same(place.value)


def _places(
    walker: Walker,
    node: Node,
    scope: Scope | None,
    value: Any,
    skip: frozenset[str],
    keys: tuple[str | int, ...] = (),
    *,
    unsure: bool = False,
) -> Iterator[Place]:
    """The values of the body, of each array its first."""
    generic = "/".join("*" if isinstance(key, int) else key for key in keys)
    if generic in skip:
        return
    start = f"{generic}/" if generic else ""
    held = any(pointer.startswith(start) for pointer in skip)
    unsure = unsure or bool(node.judged or node.choices or node.dependent)
    yield Place(keys, walker.tight(node, scope), scope, value, unsure, held)
    node = fitting(walker, node, value) if node.choices else node
    inner: list[tuple[str | int, Node, Scope | None, Any]] = []
    if isinstance(value, dict):
        for name, part in value.items():
            child = walker.schemas.property(node, name)
            inner.append((name, child, scope.child(name) if scope else None, part))
    elif isinstance(value, list) and value and not _listed(walker, node):
        child = walker.schemas.item(node, 0)
        inner.append((0, child, scope.child("*") if scope else None, value[0]))
    for key, child, below, part in inner:
        yield from _places(walker, child, below, part, skip, (*keys, key), unsure=unsure)


def _put(body: Any, keys: tuple[str | int, ...], value: Any) -> Any:
    """The body with a value at a place that it has."""
    if not keys:
        return value
    container = body
    for key in keys[:-1]:
        container = container[key]
    container[keys[-1]] = value
    return body


def _settled(
    walker: Walker, node: Node, scope: Scope | None, body: Any, keys: tuple[str | int, ...]
) -> Any:
    """The body in which the neighbours of a new value make way for it; None if they cannot, or if an
    element of a list is no longer apart from the others."""
    if not keys:
        return body
    key = keys[0]
    if len(keys) == 1 and isinstance(body, dict):
        node = fitting(walker, node, body)
        body = in_order(walker, node, scope, body, fixed=[str(key)])
        return body if keeps_order(scope, body) else None
    child = walker.schemas.item(node, 0) if isinstance(key, int) else None
    if child is None:
        node = fitting(walker, node, body)
        child = walker.schemas.property(node, str(key))
    below = scope.child("*" if isinstance(key, int) else str(key)) if scope else None
    inner = _settled(walker, child, below, body[key], keys[1:])
    if inner is None:
        return None
    body = _put(body, (key,), inner)
    return None if isinstance(body, list) and not are_distinct(below, body) else body


def _edges(walker: Walker, place: Place) -> Iterator[Edge]:
    """The edges of one place; where a reference stands inside, only those that leave room for it."""
    node = place.node
    nullable = node.types is not None and "null" in node.types
    if nullable and node.enum is None and not place.held:
        yield "null", None
    if node.enum is not None:
        yield from ((shown(value, n), copied(value)) for n, value in enumerate(enum_values(node)))
    elif node.choices:
        yield from () if place.held else _alternatives(walker, place)
    elif node.types is not None:
        for kind in node.types:
            yield from _of_kind(walker, place, kind)


def _of_kind(walker: Walker, place: Place, kind: str) -> Iterator[Edge]:
    node = place.node
    if kind == "string":
        if place.key is None:
            yield from amount_edges(node, place.scope.limit if place.scope else None)
        yield from text_edges(node, place.key)
    elif kind in ("integer", "number") and place.key is None:
        yield from number_edges(node, kind)
    elif kind == "boolean":
        yield from (("false", False), ("true", True))
    elif kind == "array":
        yield from _of_array(walker, place)
    elif kind == "object" and place.keys and not place.held and not faults(node, {}):
        yield "empty", {}


def shown(value: Any, number: int) -> str:
    """An enum value in a name."""
    text = (
        {True: "true", False: "false", None: "null"}.get(value, str(value)) if _plain(value) else ""
    )
    fits = text.isascii() and text.isprintable() and 0 < len(text) <= _SHOWN
    return text if fits else f"value {number + 1} of its enum"


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, str | int | float)


def _alternatives(walker: Walker, place: Place) -> Iterator[Edge]:
    """Each other alternative, with all its properties."""
    taken = fitting(walker, place.node, place.value)
    for number, branch in enumerate(walker.alternatives(place.node), 1):
        if branch is not taken:
            try:
                value = walker.value(branch, place.scope, full=True)
            except NoPayload:
                continue
            yield f"alternative {number}", value


def _of_array(walker: Walker, place: Place) -> Iterator[Edge]:
    node = place.node
    if node.prefix:
        return
    if node.min_items == 0:
        yield "empty", []
    most = node.max_items
    if listed := _listed(walker, node):
        yield "every value of its enum", list(listed[: most or len(listed)])[::-1]
        return
    counts = [] if most is None or most > _FULLEST else [most]
    for count in dict.fromkeys([*counts, _SEVERAL]):
        elements = _elements(walker, place, count) if most is None or count <= most else []
        if len(elements) >= max(2, node.min_items):
            yield f"{len(elements)} elements", elements
    scalar = not isinstance(_first(place.value), dict | list)
    if scalar and not node.unique_items and (most is None or most > 1) and place.value:
        yield "the same element twice", [place.value[0], place.value[0]]


def _listed(walker: Walker, node: Node) -> tuple[Any, ...]:
    """The values that the elements of an array can be, where they are listed."""
    item = walker.schemas.item(node, 0)
    return () if node.prefix or item.enum is None else enum_values(item)


def _first(value: Any) -> Any:
    return value[0] if isinstance(value, list) and value else None


def _elements(walker: Walker, place: Place, count: int) -> list[Any]:
    """That many elements in no order, or fewer where there are not so many different ones."""
    child = walker.schemas.item(place.node, 0)
    inner = place.scope.child("*") if place.scope else None
    found: dict[str, Any] = {}
    for index in range(count * 2):
        if len(found) < count:
            value = walker.value(child, inner, index=index, full=count <= _SEVERAL)
            if are_distinct(inner, [*found.values(), value]):
                found[same(value) if place.node.unique_items else str(index)] = value
    return list(found.values())[::-1]
