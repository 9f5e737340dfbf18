"""Numbers at the edges of what a node allows, counted exactly, not in floats."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from .node import Node, plain
from .numbers import RANGES, WIDEST, as_number, ends, step_of

_TRIES = 3_000


def number_edges(node: Node, kind: str) -> Iterator[tuple[str, Any]]:
    """(the number as a person writes it, the number); the most telling first."""
    step = step_of(node, kind)
    low, high = ends(node, step)
    # A column may hold more than every JSON reader does; only a format asks for it in so many words.
    exact = WIDEST if not RANGES.keys() & set(node.formats) else math.inf
    for value in dict.fromkeys(_values(step, low, high, whole=kind == "integer")):
        inside = (low is None or value >= low) and (high is None or value <= high)
        if inside and value % step == 0 and abs(value) <= exact:
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
