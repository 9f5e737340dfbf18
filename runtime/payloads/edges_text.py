"""Texts at the edges of what a node allows: lengths, signs, alphabets, and what each format has.

What a candidate is tried for is its first half, the name; a candidate that the node does not allow is
passed over, so that patterns and formats decide what is left.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from string import punctuation
from typing import Any

from .edges_formats import edges_of_format
from .faults import faults
from .formats import format_named
from .node import Node
from .patterns import lengths, skeletons
from .series import MISSING
from .text import text_series
from .unique import room_for, unique_value

Edge = tuple[str, Any]
"""What the value is tried for, and the value."""

LONG = 300  # characters where nothing bounds them: beyond the usual VARCHAR(255)
LONGEST = 10_000  # a longer text tells about the server's memory
_SHOWN = 24  # characters of a value that may stand in a name
_ROOMY = 200  # a text that may be this long may have more than one line
_FOREIGN = "Zoë Åström, Łódź, Ελλάδα, 日本 "
# The first variant that a node allows is taken: the later ones suit short fields and narrow patterns.
_CONTENTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("capitals inside", ("eBay of McDonald", "eBay-McDonald", "McDonald", "aBa", "aB")),
    ("quotes and markup", ("O'Brien \"<b>&amp;</b>\"; DROP TABLE x;-- 100 % \\ {0}", "O'Brien \"&<b>",
                           "O'Brien", "<b>", "'", "&")),
    ("combining marks and emoji", ("Zoe\u0308 n\u0303 \U0001f44d\U0001f3fd", "e\u0308\U0001f44d",
                                   "e\u0308")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Maker:
    """Plain texts of a node; with a `key`, each has a part that nobody else has."""

    node: Node
    key: str | None = None

    def plain(self) -> Any:
        """The plainest text, MISSING where there is none."""
        return self._of(self.node)

    def sized(self, length: int) -> Any:
        """A text of exactly this length, MISSING where there is none or too few to be unique."""
        node = replace(self.node, min_length=length, max_length=length)
        if self.key is not None and room_for(node) is not None:
            return MISSING
        return self._of(node)

    def _of(self, node: Node) -> Any:
        found = text_series(node)
        text = MISSING if found is None else found.first()
        return text if self.key is None or text is MISSING else unique_value(node, text, self.key)


def text_edges(node: Node, key: str | None = None) -> Iterator[Edge]:
    """The edges, the most telling first; `key` is set where the text has to be unique."""
    maker = Maker(node, key)
    if node.is_file or maker.plain() is MISSING:
        return
    if node.likely and not node.formats:
        return  # what is more than the contract says may be refused, and what is not may be no text
    known = next(filter(None, map(format_named, node.formats)), None)
    # A format means more than it says, also one that nobody knows: no empty one, no free text.
    free = not node.formats or (known is not None and known.name == "password")
    yield from _first_of("empty", [""], node) if free and key is None else ()
    if known is None or known.stretch is not None:
        yield from _lengths(maker)
    if free:
        yield from _contents(maker)
    elif known is not None:
        for name, tries in edges_of_format(known.name, maker.plain()):
            yield from _first_of(name, tries, node)


def _contents(maker: Maker) -> Iterator[Edge]:
    """What free text is full of in real life, and what a pattern leaves of it."""
    node = maker.node
    yield from _first_of("spaces around", _spaced(maker.plain(), node.max_length), node)
    foreign = list(_first_of("beyond ASCII", _foreign(maker), node))
    if foreign:
        name, text = foreign[0]
        long = maker.key is None and len(text) == node.max_length
        yield f"{_counted(len(text))} beyond ASCII" if long else name, text
    elif maker.key is None:
        yield from _of_pattern(node)
    for name, variants in _CONTENTS:
        yield from _first_of(name, _filled(variants, maker), node)
    if node.max_length is None or node.max_length >= _ROOMY:
        yield from _first_of("two lines", _filled(("first line\nsecond line",), maker), node)


def _first_of(name: str, tries: Iterable[Any], node: Node) -> Iterator[Edge]:
    """The first that the node allows."""
    for text in tries:
        if text is not MISSING and not faults(node, text):
            yield name, text
            return


def _counted(length: int) -> str:
    return f"{length:,} character{'' if length == 1 else 's'}"


def _bounds(node: Node) -> tuple[int, int | None]:
    """The fewest and the most characters, as lengths and the pattern say it; None where nothing does."""
    low, high = node.min_length, node.max_length
    for pattern in node.patterns:
        least, most = lengths(pattern)
        low = max(low, least)
        if most is not None:
            high = most if high is None else min(high, most)
    return low, high


def _lengths(maker: Maker) -> Iterator[Edge]:
    low, high = _bounds(maker.node)
    if high is not None or not maker.node.formats:
        top = min(LONG if high is None else high, LONGEST)
        # A pattern or a format may have no text of just that length: base64 has every fourth.
        for length in range(top, max(top - (5 if maker.node.formats else 2), low), -1):
            if (text := maker.sized(length)) is not MISSING and len(text) == length:
                yield from _first_of(_counted(length), [text], maker.node)
                break
    for length in range(low, low + 3) if low else ():
        if (text := maker.sized(length)) is not MISSING and len(text) == length:
            yield from _first_of(_counted(length), [text], maker.node)
            break


def _of_pattern(node: Node) -> Iterator[Edge]:
    """The last text of the pattern, `ZZ-9999`, zeros in front, the signs that it leaves room for."""
    if len(node.patterns) != 1:
        return
    pattern, low, high = node.patterns[0], node.min_length, node.max_length
    last = ["".join(chars[-1] for chars in row) for row in skeletons(pattern, low, high)]
    for text in sorted((text for text in last if len(text) <= _SHOWN), reverse=True):
        if not faults(node, text):
            yield text, text
            break
    yield from _first_of("leading zeros", ["0012", "007", "0" * max(low - 1, 1) + "7"], node)
    for row in skeletons(pattern, max(low, 3), high, clean=False):
        signs = [[char for char in chars if char in punctuation + " "] for chars in row]
        text = "".join(
            found[place % len(found)] if found and set(chars) - {*found} else chars[0]
            for place, (chars, found) in enumerate(zip(row, signs, strict=True))
        )
        if len(row) <= _SHOWN and not text.isalnum() and not faults(node, text):
            yield text, text
            break


def _spaced(plain: str, longest: int | None) -> Iterator[str]:
    room = len(plain) if longest is None else longest - 3
    yield f"  {plain[: max(room, 1)]} "
    yield f" {plain[: max(room, 1)]} "
    yield f" {plain[:1]} "


def _filled(variants: tuple[str, ...], maker: Maker) -> Iterator[str]:
    """Each variant, made as long as it must be, and unique where that is asked for."""
    plain = str(maker.plain())
    for variant in variants:
        text = f"{variant} {plain}" if maker.key is not None else variant
        short = maker.node.min_length - len(text)
        yield text + (" " + "amber birch " * short)[: short - 1] + "x" if short > 0 else text


def _foreign(maker: Maker) -> Iterator[str]:
    """Letters of two and three bytes, as many as are allowed: what a length in bytes cuts."""
    node = maker.node
    if maker.key is None and node.max_length is not None and node.max_length <= LONGEST:
        text = (_FOREIGN * (1 + node.max_length // len(_FOREIGN)))[: node.max_length]
        yield text.rstrip(" ,").ljust(node.max_length, "é")
    yield from _filled((_FOREIGN.strip(), "Zoë Łódź", "Żółć", "Łé", "é"), maker)
