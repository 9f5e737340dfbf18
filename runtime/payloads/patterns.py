"""Regular expressions as numbered texts: which text is the n-th that a pattern matches.

Hypothesis draws texts from a pattern at random; unique values and deterministic examples need them by
number. A pattern is laid out as a few skeletons, rows of slots with the characters each may hold, and a
number fills the slots like digits, so different numbers give different texts. Groups that look ahead,
boundaries and back references are not part of a skeleton: the finished text is held against the pattern.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from string import ascii_lowercase, ascii_uppercase, digits, punctuation
from typing import Any

from .ecma import translated
from .limits import MOST_PATTERN_CHARACTERS

_CLEAN = ascii_lowercase + digits + ascii_uppercase
_PRINTABLE = _CLEAN + punctuation + " "
_BEYOND = "\u00e9\u0416\u4e2d\u6587"  # for patterns that want no ASCII
_KINDS = (ascii_uppercase, ascii_lowercase, digits, punctuation)


@dataclass(frozen=True, slots=True)
class Slot:
    """One character out of these, the plainest first."""

    chars: str


@dataclass(frozen=True, slots=True)
class Repeat:
    """A part that stands there `low` to `high` times."""

    part: tuple[Part, ...]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Either:
    """One of these parts."""

    parts: tuple[tuple[Part, ...], ...]


Part = Slot | Repeat | Either
Skeleton = tuple[str, ...]


@lru_cache(maxsize=4096)
def skeletons(
    pattern: str, shortest: int, longest: int | None, *, clean: bool = True
) -> tuple[Skeleton, ...]:
    """Rows of slots for texts of the allowed length, the shortest first; none if it cannot be done.

    `clean` keeps to letters and digits where the pattern leaves the choice. Otherwise kinds of characters
    take turns, as a pattern wants them that looks ahead for a capital, a digit and a sign.
    """
    try:
        parts = _parts(parser.parse(translated(pattern)))
        if max(_least(parts), shortest) > MOST_PATTERN_CHARACTERS:
            return ()
        rows = list(_laid_out(parts, shortest))
    except (re.error, OverflowError, RecursionError, NotImplementedError):
        return ()
    highest = MOST_PATTERN_CHARACTERS if longest is None else min(longest, MOST_PATTERN_CHARACTERS)
    fitting = [row for row in rows if shortest <= len(row) <= highest and all(row)]
    found = [tuple(map(_plainest, row)) if clean else _in_turns(row) for row in fitting]
    return tuple(sorted(dict.fromkeys(found), key=len))


@lru_cache(maxsize=4096)
def lengths(pattern: str) -> tuple[int, int | None]:
    """The fewest and the most characters that the pattern's own parts have, None where it names no most.

    Of a pattern that is not anchored at both ends there is no telling what stands around it: (0, None).
    """
    try:
        tree = list(parser.parse(translated(pattern)))
        parts = _parts(tree)
    except (re.error, OverflowError, RecursionError, NotImplementedError):
        return 0, None
    ends = (ops.AT, ops.AT_BEGINNING), (ops.AT, ops.AT_END_STRING)
    if not tree or (tree[0], tree[-1]) != ends:
        return 0, None
    most = _most(parts)
    return _least(parts), most if most < MOST_PATTERN_CHARACTERS else None


def _least(parts: tuple[Part, ...]) -> int:
    total = 0
    for part in parts:
        if isinstance(part, Slot):
            total += 1
        elif isinstance(part, Repeat):
            total += part.low * _least(part.part)
        else:
            total += min(map(_least, part.parts))
    return total


def _most(parts: tuple[Part, ...]) -> int:
    total = 0
    for part in parts:
        if isinstance(part, Slot):
            total += 1
        elif isinstance(part, Repeat):
            total += part.high * _most(part.part)
        else:
            total += max(map(_most, part.parts))
    return total


def _laid_out(parts: tuple[Part, ...], shortest: int) -> Iterator[Skeleton]:
    """The pattern's alternatives at some lengths from the fewest characters that will do."""
    for choice in range(8):
        missing = max(0, shortest - _length(parts, choice))
        for extra in (missing, missing + 2, missing + 5, missing + 12):
            yield tuple(_filled(parts, choice, _Budget(extra)))


