"""Films with the habits of PostgREST: a table is a path, a column a field, rows are picked by query
filters (`?id=eq.7`), answers are arrays, functions lie under /rpc, roles come with a signed token."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DATABASE = Path(os.environ.get("DATABASE_URL", "sqlite:///films.db").partition(":///")[2])
TABLES = ("directors", "films", "competitions", "nominations", "reviews")
TOKENS = {"editor-token": "editor", "reader-token": "reader"}
Row = dict[str, Any]


class Refused(Exception):  # noqa: N818 - the framework's own word would be HTTPException
    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(DATABASE, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()


def columns(db: sqlite3.Connection, table: str) -> list[str]:
    return [row["name"] for row in db.execute(f"PRAGMA table_info({table})")]


def shown(row: sqlite3.Row) -> Row:
    found = dict(row)
    if isinstance(found.get("metadata"), str):
        found["metadata"] = json.loads(found["metadata"])
    return found


def stored(values: Row) -> Row:
    return {
        name: json.dumps(value) if isinstance(value, dict | list) else value
        for name, value in values.items()
    }


def log(db: sqlite3.Connection, table: str, operation: str, role: str) -> None:
    db.execute(
        "INSERT INTO change_log (table_name, operation, role) VALUES (?, ?, ?)",
        (table, operation, role),
    )


def insert(db: sqlite3.Connection, table: str, body: Row) -> sqlite3.Row:
    values = stored(body)
    known = columns(db, table)
    if unknown := [name for name in values if name not in known]:
        raise Refused(400, f"Could not find the column {unknown[0]!r} of {table!r}")
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    made = db.execute(
        f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING *", tuple(values.values())
    ).fetchone()
    assert isinstance(made, sqlite3.Row)
    return made


def picked(db: sqlite3.Connection, table: str, request: Request) -> tuple[str, list[str]]:
    """WHERE clause and values of the filters; without one nothing is changed."""
    known = columns(db, table)
    pairs = [(name, text) for name, text in request.query_params.items() if name in known]
    if not pairs or any(not text.startswith("eq.") for _, text in pairs):
        raise Refused(400, "Filter by column=eq.value")
    return " AND ".join(f"{name} = ?" for name, _ in pairs), [text[3:] for _, text in pairs]


def change(db: sqlite3.Connection, table: str, request: Request, body: Row) -> list[Row]:
    where, values = picked(db, table, request)
    named = stored(body)
    if "updated_at" in columns(db, table):
        moment = db.execute("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')").fetchone()[0]
        named["updated_at"] = moment
    sets = ", ".join(f"{name} = ?" for name in named)
    rows = db.execute(
        f"UPDATE {table} SET {sets} WHERE {where} RETURNING *", (*named.values(), *values)
    ).fetchall()
    return [shown(row) for row in rows]


async def on_table(request: Request) -> Response:
    table = request.path_params["table"]
    if table not in TABLES:
        return JSONResponse({"message": f"Could not find the table {table!r}"}, 404)
    try:
        role = role_of(request)
        body = await request.json() if request.method in ("POST", "PATCH") else {}
        with transaction() as db:
            return _on_table(db, table, role, request, body)
    except Refused as refused:
        return JSONResponse({"message": refused.message}, refused.status)
    except sqlite3.IntegrityError as error:
        return JSONResponse({"message": str(error)}, 409)


def _on_table(
    db: sqlite3.Connection, table: str, role: str, request: Request, body: Any
) -> Response:
    if request.method == "GET":
        rows = db.execute(f"SELECT * FROM {table}").fetchall()
        return JSONResponse([shown(row) for row in rows])
    if role != "editor":
        raise Refused(403, f"permission denied for table {table}")
    if request.method == "POST":
        bodies = body if isinstance(body, list) else [body]
        made = [shown(insert(db, table, one)) for one in bodies]
        log(db, table, "INSERT", role)
        return JSONResponse(made, 201)
    if request.method == "PATCH":
        changed = change(db, table, request, body)
        log(db, table, "UPDATE", role)
        return JSONResponse(changed)
    where, values = picked(db, table, request)
    db.execute(f"DELETE FROM {table} WHERE {where}", values)
    log(db, table, "DELETE", role)
    return Response(status_code=204)


async def add_review(request: Request) -> Response:
    try:
        role = role_of(request)
        body = await request.json()
        with transaction() as db:
            values = {name.removeprefix("p_"): value for name, value in body.items()}
            made = shown(insert(db, "reviews", {**values, "author": role}))
            log(db, "reviews", "INSERT", role)
            return JSONResponse(made)
    except Refused as refused:
        return JSONResponse({"message": refused.message}, refused.status)
    except sqlite3.IntegrityError as error:
        return JSONResponse({"message": str(error)}, 409)


async def count_films(request: Request) -> Response:
    with transaction() as db:
        return JSONResponse(db.execute("SELECT count(*) FROM films").fetchone()[0])


def role_of(request: Request) -> str:
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token not in TOKENS:
        raise Refused(401, "JWT invalid")
    return TOKENS[token]


app = Starlette(
    routes=[
        Route("/rpc/add_review", add_review, methods=["POST"]),
        Route("/rpc/count_films", count_films, methods=["POST"]),
        Route("/{table}", on_table, methods=["GET", "POST", "PATCH", "DELETE"]),
    ]
)


def seed() -> None:
    """Make the database anew: `python app.py`."""
    DATABASE.unlink(missing_ok=True)
    connection = sqlite3.connect(DATABASE)
    connection.executescript((Path(__file__).parent / "schema.sql").read_text())
    connection.close()


if __name__ == "__main__":
    seed()
