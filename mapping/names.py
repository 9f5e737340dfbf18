"""Words and names: from wire names to column names, singular and plural, the nearest right one.

Wire names come in camel, Pascal, kebab and snake case; columns nearly always in snake case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

_BETWEEN = re.compile(r"[\W_]+")

NEAR_ENOUGH = 72
"""Similarity (0 to 100) from which a name is worth suggesting; below it suggestions mislead."""


@lru_cache(maxsize=8192)
def words(name: str) -> tuple[str, ...]:
    """The lower-case words of a name in any case: `HTTPServerId` is `("http", "server", "id")`."""
    return tuple(word for part in _BETWEEN.split(name) for word in _humps(part))


def _humps(part: str) -> Iterator[str]:
    """The words of a part without separators: a capital begins one, unless it is one of many."""
    start = 0
    for at in range(1, len(part)):
        before, letter, after = part[at - 1], part[at], part[at + 1 : at + 2]
        if letter.isupper() and (not before.isupper() or after.islower()):
            yield part[start:at].lower()
            start = at
    if part:
        yield part[start:].lower()


@lru_cache(maxsize=8192)
def snake(name: str) -> str:
    """`customerId`, `customer-id` and `CustomerID` are `customer_id`."""
    return "_".join(words(name)) or name


def squashed(name: str) -> str:
    """Letters and digits only: `addressLine1` and `address_line_1` are the same then."""
    return "".join(words(name)) or name.lower()


@lru_cache(maxsize=8192)
def singular(name: str) -> str:
    """`orders` is `order`, `line-items` is `line_item`, `status` stays what it is."""
    import inflection

    first, last = _split(snake(name))
    return first + inflection.singularize(last)


@lru_cache(maxsize=8192)
def plural(name: str) -> str:
    """`order` is `orders`, `orderItem` is `order_items`."""
    import inflection

    first, last = _split(snake(name))
    return first + inflection.pluralize(last)


def same_thing(one: str, other: str) -> bool:
    """Whether two names differ in case and number alone: `lineItem` and `line_items`."""
    return singular(one) == singular(other)


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that `word` was probably meant to be; None when nothing is near."""
    from rapidfuzz import fuzz, process

    known = sorted(set(choices))
    found = process.extractOne(
        word, known, scorer=fuzz.ratio, processor=str.lower, score_cutoff=NEAR_ENOUGH
    )
    return found[0] if found else None


def did_you_mean(word: str, choices: Iterable[str], *, most: int = 8) -> str:
    """The end of a message: the nearest name, or else the names there are."""
    known = sorted(set(choices))
    near = nearest(word, known)
    if near is not None:
        return f"did you mean `{near}`?"
    if not known:
        return ""
    shown = ", ".join(f"`{name}`" for name in known[:most])
    rest = f" and {len(known) - most} more" if len(known) > most else ""
    return f"known: {shown}{rest}"


def _split(name: str) -> tuple[str, str]:
    """All words but the last, and the last: only the last one is counted."""
    before, mark, last = name.rpartition("_")
    return before + mark, last
