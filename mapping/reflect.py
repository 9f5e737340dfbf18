"""A database's schema, read through SQLAlchemy's inspector (SQLite, PostgreSQL, MariaDB, MySQL)."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import TargetError
from .dialects import Details, details, views
from .names import did_you_mean
from .schema import ForeignKey, Schema, Table
from .target import DatabaseUrl

if TYPE_CHECKING:
    from sqlalchemy.engine import URL, Connection, Inspector

_DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mysql+pymysql",
    "mariadb": "mariadb+pymysql",
    "sqlite": "sqlite",
}
_OWN = "_gen_suite_"
"""Begins the names of all tables and schemas that gen-suite itself puts into a database."""


def reflect(url: str, schemas: Sequence[str] = ()) -> Schema:
    """Read the schema of a live database: `schemas`, or all of the application's own.

    PostgreSQL has many schemas in a database; on the other engines it is the database itself.

    Raises TargetError when it cannot be reached or a schema does not exist; the message never
    has the password.
    """
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    target = _driver_url(url)
    try:
        engine = create_engine(target, poolclass=NullPool)
        with engine.connect() as connection, warnings.catch_warnings():
            # The inspector warns of what it leaves out, such as indexes on expressions.
            warnings.simplefilter("ignore")
            return _reflect(connection, schemas)
    except (SQLAlchemyError, ImportError) as error:
        masked = DatabaseUrl(target.render_as_string(hide_password=True)).masked
        raise TargetError(
            f"cannot read the schema of {masked}: {_reason(error, target)}",
            hint="`target.database` in gen-suite.yaml names the database",
        ) from None


def _driver_url(url: str) -> URL:
    """The URL with a driver that gen-suite brings: an application's may be asynchronous."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(str(url))
    except (ArgumentError, ValueError):
        raise TargetError(f"{DatabaseUrl(url).masked} is no database URL") from None
    backend = parsed.drivername.partition("+")[0]
    parsed = parsed.set(drivername=_DRIVERS.get(backend, parsed.drivername))
    # SQLite would quietly make a new file of a name that is not there.
    file = parsed.database if backend == "sqlite" else None
    if file and not file.startswith(("file:", ":memory:")) and not Path(file).is_file():
        raise TargetError(
            f"no SQLite database at {file}",
            hint="`target.migrate` in gen-suite.yaml names the command that makes it",
        )
    return parsed


def _reason(error: Exception, url: URL) -> str:
    """The driver's first line, the password taken out."""
    told = str(getattr(error, "orig", None) or error).strip().splitlines()
    line = told[0] if told else type(error).__name__
    return line.replace(str(url.password), "***") if url.password else line


def _reflect(connection: Connection, schemas: Sequence[str]) -> Schema:
    from sqlalchemy import inspect

    inspector: Inspector = inspect(connection)
    known = inspector.get_schema_names()
    default = inspector.default_schema_name
    dialect = "mysql" if connection.dialect.name == "mariadb" else connection.dialect.name
    tables: dict[str, Table] = {}
    defined: dict[str, str] = {}
    for schema in schemas or _all_schemas(dialect, default, known):
        if schema is not None and schema not in known:
            hint = did_you_mean(schema, known)
            raise TargetError(f"the database has no schema `{schema}`", hint=hint)
        asked = None if schema == default else schema
        extra = details(connection, asked)
        for table in _tables(inspector, asked, dialect, extra):
            tables[_name(asked, table.name, default)] = table
        told = views(connection, asked)
        defined |= {_name(asked, name, default): text for name, text in told.items()}
    read = {name: _tables_in(text, tables) for name, text in sorted(defined.items())}
    return Schema(dict(sorted(tables.items())), dialect, read)


def _tables_in(definition: str, tables: Iterable[str]) -> tuple[str, ...]:
    """The tables that a view's definition names."""
    said = set(re.findall(r"\w+", definition.lower()))
    return tuple(sorted(name for name in tables if name.rpartition(".")[2].lower() in said))


def _all_schemas(dialect: str, default: str | None, known: Sequence[str]) -> list[str | None]:
    """The default schema, and on PostgreSQL those besides it that are not the engine's own."""
    if dialect != "postgresql":
        return [default]
    system = ("pg_", "information_schema", _OWN)
    return [default, *(one for one in known if one != default and not one.startswith(system))]


def _tables(
    inspector: Inspector, schema: str | None, dialect: str, extra: Details
) -> Iterable[Table]:
    """All tables of one schema: one round of queries per question where the engine allows it."""
    from .columns import columns_of

    columns = inspector.get_multi_columns(schema=schema)
    primary = inspector.get_multi_pk_constraint(schema=schema)
    foreign = inspector.get_multi_foreign_keys(schema=schema)
    unique = inspector.get_multi_unique_constraints(schema=schema)
    indexes = inspector.get_multi_indexes(schema=schema)
    checks = inspector.get_multi_check_constraints(schema=schema) if extra.checks is None else {}
    default = inspector.default_schema_name
    for key, found in columns.items():
        name = key[1]
        if name.startswith(_OWN):
            continue
        told: tuple[str, ...] = tuple(str(check["sqltext"]) for check in checks.get(key, ()))
        texts = told if extra.checks is None else extra.checks.get(name, ())
        pk = tuple(primary[key]["constrained_columns"]) if key in primary else ()
        constraints = [
            *unique.get(key, ()),
            *({"column_names": columns} for columns in extra.constraints.get(name, ())),
        ]
        expressions = [
            {"unique": True, "expressions": [text]} for text in extra.unique.get(name, ())
        ]
        yield Table(
            name=name,
            schema=schema,
            columns=columns_of(found, name, pk, texts, dialect, extra),
            primary_key=pk,
            foreign_keys=tuple(
                _foreign_key(one, name, default, extra) for one in foreign.get(key, ())
            ),
            unique=_unique(constraints, [*indexes.get(key, ()), *expressions], found),
            checks=texts,
        )


def _name(schema: str | None, table: str, default: str | None) -> str:
    return f"{schema}.{table}" if schema and schema != default else table


def _foreign_key(found: Any, table: str, default: str | None, extra: Details) -> ForeignKey:
    columns = tuple(found["constrained_columns"])
    told = (found.get("options") or {}).get("ondelete")
    on_delete = told or extra.on_delete.get((table, columns[0]), "")
    return ForeignKey(
        columns=columns,
        table=_name(found["referred_schema"], found["referred_table"], default),
        target_columns=tuple(found["referred_columns"]),
        on_delete=on_delete.upper(),
    )


def _unique(
    constraints: Iterable[Any], indexes: Iterable[Any], columns: Iterable[Any]
) -> tuple[tuple[str, ...], ...]:
    """Column sets of unique constraints and indexes; `lower(email)` counts as email."""
    names = [column["name"] for column in columns]
    found = {tuple(constraint["column_names"]) for constraint in constraints}
    for index in indexes:
        if index["unique"]:
            parts = index.get("expressions") or index["column_names"]
            found.add(tuple(column for part in parts for column in _columns_in(part, names)))
    return tuple(sorted(columns for columns in found if columns))


def _columns_in(expression: str | None, names: Sequence[str]) -> list[str]:
    if expression in names:
        return [str(expression)]
    said = re.findall(r"\w+", expression or "")
    return [name for name in names if name in said]
