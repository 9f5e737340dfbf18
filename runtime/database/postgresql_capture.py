"""PostgreSQL: the log, the functions that fill and ask it, and the triggers on the application's tables.

A row image is the row's own text form: it holds every type exactly, `(text)::table` reads it back.
What the text depends on is pinned while it is made, so the settings of the application's session do
not matter; the function runs with the rights of its owner, so neither do those of its role.

The log draws no number from a sequence: that would change the application's lastval(). Its order is
the clock, then `cmin`, the command's number within its transaction. A mark is a snapshot, not a
highest number: a transaction that began before a mark and commits after it comes after it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .names import OWN
from .postgresql_layout import CAPTURE, GATE, TRUNCATED, Layout
from .postgresql_session import OWN_ROLE, PINNED, literal, quoted

LOG = f"{OWN}.log"
STATE = f"{OWN}.state"
MOMENT = f"{OWN}.moment"
EVERYTHING = "1:1:"  # the snapshot before all transactions

# Log rows after the snapshot $1, as far as $2 sees them.
WINDOW = (
    "xid >= pg_snapshot_xmin($1::pg_snapshot) AND NOT pg_visible_in_snapshot(xid, $1::pg_snapshot)"
    " AND pg_visible_in_snapshot(xid, $2::pg_snapshot)"
)


def pins() -> str:
    """The clauses that pin a function's settings; `pg_temp` last, or anyone's table could come first."""
    settings = {name: literal(value) for name, value in PINNED.items()}
    settings["search_path"] = "pg_catalog, pg_temp"
    return " ".join(f"SET {name} = {value}" for name, value in settings.items())


def objects(layouts: Sequence[Layout]) -> Iterator[str]:
    """The statements that create everything in the harness's own schema."""
    yield f"CREATE SCHEMA {OWN}"
    yield (
        f'CREATE TABLE {LOG}(xid xid8 NOT NULL, at timestamptz NOT NULL, rel oid NOT NULL, op "char"'
        ' NOT NULL, old text COLLATE "C", new text COLLATE "C", harness boolean NOT NULL)'
    )
    yield f"CREATE INDEX ON {LOG}(xid)"
    yield f"CREATE TABLE {STATE}(name text PRIMARY KEY, value text NOT NULL)"
    yield _capture_row()
    yield _capture_truncate()
    yield _moment([layout.oid for layout in layouts])


def _capture_row() -> str:
    return f"""
CREATE FUNCTION {OWN}.capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {pins()} AS $own$
DECLARE
  part text := current_setting({literal(OWN_ROLE)}, true);
BEGIN
  IF part = 'undo' THEN RETURN NULL; END IF;
  INSERT INTO {LOG}(xid, at, rel, op, old, new, harness) VALUES (pg_current_xact_id(),
    clock_timestamp(), TG_RELID, left(TG_OP, 1)::"char", OLD::text, NEW::text,
    coalesce(part = 'harness', false));
  RETURN NULL;
END $own$"""


def _capture_truncate() -> str:
    """TRUNCATE has no rows to fire for: the table is read before it is emptied.

    A transaction of a higher isolation level reads what was there when it began, and yet empties
    what is there now. So the snapshot is logged too (S), for undo to make up the difference.
    """
    return f"""
CREATE FUNCTION {OWN}.capture_truncate() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {pins()}
  SET row_security = off AS $own$
DECLARE
  part text := current_setting({literal(OWN_ROLE)}, true);
BEGIN
  IF part = 'undo' THEN RETURN NULL; END IF;
  EXECUTE format('INSERT INTO {LOG}(xid, at, rel, op, old, harness) SELECT pg_current_xact_id(),'
    ' clock_timestamp(), %s, ''T'', t::text, %L FROM ONLY %I.%I t',
    TG_RELID, coalesce(part = 'harness', false), TG_TABLE_SCHEMA, TG_TABLE_NAME);
  INSERT INTO {LOG}(xid, at, rel, op, new, harness) VALUES (pg_current_xact_id(),
    clock_timestamp(), TG_RELID, 'S', pg_current_snapshot()::text, true);
  RETURN NULL;
END $own$"""


