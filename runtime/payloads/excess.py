"""Values that the contract allows and the column cannot hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .breach import Breach
from .breaches import sized
from .columns import ColumnLimit, Scope, finer, limited
from .faults import faults
from .node import Node
from .numbers import as_number, number_series, step_of
from .routes import Route, Step
from .series import MISSING
from .walk import Walker


@dataclass(frozen=True, slots=True, eq=False)
class Spot:
    """A field that something is known about: where it is, and what the contract says of it."""

    scope: Scope
    node: Node
    route: Route

    @property
    def pointer(self) -> str:
        return "/".join(str(step.key) for step in self.route)

    @property
    def optional(self) -> bool:
        """Whether the contract lets a request leave the field out."""
        if not self.route:
            return False
        last = self.route[-1]
        return isinstance(last.key, str) and last.key not in (last.chosen or last.node).required


def spots(walker: Walker, node: Node, scope: Scope | None, route: Route = ()) -> Iterator[Spot]:
    """The fields of a body that have a column or must be unique."""
    if scope is None:
        return
    if node.choices and node.enum is None:
        for branch in walker.alternatives(node):
            for spot in spots(walker, branch, scope):
                first = spot.route[0] if spot.route else None
                if first is not None:
                    inner = Step(first.node, first.key, first.chosen or branch)
                    yield Spot(spot.scope, spot.node, (*route, inner, *spot.route[1:]))
        return
    if scope.limit or scope.unique:
        yield Spot(scope, node, route)
    for name, inside in scope.children.items():
        key: str | int = 0 if name == "*" else name
        if name == "*" and "array" not in node.kinds():
            continue
        if name != "*" and name not in walker.schemas.writable(node):
            continue
        child = walker.schemas.item(node, 0) if name == "*" else walker.schemas.property(node, name)
        yield from spots(walker, child, inside, (*route, Step(node, key)))


def excesses(spot: Spot, limit: ColumnLimit, *, updates: bool = False) -> Iterator[Breach]:
    """The values just beyond the column that the contract allows.

    `updates`: null in a field that may be left out can mean that it was, as in `name: str | None = None`.
    To leave the column as it is then is as right as to refuse it, and no excess.
    """
    node = spot.node
    if limit.text_length is not None and node.allows("string") and node.enum is None:
        yield from _texts(node, limit, limit.text_length)
    if node.allows("integer") and node.enum is None:
        yield from _numbers(node, limit)
    if finer(node, limit):
        yield from _fractions(node, limit)
    if updates and spot.optional:
        return
    if not limit.nullable and node.types is not None and "null" in node.types:
        yield Breach("column", f"null, {limit} is NOT NULL", lambda _: None)


def _texts(node: Node, limit: ColumnLimit, length: int) -> Iterator[Breach]:
    for longer in range(length + 1, length + 5):
        value = sized(node, longer)
        if value is not MISSING and not faults(node, value):
            said = f"{longer} characters, {limit} holds {length}"
            yield Breach("column", said, lambda _, value=value: value)  # type: ignore[misc]
            return


def _numbers(node: Node, limit: ColumnLimit) -> Iterator[Breach]:
    step = Fraction(1) if limit.kind == "integer" or not node.allows("number") else limit.step
    low, high = limit.bounds
    for bound, sign, most in ((high, 1, "most"), (low, -1, "least")):
        if bound is None:
            continue
        value: Any = as_number((sign * bound.value // step + 1) * sign * step)
        if not faults(node, value):
            said = f"{value}, {limit} holds at {most} {as_number(bound.value)}"
            yield Breach("column", said, lambda _, value=value: value)  # type: ignore[misc]


def _fractions(node: Node, limit: ColumnLimit) -> Iterator[Breach]:
    """A number between two that the column keeps: it would be rounded."""
    start = number_series(limited(node, limit), "number").first()
    if start is MISSING:
        return
    finest = step_of(node, "number") if node.multiples else limit.step / 10
    value = as_number(Fraction(str(start)) + finest)
    if not faults(node, value):
        kept = "whole numbers" if limit.step == 1 else f"{limit.scale} digits after the point"
        yield Breach("column", f"{value}, {limit} keeps {kept}", lambda _: value)
