"""A pages API whose keys are UUIDs, in the type that its engine has for them: UUID, BINARY(16) or CHAR(36).

PAGES_BUG=owner switches a fault on: the body may name the owner.
"""

import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.pool import NullPool

BUG = os.environ.get("PAGES_BUG", "")
TOKENS = {
    "ann-token": UUID("a0000000-0000-4000-8000-0000000000aa"),
    "bob-token": UUID("b0000000-0000-4000-8000-0000000000bb"),
}
metadata = sa.MetaData()


class Key(sa.types.TypeDecorator):
    """A UUID as the engine at hand keeps it."""

    impl = sa.CHAR(36)
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine:
        native = {"postgresql": sa.Uuid(), "mysql": mysql.BINARY(16), "mariadb": mysql.BINARY(16)}
        return dialect.type_descriptor(native.get(dialect.name, sa.CHAR(36)))

    def process_bind_param(self, value: UUID | None, dialect: sa.Dialect) -> object:
        if value is None or dialect.name == "postgresql":
            return value
        return str(value) if dialect.name == "sqlite" else value.bytes

    def process_result_value(self, value: object, dialect: sa.Dialect) -> UUID:
        return UUID(bytes=value) if isinstance(value, bytes) else UUID(str(value))


users = sa.Table(
    "users",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False),
)
pages = sa.Table(
    "pages",
    metadata,
    sa.Column("id", Key, primary_key=True),
    sa.Column("owner_id", sa.ForeignKey("users.id"), nullable=False),
    sa.Column("title", sa.String(40), nullable=False),
    sa.Column(
        "created_at", sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql"), nullable=False
    ),
)


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Answer one request: GET /health, GET /pages/{id}, POST /pages."""
    status, body = answer(environ)
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def answer(environ: dict) -> tuple[str, object]:
    if environ["PATH_INFO"] == "/health":
        return "200 OK", {}
    caller = TOKENS.get(environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer "))
    if caller is None:
        return "401 Unauthorized", {"error": "who are you?"}
    with sa.create_engine(os.environ["DATABASE_URL"], poolclass=NullPool).begin() as connection:
        if environ["REQUEST_METHOD"] == "POST":
            content = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            return "201 Created", shown(create(connection, caller, json.loads(content)))
        key = UUID(environ["PATH_INFO"].rpartition("/")[2])
        row = connection.execute(sa.select(pages).where(pages.c.id == key)).mappings().first()
        return ("200 OK", shown(row)) if row else ("404 Not Found", {"error": "no such page"})


def create(connection: sa.Connection, caller: UUID, body: dict) -> dict:
    owner = UUID(body["ownerId"]) if BUG == "owner" and "ownerId" in body else caller
    page = {
        "id": uuid4(),
        "owner_id": owner,
        "title": body["title"],
        "created_at": datetime.now(UTC).replace(tzinfo=None),
    }
    connection.execute(pages.insert().values(page))
    return page


def shown(page: sa.RowMapping | dict) -> dict:
    """As JavaScript shows times: in milliseconds."""
    created = page["created_at"].isoformat(timespec="milliseconds")
    return {
        "id": str(page["id"]).upper(),
        "title": page["title"],
        "ownerId": str(page["owner_id"]),
        "createdAt": f"{created}Z",
    }
