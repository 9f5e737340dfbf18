"""The database of a run, and everything that it holds, by means of our own beside gen-suite's."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from ..engines import SERVERS

Row = tuple[tuple[str, str], ...]
Content = Mapping[str, Mapping[str, Sequence[Row]]]
"""Table -> key as text -> its rows (one, where there is a key), each as (column, text) pairs."""
OURS = "gen_suite"


@contextmanager
def database(engine: str, name: str, folder: Path, file: str, *, keep: bool) -> Iterator[sa.URL]:
    """The address of an empty database; it is dropped afterwards unless `keep` is said."""
    if engine == "sqlite":
        yield sa.URL.create("sqlite", database=str(folder / file))
        return
    variable, default = SERVERS[engine]
    server = sa.make_url(os.environ.get(variable, default))
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    force = " WITH (FORCE)" if engine == "postgresql" else ""
    utf8 = " CHARACTER SET utf8mb4" if engine == "mariadb" else ""
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}{force}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}{utf8}")
    try:
        yield server.set(database=name)
    finally:
        if not keep:
            with admin.connect() as connection:
                connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}{force}")
        admin.dispose()


def content(url: sa.URL) -> Content:
    """Every row of every table, but for what gen-suite itself keeps there."""
    engine = sa.create_engine(url)
    try:
        with engine.connect() as connection:
            inspector = sa.inspect(connection)
            names = [name for name in inspector.get_table_names() if not name.startswith(OURS)]
            return {name: _rows(connection, inspector, name) for name in names}
    finally:
        engine.dispose()


def _rows(
    connection: sa.Connection, inspector: sa.Inspector, table: str
) -> Mapping[str, Sequence[Row]]:
    quoted = connection.dialect.identifier_preparer.quote(table)
    key = inspector.get_pk_constraint(table)["constrained_columns"]
    result = connection.exec_driver_sql(f"SELECT * FROM {quoted}")
    columns = list(result.keys())
    rows: dict[str, list[Row]] = {}
    for values in result:
        row = tuple((column, repr(value)) for column, value in zip(columns, values, strict=True))
        name = repr([dict(row)[column] for column in key])
        rows.setdefault(name, []).append(row)
    return rows


@dataclass(frozen=True)
class Difference:
    """What differs in a table: rows only in one of two contents, and columns of rows in both."""

    rows: int = 0
    columns: tuple[str, ...] = ()


def differences(before: Content, after: Content) -> dict[str, Difference]:
    """Table -> what differs; tables that are alike are left out."""
    made = {}
    for table in sorted(before.keys() | after.keys()):
        difference = _difference(before.get(table, {}), after.get(table, {}))
        if difference != Difference():
            made[table] = difference
    return made


def _difference(
    before: Mapping[str, Sequence[Row]], after: Mapping[str, Sequence[Row]]
) -> Difference:
    rows, columns = 0, set[str]()
    for key in before.keys() | after.keys():
        old, new = before.get(key, ()), after.get(key, ())
        if len(old) == len(new) == 1:
            columns |= {name for name, _ in set(old[0]) ^ set(new[0])}
        else:
            rows += sum(((Counter(old) - Counter(new)) + (Counter(new) - Counter(old))).values())
    return Difference(rows, tuple(sorted(columns)))


def unexplained(
    changed: Mapping[str, Difference], idle: Mapping[str, Difference]
) -> dict[str, Difference]:
    """What a run changed and the application, left alone, does not change by itself."""
    made = {}
    for table, difference in changed.items():
        alone = idle.get(table, Difference())
        if alone.rows:
            continue
        columns = tuple(name for name in difference.columns if name not in alone.columns)
        if difference.rows or columns:
            made[table] = Difference(difference.rows, columns)
    return made


def shown(changed: Mapping[str, Difference]) -> dict[str, Any]:
    """For the row of results: table -> number of rows, or its columns."""
    return {
        table: " and ".join(
            [
                *([f"{difference.rows} rows"] if difference.rows else []),
                *([", ".join(difference.columns)] if difference.columns else []),
            ]
        )
        for table, difference in changed.items()
    }
