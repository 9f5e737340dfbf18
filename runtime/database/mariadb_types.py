"""MariaDB and MySQL: what SQLAlchemy's reflection leaves open about column types."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .tables import TableInfo, Tables, reflect

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection

POINT = bytes.fromhex("00000000" "01" "01000000" "000000000000f03f" "0000000000000040")
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
    """The tables, with TINYINT(1) as what it stands for: BOOLEAN is an alias of it."""
    import sqlalchemy as sa
    from sqlalchemy.dialects.mysql import TINYINT

    infos: list[TableInfo] = []
    for info in reflect(connection, schemas or (None,)).values():
        switches = [
            column
            for column in info.table.columns
            if isinstance(column.type, TINYINT) and column.type.display_width == 1
        ]
        for column in switches:
            column.type = sa.Boolean()
        converters = {**info.converters, **{column.name: _boolean for column in switches}}
        infos.append(replace(info, converters=converters))
    return Tables(infos)


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
