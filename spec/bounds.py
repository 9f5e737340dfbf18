"""Bounds on YAML text, checked before a parser builds anything.

A few hundred bytes of nested aliases stand for gigabytes ("billion laughs"), and a line of many `-
- -` exhausts the stack of a parser written in C or Rust, which ends the process. Both are seen in
the text.
"""

from __future__ import annotations

import re
from bisect import bisect_left

MAX_DEPTH = 200
"""Levels of nesting that a document may have; real ones stay under 60."""

MAX_COLUMN = 1000
"""Column by which a line's text must have begun; not even text in a block stands so far right."""

MAX_NODES = 2_000_000
"""Values that aliases may add to a document."""

# One level of a compact nested block: an indicator or node property, then a blank.
_DEEP_LINE = re.compile(rf"(?:(?:[-?:]|[&!]\S*)?[ \t]){{{MAX_COLUMN}}}")
_LONG_LINE = re.compile(rf"^.{{{MAX_COLUMN},}}", re.MULTILINE)
_ANCHOR = re.compile(r"&([^\s\[\]{},:]+)")
_ALIAS = re.compile(r"\*([^\s\[\]{},:]+)")


def deep_line(text: str) -> int:
    """Offset of a line that begins right of MAX_COLUMN, or -1.

    A block collection stands at least one column right of its parent, so this bounds its depth.
    Flow collections are bounded by the parsers themselves.
    """
    long_lines = (found.start() for found in _LONG_LINE.finditer(text))
    return next((start for start in long_lines if _DEEP_LINE.match(text, start)), -1)


def expands_too_far(text: str) -> bool:
    """Whether copying every alias's anchor might pass MAX_NODES; never wrongly False.

    An anchored node ends before the first alias to it, or it would contain itself. Its size is thus
    at most the text between, plus the sizes of the aliases in that text.
    """
    if "&" not in text or "*" not in text:
        return False
    anchors: dict[str, int] = {}
    uses = {found[1] for found in _ALIAS.finditer(text)}
    for found in _ANCHOR.finditer(text):
        if found[1] not in uses:
            continue
        if found[1] in anchors:
            return True  # a name anchored twice: which one an alias means needs a parser
        anchors[found[1]] = found.start()
    return bool(anchors) and _expansion(text, anchors) > MAX_NODES


def _expansion(text: str, anchors: dict[str, int]) -> int:
    """An upper bound, in characters, of what all aliases together stand for."""
    sizes: dict[str, int] = {}
    positions: list[int] = []
    totals = [0]  # totals[i]: what the first i aliases stand for
    for found in _ALIAS.finditer(text):
        name, position = found[1], found.start()
        if name not in anchors or anchors[name] > position:
            continue
        if name not in sizes:
            inside = totals[-1] - totals[bisect_left(positions, anchors[name])]
            sizes[name] = position - anchors[name] + inside
        positions.append(position)
        totals.append(totals[-1] + sizes[name])
        if totals[-1] > MAX_NODES:
            break
    return totals[-1]
