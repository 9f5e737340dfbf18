"""SQL of the mapping file: run in a transaction that may only read, its parameters bound."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, overload

from ...errors import TargetError
from ...mapping.verify import by_parts
from .changes import Check
from .row import SHOWN_ROWS, Row

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from .engine import Engine

_COLON = re.compile(r"(?<![:\w]):(\w+)")
_READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET TRANSACTION READ ONLY",
    "mysql": "START TRANSACTION READ ONLY",
    "mariadb": "START TRANSACTION READ ONLY",
}


class Found(Sequence[Row]):
    """The rows that a SELECT found; its repr shows the SQL, its parameters and the rows."""

    def __init__(self, sql: str, parameters: Mapping[str, Any], rows: Sequence[Row]) -> None:
        self._sql = sql
        self._parameters = parameters
        self._rows = tuple(rows)

    def only(self, /, **columns: Any) -> Check:
        """Holds when each row has these values; compared by meaning, as what is claimed is."""
        wrong = [
            f"  {name} is {row[name]!r}, not {value!r}, in {row!r}"
            for row in self._rows
            for name, value in columns.items()
            if not row.means(name, value)
        ]
        return Check(not wrong, "\n".join([f"{self._asked}:", *wrong[:SHOWN_ROWS]]))

    @property
    def _asked(self) -> str:
        bound = ", ".join(f"{name}={value!r}" for name, value in self._parameters.items())
        return f"`{self._sql}`" + (f" with {bound}" if bound else "")

    @overload
    def __getitem__(self, index: int) -> Row: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Row]: ...
    def __getitem__(self, index: int | slice) -> Row | Sequence[Row]:
        return self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        shown = [f"  {row!r}" for row in self._rows[:SHOWN_ROWS]]
        return "\n".join([f"{self._asked} found {len(self)} row(s)", *shown])


def select(engine: Engine, sql: str, parameters: Mapping[str, Any]) -> Found:
    """The rows that a SELECT finds; TargetError when the database cannot run it."""
    return Found(sql, parameters, run(engine, sql, parameters))


def run(
    engine: Engine, sql: str, parameters: Mapping[str, Any], *, most: int | None = None
) -> list[Row]:
    """The first `most` rows, all by default; a colon before no name of `parameters` is a colon."""
    import sqlalchemy as sa

    def escaped(part: str) -> str:
        return _COLON.sub(lambda at: at[0] if at[1] in parameters else f"\\{at[0]}", part)

    statement = sa.text(by_parts(sql, escaped, lambda quoted: _COLON.sub(r"\\:\1", quoted)))
    with engine.reading() as connection, _only_reading(connection):
        try:
            result = connection.execute(statement, dict(parameters)).mappings()
            found = result.all() if most is None else result.fetchmany(most)
        except sa.exc.DBAPIError as error:
            reason = " ".join(str(error.orig).split())
            raise TargetError(f"`{sql}` cannot be run: {reason}") from None
        return [Row(dict(row)) for row in found]


@contextmanager
def _only_reading(connection: Connection) -> Iterator[None]:
    """The transaction of a connection refuses to write; on SQLite, the connection does meanwhile."""
    name = connection.dialect.name
    if name in _READ_ONLY:
        connection.exec_driver_sql(_READ_ONLY[name])
    try:
        yield
    finally:
        if name == "sqlite":
            connection.exec_driver_sql("PRAGMA query_only = OFF")
