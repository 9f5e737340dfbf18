"""Numbers at the edges of what a node allows, counted exactly, not in floats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .node import Bound, Node, plain
from .numbers import RANGES, as_number, step_of

_TRIES = 3_000


def number_edges(node: Node, kind: str) -> Iterator[tuple[str, Any]]:
    """(the number as a person writes it, the number); the most telling first."""
    step = step_of(node, kind)
    low, high = ends(node, step)
    for value in dict.fromkeys(_values(step, low, high, whole=kind == "integer")):
        if (low is None or value >= low) and (high is None or value <= high) and value % step == 0:
            yield plain(value), as_number(value)


def _values(
    step: Fraction, low: Fraction | None, high: Fraction | None, *, whole: bool
) -> Iterator[Fraction]:
    yield Fraction(0)
    yield from (end for end in (high, low) if end is not None)
    if not whole:
        yield step
        yield from misread(step, low or Fraction(0), high)
        yield Fraction(max(1, math.ceil(low or 0)))
        if high is not None:
            yield high - step
    yield Fraction(-1)


def ends(node: Node, step: Fraction) -> tuple[Fraction | None, Fraction | None]:
    """The least and the largest number on the grid; None where contract and column name no end."""
    lows = [node.minimum] if node.minimum else []
    highs = [node.maximum] if node.maximum else []
    for name in node.formats:
        if name in RANGES:
            least, most = RANGES[name]
            lows.append(Bound(Fraction(least)))
            highs.append(Bound(Fraction(most)))
    low = max((_above(bound, step) for bound in lows), default=None)
    high = min((-_above(Bound(-b.value, b.strict), step) for b in highs), default=None)
    return low, high


def _above(bound: Bound, step: Fraction) -> Fraction:
    """The least number of the grid that the bound allows."""
    first = math.ceil(bound.value / step) * step
    return first + step if bound.strict and first == bound.value else first


def misread(step: Fraction, low: Fraction, high: Fraction | None) -> Iterator[Fraction]:
    """The first number that a float times its scale, cut to a whole number, gets wrong.

    0.29 * 100 is 28.999999999999996: a cent is lost where it becomes 28.
    """
    scale = step.denominator
    if scale == 1:
        return
    first = max(math.ceil(low / step), 1)
    for number in range(first, first + _TRIES):
        value = number * step
        if high is not None and value > high:
            return
        if int(float(value) * scale) != value * scale:
            yield value
            return
