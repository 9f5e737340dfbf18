"""An API whose bodies are anything but plain JSON; it is strict about how they travel."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import HTTP
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl

FILE = os.environ["DATABASE_URL"].partition(":///")[2]
TYPES = {
    "/pictures": "multipart/form-data",
    "/words": "application/x-www-form-urlencoded",
    "/lines": "text/plain",
    "/patches": "application/merge-patch+json",
}


def application(environ: dict, start_response: Callable) -> Iterable[bytes]:
    """Answer GET /health and the four POSTs."""
    status = "200 OK" if environ["PATH_INFO"] == "/health" else answer(environ)
    start_response(status, [("Content-Type", "application/json")])
    return [b"{}"]


def answer(environ: dict) -> str:
    path, given = environ["PATH_INFO"], environ.get("CONTENT_TYPE", "")
    if given.partition(";")[0] != TYPES[path]:
        return "415 Unsupported Media Type"
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    try:
        title = READERS[path](sent, environ)
    except (ValueError, KeyError, AttributeError, TypeError):
        return "422 Unprocessable Content"
    if not isinstance(title, str) or not 2 <= len(title) <= 20:
        return "422 Unprocessable Content"
    with sqlite3.connect(FILE, timeout=5) as database:
        database.execute("INSERT INTO titles (title) VALUES (?)", (title,))
    return "201 Created"


def picture(sent: bytes, environ: dict) -> str:
    if SimpleCookie(environ.get("HTTP_COOKIE", ""))["theme"].value not in ("dark", "light"):
        raise ValueError("theme")
    head = f"Content-Type: {environ['CONTENT_TYPE']}\r\n\r\n".encode()
    parts: dict[str, EmailMessage] = {}
    for part in BytesParser(policy=HTTP).parsebytes(head + sent).iter_parts():
        parts[str(part.get_param("name", header="content-disposition"))] = part
    if parts["photo"].get_filename() is None or parts["title"].get_filename() is not None:
        raise ValueError("photo is a file, title is none")
    return parts["title"].get_payload(decode=True).decode()


def word(sent: bytes, environ: dict) -> str:
    fields = dict(parse_qsl(sent.decode(), keep_blank_values=True, strict_parsing=True))
    if not 1 <= int(fields.pop("times", "1")) <= 9 or set(fields) != {"title"}:
        raise ValueError("times")
    return fields["title"]


READERS: dict[str, Callable[[bytes, dict], str]] = {
    "/pictures": picture,
    "/words": word,
    "/lines": lambda sent, _: sent.decode(),
    "/patches": lambda sent, _: json.loads(sent)["title"],
}
