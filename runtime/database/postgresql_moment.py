"""PostgreSQL: a moment, what one question to the server tells of it, and a stretch between two."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .names import OWN
from .postgresql_capture import INSIDE, LOG
from .postgresql_layout import GATE, Layout
from .postgresql_session import HERE, Session, literal

MOMENT, PLANNED = f"{OWN}.moment", f"{OWN}.planned"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of the log: after one snapshot, as far as another one sees.

    touched: the relations that have rows there; lost: those of them that had rows changed or deleted.
    emptied: a TRUNCATE is among the steps.
    """

    since: str
    until: str
    touched: tuple[int, ...]
    lost: tuple[int, ...]
    emptied: bool = False


@dataclass(frozen=True, slots=True)
class Moment:
    """What one question to the server tells."""

    catalog: str | None  # None: not asked
    writing: int
    window: Window


def _quiet(snapshot: str) -> str:
    """The condition that no transaction that writes was in flight at a snapshot, on the whole server.

    Then every number given out has ended: none is in flight below the snapshot's end, and the next to
    be given out is that end.
    """
    end = f"pg_snapshot_xmax({snapshot})"
    return f"pg_snapshot_xmin({snapshot}) = {end} AND age({end}::xid) = 0"


STILL = f"SELECT s::text, {_quiet('s')} FROM pg_current_snapshot() s"


def quiet_snapshot(session: Session) -> str | None:
    """The snapshot now; None while some transaction of the server writes, be it in another database."""
    ((snapshot, quiet),) = session.texts(STILL)
    return str(snapshot, "ascii") if snapshot and quiet == b"t" else None


def moment(session: Session, since: str | None) -> Moment:
    """The moment now, and what came since a snapshot."""
    catalog, writing, until, touched, lost, emptied = session.one(
        f"SELECT catalog, writing, until::text, touched, lost, emptied FROM {MOMENT}($1::pg_snapshot, true)",
        since,
    )
    window = Window(since or until, until, tuple(touched or ()), tuple(lost or ()), bool(emptied))
    return Moment(catalog, writing, window)


def _newest(catalog: str) -> str:
    """The expression that changes when a row of a catalog is added, changed or removed.

    As long as no transaction is in flight, each newer one has a higher number, so row count and newest
    number tell.
    """
    newest = "(age(xid '3')::bigint - min(age(xmin))) & 4294967295"
    return f"(SELECT concat_ws(':', count(*), {newest}) FROM {catalog})"


TABLES = _newest(
    "pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p') AND relpersistence <> 't'"
    f" AND relnamespace <> {literal(OWN)}::regnamespace"
)


def _details(numbers: Sequence[int]) -> str:
    """The expression that changes when a column or a capture trigger of these relations does.

    Columns are read as one stretch of the index: a look-up for each relation takes three times as long.
    """
    relations = f"'{{{','.join(map(str, numbers))}}}'"
    columns = _newest(
        f"pg_attribute WHERE attnum > 0 AND attrelid BETWEEN {numbers[0]} AND {numbers[-1]}"
        f" AND attrelid::bigint = ANY({relations}::bigint[])"
    )
    triggers = _newest(
        f"pg_trigger WHERE tgrelid = ANY({relations}::oid[])"
        f" AND left(tgname, {len(GATE)}) <> {literal(GATE)}"
    )
    return f"concat_ws(' ', {columns}, {triggers})"


def _planned(numbers: Sequence[int]) -> str:
    """When the server planned this very expression in this session: anew after a change of a relation in it.

    It is said to be immutable, so the server works it out when it plans, and keeps the plan until one of
    the relations that the plan names is altered (https://www.postgresql.org/docs/current/sql-prepare.html):
    two microseconds, where reading the columns and triggers of 26 tables takes a hundred.
    """
    named = ", ".join(f"'{number}'::oid" for number in numbers)
    return f"{PLANNED}(ARRAY[{named}])"


def functions(layouts: Sequence[Layout]) -> Iterator[str]:
    """The statements that create the one question for everything that a watch and an undo ask first.

    catalog: changes when a table, a column or a capture trigger does; asked only with a snapshot to
    look back to, since it costs more than the rest. The session remembers what it was told, and when:
    no transaction that wrote has ended while the snapshot is still the same.
    writing: how many transactions of other connections have written and not ended. Counted, which takes
    longer, only where some are in flight, and before the snapshot is taken: one that shows up in
    between began after the question.
    touched, lost: the relations with rows in the log since then; those that lost a row or had one
    changed. emptied: whether a TRUNCATE is among the steps. Only looked for when they are to be `counted`.
    """
    yield (
        f"CREATE FUNCTION {PLANNED}(oid[]) RETURNS text LANGUAGE plpgsql IMMUTABLE"
        " AS $own$ BEGIN RETURN clock_timestamp(); END $own$"
    )
    numbers = sorted(layout.oid for layout in layouts) or [0]
    yield f"""
CREATE FUNCTION {MOMENT}(since pg_snapshot, counted boolean, OUT catalog text, OUT writing bigint,
  OUT until pg_snapshot, OUT touched oid[], OUT lost oid[], OUT emptied boolean) LANGUAGE plpgsql AS $own$
DECLARE
  here oid := current_setting({literal(HERE)});
  before text;
  plan text;
BEGIN
  until := pg_current_snapshot();
  writing := 0;
  IF NOT ({_quiet("until")}) THEN
    {_COUNT_WRITERS}
    until := pg_current_snapshot();
  END IF;
  IF since IS NULL THEN
    RETURN;
  END IF;
  {_know_catalog(numbers)}
  until := pg_current_snapshot();
  IF NOT counted THEN
    RETURN;
  END IF;
  SELECT array_agg(DISTINCT l.rel), array_agg(DISTINCT l.rel) FILTER (WHERE l.op <> 'I'),
         coalesce(bool_or(l.op = 'S'), false)
    INTO touched, lost, emptied FROM {LOG} l WHERE {INSIDE};
END $own$"""


_COUNT_WRITERS = """SELECT count(*) INTO writing FROM pg_stat_get_activity(NULL) s
     WHERE s.backend_xid IS NOT NULL AND s.pid <> pg_backend_pid() AND s.datid = here
       AND s.usesysid IS NOT NULL;
    IF current_setting('max_prepared_transactions') <> '0' THEN
      SELECT writing + count(*) INTO writing FROM pg_prepared_xact() p WHERE p.dbid = here;
    END IF;"""


def _know_catalog(numbers: Sequence[int]) -> str:
    """The statements that set `catalog`, from what the session was told where that still holds."""
    told, told_at, details, planned = (
        literal(f"{OWN}.{name}") for name in ("told", "told_at", "details", "planned")
    )
    return f"""before := pg_current_snapshot()::text;
  IF before = current_setting({told_at}, true) THEN
    catalog := current_setting({told});
  ELSE
    catalog := {TABLES};
    plan := {_planned(numbers)};
    IF plan IS DISTINCT FROM current_setting({planned}, true) THEN
      PERFORM set_config({details}, {_details(numbers)}, false), set_config({planned}, plan, false);
    END IF;
    catalog := concat_ws(' ', catalog, current_setting({details}));
    PERFORM set_config({told_at}, before, false), set_config({told}, catalog, false);
  END IF;"""
