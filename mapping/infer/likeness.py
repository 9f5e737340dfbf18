"""How alike two names are: words equal, in another number, abbreviated, or of one meaning."""

from __future__ import annotations

from functools import lru_cache

from ..names import singular
from .abbreviations import CLASSES, SHORT, these

Words = tuple[str, ...]

UNITS = these(
    """
    cents cent minor pence kg g gram grams lb km m cm mm ms seconds sec minutes min hours days
    bytes kb mb eur usd percent pct utc
    """
)
"""Words that tell in what something is counted."""
SOFT = UNITS | these(
    """
    id is has flag flg fk pk ref value val the at on dt hash hashed digest encrypted ind date no
    number code cd by
    """
)
"""Words that a column's name has more than the field's, or fewer, without meaning another thing."""
TABLE_WORDS = these(
    "tbl tb table t mst master mstr hdr header data info entity entities records record ms tr trn"
)
"""Words that names of tables have and nobody says."""
_MEANING = {word: number for number, group in enumerate(CLASSES) for word in group}
_VOWELS = frozenset("aeiouy")


@lru_cache(maxsize=65536)
def word_likeness(one: str, other: str) -> float:
    """0 to 1 for two lower-case words."""
    if one == other:
        return 1.0
    if singular(one) == singular(other):
        return 0.99
    short, long = sorted((one, other), key=len)
    for brief, whole in ((short, long), (long, short)):
        meant = SHORT.get(brief, ())
        if whole in meant or singular(whole) in meant:
            return 0.93
        if any(_MEANING.get(word, -1) == _MEANING.get(whole, -2) for word in meant):
            return 0.85
    if _MEANING.get(one, -1) == _MEANING.get(other, -2):
        return 0.8
    return _abbreviates(short, long) or _typo(one, other) or _stem(one, other)


def _abbreviates(short: str, long: str) -> float:
    """A beginning, or the consonants, of a longer word."""
    if len(short) < 2 or short[0] != long[0] or len(long) - len(short) < 2:
        return 0.0
    if long.startswith(short) and len(short) >= 3:
        return 0.85
    skeleton = long[0] + "".join(letter for letter in long[1:] if letter not in _VOWELS)
    if skeleton == short:
        return 0.85
    if skeleton.startswith(short) or _inside(short, skeleton):
        return 0.7 if len(short) > 2 else 0.6
    return 0.0


def _inside(short: str, long: str) -> bool:
    rest = iter(long)
    return all(letter in rest for letter in short)


def _stem(one: str, other: str) -> float:
    """Words of one root: `published` and `publication`."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return 0.6 if shared >= 5 and shared * 2 >= min(len(one), len(other)) else 0.0


def told_words(own: Words) -> Words:
    """The words of a table's name without those that say nothing."""
    return tuple(word for word in own if word not in TABLE_WORDS) or own


def _typo(one: str, other: str) -> float:
    if min(len(one), len(other)) < 5:
        return 0.0
    from rapidfuzz import fuzz

    alike = fuzz.ratio(one, other) / 100
    return 0.75 * alike if alike >= 0.85 else 0.0


@lru_cache(maxsize=131072)
def likeness(field: Words, column: Words, around: Words = ()) -> float:
    """0 to 1 for two names as words; `around` are words that go without saying, such as the table's.

    Each word of one is laid on the likest of the other, order kept out of it; what is left over
    counts against them, less so when it is soft (a unit, a flag, `id`).
    """
    if not field or not column:
        return 0.0
    if field == column:
        return 1.0
    if "".join(field) == "".join(column):
        return 0.99
    if field != (merged := _merged(field, column)):
        return 0.95 * likeness(merged, column, around)
    if column != (merged := _merged(column, field)):
        return 0.95 * likeness(field, merged, around)
    pairs = sorted(
        ((word_likeness(a, b), i, j) for i, a in enumerate(field) for j, b in enumerate(column)),
        key=lambda pair: (-pair[0], abs(pair[1] - pair[2])),
    )
    left, right = set(range(len(field))), set(range(len(column)))
    laid = total = 0.0
    for alike, i, j in pairs:
        if alike < 0.5 or i not in left or j not in right:
            continue
        left.discard(i)
        right.discard(j)
        weight = 0.4 if field[i] in SOFT and column[j] in SOFT else 1.0
        laid += alike * weight
        total += weight
    if not total:
        return 0.0
    over = [_weight(field[i], around) for i in left] + [_weight(column[j], around) for j in right]
    return laid / (total + sum(over))


def _merged(long: Words, short: Words) -> Words:
    """Words in a row whose first letters are one word on the other side, as that word: `on hand`
    beside `oh`."""
    for word in short:
        size = len(word)
        if not 2 <= size <= 4 or word in long:
            continue
        for at in range(len(long) - size + 1):
            if "".join(one[0] for one in long[at : at + size]) == word:
                return (*long[:at], word, *long[at + size :])
    return long


def _weight(word: str, around: Words) -> float:
    """How much a word that is on one side only counts."""
    if word in UNITS:
        return 0.12
    if any(word_likeness(word, known) >= 0.85 for known in around):
        return 0.12
    return 0.2 if word in SOFT else 0.55
