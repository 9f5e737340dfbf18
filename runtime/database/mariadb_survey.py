"""MariaDB and MySQL: which tables are captured, how they lie in the log, and what cascades to what."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from .mariadb_session import Session, quoted
from .names import OWN

TEXT = frozenset({"char", "varchar", "tinytext", "text", "mediumtext", "longtext"})
BYTES = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
SPATIAL = frozenset(
    {"geometry", "point", "linestring", "polygon", "multipoint", "multilinestring"}
    | {"multipolygon", "geometrycollection", "geomcollection"}
)
ACTIONS = ("CASCADE", "SET NULL")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    type: str  # "varchar"
    declared: str  # "varchar(20)"
    charset: str
    collation: str
    expression: str  # of a generated column, over the bare names of others; "" for a stored one
    moving: bool  # ON UPDATE CURRENT_TIMESTAMP

    @property
    def generated(self) -> bool:
        return bool(self.expression)

    @property
    def long(self) -> bool:
        """A variable-length column that a log row can also hold outside the page."""
        return self.type in ("varchar", "varbinary", "char", "binary")

    def exact(self, row: str) -> str:
        """SQL for the stored value as something that `<=>` compares to the byte."""
        return self.exactly(f"{row}.{quoted(self.name)}")

    def exactly(self, place: str) -> str:
        """The same for a value of this column's type that stands elsewhere."""
        if self.type in TEXT or self.type in BYTES:
            return f"CAST({place} AS BINARY)"
        if self.type in SPATIAL:
            return f"HEX({place})"
        if self.type in ("enum", "set"):
            return f"({place} + 0)"
        if self.type == "timestamp":  # MariaDB's <=> cuts the fraction off a constant TIMESTAMP
            return f"CAST({place} AS CHAR)"
        return place

    def text(self, row: str) -> str:
        """SQL for the stored value as short text that tells any two values apart; NULL stays NULL."""
        place = f"{row}.{quoted(self.name)}"
        if self.type in TEXT or self.type in BYTES or self.type in SPATIAL:
            return f"MD5(CAST({place} AS BINARY))"
        if self.type in ("enum", "set"):
            return f"CAST({place} + 0 AS CHAR)"
        if self.type == "bit":
            return f"HEX({place})"
        if self.type == "float":
            return f"CAST(CAST({place} AS DOUBLE) AS CHAR)"
        return f"CAST({place} AS CHAR)"


