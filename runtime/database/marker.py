"""The mark of a database that is never to be touched: a table of an agreed name, empty or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ...errors import Refused

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

MARKER_TABLE = "gen_suite_read_only"


def is_marked(connection: Connection, schemas: Sequence[str] = ()) -> bool:
    """Whether the database has the table: in PostgreSQL in any schema, else in its own or `schemas`."""
    import sqlalchemy as sa

    inspector = sa.inspect(connection)
    places: Sequence[str | None] = [None]
    if connection.dialect.name == "postgresql":
        places = inspector.get_schema_names()
    elif connection.dialect.name != "sqlite":
        places = [None, *schemas]
    return any(inspector.has_table(MARKER_TABLE, schema=place) for place in places)


def names_marker(tables: Iterable[str]) -> bool:
    """Whether one of these tables (`name` or `schema.name`) is the mark."""
    return any(name.rpartition(".")[2] == MARKER_TABLE for name in tables)


def marked_error(shown: str) -> Refused:
    """What to say of a marked database; `shown` is its URL without secrets."""
    return Refused(
        f"the table {MARKER_TABLE} marks the database {shown} as not to be touched",
        hint="name another database, or drop that table if this is a test database",
    )
