"""MariaDB and MySQL: what SQLAlchemy's reflection leaves open about column types."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .mariadb_session import quoted
from .tables import TableInfo, Tables, reflect

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

POINT = bytes.fromhex("000000000101000000000000000000f03f0000000000000040")
SAMPLES: dict[str, Any] = {
    "bit": 1,
    "year": 2026,
    "inet4": "192.0.2.1",
    "inet6": "2001:db8::1",
    "uuid": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    "geometry": POINT,
    "point": POINT,
    "json": "{}",
}


def reflected(connection: Connection, schemas: Sequence[str]) -> Tables:
    """The tables, with the two types that the servers keep under another name.

    BOOLEAN is TINYINT(1); MariaDB's JSON is LONGTEXT with a CHECK that it is JSON.
    """
    import sqlalchemy as sa
    from sqlalchemy.dialects.mysql import TINYINT

    documents = _json_columns(connection)
    infos: list[TableInfo] = []
    sa.event.listen(sa.Table, "column_reflect", _unescape)
    try:
        found = reflect(connection, schemas or (None,))
    finally:
        sa.event.remove(sa.Table, "column_reflect", _unescape)
    for info in found.values():
        converters = dict(info.converters)
        schema = info.table.schema or connection.dialect.default_schema_name
        for column in info.table.columns:
            if isinstance(column.type, TINYINT) and column.type.display_width == 1:
                column.type = sa.Boolean()
                converters[column.name] = _boolean
            elif (schema, info.table.name, column.name) in documents:
                column.type = sa.JSON()
                converters[column.name] = json.loads
        infos.append(replace(info, converters=converters))
    return Tables(infos)


def _unescape(_inspector: Any, _table: Any, column: dict[str, Any]) -> None:
    """SQLAlchemy reads names from SHOW CREATE TABLE and leaves its doubled backticks in."""
    column["name"] = column["name"].replace("``", "`")


def _json_columns(connection: Connection) -> set[tuple[str, str, str]]:
    """Schema, table and column of MariaDB's JSON columns."""
    if not getattr(connection.dialect, "is_mariadb", False):
        return set()
    rows = connection.exec_driver_sql(
        "SELECT constraint_schema, table_name, constraint_name, check_clause"
        " FROM information_schema.check_constraints WHERE level = 'Column'"
    )
    return {
        (schema, table, column)
        for schema, table, column, clause in rows
        if clause == f"json_valid({quoted(column)})"
    }


def _boolean(value: Any) -> Any:
    """0 and 1 as booleans; a TINYINT(1) that counts to more keeps its numbers."""
    return bool(value) if value in (0, 1) else value


def sample(column: sa.Column[Any], declared: str) -> Any:
    """A value for a column by its declared type, such as `set('a','b')`; None when none is known."""
    kind = declared.partition("(")[0].partition(" ")[0].lower()
    if kind in ("enum", "set"):
        choices = getattr(column.type, "values", None) or getattr(column.type, "enums", None)
        return next(iter(choices), None) if choices else None
    return SAMPLES.get(kind)
