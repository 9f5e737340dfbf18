"""PostgreSQL: the tables as the harness needs to know them, and what changed about them since.

Rows are logged under the relation that stores them, so partitions are surveyed each for itself and
carry the name of their root.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .names import OWN
from .postgresql_session import Session, literal, quoted

# Trigger names sort before those of the application and of foreign keys: PostgreSQL fires in the
# order of names, and the log of a row should come before what other triggers make of it.
CAPTURE = f"!{OWN}capture"
TRUNCATED = f"!{OWN}truncate"
GATE = f"!{OWN}gate"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str
    base: str  # the type below a domain, with its modifiers; else the type itself
    stored: bool  # False for generated columns


@dataclass(frozen=True, slots=True)
class Layout:
    """One relation: a table, a partitioned table (which stores nothing) or a partition."""

    oid: int
    schema: str
    table: str
    name: str  # as in `tables`: the root's for partitions
    root: int  # the partitioned table on top, or the table itself
    partitioned: bool
    columns: tuple[Column, ...]
    key: tuple[str, ...]  # what tells rows apart: primary key, else a unique key without NULLs
    owned: bool  # the harness's role owns it
    loud: tuple[
        tuple[str, str], ...
    ]  # application triggers that fire for replicas too: name, A or R
    capture: tuple[str, ...]  # the capture triggers as they stand; changes when they were touched

    @property
    def sql(self) -> str:
        """The qualified name."""
        return f"{quoted(self.schema)}.{quoted(self.table)}"

    @property
    def stored(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns if column.stored)

    @property
    def shape(self) -> tuple[Any, ...]:
        """What row images depend on."""
        return self.columns, self.key


def to_json(layouts: Iterable[Layout]) -> str:
    return json.dumps([dataclasses.asdict(layout) for layout in layouts])


def from_json(text: str) -> list[Layout]:
    found = []
    for row in json.loads(text):
        row["columns"] = tuple(Column(**column) for column in row["columns"])
        row["loud"] = tuple((name, enabled) for name, enabled in row["loud"])
        found.append(Layout(**{**row, "key": tuple(row["key"]), "capture": tuple(row["capture"])}))
    return found


SURVEY = f"""
WITH keys AS (
  SELECT i.indrelid AS relation, i.indexrelid AS index, i.indisprimary AS main, u.place,
         a.attname AS name, coalesce(a.attnotnull, false) AS firm
    FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS u(number, place)
    LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number
   WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND u.place <= i.indnkeyatts)
SELECT c.oid, n.nspname, c.relname, coalesce(root.oid, c.oid), rn.nspname, root.relname,
  c.relkind = 'p', pg_has_role(c.relowner, 'USAGE'),
  (SELECT coalesce(json_agg(json_build_array(a.attname, format_type(a.atttypid, a.atttypmod),
            CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod)
                 ELSE format_type(a.atttypid, a.atttypmod) END, a.attgenerated = '')
            ORDER BY a.attnum), '[]')
     FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped),
  coalesce((SELECT json_agg(k.name ORDER BY k.place) FROM keys k WHERE k.index =
    (SELECT index FROM keys WHERE relation = c.oid GROUP BY index, main HAVING bool_and(firm)
      ORDER BY main DESC, count(*), index LIMIT 1)), '[]'),
  (SELECT coalesce(json_agg(json_build_array(g.tgname, g.tgenabled) ORDER BY g.tgname), '[]')
     FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgenabled IN ('A', 'R')
      AND NOT g.tgisinternal AND left(g.tgname, $3) <> $2),
  (SELECT coalesce(json_agg(concat_ws(' ', g.tgname, g.tgenabled, g.xmin) ORDER BY g.tgname), '[]')
     FROM pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname IN ({literal(CAPTURE)}, {literal(TRUNCATED)}))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class root ON c.relispartition AND root.oid = pg_partition_root(c.oid)
LEFT JOIN pg_namespace rn ON rn.oid = root.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND n.nspname = ANY($1::text[])
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND d.deptype = 'e')
ORDER BY c.oid
"""


def survey(session: Session, schemas: Sequence[str], default: str | None) -> list[Layout]:
    """Every relation of these schemas that stores rows of the application, parents of partitions too.

    default: the schema whose tables go by their bare name.
    """
    own = f"!{OWN}"
    rows = session.run(SURVEY, list(schemas), own, len(own))
    found = []
    for oid, schema, table, root, root_schema, root_table, *rest in rows:
        partitioned, owned, columns, key, loud, capture = rest
        shown = (root_schema or schema, root_table or table)
        found.append(
            Layout(
                oid=oid,
                schema=schema,
                table=table,
                name=shown[1] if shown[0] == default else ".".join(shown),
                root=root,
                partitioned=partitioned,
                columns=tuple(Column(*column) for column in columns),
                key=tuple(key),
                owned=owned,
                loud=tuple((name, enabled) for name, enabled in loud),
                capture=tuple(capture),
            )
        )
    return found


def schemas_of(session: Session) -> list[str]:
    """All schemas of the application."""
    rows = session.run(
        "SELECT nspname FROM pg_namespace WHERE left(nspname, 3) <> 'pg_'"
        " AND nspname <> 'information_schema' AND left(nspname, $2) <> $1"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_namespace'::regclass"
        "   AND d.objid = pg_namespace.oid AND d.deptype = 'e') ORDER BY nspname",
        OWN,
        len(OWN),
    )
    return [name for (name,) in rows]


def left_alone(session: Session, schemas: Sequence[str]) -> list[str]:
    """What in these schemas is not watched, one sentence each."""
    rows = session.run(
        "SELECT n.nspname || '.' || c.relname, e.extname FROM pg_class c"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid"
        "   AND d.deptype = 'e' LEFT JOIN pg_extension e ON e.oid = d.refobjid"
        " WHERE n.nspname = ANY($1::text[]) AND (c.relkind = 'f' OR c.relkind IN ('r', 'p')"
        "   AND e.oid IS NOT NULL) ORDER BY 1",
        list(schemas),
    )
    found = [
        f"table {name} belongs to extension {extension}: its rows are not watched"
        if extension
        else f"foreign table {name}: what is written through it is neither seen nor taken back"
        for name, extension in rows
    ]
    (objects,) = session.one("SELECT EXISTS (SELECT FROM pg_largeobject_metadata)")
    return [*found, "large objects are neither seen nor taken back"] if objects else found


def differences(before: Sequence[Layout], after: Sequence[Layout]) -> list[str]:
    """What was created, dropped or altered between two surveys, in words."""
    then, now = _by_place(before), _by_place(after)
    found = []
    for place in sorted({*then, *now}):
        old, new = then.get(place), now.get(place)
        if old is None:
            found.append(f"table {place} was created")
        elif new is None:
            found.append(f"table {place} is gone")
        elif old.oid != new.oid:
            found.append(f"table {place} was dropped and created again")
        elif old.shape != new.shape or old.root != new.root:
            found.append(f"table {place} was altered{_columns_changed(old, new)}")
        elif old.capture != new.capture:
            found.append(f"the capture triggers of {place} were dropped or switched off for a time")
    return found


def _by_place(layouts: Iterable[Layout]) -> Mapping[str, Layout]:
    return {f"{layout.schema}.{layout.table}": layout for layout in layouts}


def _columns_changed(old: Layout, new: Layout) -> str:
    names = sorted({c.name for c in {*old.columns} ^ {*new.columns}})
    return f" (columns {', '.join(names)})" if names else ""
