"""What a column holds, laid over what the contract allows; where they differ, a finding."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ...mapping.checks import Order
from ...mapping.likely import UUID_LENGTH
from .formats import format_named
from .node import Bound, Node, plain
from .numbers import ends, step_of
from .patterns import lengths
from .series import MISSING
from .text import text_series

_TEXT = frozenset({"text", "enum", "other", "uuid"})
_NUMBERS = frozenset({"integer", "number"})
_FORMS = {"uuid": "uuid", "datetime": "date-time", "date": "date"}
"""What a text is that such a column holds."""


@dataclass(frozen=True, slots=True)
class ColumnLimit:
    """A column that a field is stored in.

    `kind` is `text`, `integer`, `number`, ...; `length` counts characters; `precision` and `scale` count
    decimal digits in all and after the point; `minimum` and `maximum` are what a number may be at
    least and at most, by its type or by a CHECK.
    """

    table: str
    column: str
    kind: str = "text"
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    nullable: bool = True
    minimum: float | None = None
    maximum: float | None = None

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def bounds(self) -> tuple[Bound | None, Bound | None]:
        """The smallest and the largest number that the column holds, None where that is not known."""
        lows = [] if self.minimum is None else [Fraction(str(self.minimum))]
        highs = [] if self.maximum is None else [Fraction(str(self.maximum))]
        if self.kind == "number" and self.precision is not None:
            largest = Fraction(10) ** (self.precision - (self.scale or 0)) - self.step
            lows, highs = [*lows, -largest], [*highs, largest]
        if self.kind not in _NUMBERS:
            return None, None
        return (Bound(max(lows)) if lows else None), (Bound(min(highs)) if highs else None)

    @property
    def step(self) -> Fraction:
        """The finest difference that the column keeps."""
        return Fraction(1, 10 ** (0 if self.kind == "integer" else self.scale or 0))

    @property
    def text_length(self) -> int | None:
        """How many characters the column holds, None where it holds no text or any."""
        return self.length if self.kind in _TEXT else None


@dataclass(frozen=True, eq=False)
class Scope:
    """What is known about one place of a body and the places below it."""

    pointer: str = ""
    limit: ColumnLimit | None = None
    unique: bool = False
    children: dict[str, Scope] = field(default_factory=dict)
    orders: tuple[Order, ...] = ()
    """Of two properties of the object that stands there: which is the smaller."""
    distinct: tuple[tuple[str, ...], ...] = ()
    """Properties in which, together, each element of an array differs from the others."""

    def child(self, name: str) -> Scope | None:
        """The scope of a property; `*` is the scope of an array's elements."""
        return self.children.get(name)

    @property
    def key(self) -> str:
        """What a unique value is unique among: the column's values, else those of fields so called."""
        return str(self.limit) if self.limit else self.pointer.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the fields of a body, by their wire pointers (`items/*/sku`)."""

    columns: Mapping[str, ColumnLimit]
    unique: frozenset[str]
    orders: tuple[Order, ...] = ()
    distinct: tuple[tuple[str, ...], ...] = ()

    @property
    def pointers(self) -> tuple[str, ...]:
        ordered = [name for order in self.orders for name in (order.lower, order.upper)]
        apart = [name for names in self.distinct for name in names]
        return *self.columns, *sorted(self.unique), *ordered, *apart

    def orders_in(self, start: str) -> tuple[Order, ...]:
        """The orders of two properties of one object, by their names in it."""
        size = len(start)
        inside = [
            Order(order.lower[size:], order.upper[size:], order.strict)
            for order in self.orders
            if order.lower.startswith(start) and order.upper.startswith(start)
        ]
        return tuple(order for order in inside if "/" not in order.lower + order.upper)

    def distinct_in(self, start: str) -> tuple[tuple[str, ...], ...]:
        """The properties that keep the elements of one array apart, by their names in an element."""
        if not start.endswith("*/"):
            return ()
        size = len(start)
        sets = [names for names in self.distinct if all(name.startswith(start) for name in names)]
        inside = [tuple(name[size:] for name in names) for names in sets]
        return tuple(names for names in inside if not any("/" in name for name in names))


def scope_of(known: Known) -> Scope | None:
    """What is known as a tree; None where nothing is."""
    return _scope("", known) if known.pointers else None


def _scope(pointer: str, known: Known) -> Scope:
    start = f"{pointer}/" if pointer else ""
    inside = [name[len(start) :] for name in known.pointers if name.startswith(start)]
    names = dict.fromkeys(name.partition("/")[0] for name in inside if name)
    return Scope(
        pointer,
        known.columns.get(pointer) if pointer else None,
        pointer in known.unique,
        {name: _scope(start + name, known) for name in names},
        known.orders_in(start),
        known.distinct_in(start),
    )


def limited(node: Node, limit: ColumnLimit | None) -> Node:
    """The node with what the column cannot hold left out."""
    if limit is None:
        return node
    types = node.types
    if types and "null" in types and not limit.nullable and types != ("null",):
        types = tuple(kind for kind in types if kind != "null")
        enum = None if node.enum is None else tuple(v for v in node.enum if v is not None)
        node = replace(node, types=types, enum=enum)
    told = "uuid" if limit.text_length == UUID_LENGTH else _FORMS.get(limit.kind, "")
    if told and node.types and "string" in node.types and not (node.formats or node.patterns):
        node = replace(node, likely=told)
    longest = limit.text_length
    if longest is not None and node.allows("string") and longest >= node.min_length:
        shorter = replace(node, max_length=min(longest, node.max_length or longest))
        # A pattern may want more than the column holds: then there is only what the contract says.
        known = text_series(shorter)
        node = node if known is None or known.first() is MISSING else shorter
    return _limited_number(node, limit)


def _limited_number(node: Node, limit: ColumnLimit) -> Node:
    if limit.kind not in _NUMBERS or not node.allows("integer"):
        return node
    low, high = limit.bounds
    minimum, maximum = node.minimum, node.maximum
    # A bound that nobody wrote stays open: clean numbers do not run to the column's end.
    written = node.minimum or node.maximum or (low is not None and low.value > 0)
    if low is not None and written and (minimum is None or minimum.value < low.value):
        minimum = low
    if high is not None and (maximum is None or maximum.value > high.value):
        maximum = high
    node = replace(node, minimum=minimum, maximum=maximum)
    if finer(node, limit):
        node = replace(node, multiples=(*node.multiples, limit.step))
    return node


def finer(node: Node, limit: ColumnLimit) -> bool:
    """Whether the contract allows fractions that the column does not keep."""
    known = limit.kind == "integer" or limit.scale is not None
    if limit.kind not in _NUMBERS or not known or not node.allows("number"):
        return False
    return node.enum is None and not any(part % limit.step == 0 for part in node.multiples)


def _longer(node: Node, length: int) -> bool:
    """Whether the contract allows texts that are longer."""
    form = format_named(node.formats[0]) if node.formats else None
    if node.enum is not None or (form is not None and form.strict and form.stretch is None):
        return False
    tops = [node.max_length, *(lengths(pattern)[1] for pattern in node.patterns)]
    return all(top is None or top > length for top in tops)


def findings(pointer: str, node: Node, limit: ColumnLimit) -> Iterator[str]:
    """Where the contract allows what the column cannot hold, in words."""
    length = limit.text_length
    if length is not None and node.allows("string") and _longer(node, length):
        said = "any length" if node.max_length is None else f"{node.max_length} characters"
        yield f"{pointer}: spec allows {said}, {limit} holds {length}"
    if finer(node, limit):
        kept = "whole numbers" if limit.step == 1 else f"{limit.scale} digits after the point"
        yield f"{pointer}: spec allows any fraction, {limit} keeps {kept}"
    if limit.kind in _NUMBERS and node.allows("integer") and node.enum is None:
        yield from _beyond(pointer, node, limit)
    if not limit.nullable and node.types is not None and "null" in node.types:
        yield f"{pointer}: spec allows null, {limit} is NOT NULL"


def _beyond(pointer: str, node: Node, limit: ColumnLimit) -> Iterator[str]:
    low, high = limit.bounds
    least, most = ends(node, step_of(node, "number" if node.allows("number") else "integer"))
    if high is not None and (most is None or most > high.value):
        said = "any number" if most is None else f"up to {plain(most)}"
        yield f"{pointer}: spec allows {said}, {limit} holds at most {plain(high.value)}"
    # Where the contract names no least number, few mean the least that a type can hold.
    if low is not None and ((least is None and low.value >= 0) or (least or 0) < low.value):
        said = "any number" if least is None else f"down to {plain(least)}"
        yield f"{pointer}: spec allows {said}, {limit} holds at least {plain(low.value)}"
