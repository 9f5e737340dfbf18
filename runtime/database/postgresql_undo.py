"""PostgreSQL: taking back what the log holds, exactly and in one transaction.

Per touched table the images before, minus the images after, as a multiset: what is over is deleted,
what is missing is inserted. The order of the steps does not matter (it could not be trusted: a
trigger that updates its own row again is logged before the update it follows), and neither do
foreign keys and application triggers, which do not fire for a replica.

Rows are compared by their text: it is what the log holds, and two binary forms of one value (an
array that once held a NULL) are one text.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg

from ...errors import TargetError
from .engine import Conflict
from .names import OWN
from .postgresql_capture import INSIDE, LOG, WINDOW
from .postgresql_layout import Layout
from .postgresql_moment import MOMENT, Window
from .postgresql_session import Session, literal, quoted

UNDO = f"{OWN}.undo"
SHOWN = 20
ENABLE = {"A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}
Layouts = Mapping[int, Layout]


class DisturbedError(Exception):
    """The rows are not as the log says they were left: a conflict, or somebody is writing just now."""


def take_back(session: Session, layouts: Layouts, window: Window) -> int:
    """Undoes a stretch of the log, all of it or nothing; how many steps that were.

    Everything is sent at once. Raises DisturbedError.
    """
    found = [layouts[oid] for oid in window.touched]
    between, emptied = (window.since, window.until), window.emptied
    loud = [(layout, name, enabled) for layout in found for name, enabled in layout.loud]
    back = [layout for layout in found if layout.oid in window.lost]
    questions: list[tuple[Any, ...]] = [
        *((f"ALTER TABLE ONLY {t.sql} DISABLE TRIGGER {quoted(name)}",) for t, name, _ in loud),
        *((removal(layout, emptied), *between) for layout in found),
        *((_return(layout, emptied), *between) for layout in back),
        *((f"ALTER TABLE ONLY {t.sql} {ENABLE[e]} TRIGGER {quoted(n)}",) for t, n, e in loud),
        (_forget(WINDOW), *between),
    ]
    with _noticing():
        *_, ((steps,),) = session.atomic(questions)
    return int(steps)


@contextmanager
def _noticing() -> Iterator[None]:
    try:
        yield
    except psycopg.errors.DivisionByZero as error:
        raise DisturbedError("the rows are not as the log says") from error
    except (psycopg.errors.UniqueViolation, psycopg.errors.ExclusionViolation) as error:
        raise DisturbedError(str(error.diag.message_detail)) from error


@dataclass(frozen=True, slots=True)
class Undone:
    """What taking back at once told. `steps` is None where nothing was done: a transaction is in flight,
    the catalog is another one, or the stretch needs more than the server's own function does."""

    catalog: str
    writing: int
    steps: int | None


def take_back_at_once(session: Session, layouts: Layouts, since: str, catalog: str) -> Undone:
    """Undoes what came since a snapshot in one question. Raises DisturbedError."""
    by_hand = [str(layout.oid) for layout in layouts.values() if layout.loud]
    with _noticing():
        ((now, writing, steps),) = session.texts(
            f"SELECT catalog, writing, steps FROM {UNDO}($1::pg_snapshot, $2, $3::oid[])",
            since,
            catalog,
            f"{{{','.join(by_hand)}}}",
        )
    assert now is not None
    assert writing is not None
    return Undone(now.decode(), int(writing), None if steps is None else int(steps))


def function(layouts: Sequence[Layout]) -> str:
    """The harness's function that does in the server what `take_back` does from here.

    TRUNCATE and the tables `by_hand`, whose triggers must be switched off, are left to that one.
    The statements are planned once per session, and only those of the tables that are touched.
    """
    tables = "\n".join(
        f"""  IF {layout.oid} = ANY(lost) THEN
    {removal(layout, False, INSIDE)} INTO done;
    {_return(layout, False, INSIDE)} INTO done;
  ELSIF {layout.oid} = ANY(touched) THEN
    {_removal_of_new(layout)} INTO done;
  END IF;"""
        for layout in layouts
        if not layout.partitioned
    )
    body = f"""
DECLARE
  moment record := {MOMENT}(since, true);
  until pg_snapshot := moment.until;
  touched oid[] := moment.touched;
  lost oid[] := moment.lost;
  done bigint;
BEGIN
  catalog := moment.catalog;
  writing := moment.writing;
  IF writing > 0 OR catalog IS DISTINCT FROM known OR moment.emptied OR touched && by_hand THEN
    RETURN;
  END IF;
{tables}
  {_forget(INSIDE)} INTO steps;
END"""
    return f"""
CREATE FUNCTION {UNDO}(since pg_snapshot, known text, by_hand oid[], OUT catalog text,
  OUT writing bigint, OUT steps bigint) LANGUAGE plpgsql AS {literal(body)}"""


