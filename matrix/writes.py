"""What an operation writes, as the faults and pause points of a database name it."""

from __future__ import annotations

from ..mapping.entry import Change
from ..mapping.resolve import Write

VERBS = {"inserts": "insert", "creates": "insert", "updates": "update", "deletes": "delete"}
COMMIT = "commit"


def main_write(write: Write) -> str | None:
    """`insert orders`: what it does to its own resource; None when it has none."""
    if write.kind is None or write.resource is None:
        return None
    return f"{'update' if write.soft else VERBS[write.kind]} {write.resource.table}"


def change_write(change: Change) -> str:
    """`update products`."""
    return f"{VERBS[change.kind]} {change.table}"


def writes_of(write: Write) -> tuple[str, ...]:
    """Each write that the mapping tells of, its own resource's first.

    Those of workers are left out, and those that need not happen: no fault could wait for them.
    """
    own = main_write(write)
    found = [own] if own else []
    sure = (c for c in write.changes if c.within is None and c.rows != "any")
    found += [change_write(change) for change in sure]
    return tuple(dict.fromkeys(found))
