"""A meters API in the style of a Swagger 2.0 service: below /v1, a token for everything, 200 for what is made.

Its spec names neither security nor refusals, and documents 201 for POST /meters.
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable

FILE = os.environ["DATABASE_URL"].partition(":///")[2]
KEY = "meters-key"
Start = Callable[[str, list[tuple[str, str]]], object]
Answer = tuple[str, object]


def application(environ: dict, start_response: Start) -> Iterable[bytes]:
    """Answer one request."""
    database = sqlite3.connect(FILE, timeout=5)
    database.execute(
        "CREATE TABLE IF NOT EXISTS meters (id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL,"
        " unit VARCHAR(10) NOT NULL, readings INTEGER NOT NULL DEFAULT 0)"
    )
    database.row_factory = sqlite3.Row
    try:
        status, body = answer(environ, database)
        database.commit()
    finally:
        database.close()
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()] if body is not None else [b""]


def answer(environ: dict, database: sqlite3.Connection) -> Answer:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path == "/ready":
        return "200 OK", {}
    if not path.startswith("/v1/meters"):
        return "404 Not Found", {"message": "no such path"}
    if environ.get("HTTP_AUTHORIZATION") != f"Bearer {KEY}":
        return "401 Unauthorized", {"message": "no key"}
    rest = [part for part in path.removeprefix("/v1/meters").split("/") if part]
    if not rest:
        return create(environ, database) if method == "POST" else ("405 Method Not Allowed", {})
    row = database.execute("SELECT * FROM meters WHERE id = ?", (rest[0],)).fetchone()
    if row is None:
        return "404 Not Found", {"message": "no such meter"}
    if rest[1:] == ["readings"]:
        if environ.get("CONTENT_TYPE") != "application/json":
            return "415 Unsupported Media Type", {"message": "JSON only"}
        database.execute("UPDATE meters SET readings = readings + 1 WHERE id = ?", (row["id"],))
        return "200 OK", {**row, "readings": row["readings"] + 1}
    if method == "DELETE":
        database.execute("DELETE FROM meters WHERE id = ?", (row["id"],))
        return "204 No Content", None
    return "200 OK", dict(row)


def create(environ: dict, database: sqlite3.Connection) -> Answer:
    try:
        body = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    except ValueError:
        return "400 Bad Request", {"message": "no JSON"}
    if not environ.get("CONTENT_TYPE", "").startswith("application/json"):
        return "415 Unsupported Media Type", {"message": "JSON only"}
    if not isinstance(body, dict) or not {"name", "unit"} <= set(body):
        return "400 Bad Request", {"message": "name and unit"}
    name, unit = body["name"], body["unit"]
    if not isinstance(name, str) or not 1 <= len(name) <= 40 or "\0" in name:
        return "400 Bad Request", {"message": "name: 1 to 40 characters"}
    if unit not in ("kWh", "m3"):
        return "400 Bad Request", {"message": "unit: kWh or m3"}
    made = database.execute("INSERT INTO meters (name, unit) VALUES (?, ?)", (name, unit))
    return "200 OK", {"id": made.lastrowid, "name": name, "unit": unit, "readings": 0}