def _forget(where: str) -> str:
    """Deletes that stretch of the log; how many steps it held."""
    return (
        f"WITH gone AS (DELETE FROM {LOG} WHERE {where} RETURNING op)"
        " SELECT count(*) FILTER (WHERE op <> 'S') FROM gone"
    )


def _text(row: str, layout: Layout) -> str:
    """A row as comparable text; generated columns follow from the others."""
    return f"ROW({', '.join(f'{row}.{quoted(c)}' for c in layout.stored)})::text"


def _same(layout: Layout, row: str, other: str) -> str:
    """The condition that two rows are equal, by the key first: that has an index."""
    keys = [f"{row}.{quoted(c)} = {other}.{quoted(c)}" for c in layout.key]
    return " AND ".join([*keys, f"{_text(row, layout)} = {_text(other, layout)}"])


def _net(layout: Layout, emptied: bool, where: str = WINDOW) -> str:
    """CTEs `surplus` and `missing`: the rows that are to go and to come back (v), each n times."""
    rows = f"FROM {LOG} WHERE {where} AND rel = {layout.oid} AND op <> 'S'"
    return f"""
WITH net AS MATERIALIZED (
  SELECT img, sum(s)::int AS s FROM (
    SELECT old, 1 {rows} AND old IS NOT NULL UNION ALL
    SELECT new, -1 {rows} AND new IS NOT NULL{_unseen(layout) if emptied else ""}) AS images(img, s)
  GROUP BY img),
surplus AS MATERIALIZED (SELECT -s AS n, img::{layout.sql} AS v FROM net WHERE s < 0),
missing AS MATERIALIZED (SELECT s AS n, img::{layout.sql} AS v FROM net WHERE s > 0)"""


def _unseen(layout: Layout) -> str:
    """What others did to the table after the snapshot with which a TRUNCATE read it.

    TRUNCATE waits for all writers, so whoever wrote earlier has ended by then. What was there before
    an earlier TRUNCATE is in nobody's snapshot any more: only what came after that one counts.
    """
    others = f"""FROM (SELECT * FROM (
        SELECT *, lag(at, 1, '-infinity') OVER (ORDER BY at) AS earlier FROM {LOG}
         WHERE rel = {layout.oid} AND op = 'S') emptied WHERE {WINDOW}) s
      JOIN {LOG} e ON e.rel = s.rel AND e.op <> 'S' AND e.xid <> s.xid AND e.at < s.at
       AND e.at > s.earlier AND NOT pg_visible_in_snapshot(e.xid, s.new::pg_snapshot)"""
    return f""" UNION ALL
    SELECT e.new, 1 {others} WHERE e.new IS NOT NULL UNION ALL
    SELECT e.old, -1 {others} WHERE e.old IS NOT NULL"""


@functools.cache
def removal(layout: Layout, emptied: bool, where: str = WINDOW) -> str:
    """Deletes what is over; a division by zero when those rows are not as they should be."""
    if layout.key:
        which = f"USING surplus u WHERE {_same(layout, 't', '(u.v)')}"
    else:
        which = f"""USING (SELECT y.ctid AS place, u.n, row_number() OVER (PARTITION BY u.v::text) AS number
       FROM surplus u JOIN ONLY {layout.sql} y ON {_same(layout, "y", "(u.v)")}) z
     WHERE t.ctid = z.place AND z.number <= z.n"""
    return f"""{_net(layout, emptied, where)},
gone AS (DELETE FROM ONLY {layout.sql} t {which} RETURNING 1)
SELECT 1 / ((SELECT count(*) FROM gone) = (SELECT coalesce(sum(n), 0) FROM surplus))::int"""


