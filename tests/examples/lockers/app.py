"""Lockers for whoever is logged in: a login is a row of `sessions`, and without the row its token is nothing."""

import json
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterable

FILE = os.environ["DATABASE_URL"].partition(":///")[2]
USERS = {"ann": "ann's password", "ben": "ben's password"}
Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict, start_response: Start) -> Iterable[bytes]:
    """Answer one request: GET /health, POST /login, GET /lockers, POST /lockers."""
    database = sqlite3.connect(FILE, timeout=5)
    try:
        status, body = answer(environ, database)
        database.commit()
    finally:
        database.close()
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def answer(environ: dict, database: sqlite3.Connection) -> tuple[str, object]:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path == "/health":
        return "200 OK", {}
    try:
        body = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    except ValueError:
        body = None
    if path == "/login":
        return login(body, database)
    token = environ.get("HTTP_AUTHORIZATION", "").removeprefix("Bearer ")
    if not database.execute("SELECT 1 FROM sessions WHERE token = ?", (token,)).fetchone():
        return "401 Unauthorized", {"error": "who are you?"}
    if method == "GET":
        return "200 OK", [name for (name,) in database.execute("SELECT name FROM lockers")]
    json_body = environ.get("CONTENT_TYPE", "").startswith("application/json")
    name = body.get("name") if isinstance(body, dict) and set(body) == {"name"} else None
    if not json_body or not isinstance(name, str) or not 1 <= len(name) <= 20 or "\0" in name:
        return "422 Unprocessable Entity", {"error": "a locker has a name"}
    number = database.execute("INSERT INTO lockers (name) VALUES (?)", (name,)).lastrowid
    return "201 Created", {"id": number, "name": name}


def login(body: object, database: sqlite3.Connection) -> tuple[str, object]:
    if not isinstance(body, dict) or USERS.get(str(body.get("name"))) != body.get("password", "-"):
        return "400 Bad Request", {"error": "no such user, or not with this password"}
    token = secrets.token_hex(12)
    database.execute("INSERT INTO sessions (token, name) VALUES (?, ?)", (token, body["name"]))
    database.execute("UPDATE users SET logins = logins + 1 WHERE name = ?", (body["name"],))
    return "200 OK", {"token": token}
