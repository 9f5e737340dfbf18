"""One way to break a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ...mapping.leniency import Leniency


@dataclass(frozen=True, slots=True, eq=False)
class Breach:
    """`change` takes the value that stands there (MISSING if none does) to one that breaks the rule."""

    rule: str
    said: str
    change: Callable[[Any], Any]
    coercible: Leniency | None = None
    """What a reader must be lenient with to make a right value of it on purpose: `"12"` a number, `1` a
    boolean."""
    padded: bool = False
    """Only what stands around the text is wrong: a reader that trims texts makes a right one of it."""
