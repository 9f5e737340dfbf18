"""Reflection of real databases: the same tables, asked of each engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from gen_suite.errors import TargetError
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.schema import ForeignKey, Schema, Table

Fresh = Callable[[str], str]

ENGINES = ("sqlite", "postgresql", "mariadb")
BIG = 2**63

TABLES = [
    "CREATE TABLE tenants (id VARCHAR(10) PRIMARY KEY)",
    """CREATE TABLE things (
      id {serial},
      tenant_id VARCHAR(10) NOT NULL REFERENCES tenants(id) ON DELETE CASCADE,
      parent_id {integer} NULL,
      name VARCHAR(20) NOT NULL,
      state VARCHAR(9) DEFAULT 'a' NOT NULL CHECK (state IN ('a', 'b''c')),
      pieces INTEGER CHECK (pieces > 0),
      rating SMALLINT CHECK (rating BETWEEN 1 AND 5),
      price NUMERIC(10,2) CHECK (price >= 0 AND price <= 1000),
      weight {double},
      flag BOOLEAN,
      born DATE,
      seen {timestamp},
      opens TIME,
      token {uuid},
      settings {json},
      picture {blob},
      code CHAR(3),
      notes TEXT,
      badge VARCHAR(13) NOT NULL UNIQUE,
      doubled INTEGER GENERATED ALWAYS AS (pieces * 2) STORED,
      odd INTEGER,
      CHECK (pieces > 0 OR odd < 0),
      UNIQUE (tenant_id, name),
      FOREIGN KEY (parent_id) REFERENCES things(id) ON DELETE SET NULL)""",
]
WORDS = {
    "sqlite": {
        "serial": "INTEGER PRIMARY KEY", "integer": "INTEGER", "double": "REAL",
        "timestamp": "TIMESTAMP", "uuid": "UUID", "json": "JSON", "blob": "BLOB",
    },
    "postgresql": {
        "serial": "BIGSERIAL PRIMARY KEY", "integer": "BIGINT", "double": "DOUBLE PRECISION",
        "timestamp": "TIMESTAMPTZ", "uuid": "UUID", "json": "JSONB", "blob": "BYTEA",
    },
    "mariadb": {
        "serial": "BIGINT AUTO_INCREMENT PRIMARY KEY", "integer": "BIGINT", "double": "DOUBLE",
        "timestamp": "DATETIME(6)", "uuid": "UUID", "json": "JSON", "blob": "BLOB",
    },
}  # fmt: skip


def build(url: str, *statements: str) -> str:
    engine = sa.create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    return url


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def reflected(engine: str, fresh_database: Fresh) -> Schema:
    statements = [statement.format(**WORDS[engine]) for statement in TABLES]
    return reflect(build(fresh_database(engine), *statements))


@pytest.fixture
def things(reflected: Schema) -> Table:
    return reflected.tables["things"]


def test_kinds_and_sizes(things: Table) -> None:
    assert {name: column.type for name, column in things.columns.items()} == {
        "id": "integer", "tenant_id": "text", "parent_id": "integer", "name": "text",
        "state": "enum", "pieces": "integer", "rating": "integer", "price": "number",
        "weight": "number", "flag": "boolean", "born": "date", "seen": "datetime",
        "opens": "time", "token": "uuid", "settings": "json", "picture": "binary",
        "code": "text", "notes": "text", "badge": "text", "doubled": "integer", "odd": "integer",
    }  # fmt: skip
    assert (things.columns["name"].length, things.columns["code"].length) == (20, 3)
    assert (things.columns["price"].precision, things.columns["price"].scale) == (10, 2)
    assert things.columns["weight"].precision is None


def test_what_checks_leave_of_a_column(things: Table, engine: str) -> None:
    columns = things.columns
    assert columns["state"].enum == ("a", "b'c")
    assert columns["pieces"].minimum == 1
    assert (columns["rating"].minimum, columns["rating"].maximum) == (1, 5)
    assert (columns["price"].minimum, columns["price"].maximum) == (0, 1000)
    assert columns["odd"].maximum == (BIG - 1 if engine == "sqlite" else 2**31 - 1)
    assert columns["id"].minimum == -BIG
    assert len(things.checks) == (6 if engine == "mariadb" else 5)
    assert any("odd" in check for check in things.checks)


def test_what_an_insert_must_give(things: Table) -> None:
    assert {column.name for column in things.columns.values() if column.needed} == {
        "tenant_id",
        "name",
        "badge",
    }
    assert things.columns["id"].autoincrement
    assert things.columns["doubled"].generated
    assert things.columns["state"].default
    assert things.columns["parent_id"].nullable


def test_keys(things: Table) -> None:
    assert things.primary_key == ("id",)
    assert things.unique == (("badge",), ("tenant_id", "name"))
    assert set(things.foreign_keys) == {
        ForeignKey(("tenant_id",), "tenants", ("id",), "CASCADE"),
        ForeignKey(("parent_id",), "things", ("id",), "SET NULL"),
    }


def test_the_harness_s_own_tables_are_no_tables(engine: str, fresh_database: Fresh) -> None:
    url = build(fresh_database(engine), "CREATE TABLE _gen_suite_log (id INTEGER)", TABLES[0])
    assert list(reflect(url).tables) == ["tenants"]


def test_an_empty_database(engine: str, fresh_database: Fresh) -> None:
    assert reflect(fresh_database(engine)).tables == {}


def test_views_name_the_tables_they_read(engine: str, fresh_database: Fresh) -> None:
    url = build(
        fresh_database(engine),
        "CREATE TABLE users (id INTEGER PRIMARY KEY)",
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, user_id INTEGER)",
        "CREATE VIEW people AS SELECT id FROM users",
        "CREATE VIEW sums AS SELECT o.id FROM orders o JOIN users u ON u.id = o.user_id",
    )
    found = reflect(url)
    assert found.views == {"people": ("users",), "sums": ("orders", "users")}
    assert Schema.from_json(found.to_json()) == found


@pytest.mark.parametrize("engine_with_expressions", ["sqlite", "postgresql"])
def test_unique_expressions_and_partial_indexes(
    engine_with_expressions: str, fresh_database: Fresh
) -> None:
    url = build(
        fresh_database(engine_with_expressions),
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT, name TEXT, gone TEXT)",
        "CREATE UNIQUE INDEX one ON users (lower(email))",
        "CREATE UNIQUE INDEX two ON users (name) WHERE gone IS NULL",
        "CREATE INDEX three ON users (gone)",
    )
    assert reflect(url).tables["users"].unique == (("email",), ("name",))


def test_types_of_postgresql(fresh_database: Fresh) -> None:
    url = build(
        fresh_database("postgresql"),
        "CREATE TYPE mood AS ENUM ('sad', 'happy')",
        "CREATE DOMAIN positive AS INTEGER CHECK (VALUE > 0)",
        "CREATE TABLE odd (m mood, p positive, tags TEXT[], ip INET, span INTERVAL, "
        "counted INTEGER GENERATED ALWAYS AS IDENTITY, only_one TEXT CHECK (only_one = 'x'))",
    )
    columns = reflect(url).tables["odd"].columns
    assert (columns["m"].type, columns["m"].enum) == ("enum", ("sad", "happy"))
    assert (columns["p"].type, columns["p"].minimum) == ("integer", 1)
    assert {columns[name].type for name in ("tags", "ip", "span")} == {"other"}
    assert columns["counted"].autoincrement
    assert columns["only_one"].enum == ("x",)


def test_types_of_mariadb(fresh_database: Fresh) -> None:
    url = build(
        fresh_database("mariadb"),
        "CREATE TABLE odd (m ENUM('sad', 'happy'), u INT UNSIGNED, t TINYINT, "
        "s SET('a', 'b'), y YEAR, big LONGTEXT)",
    )
    columns = reflect(url).tables["odd"].columns
    assert (columns["m"].type, columns["m"].enum) == ("enum", ("sad", "happy"))
    assert (columns["u"].minimum, columns["u"].maximum) == (0, 2**32 - 1)
    assert (columns["t"].type, columns["t"].maximum) == ("integer", 127)
    assert columns["s"].type == "other"
    assert columns["big"].type == "text"


def test_schemas_of_postgresql(fresh_database: Fresh) -> None:
    url = build(
        fresh_database("postgresql"),
        "CREATE SCHEMA billing",
        "CREATE TABLE users (id INTEGER PRIMARY KEY)",
        "CREATE TABLE billing.invoices (id INTEGER, user_id INTEGER REFERENCES users(id))",
        "CREATE TABLE billing.lines (id INTEGER PRIMARY KEY)",
    )
    assert list(reflect(url).tables) == ["billing.invoices", "billing.lines", "users"]
    assert list(reflect(url, ["public"]).tables) == ["users"]
    invoices = reflect(url, ["billing"]).tables["billing.invoices"]
    assert (invoices.name, invoices.schema) == ("invoices", "billing")
    assert invoices.foreign_keys == (ForeignKey(("user_id",), "users", ("id",)),)
    with pytest.raises(TargetError, match=r"no schema `biling`\n  did you mean `billing`\?"):
        reflect(url, ["biling"])


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:topsecret@127.0.0.1:1/shop",
        "postgresql+asyncpg://shop:topsecret@127.0.0.1:1/shop",
        "mysql://shop:topsecret@127.0.0.1:1/shop",
        "nonsense://shop:topsecret@127.0.0.1/shop",
    ],
)
def test_what_cannot_be_reached(url: str) -> None:
    with pytest.raises(TargetError, match="cannot read the schema of") as caught:
        reflect(url)
    assert "topsecret" not in str(caught.value)
    assert "shop:***@127.0.0.1" in str(caught.value)


def test_a_sqlite_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    with pytest.raises(TargetError, match="no SQLite database at"):
        reflect(f"sqlite+aiosqlite:///{file}")
    assert not file.exists()


def test_no_database_url(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="is no database URL"):
        reflect("what is this")
