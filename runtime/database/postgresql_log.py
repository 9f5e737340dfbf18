"""PostgreSQL: reading the log as row changes, in an order that is true for each row, and hashing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.abc import Loader
from psycopg.pq import Format
from psycopg.types.composite import CompositeInfo, register_composite

from .changes import Captured, Kind, RowChange
from .names import OWN
from .postgresql_capture import LOG, window
from .postgresql_layout import Column, Layout
from .postgresql_moment import MOMENT
from .postgresql_order import in_order
from .postgresql_session import Session, literal, quoted
from .tables import Tables

KINDS: Mapping[str, Kind] = {"I": "insert", "U": "update", "D": "delete", "T": "delete"}
STEPS = f"{OWN}.steps"
MOMENT_TYPE = psycopg.postgres.types["timestamptz"].oid


@dataclass(frozen=True, slots=True)
class Read:
    """What one reading of the log tells: steps only when nothing spoke against reading them."""

    catalog: str
    writing: int
    captured: Captured


@dataclass(frozen=True, slots=True)
class _Entry:
    """A step with what orders it: the clock first, then the command's number."""

    at: Any
    transaction: int
    command: int
    step: RowChange


@dataclass(frozen=True, slots=True)
class _Shape:
    """The columns of a relation, and what makes their values of a row image."""

    layout: Layout
    names: tuple[str, ...]
    loader: Loader


class Reader:
    """Reads the log over one connection; the images of rows become values here, as the driver makes them.

    A server that reads images back needs a statement for each table, and a round trip to learn which.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._context = psycopg.RawCursor(session.raw)  # for what it registers, which stays its own
        self._shapes: dict[int, _Shape] = {}
        moment = session.raw.adapters.get_loader(MOMENT_TYPE, Format.TEXT)
        assert moment is not None
        self._moment = moment(MOMENT_TYPE, session.raw)

    def read(
        self,
        layouts: Mapping[int, Layout],
        tables: Tables,
        since: str,
        *,
        catalog: str,
        settle: bool,
    ) -> Read:
        """Every step since a snapshot; none on another catalog, or, to `settle`, while a transaction
        is in flight."""
        head, *rows = self._session.texts(
            f"SELECT * FROM {STEPS}($1::pg_snapshot, $2, $3)", since, catalog, "ft"[settle]
        )
        entries = [self._entry(row, layouts, tables) for row in rows]
        entries.sort(key=lambda entry: (entry.at, entry.transaction, entry.command))
        steps = tuple(in_order([entry.step for entry in entries]))
        *_, writing, _, _, known, _ = head
        assert writing is not None
        assert known is not None
        return Read(catalog=known.decode(), writing=int(writing), captured=Captured(steps))

    def _entry(self, row: Sequence[Any], layouts: Mapping[int, Layout], tables: Tables) -> _Entry:
        oid, moment, transaction, command, op, harness, old, new = row
        layout, at = layouts[int(oid)], self._moment.load(moment)
        info = tables[layout.name]
        before = None if old is None else info.typed(self._values(layout, old))
        after = None if new is None else info.typed(self._values(layout, new))
        old_key = {} if before is None else {c: before[c] for c in info.key}
        key = old_key if after is None else {c: after[c] for c in info.key}
        step = RowChange(
            table=layout.name,
            kind=KINDS[op.decode()],
            key=key,
            before=before,
            after=after,
            old_key=key if before is None else old_key,
            transaction=transaction.decode(),
            at=at,
            harness=harness == b"t",
        )
        return _Entry(at, int(transaction), int(command), step)

    def _values(self, layout: Layout, image: bytes) -> dict[str, Any]:
        """Column to value of a row image, `(1,"a b",)`."""
        shape = self._shapes.get(layout.oid)
        if shape is None or shape.layout is not layout:
            shape = self._shapes[layout.oid] = self._asked(layout)
        if image == b"()":
            return dict.fromkeys(shape.names)  # a NULL alone looks like nothing
        return dict(zip(shape.names, shape.loader.load(image), strict=True))

    def _asked(self, layout: Layout) -> _Shape:
        """The types by which the driver reads the table's columns: of a domain, what is below it."""
        names = tuple(column.name for column in layout.columns)
        columns = ", ".join(map(quoted, names))
        question = f"SELECT {columns} FROM ONLY {layout.sql} LIMIT 0"
        found = self._session.raw.execute(question.encode()).description or ()
        types = [column.type_code for column in found]
        info = CompositeInfo(layout.name, layout.oid, 0, field_names=names, field_types=types)
        register_composite(info, self._context, _as_they_are)
        loader = self._context.adapters.get_loader(layout.oid, Format.TEXT)
        assert loader is not None, layout.name
        return _Shape(layout, names, loader(layout.oid, self._context))


def _as_they_are(*values: Any) -> tuple[Any, ...]:
    return values


def _depends(column: Column) -> bool:
    """Whether a value's text may depend on the search_path, as that of a regclass does."""
    kind = column.base.removesuffix("[]")
    return kind.startswith("reg") or psycopg.postgres.types.get(kind) is None


def _image(side: str, layouts: Sequence[Layout]) -> str:
    """A row image as this connection would show it: read and written again where that may differ."""
    again = [
        f" WHEN {layout.oid} THEN l.{side}::{layout.sql}::text"
        for layout in layouts
        if any(map(_depends, layout.columns))
    ]
    return f"CASE l.rel{''.join(again)} ELSE l.{side} END" if again else f"l.{side}"


def function(layouts: Sequence[Layout]) -> str:
    """The harness's function that a reading asks: first a row about the moment, then the log's."""
    body = f"""
#variable_conflict use_column
DECLARE
  now record := {MOMENT}(since, false);
BEGIN
  c := now.writing;
  old := now.catalog;
  RETURN NEXT;
  IF settle AND now.writing > 0 OR now.catalog IS DISTINCT FROM known THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT l.rel, l.at, l.xid::text, l.cmin::text::bigint, l.op::text, l.harness,
    {_image("old", layouts)}, {_image("new", layouts)}
    FROM {LOG} l WHERE {window("since", "now.until")} AND l.op <> 'S';
END"""
    return f"""
CREATE FUNCTION {STEPS}(since pg_snapshot, known text, settle boolean) RETURNS TABLE(rel oid,
  at timestamptz, xid text, c bigint, op text, harness boolean, old text, new text)
  LANGUAGE plpgsql AS {literal(body)}"""


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
