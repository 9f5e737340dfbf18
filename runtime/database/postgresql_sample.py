"""PostgreSQL: values for columns whose types SQLAlchemy maps to no Python type."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .postgresql_layout import Column, Layout

if TYPE_CHECKING:
    import sqlalchemy as sa

_numbers = itertools.count(1)

# By the type's base, as `format_type` calls it; the counter keeps unique columns apart.
SAMPLES: dict[str, Callable[[int], str]] = {
    "inet": lambda n: f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}",
    "cidr": lambda n: f"10.{n >> 8 & 255}.{n & 255}.0/24",
    "macaddr": lambda n: f"08:00:2b:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}",
    "macaddr8": lambda n: f"08:00:2b:ff:fe:{n >> 16 & 255:02x}:{n >> 8 & 255:02x}:{n & 255:02x}",
    "money": lambda n: str(n),
    "oid": lambda n: str(n),
    "xid": lambda n: str(n),
    "xid8": lambda n: str(n),
    "cid": lambda n: str(n),
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
    found = _column(column, layouts, default)
    if found is None:
        return None
    number = next(_numbers)
    if found.base.endswith("[]") or found.base.endswith("multirange"):
        return "{}"
    if found.base.startswith("bit"):
        return f"{number:b}"[-found.bits or None :].zfill(found.bits)
    # types of extensions may come with their schema
    make = SAMPLES.get(found.base) or SAMPLES.get(found.base.rpartition(".")[2])
    return make(number) if make else None


def _column(
    column: sa.Column[Any], layouts: Sequence[Layout], default: str | None
) -> Column | None:
    place = (column.table.schema or default, column.table.name)
    for layout in layouts:
        if (layout.schema, layout.table) == place:
            return next((c for c in layout.columns if c.name == column.name), None)
    return None
