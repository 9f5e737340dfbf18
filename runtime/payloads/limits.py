"""How much a payload may take: counts that hold on every machine, beyond which a schema is a gap."""

from __future__ import annotations

from sys import float_info

from .errors import NoPayload

MOST_ITEMS = 10_000
"""Elements of an array."""
MOST_CHARACTERS = 1_000_000
"""Characters of a text."""
MOST_PROPERTIES = 1_000
"""Properties of an object beyond those that are declared."""
MOST_COMBINATIONS = 1_000
"""Ways to choose among the alternatives of one schema: those of `oneOf` and `anyOf`, multiplied."""
MOST_PATTERN_CHARACTERS = 4_000
"""Characters of a text that is made of a pattern."""
LARGEST = int(float_info.max)
"""The number that a double holds at most; JSON is read into doubles nearly everywhere."""
MOST_STEPS = 100_000
"""Steps back of the engine that looks for a pattern in a text."""


def check_count(wanted: int, most: int, what: str) -> None:
    """Raise NoPayload where a schema wants more than is written."""
    if wanted > most:
        raise NoPayload(f"{what} {wanted}: more than {most:,} are not written")
