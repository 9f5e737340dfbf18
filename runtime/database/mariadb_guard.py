"""MariaDB and MySQL: application triggers that stay silent during an undo.

Neither server can switch triggers off for a session, and dropping them around each undo would be DDL: not
transactional, and stopped by any open transaction. So they get a guard once, at install: their body runs
unless the session is the harness's undoing one. The originals are written down first, and put back at the
end, or by whoever finds them after a crash.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from .mariadb_session import OFF, SQL_MODE, Session, quoted
from .names import OWN

GUARD = f"IF {OFF} IS NULL THEN "

_TOKEN = re.compile(
    r"`(?:[^`]|``)*`|'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|/\*.*?\*/|--[^\n]*|#[^\n]*"
    r"|\w+|\s+|.",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class AppTrigger:
    """A trigger of the application: its text, and the settings it was created under."""

    schema: str
    name: str
    table: str
    timing: str
    event: str
    statement: str
    sql_mode: str
    client: str  # character set
    connection: str  # collation

    @property
    def guarded(self) -> str:
        head, body = _parts(self.statement)
        return f"{head} {GUARD}{body.rstrip().rstrip(';')}\n; END IF"


def _parts(statement: str) -> tuple[str, str]:
    """CREATE TRIGGER ... FOR EACH ROW, and the body."""
    words: list[str] = []
    place = 0
    for token in _TOKEN.findall(statement):
        place += len(token)
        if token.isspace() or token.startswith(("/*", "--", "#")):
            continue
        words.append(token.upper())
        if words[-3:] == ["FOR", "EACH", "ROW"]:
            return statement[:place], statement[place:].strip()
    raise ValueError(f"no FOR EACH ROW in {statement[:200]!r}")


def app_triggers(session: Session, schemas: Sequence[str]) -> list[AppTrigger]:
    """All triggers that are not the harness's, in the order in which they fire."""
    found = []
    for schema, name, table, timing, event in session.rows(
        "SELECT trigger_schema, trigger_name, event_object_table, action_timing, event_manipulation"
        f" FROM information_schema.triggers WHERE trigger_schema IN ({session.literals(schemas)})"
        f" AND LEFT(trigger_name, {len(OWN)}) <> '{OWN}' ORDER BY trigger_schema, event_object_table,"
        " action_timing, event_manipulation, action_order"
    ):
        shown = session.rows(f"SHOW CREATE TRIGGER {quoted(schema, name)}")[0]
        mode, statement, client, connection = shown[1:5]
        found.append(
            AppTrigger(schema, name, table, timing, event, statement, mode, client, connection)
        )
    return found


def to_json(triggers: Sequence[AppTrigger]) -> str:
    return json.dumps([asdict(trigger) for trigger in triggers])


def from_json(text: str) -> list[AppTrigger]:
    return [AppTrigger(**entry) for entry in json.loads(text)]


def guard(session: Session, triggers: Sequence[AppTrigger]) -> None:
    """Replaces each trigger by its guarded form; in order, so they keep firing in order."""
    for trigger in triggers:
        session.run(f"DROP TRIGGER {quoted(trigger.schema, trigger.name)}")
        create_as_written(session, replace(trigger, statement=trigger.guarded), trigger.schema)


def unguard(session: Session, triggers: Sequence[AppTrigger]) -> None:
    """Puts the originals back, in their order: where guarded ones stand, and where a crash left a gap.

    A trigger that was replaced meanwhile stays as it is now. Those that fire at the same event are put
    back together, since a new one always comes last.
    """
    schemas = sorted({trigger.schema for trigger in triggers})
    now = {(there.schema, there.name): there for there in app_triggers(session, schemas)}
    groups: dict[tuple[str, ...], list[AppTrigger]] = {}
    for trigger in triggers:
        event = (trigger.schema, trigger.table, trigger.timing, trigger.event)
        groups.setdefault(event, []).append(trigger)
    for group in groups.values():
        names = [(trigger.schema, trigger.name) for trigger in group]
        intact = all(name in now and GUARD not in now[name].statement for name in names)
        if intact and [name for name in now if name in names] == names:
            continue
        for trigger in group:
            there = now.get((trigger.schema, trigger.name))
            if there is not None:
                session.run(f"DROP TRIGGER {quoted(trigger.schema, trigger.name)}")
            replaced = there is not None and GUARD not in there.statement
            create_as_written(session, there if there and replaced else trigger, trigger.schema)


def create_as_written(session: Session, trigger: AppTrigger, schema: str) -> None:
    """Creates it in `schema` under the settings, and in the encoding, that it was written in."""
    from pymysql.charset import charset_by_name

    session.run(f"USE {quoted(schema)}")
    try:
        session.run(
            f"SET SESSION sql_mode = {session.literal(trigger.sql_mode)},"
            f" character_set_client = {trigger.client}, collation_connection = {trigger.connection}"
        )
        session.send(trigger.statement.encode(charset_by_name(trigger.client).encoding))
    finally:
        session.run("SET NAMES utf8mb4")
        session.run(f"SET SESSION sql_mode = '{SQL_MODE}'")
        session.run(f"USE {quoted(session.database)}")
