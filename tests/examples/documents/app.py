"""Shelves and their books as documents in one table: a shelf without its grants may not be touched.

DOCUMENTS_BUG switches a fault on: forgets (a PATCH answers what it does not store), strays (a PATCH
changes the other books of its shelf too), leftover (a deleted book stays).
"""

import json
import os
import re
import sqlite3
import uuid
from collections.abc import Callable, Iterable

BUG = os.environ.get("DOCUMENTS_BUG", "")
FILE = os.environ["DATABASE_URL"].partition(":///")[2]
SHELF = re.compile(r"/shelves/([^/]+)")
BOOKS = re.compile(r"/shelves/([^/]+)/books")
BOOK = re.compile(r"/shelves/([^/]+)/books/([^/]+)")
Start = Callable[[str, list[tuple[str, str]]], object]


class RefusedError(Exception):
    """The answer is a refusal."""


def application(environ: dict, start_response: Start) -> Iterable[bytes]:
    """Answer one request about a shelf or a book."""
    database = sqlite3.connect(FILE, timeout=5)
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
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if path == "/health":
        return "200 OK", {}
    if (named := SHELF.fullmatch(path)) and method == "PUT":
        return put_shelf(named[1], environ, database)
    if (named := BOOKS.fullmatch(path)) and method == "POST":
        demand_grant(named[1], database)
        key, title = uuid.uuid4().hex, title_of(environ)
        insert(database, key, "book", named[1], {"title": title})
        return "201 Created", {"id": key, "title": title}
    if not (named := BOOK.fullmatch(path)):
        raise RefusedError("404 Not Found")
    demand_grant(named[1], database)
    which = (named[2], named[1])
    held = database.execute(
        "SELECT body FROM documents WHERE kind = 'book' AND id = ? AND parent = ?", which
    ).fetchone()
    if held is None:
        raise RefusedError("404 Not Found")
    if method == "DELETE":
        if BUG != "leftover":
            database.execute("DELETE FROM documents WHERE id = ? AND parent = ?", which)
        return "204 No Content", None
    if method in ("PATCH", "PUT"):
        title = title_of(environ, named[2] if method == "PUT" else None)
        body = {**json.loads(held[0]), "title": title}
        where = "parent = :parent" if BUG == "strays" else "parent = :parent AND id = :id"
        if BUG != "forgets":
            database.execute(
                f"UPDATE documents SET body = :body WHERE kind = 'book' AND {where}",
                {"body": json.dumps(body), "parent": named[1], "id": named[2]},
            )
        return "200 OK", {"id": named[2], **body}
    return "200 OK", {"id": named[2], **json.loads(held[0])}


def put_shelf(key: str, environ: dict, database: sqlite3.Connection) -> tuple[str, object]:
    title = title_of(environ)
    if not re.fullmatch("[a-z0-9]{4,30}", key):
        raise RefusedError("422 Unprocessable Entity")
    known = database.execute(
        "SELECT 1 FROM documents WHERE kind = 'shelf' AND id = ?", (key,)
    ).fetchone()
    if known:
        raise RefusedError("409 Conflict")
    try:
        insert(database, key, "shelf", "", {"title": title})
    except sqlite3.IntegrityError:  # another request was faster
        raise RefusedError("409 Conflict") from None
    database.execute("INSERT INTO grants (object, right) VALUES (?, 'write')", (f"/{key}",))
    return "201 Created", {"id": key, "title": title}


def insert(database: sqlite3.Connection, key: str, kind: str, parent: str, body: dict) -> None:
    database.execute(
        "INSERT INTO documents (id, kind, parent, body) VALUES (?, ?, ?, ?)",
        (key, kind, parent, json.dumps(body)),
    )


def demand_grant(shelf: str, database: sqlite3.Connection) -> None:
    if not database.execute("SELECT 1 FROM grants WHERE object = ?", (f"/{shelf}",)).fetchone():
        raise RefusedError("403 Forbidden")


def title_of(environ: dict, key: str | None = None) -> str:
    """The title of a body; with a key it has an `id` too, which must say the same as the path."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/json"):
        raise RefusedError("415 Unsupported Media Type")
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        body = json.loads(sent)
    except ValueError:
        body = None
    fields = {"title"} if key is None else {"title", "id"}
    title = body.get("title") if isinstance(body, dict) and set(body) == fields else None
    if title is not None and key is not None and body["id"] != key:
        raise RefusedError("400 Bad Request")
    if not isinstance(title, str) or not 1 <= len(title) <= 40 or "\0" in title:
        raise RefusedError("422 Unprocessable Entity")
    return title
