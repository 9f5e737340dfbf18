"""PostgreSQL: reading the log as row changes, in an order that is true for each row, and hashing."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .changes import Captured, Kind, RowChange
from .postgresql_capture import LOG, WINDOW
from .postgresql_layout import Layout
from .postgresql_order import in_order
from .postgresql_session import Session, quoted
from .postgresql_undo import Window
from .tables import Tables

KINDS: Mapping[str, Kind] = {"I": "insert", "U": "update", "D": "delete", "T": "delete"}
OWN_COLUMNS = 5


@dataclass(frozen=True, slots=True)
class _Entry:
    """A step with what orders it: the clock first, then the command's number."""

    at: Any
    transaction: int
    command: int
    step: RowChange


def read_steps(
    session: Session,
    layouts: Mapping[int, Layout],
    tables: Tables,
    window: Window,
) -> Captured:
    """Every step of a stretch of the log."""
    touched = [layouts[oid] for oid in window.touched]
    answers = session.together(
        (_question(layout), window.since, window.until, layout.oid) for layout in touched
    )
    entries = [
        _entry(row, layout, tables)
        for layout, rows in zip(touched, answers, strict=True)
        for row in rows
    ]
    entries.sort(key=lambda entry: (entry.at, entry.transaction, entry.command))
    return Captured(tuple(in_order([entry.step for entry in entries])))


@functools.cache
def _question(layout: Layout) -> str:
    """The log rows of one relation with both images read back by the server, column by column."""
    columns = [quoted(column.name) for column in layout.columns]
    images = [f"(i.{side}).{column}" for side in ("o", "n") for column in columns]
    return (
        f"SELECT {', '.join(['l.at, l.xid::text, l.c, l.op, l.harness', *images])} FROM"
        f" (SELECT *, cmin::text::bigint AS c FROM {LOG} WHERE {WINDOW} AND rel = $3"
        " AND op <> 'S') l,"
        f" LATERAL (SELECT l.old::{layout.sql} AS o, l.new::{layout.sql} AS n OFFSET 0) i"
    )


def _entry(row: Sequence[Any], layout: Layout, tables: Tables) -> _Entry:
    at, transaction, command, op, harness = row[:OWN_COLUMNS]
    info, names = tables[layout.name], [column.name for column in layout.columns]
    width = OWN_COLUMNS + len(names)
    before = after = None
    if op != "I":
        before = info.typed(dict(zip(names, row[OWN_COLUMNS:width], strict=True)))
    if op in "IU":
        after = info.typed(dict(zip(names, row[width:], strict=True)))
    old_key = {} if before is None else {c: before[c] for c in info.key}
    key = old_key if after is None else {c: after[c] for c in info.key}
    step = RowChange(
        table=layout.name,
        kind=KINDS[op],
        key=key,
        before=before,
        after=after,
        old_key=key if before is None else old_key,
        transaction=transaction,
        at=at,
        harness=harness,
    )
    return _Entry(at, int(transaction), command, step)


def hash_tables(session: Session, layouts: Sequence[Layout]) -> dict[str, str]:
    """Table name to row count and the sums of two 64-bit hashes of each row's text.

    A sum needs no order and no memory; partitions add up to their root.
    """
    found = {layout.name: [0, 0, 0] for layout in layouts}
    for layout in layouts:
        if layout.partitioned:
            continue
        row = session.one(
            "SELECT count(*), coalesce(sum(hashtextextended(x, 1)), 0),"
            " coalesce(sum(hashtextextended(x, 2)), 0)"
            f' FROM (SELECT t::text COLLATE "C" AS x FROM ONLY {layout.sql} t) rows'
        )
        found[layout.name] = [a + int(b) for a, b in zip(found[layout.name], row, strict=True)]
    return {name: f"{count}:{a:x}.{b:x}" for name, (count, a, b) in found.items()}
