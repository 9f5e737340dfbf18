"""Texts that satisfy length, pattern and format together, as a numbering."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

from .ecma import found_in
from .format import Format
from .formats import format_named
from .node import Node
from .patterns import Skeleton, skeletons
from .series import MISSING, Series, accepted, series
from .words import DRAWN, WORDS, fit, letters, words

Written = Callable[[str], str]
# Words of one, two and three parts: what takes these takes the others.
_PROBES = (0, 9, 42, 64, 1_000, 4_159, 50_000, DRAWN - 1)
_LONG = 100  # characters of a skeleton
_MOST = 2**64  # numbers beyond it only make drawing slow


def text_series(node: Node) -> Series | None:
    """The texts that the node allows; None where a pattern cannot be numbered."""
    if node.likely and not (node.patterns or node.formats or node.is_file):
        form = format_named(node.likely)
        found = formatted(form, node.min_length, node.max_length) if form else None
        if found is not None and found.first() is not MISSING:
            return found
    return _series(
        node.patterns, node.formats, node.min_length, node.max_length, is_file=node.is_file
    )


@lru_cache(maxsize=8192)
def _series(
    patterns: tuple[str, ...],
    formats: tuple[str, ...],
    shortest: int,
    longest: int | None,
    *,
    is_file: bool,
) -> Series | None:
    known = tuple(form for name in formats if (form := format_named(name)))

    def valid(text: str) -> bool:
        return all(found_in(pattern, text) for pattern in patterns) and all(
            form.holds(text) for form in known
        )

    if known and not is_file:
        found = formatted(known[0], shortest, longest)
        if not patterns and len(known) == 1:
            loose = not known[0].strict and found.first() is MISSING
            return worded(shortest, longest) if loose else found
        if found.size and accepted(found, valid).first() is not MISSING:
            return accepted(found, valid)
    if patterns:
        plain = _plain_words(shortest, longest, valid)
        return plain or _matching(patterns, shortest, longest, valid)
    return worded(shortest, longest)


def formatted(form: Format, shortest: int, longest: int | None) -> Series:
    """Values of a format at an allowed length."""

    def make(number: int) -> object:
        text = form.make(number)
        if len(text) < shortest and form.stretch is not None:
            text = form.stretch(text, shortest)
        fits = shortest <= len(text) and (longest is None or len(text) <= longest)
        return text if fits else MISSING

    size = form.size
    while size > 1 and make(size - 1) is MISSING:
        size //= len(WORDS)  # the longest values do not fit: one word less
    return series(make, max(size, 1))


def worded(shortest: int, longest: int | None) -> Series:
    """Plain words; letters where there is no room for words."""
    if longest is not None and longest < 6:
        width = min(max(shortest, 1), longest) if longest else 0
        wide = max(width, min(longest, 3))
        return series(lambda n: letters(n, width if n < 26**width else wide), 26**wide)
    return series(lambda n: fit(words(n), shortest, longest), DRAWN)


def _plain_words(shortest: int, longest: int | None, valid: Callable[[str], bool]) -> Series | None:
    """Words, where a pattern takes them one way or another: `amber birch`, `amber-birch`, `AMBER`."""
    if longest is not None and longest < 6:
        return None
    for between in (" ", "-", "_"):
        for written in (str, str.upper, str.capitalize):

            def make(number: int, between: str = between, written: Written = written) -> str:
                return written(fit(words(number, between), shortest, longest, between))

            if all(valid(make(number)) for number in _PROBES):
                return accepted(series(make, DRAWN), valid)
    return None


def _matching(
    patterns: tuple[str, ...],
    shortest: int,
    longest: int | None,
    valid: Callable[[str], bool],
) -> Series | None:
    """Texts of the first pattern that the others accept, too."""
    for pattern in patterns:
        for clean in (True, False):
            rows = skeletons(pattern, shortest, longest, clean=clean)
            usable = [row for row in rows if _usable(row, valid)]
            if usable:
                return accepted(_joined(usable), valid)
    return None


def _usable(row: Skeleton, valid: Callable[[str], bool]) -> bool:
    """Whether a text of the skeleton is valid; of long ones few are tried, as each takes its time."""
    tries = 400 if len(row) <= _LONG else 8
    return accepted(_filled(row), valid).first(tries=tries) is not MISSING


def capacity(row: Skeleton) -> int:
    """How many texts a skeleton has."""
    return math.prod(len(chars) for chars in row)


def _filled(row: Skeleton) -> Series:
    return series(lambda number: fill(row, number), min(capacity(row), _MOST))


def fill(row: Skeleton, number: int) -> str:
    """The text whose characters are the digits of the number."""
    text = []
    for chars in reversed(row):
        number, digit = divmod(number, len(chars))
        text.append(chars[digit])
    return "".join(reversed(text))


def _joined(rows: list[Skeleton]) -> Series:
    """One numbering after the other, the shortest texts first."""
    sizes = [min(capacity(row), _MOST) for row in rows]

    def make(number: int) -> object:
        for row, size in zip(rows, sizes, strict=True):
            if number < size:
                return fill(row, number)
            number -= size
        return MISSING

    return series(make, sum(sizes))


@lru_cache(maxsize=1024)
def roomiest(
    patterns: tuple[str, ...], shortest: int, longest: int | None, room: int
) -> Series | None:
    """One skeleton alone with at least `room` texts, else the one with most: for unique values.

    They differ also for a database that takes `a` and `A` for the same.
    """
    best: Skeleton | None = None
    for least in dict.fromkeys((shortest, 4, 8, 12, 16, 24, 32)):
        if least < shortest or (longest is not None and least > longest):
            continue
        for full in skeletons(patterns[0], least, longest):
            row = tuple(map(_folded, full))
            if best is None or capacity(best) < min(capacity(row), room):
                best = row
    if best is None:
        return None
    return accepted(_filled(best), lambda text: all(found_in(part, text) for part in patterns))


@lru_cache(maxsize=1024)
def _folded(chars: str) -> str:
    """Each letter once, in the case that comes first."""
    return "".join({char.casefold(): char for char in reversed(chars)}.values())[::-1]
