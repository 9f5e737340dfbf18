"""PostgreSQL: writes that fail, COMMITs that fail, connections that are cut.

Every captured write adds a row to the log, so a trigger on the log is a fault on any table: arming
one touches no table of the application. A fault at COMMIT is a deferred constraint trigger there
(an application that says SET CONSTRAINTS ALL IMMEDIATE gets it at the statement). That a fault
fired is counted by a sequence, which no rollback takes back.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import psycopg
from psycopg import sql

from ...errors import TargetError
from .engine import Unsupported
from .fault import Fault
from .names import OWN
from .postgresql_capture import LOG, pins
from .postgresql_install import FAULT
from .postgresql_layout import Layout
from .postgresql_others import holders, patiently, when_free
from .postgresql_session import Session, literal, quoted
from .tables import Tables

OPS = {"insert": "I", "update": "U", "delete": "DT"}
# What the driver sees: SQLSTATE and the server's own words.
ERRORS = {
    None: ("P0001", "injected failure"),
    "deadlock": ("40P01", "deadlock detected"),
    "serialization": ("40001", "could not serialize access due to concurrent update"),
    "unique": ("23505", "duplicate key value violates unique constraint"),
    "disk full": ("53100", "could not extend file: No space left on device"),
}
LOCK_SECONDS = 5.0
ALWAYS = 2**62  # more often than any sequence is asked
OVER = 2**63 - 1
_numbers = itertools.count(1)


class ArmedTrigger:
    """A fault in place: one function, one trigger on the log, one or two sequences."""

    def __init__(
        self, fault: Fault, tables: Tables, layouts: Sequence[Layout], session: Session
    ) -> None:
        if fault.cut:
            _refuse_cut(session)
        self._fault = fault
        self._tables = tables
        self._members = _by_name(layouts)
        self._session = session
        self._name = f"{FAULT}{next(_numbers)}"
        self._most = ALWAYS if fault.times is None else fault.times
        self._hits: int | None = None
        self._which = " AND ".join(self._conditions()) or "true"
        try:  # now, not when the application's first write meets a value of another type
            session.run(f"SELECT FROM {LOG} AS new WHERE false AND {self._which}")
        except (psycopg.ProgrammingError, psycopg.DataError) as error:
            raise TargetError(
                f"cannot arm {fault}: {error.diag.message_primary}",
                hint="where compares columns with values of their own type",
            ) from error
        self._locking(f"arm {fault}", "; ".join(self._statements()))

    def _locking(self, what: str, statements: str) -> None:
        """The log is ours, but every writer in flight holds a lock on it."""
        session = self._session
        (log,) = session.one("SELECT $1::text::regclass::oid", LOG)
        patiently(
            session,
            what,
            lambda: session.run(statements),
            timeout=LOCK_SECONDS,
            blockers=lambda: holders(session, [log], readers=True),
        )

    # --- what is put in place ---------------------------------------------------------------------

    def _statements(self) -> Iterator[str]:
        commit = self._fault.write.operation == "commit"
        yield f"CREATE SEQUENCE {OWN}.{self._name}_fired"
        if commit:
            yield f"CREATE SEQUENCE {OWN}.{self._name}_commits"
        body = literal(self._body(commit))
        yield (
            f"CREATE FUNCTION {OWN}.{self._name}() RETURNS trigger LANGUAGE plpgsql"
            f" SECURITY DEFINER {pins()} AS {body}"
        )
        kind = "CONSTRAINT TRIGGER" if commit else "TRIGGER"
        when = "DEFERRABLE INITIALLY DEFERRED" if commit else ""
        yield (
            f"CREATE {kind} {self._name} AFTER INSERT ON {LOG} {when} FOR EACH ROW"
            f" WHEN (NOT NEW.harness) EXECUTE FUNCTION {OWN}.{self._name}()"
        )

    def _body(self, commit: bool) -> str:
        """Which write, whether it is the Nth, whether it is still to fail; then the failure."""
        return f"""
DECLARE
  counter text := coalesce(nullif(current_setting('{OWN}.{self._name}', true), ''), '0');
  past bigint;
BEGIN
  IF NOT ({self._which}) THEN RETURN NULL; END IF;
  SELECT CASE WHEN is_called THEN last_value ELSE 0 END INTO past FROM {OWN}.{self._name}_fired;
  IF past >= {self._most} THEN RETURN NULL; END IF;
  {self._counted_commit() if commit else self._counted_write()}
  IF nextval('{OWN}.{self._name}_fired') > {self._most} THEN RETURN NULL; END IF;
  {self._failure()}
  RETURN NULL;