def _parts(tree: Iterable[Any]) -> tuple[Part, ...]:
    return tuple(part for op, argument in tree for part in _part(op, argument))


def _part(op: Any, argument: Any) -> Iterator[Part]:
    if op is ops.LITERAL:
        yield Slot(chr(argument))
    elif op is ops.NOT_LITERAL:
        yield Slot(_PRINTABLE.replace(chr(argument), ""))
    elif op is ops.ANY:
        yield Slot(_PRINTABLE)
    elif op is ops.IN:
        yield Slot(_set(argument))
    elif op in (ops.MAX_REPEAT, ops.MIN_REPEAT, ops.POSSESSIVE_REPEAT):
        low, high, inner = argument
        yield Repeat(
            _parts(inner), int(low), MOST_PATTERN_CHARACTERS if high is ops.MAXREPEAT else int(high)
        )
    elif op is ops.SUBPATTERN:
        yield from _parts(argument[3])
    elif op is ops.ATOMIC_GROUP:
        yield from _parts(argument)
    elif op is ops.BRANCH:
        yield Either(tuple(_parts(part) for part in argument[1]))
    elif op not in (ops.AT, ops.ASSERT, ops.ASSERT_NOT):
        raise NotImplementedError(str(op))


@lru_cache(maxsize=1024)
def _plainest(chars: str) -> str:
    """Letters and digits where the pattern leaves them: a readable text is the better evidence."""
    return "".join(char for char in _CLEAN if char in chars) or "".join(dict.fromkeys(chars))


def _in_turns(slots: Skeleton) -> Skeleton:
    """A capital first in one slot, a small letter in the next, then a digit, then a sign."""
    return tuple(
        "".join(sorted(dict.fromkeys(chars), key=lambda char: char not in _KINDS[place % 4]))
        for place, chars in enumerate(slots)
    )


def _set(items: Iterable[Any]) -> str:
    entries = list(items)
    negated = bool(entries) and entries[0][0] is ops.NEGATE
    chars: list[str] = []
    for op, argument in entries:
        if op is ops.LITERAL:
            chars.append(chr(argument))
        elif op is ops.RANGE:
            low, high = argument
            chars += [chr(code) for code in range(low, min(high, low + 255) + 1)]
        elif op is ops.CATEGORY:
            chars += _category(argument)
    if negated:
        outside = "".join(char for char in _PRINTABLE if char not in chars)
        return outside or "".join(char for char in _BEYOND if char not in chars)
    return "".join(chars)


def _category(name: Any) -> str:
    inside = {
        "DIGIT": digits,
        "SPACE": " ",
        "WORD": _CLEAN + "_",
    }
    word = str(name).rpartition("_")[2]
    chars = inside.get(word, "")
    if "_NOT_" in str(name):
        return "".join(char for char in _PRINTABLE if char not in chars)
    return chars


class _Budget:
    """How many characters beyond the fewest are still to be spent."""

    def __init__(self, left: int) -> None:
        self.left = left


def _length(parts: tuple[Part, ...], choice: int) -> int:
    total = 0
    for part in parts:
        if isinstance(part, Slot):
            total += 1
        elif isinstance(part, Repeat):
            total += part.low * _length(part.part, choice) if part.low else 0
        else:
            total += _length(part.parts[choice % len(part.parts)], choice)
    return total


def _filled(parts: tuple[Part, ...], choice: int, budget: _Budget) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Slot):
            yield part.chars
        elif isinstance(part, Either):
            yield from _filled(part.parts[choice % len(part.parts)], choice, budget)
        else:
            yield from _repeated(part, choice, budget)


def _repeated(repeat: Repeat, choice: int, budget: _Budget) -> Iterator[str]:
    once = _length(repeat.part, choice)
    done = 0
    while done < repeat.low or (done < repeat.high and 0 < once <= budget.left):
        if done >= repeat.low:
            budget.left -= once
        yield from _filled(repeat.part, choice, budget)
        done += 1
        if done > MOST_PATTERN_CHARACTERS:
            raise NotImplementedError("a repeat without end")
