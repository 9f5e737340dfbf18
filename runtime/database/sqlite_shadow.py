"""SQLite: the shadow tables of virtual tables, watched by comparison with a copy.

The one degraded mode of this engine: a mark, a watch and an undo cost what these tables hold. A mark's
copy is in memory; the one made at install is in the database, for the time after kill -9.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .names import OWN
from .row import Kind, RowChange
from .sqlite_capture import Layout, quoted
from .tables import Tables

COPY = f"{OWN}copy_"
Image = tuple[Any, ...]
Copies = Mapping[str, Mapping[Image, Image]]  # table -> key -> stored columns


def take(connection: sqlite3.Connection, layouts: Sequence[Layout]) -> Copies:
    """What the tables hold now."""
    return {layout.name: _rows(connection, layout) for layout in layouts}


def _rows(connection: sqlite3.Connection, layout: Layout) -> dict[Image, Image]:
    keys = layout.key_columns()
    columns = ", ".join([*keys, *map(quoted, layout.stored)])
    rows = connection.execute(f"SELECT {columns} FROM {quoted(layout.name)}").fetchall()
    return {row[: len(keys)]: row[len(keys) :] for row in rows}


def store(connection: sqlite3.Connection, layouts: Sequence[Layout]) -> None:
    """Copies within the database, untyped columns: every value stays as it is."""
    for layout in layouts:
        columns = [*layout.key_columns(), *map(quoted, layout.stored)]
        names = ", ".join(f"c{i}" for i in range(len(columns)))
        connection.execute(f"CREATE TABLE {COPY}{layout.number}({names})")
        connection.execute(
            f"INSERT INTO {COPY}{layout.number} SELECT {', '.join(columns)} FROM {quoted(layout.name)}"
        )


def load(connection: sqlite3.Connection, layouts: Sequence[Layout]) -> Copies:
    """What `store` copied."""
    found = {}
    for layout in layouts:
        rows = connection.execute(f"SELECT * FROM {COPY}{layout.number}").fetchall()
        width = len(layout.key_columns())
        found[layout.name] = {row[:width]: row[width:] for row in rows}
    return found


def _differences(
    connection: sqlite3.Connection, layout: Layout, copies: Copies
) -> Iterator[tuple[Image, Image | None, Image | None]]:
    then, now = copies[layout.name], _rows(connection, layout)
    for key in {**then, **now}:
        before, after = then.get(key), now.get(key)
        if before != after:
            yield key, before, after


def changes(
    connection: sqlite3.Connection, layouts: Sequence[Layout], tables: Tables, copies: Copies
) -> Iterator[RowChange]:
    """The differences as row changes: net ones, nobody knows in which steps and by whom."""
    for layout in layouts:
        if not layout.shown:
            continue
        info = tables[layout.name]
        for key, before, after in _differences(connection, layout, copies):
            images = [
                None if image is None else info.typed(dict(zip(layout.stored, image, strict=True)))
                for image in (before, after)
            ]
            kind: Kind = "insert" if before is None else "delete" if after is None else "update"
            shown = dict(zip(layout.shown_key(), key, strict=True))
            yield RowChange(layout.name, kind, shown, images[0], images[1], shown)


def put_back(connection: sqlite3.Connection, layouts: Sequence[Layout], copies: Copies) -> int:
    """Makes the tables hold what the copies hold; how many rows differed."""
    count = 0
    for layout in layouts:
        table, keys = quoted(layout.name), layout.key_columns()
        where = " AND ".join(f"{key} = ?" for key in keys)
        found = list(_differences(connection, layout, copies))
        for key, _, after in found:
            if after is not None:
                connection.execute(f"DELETE FROM {table} WHERE {where}", key)
        for key, before, _ in found:
            if before is not None:
                columns, values = [*map(quoted, layout.stored)], [*before]
                if layout.rowid and not layout.alias:
                    columns, values = [layout.rowid, *columns], [*key, *values]
                marks = ", ".join("CAST(? AS TEXT)" if isinstance(v, str) else "?" for v in values)
                connection.execute(
                    f"INSERT INTO {table}({', '.join(columns)}) VALUES ({marks})",
                    [_bytes(value) for value in values],
                )
        count += len(found)
    return count


def _bytes(value: Any) -> Any:
    """Text as bytes to be cast back: it need not be valid UTF-8."""
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
