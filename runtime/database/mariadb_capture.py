"""MariaDB and MySQL: the log, and the triggers that write it.

Each table has a log table with the same column types (JSON would round FLOAT and break BLOB) and a few
columns in front. A row of the log is one side of a step: its number `v` is even for the row before and odd
for the row after, the two sides of an update are neighbours. Numbers come from UUID_SHORT(), which grows
over the whole server and needs neither a table nor a lock: steps of all tables have one order, and
neither LAST_INSERT_ID() nor AUTO_INCREMENT of the application is touched.

`trx` is the same number for all writes of one transaction. The servers tell no transaction id, but
MariaDB tells whether the session is in a transaction and how many it has begun and ended. Asking costs
0.1 to 0.15 ms, three times the rest of the capture, so it is asked once per statement and only while the
gate says `telling` (statements in autocommit mode need not ask). MySQL shows triggers neither. Where it
was not asked it is NULL.

One thing the triggers break on some servers (seen with MariaDB 10.11): under LOCK TABLES, error 1442 for a
table that several triggers write and that has been read before. It strikes any such triggers.
"""

from __future__ import annotations

from collections.abc import Sequence

from .mariadb_session import MINE, OFF, Flavor, Session, driver_error, errno, quoted
from .mariadb_survey import Column, Layout
from .mariadb_wait import GATE, number
from .names import OWN

WRITE, HOOK, FIRED = f"{OWN}write", f"{OWN}hook", f"{OWN}fired"
BAIT, COMMITTING, WEIGHT = f"{OWN}bait", f"{OWN}committing", f"{OWN}weight"
V, ARMED, CAUSE, TRX = f"@{OWN}v", f"@{OWN}armed", f"@{OWN}cause", f"@{OWN}trx"
TELLING = f"@{OWN}telling"
ROW_TOO_LARGE = (1118, 1117)

# name in the log, type; `cause` is the number of the step whose foreign keys did this, `root` its table,
# `via` the logged row whose children were looked up
META = (
    ("v", "BIGINT NOT NULL PRIMARY KEY"),
    ("op", "CHAR(1) CHARACTER SET ascii NOT NULL"),
    ("cause", "BIGINT NULL"),
    ("root", "INT NULL"),
    ("via", "BIGINT NULL"),
    ("own", "TINYINT NOT NULL"),
    ("conn", "BIGINT NOT NULL"),
    ("trx", "BIGINT NULL"),
    ("at", "DATETIME(6) NOT NULL"),
)


def meta(name: str) -> str:
    """The quoted name of one of our columns in a log."""
    return quoted(OWN + name)


def log(database: str, layout: Layout) -> str:
    return quoted(database, layout.log_name)


def create_log(session: Session, layout: Layout) -> None:
    """The log table of one table; wide VARCHAR columns move out of the row where it gets too long."""
    ours = [f"{meta(name)} {kind}" for name, kind in META]
    try:
        session.run(_log_statement(session.database, layout, ours))
    except driver_error() as error:
        if errno(error) not in ROW_TOO_LARGE:
            raise
        wide = [_outside(column) for column in layout.columns if column.long]
        session.run(_log_statement(session.database, layout, [*ours, *wide]))


def _log_statement(database: str, layout: Layout, columns: Sequence[str]) -> str:
    return (
        f"CREATE TABLE {log(database, layout)} ({', '.join(columns)}) ENGINE = InnoDB"
        f" ROW_FORMAT = DYNAMIC AS SELECT {', '.join(layout.names())} FROM {layout.source} LIMIT 0"
    )


def _outside(column: Column) -> str:
    if column.charset:
        return (
            f"{quoted(column.name)} MEDIUMTEXT CHARACTER SET {column.charset}"
            f" COLLATE {column.collation} NULL"
        )
    return f"{quoted(column.name)} MEDIUMBLOB NULL"


