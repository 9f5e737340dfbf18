"""PostgreSQL: the log, the functions that fill it, and the triggers on the application's tables.

A row image is the row's own text form: it holds every type exactly, `(text)::table` reads it back.
What the text depends on is pinned while it is made, so the settings of the application's session do
not matter; the function runs with the rights of its owner, so neither do those of its role.

The log draws no number from a sequence: that would change the application's lastval(). Its order is
the clock, then `cmin`, the command's number within its transaction. A mark is a snapshot, not a
highest number: a transaction that began before a mark and commits after it comes after it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .names import OWN
from .postgresql_layout import CAPTURE, TRUNCATED, Layout
from .postgresql_session import OWN_ROLE, PINNED, literal, quoted

LOG = f"{OWN}.log"
STATE = f"{OWN}.state"
EVERYTHING = "1:1:"  # the snapshot before all transactions


def window(since: str, until: str) -> str:
    """The condition for log rows after one snapshot, as far as another one sees them."""
    return (
        f"xid >= pg_snapshot_xmin({since}) AND NOT pg_visible_in_snapshot(xid, {since})"
        f" AND pg_visible_in_snapshot(xid, {until})"
    )


WINDOW = window("$1::pg_snapshot", "$2::pg_snapshot")
INSIDE = window("since", "until")  # in the harness's own functions


def pins() -> str:
    """The clauses that pin a function's settings; `pg_temp` last, or anyone's table could come first."""
    settings = {name: literal(value) for name, value in PINNED.items()}
    settings["search_path"] = "pg_catalog, pg_temp"
    return " ".join(f"SET {name} = {value}" for name, value in settings.items())


def objects() -> Iterator[str]:
    """The statements that create the harness's own schema with the log and what fills it."""
    yield f"CREATE SCHEMA {OWN}"
    yield (
        f'CREATE TABLE {LOG}(xid xid8 NOT NULL, at timestamptz NOT NULL, rel oid NOT NULL, op "char"'
        ' NOT NULL, old text COLLATE "C", new text COLLATE "C", harness boolean NOT NULL)'
    )
    yield f"CREATE INDEX ON {LOG}(xid)"
    yield f"CREATE TABLE {STATE}(name text PRIMARY KEY, value text NOT NULL)"
    yield _capture_row()
    yield _capture_truncate()


def _capture_row() -> str:
    return f"""
CREATE FUNCTION {OWN}.capture() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER {pins()} AS $own$
DECLARE
  part text := current_setting({literal(OWN_ROLE)}, true);
BEGIN
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
                f" FOR EACH ROW WHEN (pg_catalog.current_setting({literal(OWN_ROLE)}, true)"
                f" IS DISTINCT FROM 'undo') EXECUTE FUNCTION {OWN}.capture()"
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
