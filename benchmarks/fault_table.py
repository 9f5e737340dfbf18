"""Every fault on every engine, as the application saw it: the table of docs/faults.md.

The application places an order in one transaction: a row of `orders`, three of `items`, one of `audit`.
Each line is one try with one fault, then a second try of the same order while the fault is still there.

    python -m benchmarks.fault_table > docs/faults.md
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from gen_suite.runtime.database import Database, Unsupported, open_database

from .engines import fresh_database

ENGINES = ("sqlite", "postgresql", "mariadb")
ITEMS = 3
FAULTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("insert orders", {}),
    ("insert items", {"nth": 2}),
    ("insert audit", {"error": "deadlock"}),
    ("insert audit", {"error": "serialization"}),
    ("insert audit", {"error": "unique"}),
    ("insert audit", {"error": "disk full"}),
    ("insert audit", {"error": "serialization", "times": 1}),
    ("insert audit", {"cut": True}),
    ("commit", {}),
    ("commit", {"error": "serialization"}),
    ("commit", {"times": 1}),
    ("commit", {"cut": True}),
)

metadata = sa.MetaData()
orders = sa.Table("orders", metadata, sa.Column("id", sa.Integer, primary_key=True))
items = sa.Table(
    "items",
    metadata,
    sa.Column("order_id", sa.ForeignKey("orders.id"), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
)
audit = sa.Table("audit", metadata, sa.Column("id", sa.Integer, primary_key=True))


@dataclass(frozen=True)
class Line:
    """What became of the first try and of the second; `stayed` counts rows after the first."""

    fault: str
    saw: str
    stayed: str
    again: str
    fired: str


def lines(engine: str) -> Iterator[Line]:
    """The table of one engine."""
    with tempfile.TemporaryDirectory() as name, fresh_database(engine, Path(name)) as url:
        app = sa.create_engine(url, pool_pre_ping=True)
        if engine == "sqlite":
            sa.event.listen(app, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
        metadata.create_all(app)
        with open_database(url) as database:
            database.install()
            for write, options in FAULTS:
                with database.undone():
                    yield _try(database, app, write, options)
            database.uninstall()
        app.dispose()


def _try(database: Database, app: sa.Engine, write: str, options: dict[str, Any]) -> Line:
    shown = ", ".join([f"`{write}`", *(f"`{name}={value!r}`" for name, value in options.items())])
    try:
        with database.fault(write, **options) as injected:
            with database.watch() as changes:
                saw = _place_order(app)
            again = _place_order(app)
    except Unsupported as error:
        return Line(shown, f"not offered: {error.message}", "-", "-", "-")
    fired = (
        repr(injected.fired).partition(": ")[2] if injected.fired.known else "needs a control run"
    )
    return Line(shown, saw, str(len(changes)), again, fired)


def _place_order(app: sa.Engine) -> str:
    try:
        with app.begin() as connection:
            connection.execute(orders.insert(), {"id": 1})
            for line in range(ITEMS):
                connection.execute(items.insert(), {"order_id": 1, "line": line})
            connection.execute(audit.insert(), {})
    except sa.exc.DBAPIError as error:
        return _named(error)
    return "committed"


def _named(error: sa.exc.DBAPIError) -> str:
    """The driver's exception with its code, as an application would see it."""
    raw = error.orig
    code = getattr(raw, "sqlstate", None) or getattr(raw, "sqlite_errorname", None)
    if raw is not None and raw.args and isinstance(raw.args[0], int):
        code = str(raw.args[0])
    return f"{type(raw).__name__}{f' `{code}`' if code else ''}"


def main() -> int:
    """Print the page."""
    print("# Faults, as an application saw them\n")
    print(
        "Made by `python -m benchmarks.fault_table > docs/faults.md`. An application places an order in one"
    )
    print(
        f"transaction: a row of `orders`, {ITEMS} of `items`, one of `audit`. *Stayed* counts the rows that"
    )
    print("the failed try left; *again* is a second try while the fault is still in place.")
    for engine in ENGINES:
        print(
            f"\n## {engine}\n\n| fault | the driver raised | stayed | again | fired |\n|---|---|---|---|---|"
        )
        for line in lines(engine):
            print(f"| {line.fault} | {line.saw} | {line.stayed} | {line.again} | {line.fired} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
