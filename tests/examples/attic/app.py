"""Keeps files: as they are in a request, or as one part of a form.

ATTIC_BUG switches a fault on: text (decoded and encoded again), cut (the last byte is lost), name (a
form's file is kept without its name), echo (nothing is kept).
"""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from email.message import Message
from email.parser import BytesParser

BUG = os.environ.get("ATTIC_BUG", "")
FILE = os.environ["DATABASE_URL"].partition(":///")[2]
Start = Callable[[str, list[tuple[str, str]]], object]


def application(environ: dict, start_response: Start) -> Iterable[bytes]:
    """Answer one request: GET /health, PUT /boxes/{id}/content, POST /boxes."""
    with sqlite3.connect(FILE, timeout=5) as database:
        status, body = answer(environ, database)
    headers = [("Content-Type", "application/json")] if body is not None else []
    start_response(status, headers)
    return [json.dumps(body).encode()] if body is not None else []


def answer(environ: dict, database: sqlite3.Connection) -> tuple[str, object]:
    if environ["PATH_INFO"] == "/health":
        return "200 OK", {}
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    kind = environ.get("CONTENT_TYPE", "")
    if environ["REQUEST_METHOD"] == "PUT":
        if kind != "application/octet-stream":
            return "415 Unsupported Media Type", {"error": "bytes, please"}
        query = "UPDATE boxes SET content = ? WHERE id = ?"
        done = database.execute(query, (kept(sent), environ["PATH_INFO"].split("/")[2]))
        return ("204 No Content", None) if done.rowcount else ("404 Not Found", {"error": "none"})
    form = parts(kind, sent)
    if form is None or "label" not in form or "content" not in form:
        return "422 Unprocessable Entity", {"error": "a form with label and content"}
    label, content = form["label"].decode(), kept(form["content"])
    query = "INSERT INTO boxes (label, content) VALUES (?, ?)"
    number = database.execute(query, (label, content)).lastrowid
    return "201 Created", {"id": number, "label": label}


def kept(content: bytes) -> bytes:
    if BUG == "text":
        return content.decode(errors="replace").encode()
    if BUG == "echo":
        return b""
    return content[:-1] if BUG == "cut" else content


def parts(kind: str, sent: bytes) -> dict[str, bytes] | None:
    """The parts of a multipart form by name."""
    if not kind.startswith("multipart/form-data"):
        return None
    message: Message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + sent)
    found = {}
    for part in message.get_payload() if message.is_multipart() else []:
        name = part.get_param("name", header="content-disposition")
        found[str(name)] = part.get_payload(decode=True) or b""
    return found