def fixtures(database: str, flavor: Flavor) -> list[str]:
    """The statements for the gate, and for what faults need."""

    def own(name: str) -> str:
        return quoted(database, name)

    statements = [
        f"CREATE TABLE {own(GATE)} (id INT PRIMARY KEY, armed INT NOT NULL, telling INT NOT NULL)"
        " ENGINE = InnoDB",
        f"INSERT INTO {own(GATE)} VALUES (1, 0, 0)",
        f"CREATE TABLE {own(BAIT)} (id INT AUTO_INCREMENT PRIMARY KEY) ENGINE = InnoDB",
        f"INSERT INTO {own(BAIT)} VALUES (1)",
        f"CREATE TABLE {own(WEIGHT)} (id INT) ENGINE = MEMORY",
    ]
    if flavor.mariadb:
        return [
            *statements,
            f"CREATE TABLE {own(COMMITTING)} (id INT AUTO_INCREMENT PRIMARY KEY, conn BIGINT NOT NULL,"
            " began BIGINT UNSIGNED GENERATED ALWAYS AS ROW START INVISIBLE,"
            " ended BIGINT UNSIGNED GENERATED ALWAYS AS ROW END INVISIBLE,"
            " PERIOD FOR SYSTEM_TIME (began, ended)) ENGINE = InnoDB WITH SYSTEM VERSIONING",
        ]
    return statements


def procedures(database: str, flavor: Flavor, base: int) -> list[str]:
    """What every trigger calls: before it logs a write, and after."""
    transaction = _transaction() if flavor.mariadb else f"SET {TRX} = NULL;"
    return [
        f"CREATE PROCEDURE {quoted(database, WRITE)}() MODIFIES SQL DATA BEGIN"
        f" SELECT {number(base)}, armed, telling INTO {V}, {ARMED}, {TELLING}"
        f" FROM {quoted(database, GATE)} WHERE id = 1 LOCK IN SHARE MODE; {transaction} END",
        hook(database, "", ""),
    ]


def hook(database: str, body: str, comment: str) -> str:
    """The procedure that faults live in: n is the table, step its first number or NULL for a cascade."""
    return (
        f"CREATE PROCEDURE {quoted(database, HOOK)}(IN n INT, IN op CHAR(1), IN step BIGINT,"
        f" IN caused BIGINT) MODIFIES SQL DATA COMMENT '{comment}' BEGIN {body} END"
    )


def _transaction() -> str:
    """Sets @trx. A label is a number of ours: a reset connection counts anew but never repeats it."""
    seen, count, label = f"@{OWN}at", f"@{OWN}count", f"@{OWN}label"
    return (
        f"IF NOT {TELLING} THEN SET {TRX} = NULL, {seen} = NULL;"
        f" ELSEIF NOT ({seen} <=> NOW(6)) THEN BEGIN"
        " DECLARE now_count BIGINT DEFAULT NULL;"
        f" SET {seen} = NOW(6);"
        f" IF @@in_transaction AND {MINE} IS NULL THEN SELECT SUM(variable_value) INTO now_count"
        " FROM information_schema.session_status"
        " WHERE variable_name IN ('COM_BEGIN', 'COM_COMMIT', 'COM_ROLLBACK'); END IF;"
        f" IF now_count IS NULL OR NOT ({count} <=> now_count) THEN"
        f" SET {count} = now_count, {label} = {V}; END IF; SET {TRX} = {label}; END; END IF;"
    )


def entry(layout: Layout) -> str:
    """The columns of a log row, ours first."""
    return ", ".join([*(meta(name) for name, _ in META), *layout.names()])


def facts(step: str, op: str, cause: str = "NULL", root: str = "NULL", via: str = "NULL") -> str:
    """The values of our columns."""
    return (
        f"{step}, '{op}', {cause}, {root}, {via}, {MINE} IS NOT NULL, CONNECTION_ID(), {TRX},"
        " UTC_TIMESTAMP(6)"
    )


EVENTS = {"I": "INSERT", "U": "UPDATE", "D": "DELETE"}


