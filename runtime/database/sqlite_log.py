"""SQLite: reading the log as row changes, and hashing whole tables."""

from __future__ import annotations

import hashlib
import sqlite3
import struct
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from .row import Kind, RowChange
from .sqlite_capture import LOG, Layout, quoted, survey
from .tables import Tables

KINDS: Mapping[str, Kind] = {"I": "insert", "U": "update", "D": "delete", "P": "delete"}
OWN_COLUMNS = 6  # id, tbl, op, harness, ro, rn come before the images


def read_steps(
    connection: sqlite3.Connection, layouts: Sequence[Layout], tables: Tables, since: int
) -> list[RowChange]:
    """Every step after the log id `since`; the caller holds a read or write transaction."""
    rows = connection.execute(f"SELECT * FROM {LOG} WHERE id > ? ORDER BY id", (since,)).fetchall()
    if not rows:
        return []
    gone = _removed_by_replace(connection, layouts, rows)
    width = (len(rows[0]) - OWN_COLUMNS) // 2
    steps = []
    for row in rows:
        if row[2] == "P" and row[0] not in gone:
            continue
        steps.append(_step(row, width, layouts[row[1]], tables))
    return steps


def _images(
    row: Sequence[Any], width: int, layout: Layout
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    count = len(layout.columns)
    before = after = None
    if row[2] != "I":
        before = dict(zip(layout.columns, row[OWN_COLUMNS : OWN_COLUMNS + count], strict=True))
    if row[2] in "IU":
        start = OWN_COLUMNS + width
        after = dict(zip(layout.columns, row[start : start + count], strict=True))
    return before, after


def _step(row: Sequence[Any], width: int, layout: Layout, tables: Tables) -> RowChange:
    info = tables[layout.name]
    before, after = _images(row, width, layout)
    typed = [None if image is None else info.typed(image) for image in (before, after)]

    def key(image: Mapping[str, Any] | None, rowid: Any) -> dict[str, Any]:
        if layout.key:
            return {column: image[column] for column in layout.key} if image is not None else {}
        return {layout.rowid: rowid}

    old_key = key(typed[0], row[4])
    new_key = old_key if after is None else key(typed[1], row[5])
    return RowChange(
        table=layout.name,
        kind=KINDS[row[2]],
        key=new_key,
        before=typed[0],
        after=typed[1],
        old_key=old_key if before is not None else new_key,
        harness=bool(row[3]),
    )


def _removed_by_replace(
    connection: sqlite3.Connection, layouts: Sequence[Layout], rows: Sequence[Sequence[Any]]
) -> set[int]:
    """The log ids of pre-images whose row OR REPLACE removed without a word.

    It did when the next thing heard of the row is that it came into being again, and when nothing
    more is heard and it is not there.
    """
    if not any(row[2] == "P" for row in rows):
        return set()
    width = (len(rows[0]) - OWN_COLUMNS) // 2
    history: dict[tuple[int, Any], list[tuple[int, bool, bool]]] = defaultdict(list)
    for row in rows:
        layout = layouts[row[1]]
        before, after = _identity(row, layout, "o", 0), _identity(row, layout, "n", width)
        if row[2] != "I":
            history[row[1], before].append((row[0], row[2] == "P", True))
        if row[2] == "I" or (row[2] == "U" and before != after):
            history[row[1], after].append((row[0], False, False))
    gone = set()
    for (number, identity), events in history.items():
        for place, (log_id, pre_image, _) in enumerate(events):
            if not pre_image:
                continue
            if place + 1 < len(events):
                if not events[place + 1][2]:
                    gone.add(log_id)
            elif not _exists(connection, layouts[number], identity):
                gone.add(log_id)
    return gone


def _identity(row: Sequence[Any], layout: Layout, side: str, offset: int) -> Any:
    if layout.rowid:
        return (row[4 if side == "o" else 5],)
    return tuple(row[OWN_COLUMNS + offset + layout.place(column)] for column in layout.key)


def _exists(connection: sqlite3.Connection, layout: Layout, identity: Sequence[Any]) -> bool:
    condition = " AND ".join(
        f"{column} = :k{n} AND {column} = :k{n} COLLATE BINARY"  # first by index, then exactly
        for n, column in enumerate(layout.key_columns())
    )
    found = connection.execute(
        f"SELECT 1 FROM {quoted(layout.name)} WHERE {condition}",
        {f"k{n}": value for n, value in enumerate(identity)},
    ).fetchone()
    return found is not None


def hash_tables(connection: sqlite3.Connection) -> dict[str, str]:
    """Table name to row count and digest, exact to rowid and storage class."""
    there = survey(connection)
    columns = {
        layout.name: f"{layout.rowid}, *" if layout.rowid else "*"
        for layout in (*there.captured, *there.copied)
    }
    columns |= dict.fromkeys(there.refused, "*")
    found = {}
    for name, wanted in columns.items():
        rows = connection.execute(f"SELECT {wanted} FROM {quoted(name)}")
        packed = sorted(b"|".join(map(_packed, row)) for row in rows)
        found[name] = f"{len(packed)}:{hashlib.sha256(b'~'.join(packed)).hexdigest()}"
    return found


def _packed(value: Any) -> bytes:
    if value is None:
        return b"N"
    if isinstance(value, int):
        return b"I%d" % value
    if isinstance(value, float):
        return b"F" + struct.pack(">d", value)
    if isinstance(value, str):
        return b"T" + value.encode("utf-8", "surrogateescape")
    return b"B" + bytes(value)
