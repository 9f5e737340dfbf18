"""Amounts of money that travel as text, at the values that a float times a hundred gets wrong."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from .columns import ColumnLimit
from .faults import faults
from .formats import format_named
from .node import Node

AMOUNTS = ("19.99", "0.29", "1.15")
"""Cut to whole hundredths a float makes 1998, 28 and 114 of them: 0.29 * 100 is 28.999999999999996."""


def amount_edges(node: Node, limit: ColumnLimit | None) -> Iterator[tuple[str, str]]:
    """(amount, amount) of each that the node and its column allow; none for other texts."""
    if node.is_file or not _is_amount(node, limit):
        return
    low, high = limit.bounds if limit else (None, None)
    for text in AMOUNTS:
        value = Fraction(text)
        inside = (low is None or low.value <= value) and (high is None or value <= high.value)
        if inside and not faults(node, text):
            yield text, text


def _is_amount(node: Node, limit: ColumnLimit | None) -> bool:
    """By the column, the format, or a pattern that amounts match and words do not."""
    if limit is not None and limit.kind == "number":
        return limit.scale is None or limit.scale >= 2
    formats = [known.name for name in node.formats if (known := format_named(name))]
    if formats:
        return bool({"money", "decimal"} & {*formats})
    return bool(node.patterns) and bool(faults(node, "amber")) and bool(faults(node, "AMBER-1"))
