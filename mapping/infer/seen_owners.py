"""Columns that an API fills with the caller's id in the rows that it makes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..schema import Schema, Table
from .observed import RowSeen, Seen, Trial
from .seen_values import equal, leaves
from .special import Roles

LONG_ID = 8
"""Letters of an id that stands in a column by no chance."""
Facts = Mapping[str, Mapping[str, Any]]


def callers_columns(
    operations: Iterable[Seen], schema: Schema, facts: Facts
) -> dict[str, tuple[str, ...]]:
    """By table: the columns that each new row has the id of its caller in.

    Foreign keys to users; in a table that has none, columns of text, where ids are too long to stand
    there by chance. A row that is arranged with anybody else
    there belongs to somebody else: `this is not your course`.
    """
    users = Roles(schema).users
    by_table: dict[str, list[tuple[Trial, RowSeen]]] = {}
    for seen in operations:
        for trial in seen.trials:
            for row in trial.rows:
                if row.kind == "insert":
                    by_table.setdefault(row.table, []).append((trial, row))
    columns: dict[str, tuple[str, ...]] = {}
    for name, samples in by_table.items():
        table = schema.table(name)
        own = [
            column
            for column in (_candidates(table, users, facts) if table else ())
            if _holds_the_caller([(row.row.get(column), trial) for trial, row in samples], facts)
        ]
        if own:
            columns[name] = tuple(own)
    return columns


def _candidates(table: Table, users: str | None, facts: Facts) -> Iterator[str]:
    """Columns that may name a user and are no part of the key."""
    pointing = [
        key.columns[0]
        for key in table.foreign_keys
        if key.table == users and len(key.columns) == 1 and key.columns[0] not in table.primary_key
    ]
    yield from pointing
    ids = {str(known["id"]) for known in facts.values() if known.get("id") is not None}
    plain = not pointing and table.qualified != users and ids
    if not plain or min(map(len, ids)) < LONG_ID:
        return
    for name, column in table.columns.items():
        told = name in table.primary_key or table.foreign_key(name) is not None
        if not told and column.type in ("text", "uuid"):
            yield name


def _holds_the_caller(samples: Sequence[tuple[Any, Trial]], facts: Facts) -> bool:
    """Each value is the id of who called, and not just because a request said so."""
    for value, trial in samples:
        mine = facts.get(trial.actor, {}).get("id")
        if value is None or mine is None or not equal(value, mine):
            return False
    return any(not _is_sent(value, trial) for value, trial in samples)


def _is_sent(value: Any, trial: Trial) -> bool:
    sent = [one for _, one in leaves(trial.body)]
    return any(equal(value, one) for one in (*sent, *trial.path.values()))
