"""MariaDB and MySQL: noticing that the schema changed under the capture, TRUNCATE included.

The server counts schema statements; as long as the counters stand still nothing can have changed (0.2 ms
whatever the schema's size). When they move, by whatever database of the server, the schema is read again
and compared. TRUNCATE fires no trigger; it gives a table another number in the InnoDB dictionary.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ...errors import TargetError
from .mariadb_session import Flavor, Session, quoted
from .names import OWN

_COUNTED = (
    "create_table drop_table alter_table truncate rename_table create_index drop_index create_trigger"
    " drop_trigger create_db drop_db alter_db optimize repair"
)
COUNTERS = ", ".join(f"'Com_{name}'" for name in _COUNTED.split())
HOLD = f"{OWN}hold"  # pause points come and go during a run
_AUTO_INCREMENT = re.compile(r" AUTO_INCREMENT=\d+")
CONTENTS, TABLE = "contents of ", "table "


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The schema as installed; `count` is the server's count of schema statements when it was seen."""

    count: int
    objects: dict[str, str]  # "table orders" -> digest

    def to_json(self) -> str:
        return json.dumps(self.objects)


def counted(session: Session, flavor: Flavor) -> int:
    """How many schema statements the server has run since it started.

    On MariaDB a SELECT has the sum in half the time that SHOW GLOBAL STATUS takes for its rows.
    """
    if flavor.mariadb:
        return int(
            session.value(
                "SELECT SUM(variable_value) FROM information_schema.global_status"
                f" WHERE variable_name IN ({COUNTERS})"
            )
        )
    return sum(
        int(value)
        for _, value in session.rows(f"SHOW GLOBAL STATUS WHERE Variable_name IN ({COUNTERS})")
    )


def take(session: Session, flavor: Flavor, schemas: Sequence[str]) -> Fingerprint:
    count = counted(session, flavor)
    objects: dict[str, str] = {}
    wanted = session.literals(schemas)
    for schema, table in session.rows(
        "SELECT table_schema, table_name FROM information_schema.tables"
        f" WHERE table_schema IN ({wanted}) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')"
        f" AND LEFT(table_name, {len(OWN)}) <> '{OWN}'"
    ):
        text = session.rows(f"SHOW CREATE TABLE {quoted(schema, table)}")[0][1]
        # the counter moves with every insert; a default or comment that quotes it does not matter
        objects[TABLE + _shown(session, schema, table)] = _digest(_AUTO_INCREMENT.sub("", text))
    for name, *facts in session.rows(
        "SELECT trigger_name, event_object_table, action_timing, event_manipulation,"
        " action_order, action_statement FROM information_schema.triggers"
        f" WHERE trigger_schema IN ({wanted}) AND LEFT(trigger_name, {len(HOLD)}) <> '{HOLD}'"
    ):
        own = name.startswith(OWN)
        label = f"capture trigger of {facts[0]}: {name}" if own else f"trigger {name}"
        objects[label] = _digest(repr(facts))
    for schema, table, number in _numbers(session, flavor):
        if schema in schemas and not table.startswith(OWN):
            label = CONTENTS + _shown(session, schema, table)
            objects[label] = _digest(objects.get(label, "") + str(number))
    return Fingerprint(count, objects)


def _shown(session: Session, schema: str, name: str) -> str:
    return name if schema == session.database else f"{schema}.{name}"


def _numbers(session: Session, flavor: Flavor) -> list[tuple[str, str, int]]:
    """Schema, table and InnoDB's number of every table and partition of the server."""
    source = "innodb_sys_tables" if flavor.mariadb else "innodb_tables"
    schema = "SUBSTRING_INDEX(name, '/', 1)"
    # "shop/order@0020items#P#p0": names as file names, partitions behind #P#
    table = "SUBSTRING_INDEX(SUBSTRING_INDEX(SUBSTRING_INDEX(name, '/', -1), '#P#', 1), '#p#', 1)"
    named = [
        f"CONVERT(CONVERT(CAST({part} AS BINARY) USING filename) USING utf8mb4)"
        for part in (schema, table)
    ]
    rows = session.rows(
        f"SELECT {', '.join(named)}, table_id FROM information_schema.{source} ORDER BY name"
    )
    return [(str(schema), str(table), int(number)) for schema, table, number in rows]


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def check(
    session: Session, flavor: Flavor, schemas: Sequence[str], installed: Fingerprint
) -> Fingerprint:
    """The fingerprint to go on with; TargetError naming what changed since install."""
    if counted(session, flavor) == installed.count:
        return installed
    now = take(session, flavor, schemas)
    changed = differences(installed.objects, now.objects)
    if changed:
        truncated = any(line.startswith(CONTENTS) for line in changed)
        raise TargetError(
            "the schema changed while it was being watched: " + "; ".join(map(_told, changed)),
            hint="TRUNCATE fires no trigger and cannot be taken back: have the application DELETE, or "
            "restore the database from its source"
            if truncated
            else "migrate first, then call database.install(); do not migrate during a run",
        )
    return now


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """One line per object that is new, gone or changed; a new or gone table has no further lines."""
    lines = []
    for name in sorted({*before, *after}):
        if before.get(name) == after.get(name):
            continue
        fate = (
            "was created" if name not in before else "is gone" if name not in after else "changed"
        )
        table = name.removeprefix(CONTENTS)
        if name.startswith(CONTENTS) and before.get(TABLE + table) != after.get(TABLE + table):
            continue
        lines.append(f"{name} {fate}")
    return lines


def _told(line: str) -> str:
    if not line.startswith(CONTENTS):
        return line
    return f"{line.removeprefix(CONTENTS).removesuffix(' changed')} was truncated or rebuilt"
