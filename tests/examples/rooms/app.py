"""Rooms that can be reserved only on days when the house is open, which no row and no field tells.

`OPEN=1` opens the house; painting a room always ends in a server error. `QUIT_AT` names a function at
which the process ends, as a fault in a C extension ends it, `WAIT_AT` one that never answers;
with `ANNOUNCING` a new room is announced in a row of `visits`, 0.3 s after the answer;
with `SPOILABLE` a new room leaves the application broken until it is started again;
with `COUNTING` each request is a row of `visits`, whatever comes of it, with `AUDITING` each that writes.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from typing import Any

from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

SPOILED: list[bool] = []
DATABASE = os.environ.get("DATABASE_URL", "sqlite:///rooms.db").partition(":///")[2]
SCHEMA = """CREATE TABLE rooms (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, reserved INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE visits (id INTEGER PRIMARY KEY, path TEXT NOT NULL);
CREATE TABLE keepers (id INTEGER PRIMARY KEY, name TEXT UNIQUE, nick TEXT);
CREATE TABLE tags (name TEXT PRIMARY KEY NOT NULL, colour TEXT NOT NULL);"""


def connect() -> sqlite3.Connection:
    connection = sqlite3.connect(DATABASE, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    return connection


def room(db: sqlite3.Connection, key: Any) -> dict[str, Any] | None:
    row = db.execute("SELECT * FROM rooms WHERE id = ?", (key,)).fetchone()
    return dict(row) if row else None


def refusal(status: int, detail: str) -> Response:
    return JSONResponse({"detail": detail}, status)


async def text_of(request: Request, field: str = "name", most: int = 40) -> str | None:
    if not request.headers.get("content-type", "").startswith("application/json"):
        return None
    try:
        body = await request.json()
    except ValueError:
        return None
    text = body.get(field) if isinstance(body, dict) else None
    return text if isinstance(text, str) and 1 <= len(text) <= most else None


async def hours(request: Request) -> Response:
    await trouble(request)
    return JSONResponse({"open": bool(os.environ.get("OPEN"))})


async def all_rooms(request: Request) -> Response:
    await trouble(request)
    with connect() as db:
        return JSONResponse([dict(row) for row in db.execute("SELECT * FROM rooms")])


async def create(request: Request) -> Response:
    await trouble(request)
    name = await text_of(request)
    if name is None:
        return refusal(400, "name: 1 to 40 characters")
    with connect() as db:
        key = db.execute("INSERT INTO rooms (name) VALUES (?)", (name,)).lastrowid
        SPOILED.extend([True] if os.environ.get("SPOILABLE") else [])
        later = BackgroundTask(announce) if os.environ.get("ANNOUNCING") else None
        return JSONResponse(room(db, key), 201, background=later)


async def announce() -> None:
    await asyncio.sleep(0.3)
    with connect() as db:
        db.execute("INSERT INTO visits (path) VALUES ('announced')")


async def one(request: Request) -> Response:
    await trouble(request)
    key = request.path_params["id"]
    with connect() as db:
        if room(db, key) is None:
            return refusal(404, "no such room")
        if request.method == "PATCH":
            name = await text_of(request)
            if name is None:
                return refusal(400, "name: 1 to 40 characters")
            db.execute("UPDATE rooms SET name = ? WHERE id = ?", (name, key))
        return JSONResponse(room(db, key))


async def tag(request: Request) -> Response:
    await trouble(request)
    name, colour = request.path_params["name"], await text_of(request, "colour", 20)
    if colour is None or len(name) > 40:
        return refusal(400, "colour: 1 to 20 characters")
    with connect() as db:
        if db.execute("SELECT 1 FROM tags WHERE name = ?", (name,)).fetchone():
            return refusal(409, f"there is a tag {name}")
        db.execute("INSERT INTO tags (name, colour) VALUES (?, ?)", (name, colour))
        return JSONResponse({"name": name, "colour": colour}, 201)


async def keeper(request: Request) -> Response:
    await trouble(request)
    name, nick = request.path_params["name"], await text_of(request, "nick", 20)
    if nick is None:
        return refusal(400, "nick: 1 to 20 characters")
    with connect() as db:
        if not db.execute("UPDATE keepers SET nick = ? WHERE name = ?", (nick, name)).rowcount:
            return refusal(404, f"no keeper {name}")
        return JSONResponse({"name": name, "nick": nick})


async def shutdown(request: Request) -> Response:
    os._exit(0)


async def reserve(request: Request) -> Response:
    await trouble(request)
    key = request.path_params["id"]
    with connect() as db:
        if room(db, key) is None:
            return refusal(404, "no such room")
        if not os.environ.get("OPEN"):
            return refusal(409, "the house is closed today")
        db.execute("UPDATE rooms SET reserved = reserved + 1 WHERE id = ?", (key,))
        return JSONResponse(room(db, key))


async def paint(request: Request) -> Response:
    await trouble(request)
    raise RuntimeError("no paint is left")


async def trouble(request: Request) -> None:
    if SPOILED:
        raise RuntimeError("nothing works here any more")
    if os.environ.get("WAIT_AT", "-") == request.scope["endpoint"].__name__:
        await asyncio.sleep(3600)
    if os.environ.get("QUIT_AT", "-") == request.scope["endpoint"].__name__:
        os._exit(3)
    auditing = os.environ.get("AUDITING") and request.method != "GET"
    if os.environ.get("COUNTING") or auditing:
        with connect() as db:
            db.execute("INSERT INTO visits (path) VALUES (?)", (request.url.path,))


app = Starlette(
    routes=[
        Route("/hours", hours, methods=["GET"]),
        Route("/rooms", all_rooms, methods=["GET"]),
        Route("/rooms", create, methods=["POST"]),
        Route("/rooms/{id:int}", one, methods=["GET", "PATCH"]),
        Route("/tags/{name}", tag, methods=["PUT"]),
        Route("/keepers/{name}", keeper, methods=["PATCH"]),
        Route("/shutdown", shutdown, methods=["POST"]),
        Route("/rooms/{id:int}/reserve", reserve, methods=["POST"]),
        Route("/rooms/{id:int}/paint", paint, methods=["POST"]),
    ]
)

if __name__ == "__main__":
    connect().executescript(SCHEMA)
