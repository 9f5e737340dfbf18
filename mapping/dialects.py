"""What SQLAlchemy's inspector leaves out, asked of the engines themselves.

SQLite: declared types it has no name for (UUID counts as numeric), ON DELETE of foreign keys and
UNIQUE written beside their column, unique indexes on expressions. MariaDB and MySQL: CHECK constraints
written beside their column, and with them MariaDB's JSON type, which is a check.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

Key = tuple[str | None, str]

_SQLITE_TYPES = """
SELECT m.name, c.name, upper(c.type) FROM sqlite_master m, pragma_table_xinfo(m.name) c
WHERE m.type = 'table'
"""
_SQLITE_CASCADES = """
SELECT m.name, f."from", f.on_delete FROM sqlite_master m, pragma_foreign_key_list(m.name) f
WHERE m.type = 'table' AND f.on_delete <> 'NO ACTION'
"""
_SQLITE_INDEXES = """
SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE%'
"""
_SQLITE_UNIQUE = """
SELECT m.name, l.name, i.name FROM sqlite_master m, pragma_index_list(m.name) l,
pragma_index_info(l.name) i WHERE m.type = 'table' AND l.origin = 'u' ORDER BY l.name, i.seqno
"""
_VIEWS = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'view' AND :schema IS NULL",
    "postgresql": "SELECT viewname, definition FROM pg_views "
    "WHERE schemaname = coalesce(:schema, current_schema())",
    "mysql": "SELECT table_name, view_definition FROM information_schema.views "
    "WHERE table_schema = coalesce(:schema, database())",
}
_MARIADB_CHECKS = """
SELECT constraint_schema, table_name, check_clause FROM information_schema.check_constraints
WHERE constraint_schema = coalesce(:schema, database()) ORDER BY table_name, constraint_name
"""
_MYSQL_CHECKS = """
SELECT t.constraint_schema, t.table_name, c.check_clause FROM information_schema.table_constraints t
JOIN information_schema.check_constraints c USING (constraint_schema, constraint_name)
WHERE t.constraint_type = 'CHECK' AND t.constraint_schema = coalesce(:schema, database())
ORDER BY t.table_name, t.constraint_name
"""


@dataclass(frozen=True, slots=True)
class Details:
    """By table name: declared types, ON DELETE by column, unique expressions, the columns of unique
    constraints; CHECK texts, where they replace those of the inspector (else None)."""

    types: Mapping[tuple[str, str], str] = field(default_factory=dict)
    on_delete: Mapping[tuple[str, str], str] = field(default_factory=dict)
    unique: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    constraints: Mapping[str, tuple[tuple[str, ...], ...]] = field(default_factory=dict)
    checks: Mapping[str, tuple[str, ...]] | None = None


def views(connection: Connection, schema: str | None) -> dict[str, str]:
    """The views of one schema and their definitions."""
    from sqlalchemy import text

    dialect = connection.dialect.name
    query = _VIEWS.get("mysql" if dialect == "mariadb" else dialect)
    if query is None:
        return {}
    found = connection.execute(text(query), {"schema": schema})
    return {name: definition or "" for name, definition in found}


def details(connection: Connection, schema: str | None) -> Details:
    """What there is to add for one schema; nothing on PostgreSQL, which needs no help."""
    match connection.dialect.name:
        case "sqlite" if schema is None:
            return _sqlite(connection)
        case "mysql" | "mariadb":
            return _mysql(connection, schema)
    return Details()


def _sqlite(connection: Connection) -> Details:
    types = connection.exec_driver_sql(_SQLITE_TYPES)
    cascades = connection.exec_driver_sql(_SQLITE_CASCADES)
    unique: dict[str, tuple[str, ...]] = {}
    for table, text in connection.exec_driver_sql(_SQLITE_INDEXES):
        listed = re.search(r"\bON\b[^(]*\((.*)\)", text, re.IGNORECASE | re.DOTALL)
        if listed and "(" in listed[1]:
            unique[table] = (*unique.get(table, ()), re.sub(r"\) *WHERE\b.*", ")", listed[1]))
    return Details(
        types={(table, column): declared for table, column, declared in types},
        on_delete={(table, column): action for table, column, action in cascades},
        unique=unique,
        constraints=_constraints(connection),
    )


def _constraints(connection: Connection) -> dict[str, tuple[tuple[str, ...], ...]]:
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for table, index, column in connection.exec_driver_sql(_SQLITE_UNIQUE):
        mine = found.setdefault(table, {})
        mine[index] = (*mine.get(index, ()), column)
    return {table: tuple(indexes.values()) for table, indexes in found.items()}


def _mysql(connection: Connection, schema: str | None) -> Details:
    from sqlalchemy import text

    mariadb = bool(getattr(connection.dialect, "is_mariadb", False))
    checks: dict[str, tuple[str, ...]] = {}
    query = text(_MARIADB_CHECKS if mariadb else _MYSQL_CHECKS)
    for _, table, clause in connection.execute(query, {"schema": schema}):
        # MySQL escapes the quotes of its own text.
        plain = clause if mariadb else clause.replace("\\'", "'")
        checks[table] = (*checks.get(table, ()), plain)
    return Details(checks=checks)