def _moment(oids: Iterable[int]) -> str:
    """One question for everything that a mark, a watch and an undo ask first.

    catalog: changes when a table, a column or a capture trigger does; asked only with a snapshot to
    look back to, since it costs more than the rest. As long as no transaction is in flight, each
    newer one has a higher number, so row count and newest number tell.
    writing: how many transactions of other connections have written and not ended. Asked before the
    snapshot is taken: one that shows up in between began after the question.
    touched, lost: the relations with rows in the log since then; those that lost a row or had one
    changed. emptied: whether a TRUNCATE is among the steps.

    Columns are read as one stretch of the index: a look-up for each relation takes three times as long.
    """
    numbers = sorted(oids) or [0]
    relations = f"'{{{','.join(map(str, numbers))}}}'"
    newest = "(age(xid '3')::bigint - min(age(xmin))) & 4294967295"
    return f"""
CREATE FUNCTION {MOMENT}(since pg_snapshot, OUT catalog text, OUT writing bigint,
  OUT until pg_snapshot, OUT touched oid[], OUT lost oid[], OUT emptied boolean) LANGUAGE plpgsql AS $own$
DECLARE
  here oid := (SELECT d.oid FROM pg_database d WHERE d.datname = current_database());
BEGIN
  SELECT count(*) INTO writing FROM pg_stat_get_activity(NULL) s
   WHERE s.backend_xid IS NOT NULL AND s.pid <> pg_backend_pid() AND s.datid = here
     AND s.usesysid IS NOT NULL;
  SELECT writing + count(*) INTO writing FROM pg_prepared_xact() p WHERE p.dbid = here;
  IF since IS NULL THEN
    until := pg_current_snapshot();
    RETURN;
  END IF;
  catalog := concat_ws(' ',
    (SELECT concat_ws(':', count(*), {newest}) FROM pg_class WHERE oid >= 16384
       AND relkind IN ('r', 'p') AND relpersistence <> 't'
       AND relnamespace <> {literal(OWN)}::regnamespace),
    (SELECT concat_ws(':', count(*), {newest}) FROM pg_attribute WHERE attnum > 0
       AND attrelid BETWEEN {numbers[0]} AND {numbers[-1]} AND attrelid::bigint = ANY({relations}::bigint[])),
    (SELECT concat_ws(':', count(*), {newest}) FROM pg_trigger WHERE tgrelid = ANY({relations}::oid[])
       AND left(tgname, {len(GATE)}) <> {literal(GATE)}));
  until := pg_current_snapshot();
  SELECT array_agg(DISTINCT l.rel), array_agg(DISTINCT l.rel) FILTER (WHERE l.op <> 'I'),
         coalesce(bool_or(l.op = 'S'), false)
    INTO touched, lost, emptied FROM {LOG} l
   WHERE l.xid >= pg_snapshot_xmin(since) AND NOT pg_visible_in_snapshot(l.xid, since)
     AND pg_visible_in_snapshot(l.xid, until);
END $own$"""


def triggers(layouts: Sequence[Layout]) -> Iterator[str]:
    """The statements that put the triggers on the application's tables.

    Partitions inherit the row trigger of their root, but TRUNCATE asks each of them. Triggers of
    tables that we own fire also for sessions that play a replica; others may not have that.
    """
    rows, emptied = quoted(CAPTURE), quoted(TRUNCATED)
    for layout in layouts:
        if layout.root == layout.oid:
            yield (
                f"CREATE TRIGGER {rows} AFTER INSERT OR UPDATE OR DELETE ON {layout.sql}"
                f" FOR EACH ROW EXECUTE FUNCTION {OWN}.capture()"
            )
    for layout in layouts:
        names = [rows]
        if not layout.partitioned:
            names.append(emptied)
            yield (
                f"CREATE TRIGGER {emptied} BEFORE TRUNCATE ON {layout.sql}"
                f" FOR EACH STATEMENT EXECUTE FUNCTION {OWN}.capture_truncate()"
            )
        if layout.owned:
            actions = ", ".join(f"ENABLE ALWAYS TRIGGER {name}" for name in names)
            yield f"ALTER TABLE ONLY {layout.sql} {actions}"
