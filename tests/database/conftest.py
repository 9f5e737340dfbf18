"""A small schema that every engine understands, and an application with connections of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from gen_suite.runtime.database import Database, open_database

schema = sa.MetaData()
sa.Table(
    "tenants",
    schema,
    sa.Column("id", sa.String(20), primary_key=True),
    sa.Column("name", sa.String(50), nullable=False),
)
sa.Table(
    "users",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tenant_id", sa.ForeignKey("tenants.id"), nullable=False),
    sa.Column("email", sa.String(60), unique=True, nullable=False),
    sa.Column("balance", sa.Numeric(10, 2), nullable=False, server_default="0"),
    sa.Column("born", sa.Date),
    sa.Column("seen_at", sa.DateTime),
    sa.Column("active", sa.Boolean, nullable=False, server_default=sa.true()),
)
sa.Table(
    "orders",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("status", sa.String(10), nullable=False, server_default="pending"),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("note", sa.Text),
    sa.CheckConstraint("status IN ('pending', 'paid', 'cancelled')", name="order_status"),
    sa.CheckConstraint("total >= 0", name="order_total"),
)
sa.Table(
    "items",
    schema,
    sa.Column("order_id", sa.ForeignKey("orders.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("sku", sa.String(20), nullable=False),
    sa.Column("quantity", sa.Integer, sa.CheckConstraint("quantity > 0"), nullable=False),
)
sa.Table("notes", schema, sa.Column("about", sa.String(20)), sa.Column("text", sa.Text))
sa.Table(
    "Wei rd",
    schema,
    sa.Column("Se lect", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column('a"b', sa.String(20)),
)


class App:
    """The application: connections of its own, each transaction committed on its own."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url, poolclass=NullPool)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(
                self.engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON")
            )

    def run(self, *statements: str, **values: object) -> None:
        """All statements in one transaction."""
        with self.engine.begin() as connection:
            for statement in statements:
                connection.execute(sa.text(statement), values)

    def read(self, statement: str) -> list[tuple[object, ...]]:
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(sa.text(statement))]


@pytest.fixture
def app(engine_url: str) -> App:
    """The application on a database with a few rows."""
    app = App(engine_url)
    schema.create_all(app.engine)
    app.run(
        "INSERT INTO tenants(id, name) VALUES ('acme', 'Acme'), ('globex', 'Globex')",
        "INSERT INTO users(id, tenant_id, email, balance, born, seen_at) VALUES"
        " (1, 'acme', 'ann@example.com', 12.50, '1990-02-03', '2026-01-02 03:04:05.000000'),"
        " (2, 'globex', 'bob@example.com', 0, NULL, NULL)",
        "INSERT INTO orders(id, user_id, total) VALUES (1, 1, 100), (2, 1, 200), (3, 2, 300)",
        "INSERT INTO items(order_id, line, sku, quantity) VALUES (1, 1, 'a', 1), (1, 2, 'b', 2)",
        "INSERT INTO notes(about, text) VALUES ('x', 'same'), ('x', 'same'), ('y', NULL)",
    )
    if app.engine.dialect.name == "postgresql":  # ids given by hand do not move a sequence
        app.run(
            "SELECT setval(pg_get_serial_sequence('users', 'id'), 100)",
            "SELECT setval(pg_get_serial_sequence('orders', 'id'), 100)",
        )
    return app


@pytest.fixture
def database(app: App, engine_url: str) -> Iterator[Database]:
    """The watched database; what it held is there again afterwards."""
    with open_database(engine_url) as database:
        database.install()
        yield database
        database.uninstall()
