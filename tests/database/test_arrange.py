"""Arranged rows satisfy the schema, whatever it asks for."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from gen_suite.errors import TargetError
from gen_suite.runtime.database import Database, open_database

schema = sa.MetaData()
Tenant = sa.Table(
    "tenants",
    schema,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("name", sa.String(5), nullable=False),
)
sa.Table(
    "customers",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tenant_id", sa.ForeignKey("tenants.id"), nullable=False),
    sa.Column("email", sa.String(40), nullable=False, unique=True),
    sa.Column("role", sa.String(10), nullable=False),
    sa.Column("joined", sa.DateTime, nullable=False),
    sa.CheckConstraint("role IN ('admin', 'customer')"),
)
sa.Table(
    "products",
    schema,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("tenant_id", sa.ForeignKey("tenants.id"), nullable=False),
    sa.Column("code", sa.String(3), nullable=False, unique=True),
    sa.Column("price", sa.Numeric(6, 2), nullable=False),
    sa.Column("cost", sa.Numeric(6, 2), nullable=False),
    sa.Column("kind", sa.Enum("book", "song", name="product_kind"), nullable=False),
    sa.CheckConstraint("length(code) = 3"),
    sa.CheckConstraint("price BETWEEN 5 AND 9.99"),
    sa.CheckConstraint("cost < price AND cost > 2"),
)
sa.Table(
    "orders",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tenant_id", sa.ForeignKey("tenants.id"), nullable=False),
    sa.Column("customer_id", sa.ForeignKey("customers.id"), nullable=False),
    sa.Column("product_id", sa.ForeignKey("products.id"), nullable=False),
    sa.Column("starts", sa.Date, nullable=False),
    sa.Column("ends", sa.Date, nullable=False),
    sa.Column("payload", sa.JSON, nullable=False),
    sa.CheckConstraint("ends > starts"),
)
sa.Table(
    "items",
    schema,
    sa.Column("order_id", sa.ForeignKey("orders.id"), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary(10), nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("gift", sa.Boolean, nullable=False),
)
sa.Table(
    "transfers",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("source_id", sa.ForeignKey("customers.id"), nullable=False),
    sa.Column("target_id", sa.ForeignKey("customers.id"), nullable=False),
    sa.CheckConstraint("source_id <> target_id"),
)
sa.Table(
    "employees",
    schema,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("boss_id", sa.ForeignKey("employees.id"), nullable=False),
    sa.Column("deputy_id", sa.ForeignKey("employees.id")),
)
sa.Table(
    "plain", schema, sa.Column("text", sa.Text, nullable=False), sa.Column("number", sa.Integer)
)
sa.Table(
    "totals",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("net", sa.Integer, nullable=False),
    sa.Column("gross", sa.Integer, sa.Computed("net * 2")),
    sa.Column("made", sa.DateTime, server_default=sa.func.current_timestamp(), nullable=False),
)
TABLES = sorted(schema.tables)


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    app = sa.create_engine(engine_url, poolclass=NullPool)
    schema.create_all(app)
    overrides = {"customers": {"role": "admin"}}
    with open_database(engine_url, overrides=overrides) as database:
        database.install()
        yield database
        database.uninstall()


def test_every_table_again_and_again(database: Database) -> None:
    before = database.hash()
    mark = database.mark()
    with database.watch() as changes:
        for _ in range(3):
            for table in TABLES:
                row = database.arrange(table)
                key = {name: row[name] for name in database.tables[table].key}
                assert not key or database.row(table, **key) == row
    assert changes.none(), "the harness's own rows are no changes"
    database.undo(mark)
    assert database.hash() == before


def test_what_is_given_is_kept_and_overrides_apply(database: Database) -> None:
    customer = database.arrange("customers", email="ann@example.com")
    assert customer["email"] == "ann@example.com"
    assert customer["role"] == "admin"
    assert database.arrange("customers", role="customer")["role"] == "customer"


def test_all_rows_of_one_call_share_their_tenant(database: Database) -> None:
    order = database.arrange("orders")
    customer = database.row("customers", id=order["customer_id"])
    product = database.row("products", id=order["product_id"])
    assert order["tenant_id"] == customer["tenant_id"] == product["tenant_id"]
    assert len(database.rows("tenants")) == 1


def test_a_given_parent_brings_its_tenant_along(database: Database) -> None:
    acme = database.arrange("tenants", id="acme")
    customer = database.arrange("customers", tenant_id=acme["id"])
    order = database.arrange("orders", customer_id=customer["id"])
    assert order["tenant_id"] == "acme"
    assert database.row("products", id=order["product_id"])["tenant_id"] == "acme"


def test_two_foreign_keys_to_one_table_get_two_rows(database: Database) -> None:
    transfer = database.arrange("transfers")
    assert transfer["source_id"] != transfer["target_id"]


def test_a_row_that_needs_itself(database: Database) -> None:
    employee = database.arrange("employees")
    assert employee["boss_id"] == employee["id"]
    assert employee["deputy_id"] is None


def test_text_of_a_yaml_file_becomes_the_column_type(database: Database) -> None:
    order = database.arrange("orders", starts="2026-02-03", ends="2026-02-04")
    assert order["starts"].isoformat() == "2026-02-03"
    assert str(database.arrange("products", price="7.50")["price"]) == "7.50"


@pytest.mark.parametrize(
    ("table", "values", "message"),
    [
        (
            "customers",
            {"role": "nobody"},
            "(?i)cannot arrange a row of customers: .*(check|constraint)",
        ),
        ("orders", {"customer_id": 99}, "(?i)cannot arrange a row of orders: .*foreign key"),
        ("orders", {"custmer_id": 99}, "did you mean 'customer_id'"),
        ("customer", {}, "did you mean 'customers'"),
    ],
)
def test_what_cannot_be_is_said(
    database: Database, table: str, values: dict[str, Any], message: str
) -> None:
    before = database.hash()
    with pytest.raises(TargetError, match=message):
        database.arrange(table, **values)
    assert database.hash() == before


def test_rows_that_need_each_other(engine_url: str, fresh_database: Callable[[str], str]) -> None:
    deferred = "" if "mysql" in engine_url else " DEFERRABLE INITIALLY DEFERRED"
    app = sa.create_engine(engine_url, poolclass=NullPool)
    with app.begin() as connection:
        for statement in (
            "CREATE TABLE hens(id INTEGER PRIMARY KEY, egg_id INTEGER NOT NULL)",
            "CREATE TABLE eggs(id INTEGER PRIMARY KEY, hen_id INTEGER NOT NULL,"
            f" FOREIGN KEY (hen_id) REFERENCES hens(id){deferred})",
        ):
            connection.execute(sa.text(statement))
        if connection.dialect.name == "sqlite":
            connection.execute(sa.text("DROP TABLE hens"))
            connection.execute(
                sa.text(
                    "CREATE TABLE hens(id INTEGER PRIMARY KEY,"
                    f" egg_id INTEGER NOT NULL REFERENCES eggs(id){deferred})"
                )
            )
        else:
            connection.execute(
                sa.text(f"ALTER TABLE hens ADD FOREIGN KEY (egg_id) REFERENCES eggs(id){deferred}")
            )
    with open_database(engine_url) as database:
        database.install()
        hen = database.arrange("hens")
        assert database.row("eggs", id=hen["egg_id"])["hen_id"] == hen["id"]
        database.uninstall()


def test_sqlite_rows_without_a_key_hold_what_their_type_cannot(
    fresh_database: Callable[[str], str],
) -> None:
    """SQLite keeps any value in any column: seconds in one that is declared as a date-time."""
    url = fresh_database("sqlite")
    with sa.create_engine(url, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE payments(memo TEXT NOT NULL, made TIMESTAMP DEFAULT 1700000000)"
        )
    with open_database(url) as database:
        database.install()
        row = database.arrange("payments", memo="rent")
        assert dict(row) == {"memo": "rent", "made": 1700000000}
        assert database.rows("payments") == [row]
        database.uninstall()


FORMS = """
CREATE TABLE notes (id TEXT PRIMARY KEY, hex TEXT NOT NULL, extra TEXT NOT NULL,
    title TEXT NOT NULL, currency TEXT NOT NULL, homepage_url TEXT NOT NULL);
