"""A notes API in one WSGI function, for tests that need a real application and nothing more of it.

NOTES_BUG switches a fault on: echo (never stored), late (401 after writing), silent (rolled back),
undeclared (a row nobody asked for), status (200 for 201), crash (500), loose (no validation),
starless (stars are not the caller's business: always 1), slow (a note called slow takes a minute, in
the middle of its transaction), deadly (the process ends at a note called deadly),
remembers (the list of notes is read once, and kept in memory from then on).
"""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterable

BUG = os.environ.get("NOTES_BUG", "")
FILE = os.environ["DATABASE_URL"].partition(":///")[2]
SCHEMA = """
CREATE TABLE IF NOT EXISTS notes (
    id INTEGER PRIMARY KEY, title VARCHAR(40) NOT NULL, stars INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS visits (id INTEGER PRIMARY KEY, path TEXT NOT NULL);
"""
REMEMBERED: list[str] = []
Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict, start_response: Start) -> Iterable[bytes]:
    """Answer one request: GET /health, GET /notes, GET /notes/{id}, POST /notes."""
    database = sqlite3.connect(FILE, timeout=5)
    database.executescript(SCHEMA)
    try:
        status, body = answer(environ, database)
    finally:
        database.close()
    start_response(status, [("Content-Type", "application/json")])
    return [json.dumps(body).encode()]


def answer(environ: dict, database: sqlite3.Connection) -> tuple[str, object]:
    path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
    if path == "/health":
        return "200 OK", {}
    if environ.get("HTTP_AUTHORIZATION") != "Bearer ann-token":
        if BUG == "late":
            insert(database, "late", 0)
            database.commit()
        return "401 Unauthorized", {"error": "who are you?"}
    if method == "GET" and path == "/notes":
        return "200 OK", titles(database)
    if method == "GET":
        row = database.execute(
            "SELECT id, title, stars FROM notes WHERE id = ?", (path.rpartition("/")[2],)
        ).fetchone()
        if row is None:
            return "404 Not Found", {"error": "no such note"}
        return "200 OK", dict(zip(("id", "title", "stars"), row, strict=True))
    return create(environ, database)


def titles(database: sqlite3.Connection) -> list[str]:
    if BUG != "remembers" or not REMEMBERED:
        REMEMBERED[:] = [title for (title,) in database.execute("SELECT title FROM notes")]
    return list(REMEMBERED)


def create(environ: dict, database: sqlite3.Connection) -> tuple[str, object]:
    if BUG == "crash":
        raise RuntimeError("the note was too heavy")
    try:
        body = json.loads(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
    except ValueError:
        return "400 Bad Request", {"error": "this is no JSON"}
    if BUG != "loose" and (problem := wrong(body, environ)):
        return "422 Unprocessable Entity", {"error": problem}
    title = body["title"][:3] if BUG == "echo" else body["title"]
    stars = 1 if BUG == "starless" else body.get("stars", 0)
    number = insert(database, title, stars)
    if BUG == "deadly" and title == "deadly":
        print("out of memory, says the note", flush=True)
        os.kill(os.getpid(), signal.SIGKILL)
    if BUG == "remembers":
        REMEMBERED.append(title)
    if BUG == "slow" and title == "slow":
        time.sleep(60)
    if BUG == "undeclared":
        database.execute("INSERT INTO visits (path) VALUES ('/notes')")
    if BUG != "silent":
        database.commit()
    made = {"id": number, "title": body["title"], "stars": stars}
    return "200 OK" if BUG == "status" else "201 Created", made


def insert(database: sqlite3.Connection, title: str, stars: int) -> int | None:
    query = "INSERT INTO notes (title, stars) VALUES (?, ?)"
    return database.execute(query, (title, stars)).lastrowid


def wrong(body: object, environ: dict) -> str:
    if not environ.get("CONTENT_TYPE", "").startswith("application/json"):
        return "the body must be JSON"
    if not isinstance(body, dict) or not {"title"} <= set(body) <= {"title", "stars"}:
        return "a note has a title and maybe stars"
    title, stars = body["title"], body.get("stars", 0)
    if not isinstance(title, str) or not 1 <= len(title) <= 40 or "\0" in title:
        return "title: a text of 1 to 40 characters, none of them NUL"
    if isinstance(stars, bool) or not isinstance(stars, int) or not 0 <= stars <= 5:
        return "stars: a whole number from 0 to 5"
    return ""
