"""Whole and decimal numbers within their bounds, as a numbering around zero."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from .node import Bound, Node
from .series import MISSING, Series

if TYPE_CHECKING:
    from .columns import ColumnLimit

PLENTY = 9_999  # how far clean numbers go where nothing bounds them
WIDEST = 2**53 - 1  # what every JSON reader holds exactly
_HUNDREDTH = Fraction(1, 100)
RANGES = {
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "double-int": (-WIDEST, WIDEST),
    "unixtime": (0, 2**31 - 1),
    "unix-time": (0, 2**31 - 1),
}


def number_series(node: Node, kind: str, *, wide: bool = False) -> Series:
    """The numbers that the node allows, empty where its bounds contradict each other.

    Where nothing bounds them: 0 to 9,999, or, `wide`, all that the format or 32 bits hold.
    """
    step = step_of(node, kind)
    low, high = _window(node, wide)
    first = math.ceil(low.value / step)
    last = math.floor(high.value / step)
    first += low.strict and first * step == low.value
    last -= high.strict and last * step == high.value

    def make(number: int) -> Any:
        value = as_number(number * step)
        return value if all(is_multiple(value, part) for part in node.multiples) else MISSING

    return Series(make, first, last, origin=min(max(0, first), last))


def everyday(node: Node, limit: ColumnLimit | None) -> Node:
    """The node without the numbers far out where its column alone ends them: an API may well take less,
    and edges are sent anyway."""
    end = limit.bounds[1] if limit is not None else None
    if end is None or node.maximum is None or node.maximum.value != end.value:
        return node
    low = node.minimum.value if node.minimum else Fraction(0)
    most = Bound(max(low, Fraction(0)) + PLENTY)
    return node if node.maximum.value <= most.value else replace(node, maximum=most)


def as_number(value: Fraction) -> int | float:
    """A whole number stays whole: `12`, not `12.0`."""
    return value.numerator if value.denominator == 1 else float(value)


def is_multiple(value: float, step: Fraction) -> bool:
    """Whether validators that count in floats agree: 0.07 is no multiple of 0.01 to them."""
    if step.denominator == 1:
        return Fraction(value) % step == 0
    quotient = value / float(step)
    return math.isfinite(quotient) and int(quotient) == quotient


def step_of(node: Node, kind: str) -> Fraction:
    """The grid that the values lie on: `multipleOf`, 1 for integers, hundredths for the rest."""
    steps = [*node.multiples, *([Fraction(1)] if kind == "integer" else [])]
    if not steps:
        return _fine_enough(node)
    grid = steps[0]
    for step in steps[1:]:
        grid = Fraction(
            math.lcm(grid.numerator * step.denominator, step.numerator * grid.denominator),
            grid.denominator * step.denominator,
        )
    return grid


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


def _fine_enough(node: Node) -> Fraction:
    """Hundredths, or finer where the bounds are that close."""
    if not node.minimum or not node.maximum:
        return _HUNDREDTH
    width = node.maximum.value - node.minimum.value
    step = _HUNDREDTH
    while width > 0 and step * 10 > width:
        step /= 10
    return step


def _window(node: Node, wide: bool) -> tuple[Bound, Bound]:
    """Both bounds, the missing ones filled in."""
    low, high = node.minimum, node.maximum
    for name in node.formats:
        if name in RANGES:
            least, most = (Bound(Fraction(limit)) for limit in RANGES[name])
            low = (
                low
                if low and low.value >= least.value
                else least
                if wide or least.value == 0
                else low
            )
            high = high if high and high.value <= most.value else most if wide or high else high
    reach = Fraction(2**31 - 1 if wide else PLENTY)
    if low is None:
        room = high.value - reach if high is not None and high.value < 0 else Fraction(0)
        low = Bound(-reach - 1) if wide and not (high and high.value < -reach) else Bound(room)
    if high is None:
        high = Bound(low.value + reach if low.value > 0 else reach)
    return low, high
