"""Values by number: the n-th text, number or date that a schema allows.

One numbering serves all: Hypothesis draws the number (and shrinks it), a deterministic body takes the
first, a unique field takes one that nobody else has.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class _Missing:
    """No value at all; there is one of it, also after copying."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __deepcopy__(self, _: Any) -> _Missing:
        return self


MISSING: Any = _Missing()
_TRIES = 400


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """`make` for each whole number from `low` to `high`; different numbers, different values.

    `make` gives MISSING for a number without a value. `origin` is the number of the plainest value.
    """

    make: Callable[[int], Any]
    low: int
    high: int
    origin: int = 0

    @property
    def size(self) -> int:
        return max(0, self.high - self.low + 1)

    def numbered(self, index: int) -> Any:
        """The value of one number, counted from the plainest one upwards, then downwards."""
        index %= self.size
        above = self.high - self.origin
        return self.make(self.origin + index if index <= above else self.high - index)

    def at(self, number: int) -> Any:
        """The value at a number from `low` to `high`, the next one with a value where it has none."""
        value = self.make(number)
        for step in range(1, _TRIES):
            if value is not MISSING:
                return value
            value = self.make(self.low + (number - self.low + step) % self.size)
        return self.first()

    def first(self, index: int = 0, tries: int = _TRIES) -> Any:
        """The index-th value, counted from the plainest; MISSING if there is none near it."""
        if not self.size:
            return MISSING
        for step in range(tries):
            value = self.numbered(index + step)
            if value is not MISSING:
                return value
        return MISSING


def series(make: Callable[[int], Any], size: int) -> Series:
    """A numbering from 0; `size` is the number of values."""
    return Series(make, 0, size - 1)


def accepted(inner: Series, accept: Callable[[Any], bool]) -> Series:
    """The same numbering without the values that are not accepted."""

    def make(number: int) -> Any:
        value = inner.make(number)
        return value if value is not MISSING and accept(value) else MISSING

    return Series(make, inner.low, inner.high, inner.origin)
