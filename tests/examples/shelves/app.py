"""Shelves of things with awkward names: a class, a type of a value, an order in orders, folders in folders."""

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterable

FILE = os.environ["DATABASE_URL"].partition(":///")[2]
PLURALS = {
    "types": "type",
    "values": "value",
    "classes": "class",
    "order": "order",
    "folders": "folder",
}
Start = Callable[[str, list[tuple[str, str]]], object]


class RefusedError(Exception):
    """The answer is a refusal."""


def application(environ: dict, start_response: Start) -> Iterable[bytes]:
    """Answer one request about a row of a table, about the rows below it, or about a list by its key."""
    database = sqlite3.connect(FILE, timeout=5)
    database.row_factory = sqlite3.Row
    database.execute("PRAGMA foreign_keys = ON")
    try:
        status, body = answer(environ, database)
        database.commit()
    except RefusedError as refusal:
        status, body = str(refusal), {"error": str(refusal)}
    finally:
        database.close()
    start_response(status, [("Content-Type", "application/json")] if body is not None else [])
    return [json.dumps(body).encode()] if body is not None else []


def answer(environ: dict, database: sqlite3.Connection) -> tuple[str, object]:
    method, steps = environ["REQUEST_METHOD"], environ["PATH_INFO"].strip("/").split("/")
    if steps == ["health"]:
        return "200 OK", {}
    if steps[0] == "lists":
        return (
            put_list(steps[1], environ, database)
            if method == "PUT"
            else ("200 OK", shown("lists", "key", steps[1], database))
        )
    if method == "POST":
        parent = row(steps[0], "id", steps[1], database) if len(steps) == 3 else None
        values = {"name": name_of(environ)} | (
            {f"{PLURALS[steps[0]]}_id": parent["id"]} if parent else {}
        )
        columns, marks = ", ".join(values), ", ".join("?" for _ in values)
        made = database.execute(
            f'INSERT INTO "{steps[-1]}" ({columns}) VALUES ({marks})', (*values.values(),)
        )
        return "201 Created", shown(steps[-1], "id", made.lastrowid, database)
    key = row(steps[0], "id", steps[1], database)["id"]
    if method == "DELETE":
        database.execute(f'DELETE FROM "{steps[0]}" WHERE id = ?', (key,))
        return "204 No Content", None
    if method == "PATCH":
        database.execute(f'UPDATE "{steps[0]}" SET name = ? WHERE id = ?', (name_of(environ), key))
    return "200 OK", shown(steps[0], "id", key, database)


def put_list(key: str, environ: dict, database: sqlite3.Connection) -> tuple[str, object]:
    name = name_of(environ)
    if not 1 <= len(key) <= 40:
        raise RefusedError("422 Unprocessable Entity")
    if database.execute("UPDATE lists SET name = ? WHERE key = ?", (name, key)).rowcount:
        return "200 OK", shown("lists", "key", key, database)
    database.execute("INSERT INTO lists (key, name) VALUES (?, ?)", (key, name))
    return "201 Created", shown("lists", "key", key, database)


def row(table: str, column: str, key: object, database: sqlite3.Connection) -> sqlite3.Row:
    if column == "id" and not re.fullmatch("[0-9]{1,18}", str(key)):
        raise RefusedError("404 Not Found")
    found = database.execute(f'SELECT * FROM "{table}" WHERE "{column}" = ?', (key,)).fetchone()
    if found is None:
        raise RefusedError("404 Not Found")
    return found


def shown(table: str, column: str, key: object, database: sqlite3.Connection) -> dict:
    return dict(row(table, column, key, database))


def name_of(environ: dict) -> str:
    if not environ.get("CONTENT_TYPE", "").startswith("application/json"):
        raise RefusedError("415 Unsupported Media Type")
    try:
        body = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    except ValueError:
        raise RefusedError("422 Unprocessable Entity") from None
    name = body.get("name") if isinstance(body, dict) and set(body) == {"name"} else None
    if not isinstance(name, str) or not 1 <= len(name) <= 20 or "\0" in name:
        raise RefusedError("422 Unprocessable Entity")
    return name