@dataclass(frozen=True, slots=True)
class Layout:
    """One captured table. `key` tells rows apart (primary key, or a unique key without NULL); () if none."""

    number: int
    name: str  # as in `Tables`: bare in the default schema
    schema: str
    table: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    primary: tuple[str, ...]
    guarded: tuple[str, ...]  # columns of unique and foreign keys: what an UPDATE can fail at

    @property
    def stored(self) -> tuple[Column, ...]:
        return tuple(column for column in self.columns if not column.generated)

    @property
    def source(self) -> str:
        return quoted(self.schema, self.table)

    @property
    def log_name(self) -> str:
        return f"{OWN}log_{self.number}"

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def image(self, row: str) -> list[str]:
        return [f"{row}.{quoted(column.name)}" for column in self.columns]

    def names(self) -> list[str]:
        return [quoted(column.name) for column in self.columns]


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key between two captured tables; `pairs` are (child column, parent column)."""

    name: str
    child: int
    parent: int
    pairs: tuple[tuple[str, str], ...]
    on_delete: str
    on_update: str


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """The tables and what refers to what; one survey is another one's equal only where it is the same."""

    layouts: tuple[Layout, ...]
    references: tuple[Reference, ...]
    uncaptured: tuple[tuple[str, str, str, str], ...]  # schema, table, shown name, why
    limits: tuple[str, ...] = ()

    def to_json(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Survey:
        raw = json.loads(text)
        layouts = [
            Layout(
                **{
                    **entry,
                    "columns": tuple(Column(**column) for column in entry["columns"]),
                    "key": tuple(entry["key"]),
                    "primary": tuple(entry["primary"]),
                    "guarded": tuple(entry["guarded"]),
                }
            )
            for entry in raw["layouts"]
        ]
        references = [
            Reference(**{**entry, "pairs": tuple((a, b) for a, b in entry["pairs"])})
            for entry in raw["references"]
        ]
        uncaptured = tuple((a, b, c, d) for a, b, c, d in raw["uncaptured"])
        return cls(tuple(layouts), tuple(references), uncaptured, tuple(raw["limits"]))


def survey(session: Session, schemas: Sequence[str], *, everything: bool = False) -> Survey:
    """Every table of these schemas; with `everything` also those that cannot be captured are laid out."""
    found = session.literals(schemas)
    columns = _columns(session, found)
    keys = _keys(session, found)
    guarded = _guarded(session, found)
    layouts: list[Layout] = []
    uncaptured = []
    for schema, table, kind, engine in session.rows(
        "SELECT table_schema, table_name, table_type, engine FROM information_schema.tables"
        f" WHERE table_schema IN ({found}) AND LEFT(table_name, {len(OWN)}) <> '{OWN}'"
        " AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY table_schema, table_name"
    ):
        name = table if schema == session.database else f"{schema}.{table}"
        why = _uncapturable(kind, engine)
        if why and not (everything and kind == "BASE TABLE"):
            uncaptured.append((schema, table, name, why))
            continue
        parts = columns[schema, table]
        key, primary = _identity(parts, keys[schema, table])
        fixed = tuple(sorted(guarded[schema, table]))
        layouts.append(
            Layout(len(layouts) + 1, name, schema, table, tuple(parts), key, primary, fixed)
        )
    references, limits = _references(session, found, layouts)
    limits += [
        f"{name} {why}: its changes are not shown; that it changed is noticed and refused"
        for _, _, name, why in uncaptured
    ]
    return Survey(tuple(layouts), tuple(references), tuple(uncaptured), tuple(limits))


def _uncapturable(kind: str, engine: str | None) -> str:
    if kind == "SYSTEM VERSIONED":
        return "is system-versioned (an undo would write history)"
    if (engine or "").lower() != "innodb":
        return f"is stored by {engine or 'no engine'}, which has no transactions"
    return ""


def _columns(session: Session, schemas: str) -> dict[tuple[str, str], list[Column]]:
    found: dict[tuple[str, str], list[Column]] = defaultdict(list)
    for schema, table, name, kind, declared, charset, collation, extra, expression in session.rows(
        "SELECT table_schema, table_name, column_name, data_type, column_type,"
        " COALESCE(character_set_name, ''), COALESCE(collation_name, ''), extra,"
        " COALESCE(generation_expression, '')"
        f" FROM information_schema.columns WHERE table_schema IN ({schemas}) ORDER BY ordinal_position"
    ):
        moving = "ON UPDATE" in extra.upper()
        found[schema, table].append(
            Column(name, kind.lower(), declared, charset, collation, expression, moving)
        )
    return found


def _keys(session: Session, schemas: str) -> dict[tuple[str, str], dict[str, list[str]]]:
    """Per table the unique keys that identify any row: no NULL, no prefix, no expression."""
    found: dict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    unfit = set()
    for schema, table, index, column, prefix, nullable in session.rows(
        "SELECT table_schema, table_name, index_name, column_name, sub_part, nullable"
        f" FROM information_schema.statistics WHERE table_schema IN ({schemas}) AND non_unique = 0"
        " AND index_type = 'BTREE' ORDER BY seq_in_index"
    ):
        if column is None or prefix is not None or nullable == "YES":
            unfit.add((schema, table, index))
        found[schema, table][index].append(column)
    for schema, table, index in unfit:
        del found[schema, table][index]
    return found


def _guarded(session: Session, schemas: str) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for schema, table, column in session.rows(
        "SELECT table_schema, table_name, column_name FROM information_schema.statistics"
        f" WHERE table_schema IN ({schemas}) AND non_unique = 0 AND column_name IS NOT NULL"
        " UNION SELECT table_schema, table_name, column_name FROM information_schema.key_column_usage"
        f" WHERE table_schema IN ({schemas})"
        " UNION SELECT referenced_table_schema, referenced_table_name, referenced_column_name"
        " FROM information_schema.key_column_usage"
        f" WHERE referenced_table_schema IN ({schemas})"
    ):
        found[schema, table].add(column)
    return found


def _identity(
    columns: Sequence[Column], keys: dict[str, list[str]]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    primary = tuple(keys.get("PRIMARY", ()))
    if primary:
        return primary, primary
    generated = {column.name for column in columns if column.generated}
    fit = [tuple(key) for _, key in sorted(keys.items()) if not generated & set(key)]
    return (fit[0] if fit else ()), ()


def _references(
    session: Session, schemas: str, layouts: Sequence[Layout]
) -> tuple[list[Reference], list[str]]:
    by_table = {(layout.schema, layout.table): layout.number for layout in layouts}
    pairs: dict[tuple[str, str, str], list[tuple[str, str]]] = defaultdict(list)
    ends: dict[tuple[str, str, str], tuple[tuple[str, str], str, str]] = {}
    for (
        schema,
        table,
        name,
        column,
        to_schema,
        to_table,
        to_column,
        deleted,
        updated,
    ) in session.rows(
        "SELECT k.table_schema, k.table_name, k.constraint_name, k.column_name,"
        " k.referenced_table_schema, k.referenced_table_name, k.referenced_column_name,"
        " r.delete_rule, r.update_rule FROM information_schema.key_column_usage k"
        " JOIN information_schema.referential_constraints r ON r.constraint_schema = k.constraint_schema"
        " AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name"
        f" WHERE k.referenced_table_schema IN ({schemas}) ORDER BY k.ordinal_position"
    ):
        pairs[schema, table, name].append((column, to_column))
        ends[schema, table, name] = (to_schema, to_table), deleted, updated
    found, limits = [], []
    for (schema, table, name), (parent, deleted, updated) in sorted(ends.items()):
        child = by_table.get((schema, table))
        if parent not in by_table or not {deleted, updated} & set(ACTIONS):
            continue
        if child is None:
            limits.append(
                f"rows of {schema}.{table} change by cascade from {parent[1]} without being seen: "
                "it is not watched"
            )
            continue
        columns = tuple(pairs[schema, table, name])
        found.append(Reference(name, child, by_table[parent], columns, deleted, updated))
    return found, limits