CREATE TABLE tags (id CHAR(36) PRIMARY KEY, title TEXT NOT NULL);
"""


def test_texts_are_of_the_form_that_stored_ones_have(tmp_path: Path) -> None:
    """No type of a column says that it holds UUIDs or JSON; an application that reads it breaks."""
    first = "0f8fad5b-d9cb-469f-a165-70867728950e"
    stored = (
        f"INSERT INTO notes VALUES ('{first}', '{'0' * 32}', '{{\"a\": [1]}}', 'x', 'CHF', 'y');"
    )
    for name, sql in (("empty", FORMS), ("stored", FORMS + stored)):
        with sqlite3.connect(tmp_path / name) as connection:
            connection.executescript(sql)
    with open_database(f"sqlite:///{tmp_path / 'empty'}") as database:
        database.install()
        assert re.fullmatch(
            r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", database.arrange("tags")["id"]
        )
        assert database.arrange("notes")["extra"] == "extra"
    with open_database(f"sqlite:///{tmp_path / 'stored'}") as database:
        database.install()
        row = database.arrange("notes")
        assert database.text_forms("notes") == {"id": "uuid", "hex": "hex", "extra": "json"}
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", row["id"])
    assert re.fullmatch(r"[0-9a-f]{32}", row["hex"])
    assert row["id"] != first
    assert row["hex"] != "0" * 32
    assert (row["extra"], row["title"], row["currency"]) == ('{"a": [1]}', "title", "EUR")
    assert row["homepage_url"].startswith("https://")


def test_sqlite_columns_as_long_as_a_uuid_hold_one(fresh_database: Callable[[str], str]) -> None:
    """Also an interval of nothing is one that a reader of intervals understands."""
    url = fresh_database("sqlite")
    with sa.create_engine(url, poolclass=NullPool).begin() as connection:
        connection.exec_driver_sql(
            "CREATE TABLE runs(id CHAR(36) PRIMARY KEY, batch CHAR(32) NOT NULL,"
            " code CHAR(8) NOT NULL, took DATETIME NOT NULL DEFAULT '0')"
        )
    with open_database(url) as database:
        database.install()
        row = database.arrange("runs")
        assert str(UUID(row["id"])) == row["id"]
        assert UUID(row["batch"]).hex == row["batch"]
        assert row["code"] == "code"
        assert row["took"] == datetime(1970, 1, 1)
        database.uninstall()
