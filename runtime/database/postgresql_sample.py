"""PostgreSQL: what arranged rows need beyond SQLAlchemy: values of its own types, CHECKs of domains."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from .postgresql_layout import Column, Layout
from .postgresql_session import Session, quoted
from .sqltext import after_word, tokens
from .values import text_for

if TYPE_CHECKING:
    import sqlalchemy as sa

_numbers = itertools.count(1)

# By what `format_type` calls the type; the counter keeps unique columns apart. The types that
# SQLAlchemy knows are here for domains over them.
SAMPLES: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(("smallint", "integer", "bigint", "numeric", "real", "double precision"), str),
    "boolean": lambda n: "false",
    "date": lambda n: "2000-01-01",
    "time without time zone": lambda n: "12:00",
    "time with time zone": lambda n: "12:00+00",
    "timestamp without time zone": lambda n: "2000-01-01 00:00",
    "timestamp with time zone": lambda n: "2000-01-01 00:00+00",
    "interval": lambda n: f"{n} seconds",
    "uuid": lambda n: f"00000000-0000-4000-8000-{n:012x}",
    "json": lambda n: "{}",
    "jsonb": lambda n: "{}",
    "bytea": lambda n: f"x{n}",
    "inet": lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
    "cidr": lambda n: f"10.{n >> 8 & 255}.{n & 255}.0/24",
    "macaddr": lambda n: f"08:00:2b:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}",
    "macaddr8": lambda n: f"08:00:2b:ff:fe:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}",
    **dict.fromkeys(("money", "oid", "xid", "xid8", "cid"), str),
    "tid": lambda n: f"({n},1)",
    "pg_lsn": lambda n: f"0/{n:X}",
    "pg_snapshot": lambda n: f"{n}:{n}:",
    "txid_snapshot": lambda n: f"{n}:{n}:",
    "regclass": lambda n: "pg_class",
    "regtype": lambda n: "integer",
    "regrole": lambda n: "pg_monitor",
    "regnamespace": lambda n: "pg_catalog",
    "regproc": lambda n: "now",
    "regconfig": lambda n: "simple",
    "regdictionary": lambda n: "simple",
    "jsonpath": lambda n: "$",
    "xml": lambda n: f"<x>{n}</x>",
    "tsvector": lambda n: f"x{n}",
    "tsquery": lambda n: f"x{n}",
    "point": lambda n: f"({n},0)",
    "line": lambda n: f"{{1,1,{n}}}",
    "lseg": lambda n: f"[(0,0),({n},1)]",
    "box": lambda n: f"({n},1),(0,0)",
    "path": lambda n: f"[(0,0),({n},1)]",
    "polygon": lambda n: f"((0,0),({n},1),(1,0))",
    "circle": lambda n: f"<(0,0),{n}>",
    "int4range": lambda n: f"[{n},{n + 1})",
    "int8range": lambda n: f"[{n},{n + 1})",
    "numrange": lambda n: f"[{n},{n + 1})",
    "daterange": lambda n: f"[2000-01-01,{2001 + n % 7000}-01-01)",
    "tsrange": lambda n: f"[2000-01-01,{2001 + n % 7000}-01-01)",
    "tstzrange": lambda n: f"[2000-01-01,{2001 + n % 7000}-01-01)",
    "hstore": lambda n: f"n=>{n}",
    "ltree": lambda n: f"n{n}",
    "citext": lambda n: f"x{n}",
    "geometry": lambda n: f"POINT({n % 180} 0)",
    "geography": lambda n: f"POINT({n % 180} 0)",
    '"char"': lambda n: chr(97 + n % 26),
}


def sample_of(column: sa.Column[Any], layouts: Sequence[Layout], default: str | None) -> Any:
    """Text that the column's type reads; None when none is known."""
    found = _columns(column.table, layouts, default).get(column.name)
    if found is None:
        return None
    number = next(_numbers)
    kind = re.sub(r"\(.*?\)", "", found.base).strip()  # numeric(7,2), timestamp(3) with time zone
    modifier = re.search(r"\((\d+)\)", found.base)
    length = int(modifier[1]) if modifier else None
    if kind.endswith(("[]", "multirange")):
        return "{}"
    if kind.startswith("bit"):
        return f"{number:b}"[-(length or 64) :].zfill(length or 1)
    if kind in ("text", "character varying", "character"):
        return text_for(column.name, length, unique=True)
    # types of extensions may come with their schema
    make = SAMPLES.get(kind) or SAMPLES.get(kind.rpartition(".")[2])
    return make(number) if make else None


def _columns(
    table: sa.FromClause, layouts: Sequence[Layout], default: str | None
) -> dict[str, Column]:
    """The columns of a reflected table as surveyed; default: the schema that goes without a name."""
    place = (getattr(table, "schema", None) or default, getattr(table, "name", None))
    for layout in layouts:
        if (layout.schema, layout.table) == place:
            return {column.name: column for column in layout.columns}
    return {}


def without_domains(
    tables: Iterable[sa.Table], layouts: Sequence[Layout], default: str | None
) -> None:
    """Gives columns of a domain the type below it: that has a Python type and a length."""
    import sqlalchemy as sa
    from sqlalchemy.dialects.postgresql import DOMAIN

    for table in tables:
        columns = _columns(table, layouts, default)
        for column in table.columns:
            if not isinstance(column.type, DOMAIN):
                continue
            column.type = column.type.data_type
            modifier = re.search(r"\((\d+)\)", columns[column.name].base)
            if isinstance(column.type, sa.String) and modifier:
                column.type = sa.String(int(modifier[1]))


DOMAIN_CHECKS = """
WITH RECURSIVE types(attname, oid) AS (
  SELECT attname, atttypid FROM pg_attribute
   WHERE attrelid = to_regclass($1) AND attnum > 0 AND NOT attisdropped
  UNION SELECT attname, t.typbasetype FROM types JOIN pg_type t ON t.oid = types.oid AND t.typtype = 'd')
SELECT attname, pg_get_constraintdef(c.oid) FROM types JOIN pg_constraint c ON c.contypid = types.oid
 WHERE c.contype = 'c' ORDER BY 1, 2
"""


def domain_checks(session: Session, table: sa.Table) -> Iterator[str]:
    """The CHECKs of the domains of a table's columns, told of the column."""
    name = ".".join(quoted(part) for part in (table.schema, table.name) if part)
    for column, definition in session.run(DOMAIN_CHECKS, name):
        for check in after_word(definition, "check"):
            words = (quoted(column) if t.upper() == "VALUE" else t for t in tokens(check))
            yield "".join(words)
