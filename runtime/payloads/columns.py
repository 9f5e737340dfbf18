"""What a column holds, laid over what the contract allows; where they differ, a finding."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from .node import Bound, Node, plain

_TEXT = frozenset({"text", "enum", "other", "uuid"})
_NUMBERS = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class ColumnLimit:
    """A column that a field is stored in.

    `kind` is `text`, `integer`, `number`, ...; `length` counts characters; `precision` and `scale` count
    decimal digits in all and after the point; `minimum` and `maximum` bound whole numbers.
    """

    table: str
    column: str
    kind: str = "text"
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    nullable: bool = True
    minimum: int | None = None
    maximum: int | None = None

    def __str__(self) -> str:
        return f"{self.table}.{self.column}"

    @property
    def bounds(self) -> tuple[Bound, Bound] | None:
        """The smallest and the largest number that the column holds, None where that is not known."""
        if self.kind == "integer" and self.minimum is not None and self.maximum is not None:
            return Bound(Fraction(self.minimum)), Bound(Fraction(self.maximum))
        if self.kind != "number" or self.precision is None:
            return None
        digits = self.precision - (self.scale or 0)
        largest = Fraction(10) ** digits - self.step
        return Bound(-largest), Bound(largest)

    @property
    def step(self) -> Fraction:
        """The finest difference that the column keeps."""
        return Fraction(1, 10 ** (self.scale or 0))


@dataclass(frozen=True, eq=False)
class Scope:
    """What is known about one place of a body and the places below it."""

    pointer: str = ""
    limit: ColumnLimit | None = None
    unique: bool = False
    children: dict[str, Scope] = field(default_factory=dict)

    def child(self, name: str) -> Scope | None:
        """The scope of a property; `*` is the scope of an array's elements."""
        return self.children.get(name)

    @property
    def key(self) -> str:
        """What a unique value is unique among: the column's values, else those of fields so called."""
        return str(self.limit) if self.limit else self.pointer.rpartition("/")[2]


def scope_of(columns: Mapping[str, ColumnLimit], unique: Collection[str]) -> Scope | None:
    """Wire pointers (`items/*/sku`) as a tree; None where nothing is known."""
    if not columns and not unique:
        return None
    return _scope("", columns, frozenset(unique))


def _scope(pointer: str, columns: Mapping[str, ColumnLimit], unique: frozenset[str]) -> Scope:
    start = f"{pointer}/" if pointer else ""
    inside = [name[len(start) :] for name in (*columns, *sorted(unique)) if name.startswith(start)]
    names = dict.fromkeys(name.partition("/")[0] for name in inside if name)
    return Scope(
        pointer,
        columns.get(pointer) if pointer else None,
        pointer in unique,
        {name: _scope(start + name, columns, unique) for name in names},
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
    if limit.kind in _TEXT and limit.length is not None and node.allows("string"):
        longest = limit.length if node.max_length is None else min(limit.length, node.max_length)
        if longest >= node.min_length:
            node = replace(node, max_length=longest)
    return _limited_number(node, limit)


def _limited_number(node: Node, limit: ColumnLimit) -> Node:
    if limit.kind not in _NUMBERS or not node.allows("integer"):
        return node
    if (bounds := limit.bounds) is not None:
        low, high = bounds
        minimum = low if node.minimum is None or node.minimum.value < low.value else node.minimum
        maximum = high if node.maximum is None or node.maximum.value > high.value else node.maximum
        # A bound that nobody wrote stays open: clean numbers do not run to the column's end.
        node = replace(
            node,
            minimum=minimum if node.minimum or node.maximum else None,
            maximum=maximum,
        )
    if limit.scale is not None and not node.multiples and node.kinds()[0] == "number":
        node = replace(node, multiples=(limit.step,))
    return node


def _longer(node: Node, length: int) -> bool:
    return node.enum is None and (node.max_length is None or node.max_length > length)


def findings(pointer: str, node: Node, limit: ColumnLimit) -> Iterator[str]:
    """Where the contract allows what the column cannot hold, in words."""
    length = limit.length if limit.kind in _TEXT and node.allows("string") else None
    if length is not None and _longer(node, length):
        said = "any length" if node.max_length is None else f"{node.max_length} characters"
        yield f"{pointer}: spec allows {said}, {limit} holds {length}"
    if limit.kind in _NUMBERS and node.allows("integer") and (bounds := limit.bounds) is not None:
        low, high = bounds
        if node.enum is None and (node.maximum is None or node.maximum.value > high.value):
            said = "any number" if node.maximum is None else f"up to {node.maximum}"
            yield f"{pointer}: spec allows {said}, {limit} holds at most {plain(high.value)}"
        if node.minimum is not None and node.minimum.value < low.value:
            yield (
                f"{pointer}: spec allows down to {node.minimum},"
                f" {limit} holds at least {plain(low.value)}"
            )
    if not limit.nullable and node.types is not None and "null" in node.types:
        yield f"{pointer}: spec allows null, {limit} is NOT NULL"
