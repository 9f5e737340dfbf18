"""Insurance claims whose states are plain texts, called with API keys of an account.

A claim is open, is then sent in and then settled; no column and no schema lists these words. No two
keys of an account are told apart by more than their role.
"""

from __future__ import annotations

import os
import sqlite3
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DATABASE = os.environ.get("DATABASE_URL", "sqlite:///claims.db").partition(":///")[2]
SCHEMA = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE api_keys (
    key TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (id), role TEXT NOT NULL
);
CREATE TABLE claims (
    id INTEGER PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts (id),
    title TEXT NOT NULL, status TEXT NOT NULL
);
INSERT INTO accounts VALUES ('acc-north', 'North'), ('acc-south', 'South');
INSERT INTO api_keys VALUES ('north-clerk-key', 'acc-north', 'clerk'),
    ('north-boss-key', 'acc-north', 'boss'), ('south-clerk-key', 'acc-south', 'clerk');
"""


class RefusedError(Exception):
    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.answer = JSONResponse({"detail": detail}, status)


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(DATABASE, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def caller(db: sqlite3.Connection, request: Request) -> sqlite3.Row:
    key = request.headers.get("x-api-key", "")
    row = db.execute("SELECT * FROM api_keys WHERE key = ?", (key,)).fetchone()
    if row is None:
        raise RefusedError(401, "an API key is needed")
    return row


def claim(db: sqlite3.Connection, request: Request, account: str) -> dict[str, Any]:
    words = "SELECT * FROM claims WHERE id = ? AND account_id = ?"
    row = db.execute(words, (request.path_params["id"], account)).fetchone()
    if row is None:
        raise RefusedError(404, "no such claim")
    return dict(row)


def shown(row: dict[str, Any]) -> dict[str, Any]:
    return {"id": row["id"], "title": row["title"], "status": row["status"]}


async def create(request: Request) -> Response:
    with connect() as db:
        account = caller(db, request)["account_id"]
        typed = request.headers.get("content-type", "").startswith("application/json")
        try:
            body = await request.json() if typed else None
        except ValueError:
            body = None
        title = body.get("title") if isinstance(body, dict) else None
        if not isinstance(title, str) or not 1 <= len(title) <= 40:
            raise RefusedError(400, "title: 1 to 40 characters")
        words = "INSERT INTO claims (account_id, title, status) VALUES (?, ?, 'opened')"
        key = db.execute(words, (account, title)).lastrowid
        return JSONResponse({"id": key, "title": title, "status": "opened"}, 201)


async def read(request: Request) -> Response:
    with connect() as db:
        return JSONResponse(shown(claim(db, request, caller(db, request)["account_id"])))


def move(db: sqlite3.Connection, request: Request, before: str, after: str) -> Response:
    who = caller(db, request)
    row = claim(db, request, who["account_id"])
    if after == "settled" and who["role"] != "boss":
        raise RefusedError(403, "the boss settles")
    if row["status"] != before:
        raise RefusedError(409, f"the claim is {row['status']}")
    db.execute("UPDATE claims SET status = ? WHERE id = ?", (after, row["id"]))
    return JSONResponse(shown({**row, "status": after}))


async def settle(request: Request) -> Response:
    with connect() as db:
        return move(db, request, "sent_in", "settled")


async def send_in(request: Request) -> Response:
    with connect() as db:
        return move(db, request, "opened", "sent_in")


async def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)
    return error.answer


async def nothing_there(request: Request, error: Exception) -> Response:
    return JSONResponse({"detail": "no such address"}, 404)


app = Starlette(
    routes=[
        Route("/claims", create, methods=["POST"]),
        Route("/claims/{id:int}", read),
        Route("/claims/{id:int}/settle", settle, methods=["POST"]),
        Route("/claims/{id:int}/hand-over", send_in, methods=["POST"]),
    ],
    exception_handlers={RefusedError: refused, 404: nothing_there},
)

if __name__ == "__main__":
    with connect() as db:
        db.executescript(SCHEMA)
