"""Keeps things for whoever can show who he is, in every way that a spec can ask for.

VAULT_BUG switches a fault on: any (garbage is good), expired, revoked (are still good), open (nobody
need say who he is), late (401 after writing).
"""

import base64
import json
import os
import secrets
import sqlite3
import time
from collections.abc import Callable, Iterable
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

BUG = os.environ.get("VAULT_BUG", "")
FILE = os.environ["DATABASE_URL"].partition(":///")[2]
USERS = {"ann": "ann's password"}
CLIENTS = {"robot": "robot-secret"}
HOUR = 3600
Start = Callable[[str, list[tuple[str, str]]], object]

# token -> when it ends; what is given out once stays until it is taken back
TOKENS = {"good-credential": time.time() + HOUR, "expired-credential": time.time() - HOUR}
REVOKED = {"revoked-credential"}


def application(environ: dict, start_response: Start) -> Iterable[bytes]:
    """Answer one request: GET /health, POST /oauth/token, POST /things."""
    status, body = answer(environ)
    start_response(status, [("Content-Type", "application/json"), ("Cache-Control", "no-store")])
    return [json.dumps(body).encode()]


def answer(environ: dict) -> tuple[str, object]:
    path = environ["PATH_INFO"]
    if path == "/health":
        return "200 OK", {}
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    if path == "/oauth/token":
        return token(environ, sent)
    if not known(environ):
        if BUG == "late":
            keep("late")
        return "401 Unauthorized", {"error": "who are you?"}
    try:
        body = json.loads(sent)
    except ValueError:
        body = None
    json_body = environ.get("CONTENT_TYPE", "").startswith("application/json")
    name = body.get("name") if isinstance(body, dict) and set(body) == {"name"} else None
    if not json_body or not isinstance(name, str) or not 1 <= len(name) <= 20 or "\0" in name:
        return "422 Unprocessable Entity", {"error": "a thing has a name"}
    return "201 Created", {"id": keep(name), "name": name}


def token(environ: dict, sent: bytes) -> tuple[str, object]:
    """RFC 6749, 4.3 and 4.4: a token for a password, or for the secret of a client."""
    if not environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        return "400 Bad Request", {"error": "invalid_request"}
    form = {name: values[0] for name, values in parse_qs(sent.decode()).items()}
    grant = form.get("grant_type")
    if grant == "password":
        good = USERS.get(form.get("username", "")) == form.get("password", "-")
    elif grant == "client_credentials":
        name, _, secret = basic(environ).partition(":")
        name, secret = name or form.get("client_id", ""), secret or form.get("client_secret", "")
        good = CLIENTS.get(name) == (secret or "-")
    else:
        return "400 Bad Request", {"error": "unsupported_grant_type"}
    if not good:
        return "400 Bad Request", {"error": "invalid_grant"}
    made = secrets.token_urlsafe(16)
    TOKENS[made] = time.time() + HOUR
    return "200 OK", {"access_token": made, "token_type": "Bearer", "expires_in": HOUR}


def known(environ: dict) -> bool:
    if BUG == "open":
        return True
    name, _, password = basic(environ).partition(":")
    if name:
        return USERS.get(name) == password or BUG == "any"
    shown = credential(environ)
    if shown is None:
        return False
    if BUG == "any" or (BUG == "revoked" and shown in REVOKED):
        return True
    return TOKENS.get(shown, 0) > time.time() or (BUG == "expired" and shown in TOKENS)


def credential(environ: dict) -> str | None:
    """The token or key: in the place that this vault's spec names."""
    scheme, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    if scheme == "Bearer":
        return bearer
    cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get("vault")
    places = [
        environ.get("HTTP_X_KEY"),
        parse_qs(environ.get("QUERY_STRING", "")).get("key", [None])[0],
        cookie.value if cookie else None,
    ]
    return next((place for place in places if place), None)


def basic(environ: dict) -> str:
    scheme, _, pair = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return base64.b64decode(pair).decode() if scheme == "Basic" else ""


def keep(name: str) -> int | None:
    with sqlite3.connect(FILE, timeout=5) as database:
        return database.execute("INSERT INTO things (name) VALUES (?)", (name,)).lastrowid