def _removal_of_new(layout: Layout) -> str:
    """The same where rows were inserted and nothing else: each is there once, under its own key."""
    if not layout.key:
        return removal(layout, False, INSIDE)
    new = f"FROM {LOG} WHERE {INSIDE} AND rel = {layout.oid}"
    return f"""
WITH gone AS (DELETE FROM ONLY {layout.sql} t USING (SELECT new::{layout.sql} AS v {new}) u
  WHERE {_same(layout, "t", "(u.v)")} RETURNING 1)
SELECT 1 / ((SELECT count(*) FROM gone) = (SELECT count(*) {new}))::int"""


@functools.cache
def _return(layout: Layout, emptied: bool, where: str = WINDOW) -> str:
    """Inserts what is missing."""
    columns = ", ".join(quoted(c) for c in layout.stored)
    values = ", ".join(f"(m.v).{quoted(c)}" for c in layout.stored)
    into = f"({columns}) OVERRIDING SYSTEM VALUE" if columns else ""
    return f"""{_net(layout, emptied, where)},
back AS (INSERT INTO {layout.sql}{into} SELECT {values} FROM missing m, generate_series(1, m.n) RETURNING 1)
SELECT count(*) FROM back"""


# --- conflicts ------------------------------------------------------------------------------------


def conflicts(session: Session, layouts: Layouts, window: Window) -> list[Conflict]:
    """Which rows are not as the log says; the slow way, asked only after an undo has failed."""
    found: list[Conflict] = []
    for oid in window.touched:
        layout = layouts[oid]
        for sql in _questions(layout, window.emptied):
            rows = session.run(sql, window.since, window.until)
            found += [_conflict(layout, row) for row in rows]
    return found


def _questions(layout: Layout, emptied: bool) -> Iterator[str]:
    net = _net(layout, emptied)
    columns = [quoted(column.name) for column in layout.columns]
    there = ", ".join(f"t.{c}" for c in columns) or "1"
    wanted = ", ".join(f"(u.v).{c}" for c in columns) or "1"
    if not layout.key:
        nothing = ", ".join("NULL" for _ in columns) or "1"
        yield (
            f"{net} SELECT true, false, {wanted}, {nothing} FROM surplus u WHERE u.n >"
            f" (SELECT count(*) FROM ONLY {layout.sql} t WHERE {_same(layout, 't', '(u.v)')})"
            f" LIMIT {SHOWN}"
        )
        return
    key = " AND ".join(f"t.{quoted(c)} = (u.v).{quoted(c)}" for c in layout.key)
    yield (
        f"{net} SELECT true, t.ctid IS NOT NULL, {wanted}, {there} FROM surplus u"
        f" LEFT JOIN ONLY {layout.sql} t ON {key}"
        f" WHERE t.ctid IS NULL OR {_text('t', layout)} <> {_text('(u.v)', layout)} LIMIT {SHOWN}"
    )
    other = " AND ".join(f"(s.v).{quoted(c)} = (u.v).{quoted(c)}" for c in layout.key)
    yield (
        f"{net} SELECT false, true, {wanted}, {there} FROM missing u"
        f" JOIN ONLY {layout.sql} t ON {key}"
        f" WHERE NOT EXISTS (SELECT FROM surplus s WHERE {other}) LIMIT {SHOWN}"
    )


def _conflict(layout: Layout, row: Sequence[Any]) -> Conflict:
    names = [column.name for column in layout.columns]
    logged = dict(zip(names, row[2 : 2 + len(names)], strict=True))
    stored = dict(zip(names, row[2 + len(names) :], strict=True)) if names else {}
    key = {name: logged[name] for name in layout.key}
    return Conflict(layout.name, key, logged if row[0] else None, stored if row[1] else None)


def unexplained(reason: str) -> TargetError:
    """No row is to blame by its key: another unique index, or it has ended meanwhile."""
    return TargetError(
        f"undo refused: the rows cannot be put back: {reason}",
        hint="something wrote without the capture triggers; restore the database from its source",
    )