def after_trigger(database: str, layout: Layout, op: str, *, cascades: bool, first: str) -> str:
    """The trigger that logs one write; `first` is the application's first trigger there, or "".

    With `cascades` the trigger before has taken the number, so that what the foreign keys do is logged as
    its consequence.
    """
    step = CAUSE if cascades else V
    sides = {"I": ((1, "NEW"),), "U": ((0, "OLD"), (1, "NEW")), "D": ((0, "OLD"),)}[op]
    values = ", ".join(
        f"({facts(f'{step} + {side}', op)}, {', '.join(layout.image(row))})" for side, row in sides
    )
    begin = "" if cascades else f"CALL {quoted(database, WRITE)}();"
    order = f" PRECEDES {quoted(first)}" if first else ""
    return (
        f"CREATE TRIGGER {quoted(layout.schema, f'{OWN}{op.lower()}_{layout.number}')}"
        f" AFTER {EVENTS[op]} ON {layout.source} FOR EACH ROW{order}"
        f" BEGIN DECLARE skipped INT DEFAULT 0; IF {OFF} IS NULL THEN {begin} IF {ARMED} THEN"
        f" {_skipped(layout) if op == 'U' else ''} IF NOT skipped THEN"
        f" INSERT INTO {log(database, layout)} ({entry(layout)}) VALUES {values};"
        f" CALL {quoted(database, HOOK)}({layout.number}, '{op}', {step}, NULL);"
        " END IF; END IF; END IF; END"
    )


def _skipped(layout: Layout) -> str:
    """Sets `skipped` when the row was not written although the trigger fires.

    MariaDB fires it after an UPDATE IGNORE also for rows that it left out for a unique or foreign key; and
    after an UPDATE of several tables also for rows that nothing changes, whose ON UPDATE CURRENT_TIMESTAMP
    is then new in NEW alone. So in these two cases the row itself is asked: the old one by its key, or in
    a table without key whether there is one like the new.
    """
    fixed = [layout.column(name) for name in layout.guarded]
    moving = [column for column in layout.stored if column.moving]
    if not fixed and not moving:
        return ""
    others = [column for column in layout.stored if not column.moving]
    doubtful = []
    if fixed:
        doubtful.append(f"NOT ({_same(fixed, 'OLD', 'NEW')})")
    if moving:
        only = f"NOT ({_same(moving, 'OLD', 'NEW')})"
        doubtful.append(f"({only} AND {_same(others, 'OLD', 'NEW')})" if others else only)
    if layout.key:
        key = " AND ".join(f"x.{quoted(name)} = OLD.{quoted(name)}" for name in layout.key)
        there, verdict = f"{key} AND {_same(fixed + moving, 'x', 'OLD')}", "skipped > 0"
    else:
        indexed = "".join(f"x.{quoted(c)} <=> NEW.{quoted(c)} AND " for c in layout.guarded)
        there, verdict = f"{indexed}{_same(layout.stored, 'x', 'NEW')}", "skipped = 0"
    return (
        f"IF {' OR '.join(doubtful)} THEN SELECT COUNT(*) INTO skipped FROM {layout.source} x"
        f" WHERE {there} LOCK IN SHARE MODE; SET skipped = {verdict}; END IF;"
    )


def _same(columns: Sequence[Column], one: str, other: str) -> str:
    return " AND ".join(f"{c.exact(one)} <=> {c.exact(other)}" for c in columns)


def before_trigger(database: str, layout: Layout, op: str, body: str) -> str:
    """The trigger that logs what the foreign keys are about to do to other rows."""
    return (
        f"CREATE TRIGGER {quoted(layout.schema, f'{OWN}b{op.lower()}_{layout.number}')}"
        f" BEFORE {EVENTS[op]} ON {layout.source} FOR EACH ROW BEGIN"
        f" IF {OFF} IS NULL THEN CALL {quoted(database, WRITE)}(); SET {CAUSE} = {V};"
        f" IF {ARMED} THEN {body} END IF; END IF; END"
    )
