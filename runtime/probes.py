"""Probes: how tests see an effect that comes later, or somewhere else than in the answer.

A probe is one method, `seen`: the states in which its effect has been so far, first to last. Rows
are read from what the database captured, so that no state is missed between two looks. A queue, a
cache, an outgoing call or a mail is another class with the same method.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from ..comparison import same
from ..machine import Limit
from .database import Check

if TYPE_CHECKING:
    from .database import Changes, RowChanges

POLL_SECONDS = 0.02


class Probe(Protocol):
    """Reads one effect."""

    def seen(self) -> Sequence[Any]:
        """Each state that the effect has had, in order; empty before it is there."""


class Rows:
    """The values that one column of certain rows was given, step by step."""

    def __init__(self, changes: Changes, table: str, column: str, where: dict[str, Any]) -> None:
        self._changes, self._table, self._column, self._where = changes, table, column, where

    def seen(self) -> Sequence[Any]:
        return [
            step.after[self._column]
            for step in self._changes.steps
            if step.table == self._table
            and step.after is not None
            and step.after.holds(**self._where)
        ]

    def __repr__(self) -> str:
        return f"{self._table}.{self._column}"


def states(changes: Changes, table: str, column: str, /, **where: Any) -> Rows:
    """The states of rows of a table, told by the values of one column, while a watch lasts."""
    return Rows(changes, table, column, where)


class Counted:
    """How many rows changed in one way so far."""

    def __init__(self, rows: Callable[[], RowChanges]) -> None:
        self._rows = rows

    def seen(self) -> Sequence[Any]:
        return [len(self._rows())]

    def __repr__(self) -> str:
        return "the number of rows"


def counted(rows: Callable[[], RowChanges]) -> Counted:
    """The number of rows that changed in one way, while a watch lasts.

    `counted(lambda: changes.inserted("mails").where(order_id=1))`; its only state is that number.
    """
    return Counted(rows)


def comes_to(probe: Probe, state: Any, *, within: float) -> Check:
    """Holds as soon as the effect is in this state; looks for at most `within` seconds.

    That is on an idle machine; on a busy one whoever brings the effect about gets less of a processor,
    and so many times more time.

    That it came there once, and by which states, is what `went_through` tells afterwards.
    """
    limit = Limit(within)
    seen = probe.seen()
    while not (seen and same(state, seen[-1])) and not limit.is_over:
        time.sleep(POLL_SECONDS)
        seen = probe.seen()
    reached = bool(seen) and same(state, seen[-1])
    return Check(reached, f"{probe!r} went through {seen!r} in {within:g} s, and not to {state!r}")


def went_through(probe: Probe, *states: Any) -> Check:
    """Holds when the effect has been in just these states, in this order, each once."""
    seen = probe.seen()
    right = len(seen) == len(states) and all(map(same, states, seen))
    return Check(right, f"{probe!r} went through {seen!r}, not {list(states)!r}")
