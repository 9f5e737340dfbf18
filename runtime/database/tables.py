"""The reflected tables: what they are called here, and how driver values become typed ones.

A row image has two layers: the engine keeps the native one, exact enough for undo; what a test sees
is derived from it through SQLAlchemy's reflected column types.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ...comparison import Kind, as_uuid, tell_apart
from ...errors import TargetError
from .changes import Row
from .names import OWN, known

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlalchemy.engine import Connection, Dialect

Convert = Callable[[Any], Any]


@dataclass(frozen=True, eq=False)
class TableInfo:
    """One table: `name` is bare in the default schema, `schema.table` elsewhere."""

    name: str
    table: sa.Table
    dialect: Dialect
    converters: Mapping[str, Convert]
    autokey: str  # the key column that the engine numbers by itself; or ""
    unique: frozenset[str]  # the columns of all unique keys, the primary one included
    kinds: Mapping[str, Kind]  # of the columns whose values alone do not tell how they compare

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.table.columns)

    @cached_property
    def key(self) -> tuple[str, ...]:
        """The primary key's columns; empty when there is none."""
        return tuple(column.name for column in self.table.primary_key.columns)

    def typed(self, values: Mapping[str, Any]) -> Row:
        """Driver values to typed values; what does not fit its declared type stays as it came."""
        row = dict(values)
        for name, convert in self.converters.items():
            if row.get(name) is not None:
                # SQLite holds any value in any column: show what is stored
                with suppress(ValueError, TypeError, InvalidOperation, LookupError):
                    row[name] = convert(row[name])
        return Row(row, self.kinds)

    def column(self, name: str) -> sa.Column[Any]:
        """The column of this name; TargetError with the nearest one when there is none."""
        if name not in self.table.columns:
            raise TargetError(known(name, self.columns, f"column of {self.name}"))
        return self.table.columns[name]

    def bindable(self, name: str, value: Any) -> Any:
        """A value for this column as its type wants it: JSON-like text to dates, decimals, UUIDs."""
        return as_type(self.column(name).type, value)

    def condition(self, name: str, value: Any) -> Any:
        """The condition of SQL that a column holds a value; a UUID in a text column in whatever form."""
        import sqlalchemy as sa

        column = self.column(name)
        if value is None:
            return column.is_(None)
        told = isinstance(value, UUID) or (isinstance(value, str) and "-" in value)
        key = as_uuid(str(value)) if told and isinstance(column.type, sa.String) else None
        if key is None:
            return column == self.bindable(name, value)
        return sa.func.replace(sa.func.lower(column), "-", "") == key.hex

    def native(self, name: str, value: Any) -> Any:
        """A value as the driver is given it, for SQL that takes no parameters."""
        kind = self.column(name).type.dialect_impl(self.dialect)
        convert = kind.bind_processor(self.dialect)
        value = self.bindable(name, value)
        return value if convert is None else convert(value)


