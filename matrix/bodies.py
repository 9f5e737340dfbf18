"""What is known of an operation's bodies before anything runs: where spec and columns differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..mapping.resolve import Resolved, Write


@dataclass(frozen=True, slots=True)
class Bodies:
    """`findings` are sentences for the reports ("name: spec allows 500 characters, customers.name
    holds 255"); `overflow` says that some valid body holds what a column cannot, `unsendable` why no
    valid request can be made at all."""

    findings: tuple[str, ...] = ()
    overflow: bool = False
    unsendable: str = ""


NOT_SEEN = Bodies()

Look = Callable[[Write, Resolved], Bodies]
"""How the matrix learns of bodies; they are made in another room."""


def unseen(write: Write, resolved: Resolved) -> Bodies:
    """Nothing was looked at."""
    return NOT_SEEN