END"""

    def _counted_write(self) -> str:
        return f"""counter := (counter::int + 1)::text;
  PERFORM set_config('{OWN}.{self._name}', counter, true);
  IF counter::int <> {self._fault.nth} THEN RETURN NULL; END IF;"""

    def _counted_commit(self) -> str:
        """A transaction has one COMMIT, whatever it wrote; the Nth is that of the Nth transaction."""
        return f"""IF counter = '1' THEN RETURN NULL; END IF;
  PERFORM set_config('{OWN}.{self._name}', '1', true);
  IF {self._fault.nth} > 1 AND nextval('{OWN}.{self._name}_commits') <> {self._fault.nth} THEN
    RETURN NULL;
  END IF;"""

    def _failure(self) -> str:
        if self._fault.cut:
            return "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(10);"
        code, message = ERRORS[self._fault.error]
        details = [f"ERRCODE = '{code}'", f"DETAIL = {literal(f'injected: {self._fault}')}"]
        members = self._members.get(self._fault.write.table)
        if members:
            root = next(layout for layout in members if layout.oid == layout.root)
            details += [f"SCHEMA = {literal(root.schema)}", f"TABLE = {literal(root.table)}"]
            if self._fault.error == "unique":
                constraint = self._unique_constraint(root)
                details.append(f"CONSTRAINT = {literal(constraint)}")
                message = f'{message} "{constraint}"'
        details.append(f"MESSAGE = {literal(message)}")
        return f"RAISE EXCEPTION USING {', '.join(details)};"

    def _unique_constraint(self, layout: Layout) -> str:
        """The name of a constraint that such an error could name."""
        rows = self._session.run(
            "SELECT conname FROM pg_constraint WHERE conrelid = $1 AND contype IN ('u', 'p')"
            " ORDER BY contype DESC, conname LIMIT 1",
            layout.oid,
        )
        return str(rows[0][0]) if rows else f"{layout.table}_key"

    # --- which writes -----------------------------------------------------------------------------

    def _conditions(self) -> Iterator[str]:
        """The log row in hand is that write; rows of other tables were written by its transaction."""
        write = self._fault.write
        wanted: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for table, column, value in self._fault.conditions(self._tables):
            text = _constant(self._session, self._tables[table].native(column, value))
            wanted[table].append((column, text))
        if write.operation != "commit":
            yield f"NEW.op = ANY('{{{','.join(OPS[write.operation])}}}'::\"char\"[])"
            yield _matching("NEW", self._members[write.table], wanted.pop(write.table, []))
        for table, columns in wanted.items():
            matching = _matching("l", self._members[table], columns)
            yield f"EXISTS (SELECT FROM {LOG} l WHERE l.xid = pg_current_xact_id() AND {matching})"

    # --- afterwards -------------------------------------------------------------------------------

    def hits(self) -> int | None:
        if self._hits is not None:
            return self._hits
        (fired,) = self._session.one(
            f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {OWN}.{self._name}_fired"
        )
        return min(int(fired), self._most)

    def reached(self) -> bool:
        return False  # hits() tells

    def disarm(self) -> None:
        if self._hits is not None:
            return
        self._hits = self.hits()
        # At once and without a lock; when a transaction is in the way the rest stays until uninstall.
        self._session.run(f"SELECT setval('{OWN}.{self._name}_fired', {OVER})")
        when_free(
            self._session,
            f"DROP FUNCTION {OWN}.{self._name}() CASCADE;"
            f" DROP SEQUENCE {OWN}.{self._name}_fired;"
            f" DROP SEQUENCE IF EXISTS {OWN}.{self._name}_commits",
        )


def _by_name(layouts: Sequence[Layout]) -> Mapping[str, list[Layout]]:
    found: dict[str, list[Layout]] = defaultdict(list)
    for layout in layouts:
        found[layout.name].append(layout)
    return found


def _constant(session: Session, value: object) -> str:
    try:
        return sql.Literal(value).as_string(session.raw)
    except psycopg.ProgrammingError as error:
        raise TargetError(f"a fault cannot look for {value!r}: {error}") from None


def _matching(row: str, members: Sequence[Layout], columns: Sequence[tuple[str, str]]) -> str:
    """The condition that a log row is of this table and one of its images holds these values."""
    if not columns:
        return f"{row}.rel = ANY('{{{','.join(str(m.oid) for m in members)}}}'::oid[])"
    cases = []
    for member in members:
        images = []
        for side in ("old", "new"):
            image = f"({row}.{side}::{member.sql})"
            equal = [f"{image}.{quoted(c)} IS NOT DISTINCT FROM {value}" for c, value in columns]
            images.append(f"({row}.{side} IS NOT NULL AND {' AND '.join(equal)})")
        cases.append(f"WHEN {member.oid} THEN {' OR '.join(images)}")
    return f"CASE {row}.rel {' '.join(cases)} ELSE false END"


def _refuse_cut(session: Session) -> None:
    """A connection is cut from within, by our function: we need power over the application's role."""
    rows = session.run(
        "SELECT DISTINCT s.usename, current_user FROM pg_stat_activity s"
        " WHERE s.datname = current_database() AND s.usename IS NOT NULL"
        " AND NOT pg_has_role(current_user, s.usesysid, 'USAGE')"
        " AND NOT pg_has_role(current_user, 'pg_signal_backend', 'USAGE')"
    )
    for application, role in rows:
        raise Unsupported(
            f"role {role} may not cut connections of role {application}",
            hint=f"as a superuser: GRANT pg_signal_backend TO {quoted(role)};",
        )
