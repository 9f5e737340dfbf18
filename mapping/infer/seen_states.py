"""Texts that an API puts into rows by itself, such as the state of a row: what new rows have, and what
other operations make of it.

A text column has no list of its values (Django's choices, SQLAlchemy's String), so a row that is
arranged with any text at all is in a state that no operation knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, TypeGuard
from uuid import UUID

from ..schema import Schema, Table
from .observed import RowSeen, Seen, Trial

LONGEST = 40
"""Characters; longer texts are no names of states."""


def new_row_states(seen: Seen, schema: Schema) -> dict[str, dict[str, str]]:
    """Table -> column -> the text that each new row of it had and that no request named."""
    states: dict[str, dict[str, str]] = {}
    by_table: dict[str, list[tuple[Trial, RowSeen]]] = {}
    for trial in seen.trials:
        for row in trial.rows:
            if row.kind == "insert":
                by_table.setdefault(row.table, []).append((trial, row))
    for name, samples in by_table.items():
        table = schema.table(name)
        if table is None or len(samples) < 2:
            continue
        for column in _state_texts(table):
            values = {row.row.get(column) for _, row in samples}
            value = next(iter(values))
            if len(values) == 1 and _is_own(value, (trial for trial, _ in samples)):
                states.setdefault(name, {})[column] = value
    return states


def state_texts(operations: Iterable[Seen], schema: Schema) -> dict[tuple[str, str], list[str]]:
    """(table, column) -> the texts that operations were seen to put there by themselves."""
    texts: dict[tuple[str, str], list[str]] = {}
    for seen in operations:
        for table, columns in new_row_states(seen, schema).items():
            for column, value in columns.items():
                _add(texts, (table, column), value)
        for trial in seen.trials:
            for row in trial.rows:
                table_of_row = schema.table(row.table)
                if row.kind != "update" or table_of_row is None:
                    continue
                for column in set(_state_texts(table_of_row)) & row.changed.keys():
                    value = row.changed[column][1]
                    if _is_own(value, (trial,)):
                        _add(texts, (row.table, column), value)
    return texts


def _add(texts: dict[tuple[str, str], list[str]], place: tuple[str, str], value: str) -> None:
    if value not in texts.setdefault(place, []):
        texts[place].append(value)


def _state_texts(table: Table) -> Iterator[str]:
    """Columns that may hold the name of a state."""
    single = {columns[0] for columns in table.unique if len(columns) == 1}
    for name, column in table.columns.items():
        if column.type not in ("text", "enum") or column.generated or name in single:
            continue
        if name not in table.primary_key and not table.foreign_key(name):
            yield name


def _is_own(value: Any, trials: Iterable[Trial]) -> TypeGuard[str]:
    """A short text that no request named, and that is no moment and no key."""
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or _is_moment_or_key(value):
        return False
    return not any(_named(value, trial) for trial in trials)


def _named(value: str, trial: Trial) -> bool:
    sent = (trial.body, trial.path, trial.query)
    return any(value.lower() == text.lower() for node in sent for text in _texts(node))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        for inner in node.values():
            yield from _texts(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _texts(inner)
    elif isinstance(node, str):
        yield node


def _is_moment_or_key(value: str) -> bool:
    for read in (datetime.fromisoformat, UUID):
        try:
            read(value)
        except ValueError:
            continue
        return True
    return False