def as_type(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    """Text or a number that a YAML or JSON file can hold, as the Python type of a column."""
    try:
        wanted = kind.python_type
    except NotImplementedError:
        return value
    if isinstance(value, bool) or value is None:
        return value
    try:
        if isinstance(value, str):
            if wanted in (datetime, date, time):
                return wanted.fromisoformat(value)
            if wanted is UUID and getattr(kind, "as_uuid", True):
                return UUID(value)
            key = as_uuid(value)
            if wanted is bytes:
                return key.bytes if key and getattr(kind, "length", None) == 16 else value.encode()
            if wanted is str and key and getattr(kind, "length", None) == 32:
                return key.hex if "-" in value else value
        if wanted in (str, bytes) and isinstance(value, UUID):
            return as_type(kind, str(value))
        if wanted is str and isinstance(value, (int, Decimal)):
            return str(value)
        if wanted is Decimal and isinstance(value, (str, int, float)):
            return Decimal(str(value))
    except (ValueError, InvalidOperation):
        return value
    return value


class Tables(Mapping[str, TableInfo]):
    """All tables of the watched schemas, by name."""

    def __init__(self, tables: Sequence[TableInfo]) -> None:
        self._by_name = {info.name: info for info in tables}

    def __getitem__(self, name: str) -> TableInfo:
        try:
            return self._by_name[name]
        except KeyError:
            raise TargetError(known(name, self._by_name, "table")) from None

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def declared_autokey(table: sa.Table) -> str:
    """The column reflected as auto-incrementing (MySQL family; elsewhere a default says the same)."""
    return next((c.name for c in table.primary_key.columns if c.autoincrement is True), "")


def declared_unique(table: sa.Table) -> frozenset[str]:
    """The columns of the unique keys that SQLAlchemy reflects."""
    import sqlalchemy as sa

    found = {column.name for column in table.primary_key.columns}
    for constraint in table.constraints:
        if isinstance(constraint, sa.UniqueConstraint):
            found.update(column.name for column in constraint.columns)
    for index in table.indexes:
        if index.unique:
            found.update(column.name for column in index.columns)
    return frozenset(found)


def reflect(
    connection: Connection,
    schemas: Sequence[str | None] = (None,),
    *,
    autokey: Callable[[sa.Table], str] = declared_autokey,
    unique: Callable[[sa.Table], frozenset[str]] = declared_unique,
) -> Tables:
    """The tables of these schemas (None is the default one), the harness's own left out.

    autokey, unique: for engines that know better than SQLAlchemy's reflection.
    """
    import sqlalchemy as sa

    dialect = connection.dialect
    default = dialect.default_schema_name
    metadata = sa.MetaData()
    found: dict[str, sa.Table] = {}
    with warnings.catch_warnings():
        # expression indexes and types without a Python counterpart: known, and of no consequence
        # here
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        for schema in dict.fromkeys(None if s == default else s for s in schemas):
            metadata.reflect(
                connection,
                schema=schema,
                only=lambda name, _: not name.startswith(OWN),
                views=False,
            )
    for table in metadata.tables.values():
        if table.name.startswith(OWN) or (table.schema or "").startswith(OWN):
            continue
        found[f"{table.schema}.{table.name}" if table.schema else table.name] = table
    return Tables(
        [
            _info(name, table, dialect, autokey(table), unique(table))
            for name, table in found.items()
        ]
    )


def _info(
    name: str, table: sa.Table, dialect: Dialect, autokey: str, unique: frozenset[str]
) -> TableInfo:
    import sqlalchemy as sa

    converters: dict[str, Convert] = {}
    for column in table.columns:
        if isinstance(column.type, sa.Float):
            continue  # as the driver has it: SQLAlchemy's Decimal is cut at ten places
        try:
            convert = column.type.dialect_impl(dialect).result_processor(dialect, None)
        except TypeError:  # psycopg's NUMERIC asks for the type number; its values come as Decimal
            convert = None
        if convert is not None:
            converters[column.name] = convert
    kinds = {column.name: kind for column in table.columns if (kind := _kind(column.type, dialect))}
    return TableInfo(name, table, dialect, converters, autokey, unique, kinds)


def _kind(declared: sa.types.TypeEngine[Any], dialect: Dialect) -> Kind:
    """How the values of a column compare, where they do not tell it themselves."""
    import sqlalchemy as sa
    from sqlalchemy.dialects.postgresql import DOMAIN

    if isinstance(declared, DOMAIN):
        return _kind(declared.data_type, dialect)
    name = type(declared).__name__.upper()
    if isinstance(declared, sa.Enum):
        return "enum" if tell_apart(declared.enums) else ""
    if name == "CITEXT":
        return "caseless"
    if name == "CHAR" and dialect.name == "postgresql":
        return "padded"  # filled up with spaces, which count for nothing
    if name == "REAL" and dialect.name == "postgresql":
        return "float4"
    if dialect.name in ("mysql", "mariadb"):
        # INET4 and INET6 are reflected as nothing that SQLAlchemy knows.
        own: dict[str, Kind] = {"FLOAT": "float4", "NULLTYPE": "ip"}
        return own.get(name, "")
    return ""


def reflected_checks(connection: Connection, info: TableInfo) -> list[str]:
    """The CHECK expressions of a table as the engine's catalogue words them."""
    import sqlalchemy as sa

    found = sa.inspect(connection).get_check_constraints(info.table.name, schema=info.table.schema)
    return [check["sqltext"] for check in found]
