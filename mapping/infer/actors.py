"""Actors: stubs from the security schemes of the spec, or those that were named on the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...spec.model import Document, MediaType, Operation, SecurityScheme
from ...spec.schema import properties
from ..names import did_you_mean, words
from .guess import Guess, Tree

if TYPE_CHECKING:
    from ..shapes import Shapes

KINDS = ("bearer", "basic", "header", "query", "cookie")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LOGIN = re.compile(r"login:([A-Z]+ \S+)")
_PLACED = re.compile(r"(header|query|cookie)\.([^\s.:]+)")
WAYS = (
    "bearer",
    "basic",
    "authorization",
    "header.NAME",
    "query.NAME",
    "cookie.NAME",
    "login:POST /PATH",
)
"""What may stand for a security scheme that the spec does not name."""
_USER = ("username", "user", "email", "login", "identifier", "account", "name")


@dataclass(frozen=True, slots=True)
class NamedActor:
    """An actor and the environment variable that holds its credentials; `scheme` is one of the
    spec's security schemes or of WAYS, "" for the first that fits."""

    name: str
    variable: str
    scheme: str = ""


def read_actor(text: str) -> NamedActor:
    """`alice=ALICE_TOKEN` or `warehouse=WAREHOUSE_KEY:apiKey`, as the command line has it.

    `ann=login:POST /login` logs in with ANN_USER and ANN_PASSWORD.
    """
    name, mark, rest = text.partition("=")
    variable, _, scheme = rest.partition(":")
    if _LOGIN.fullmatch(rest):
        variable, scheme = re.sub(r"\W", "_", name).upper(), rest
    if not (mark and _NAME.fullmatch(name) and _VARIABLE.fullmatch(variable)):
        raise UsageError(
            f"{text!r} names no actor",
            hint="write NAME=VARIABLE or NAME=VARIABLE:SCHEME, as in alice=ALICE_TOKEN; the token "
            f"itself stays in the environment. A SCHEME is one of the spec's, or {', '.join(WAYS)}",
        )
    return NamedActor(name, variable, scheme)


def actors(document: Document, named: Sequence[NamedActor] = ()) -> Tree:
    """`actors:` of the mapping file; empty when no operation demands credentials."""
    used = _used_schemes(document)
    found: dict[str, Tree] = {}
    for one in named:
        entry = _named(document, used, one)
        found[one.name] = _both(one.name, found[one.name], entry) if one.name in found else entry
    if named:
        return found
    for scheme in used:
        stub = _stub(scheme)
        if stub is None or (any(name.startswith("user") for name in found) and stub[0] == "user"):
            continue
        name, variable = stub
        found[name] = {
            "auth": Guess(credentials(scheme, variable), 0.9, f"the scheme `{scheme.name}`")
        }
    return found


def login(document: Document) -> tuple[Operation, str] | None:
    """An operation that gives a token, and where its answer has it."""
    from ..shapes import Shapes

    shapes = Shapes(document)
    for operation in document.operations:
        said = set(words(operation.path)) | set(words(operation.operation_id))
        if operation.method != "POST" or not said & {"login", "signin", "token", "session", "auth"}:
            continue
        answer = shapes.answer(operation)
        if token := _token(shapes, shapes.of(answer).properties if answer else {}):
            return operation, f"$response.body#{token}"
    return None


def login_note(document: Document) -> str:
    """How actors could log in instead of taking their tokens from the environment."""
    found = login(document)
    if found is None:
        return ""
    operation, token = found
    body = operation.json_body
    fields = ", ".join(f"{name}: …" for name in properties(document, body.schema)) if body else ""
    entry = f"login: {{request: {operation.label}, json: {{{fields}}}, token: {token}}}"
    return f"a token may come from {operation.label} instead of `auth`: {entry}"


def credentials(scheme: SecurityScheme, variable: str) -> dict[str, Any]:
    """`auth:` of an actor whose secret is in an environment variable."""
    value = f"${{{variable}}}"
    if scheme.type == "http" and scheme.scheme.lower() == "basic":
        user = f"${{{variable}_USER}}"
        return {"basic": {"username": user, "password": f"${{{variable}_PASSWORD}}"}}
    if scheme.type == "apiKey" and scheme.location in ("header", "query", "cookie"):
        return {scheme.location: {scheme.parameter or "X-API-Key": value}}
    return {"bearer": value}


def variables(auth: Mapping[str, Any]) -> tuple[str, ...]:
    """The environment variables that credentials are taken from."""
    return tuple(re.findall(r"\$\{(\w+)", str(auth)))


def _named(document: Document, used: Sequence[SecurityScheme], actor: NamedActor) -> Tree:
    """The entry of an actor of the command line."""
    if actor.scheme not in document.security_schemes:
        if asked := _LOGIN.fullmatch(actor.scheme):
            return {"login": Guess(_login(document, asked[1], actor.variable), 1.0)}
        if stated := _stated(actor):
            return {"auth": Guess(stated, 1.0)}
    return {"auth": _auth(document, used, actor)}


def _both(name: str, before: Tree, entry: Tree) -> Tree:
    """One caller's credentials of two ways, where some operations want a token and others a key."""
    if "auth" not in before or "auth" not in entry:
        raise UsageError(
            f"actor {name} logs in and is named twice",
            hint="a login gives all that its actor shows: call the second one otherwise",
        )
    first, second = before["auth"].value, entry["auth"].value
    if set(_places(first)) & set(_places(second)):
        raise UsageError(
            f"actor {name} is given two credentials that travel in one place",
            hint="name it once for each place, or call the second one otherwise",
        )
    shared = {kind: {**first[kind], **second[kind]} for kind in second if kind in first}
    return {"auth": Guess({**first, **second, **shared}, 1.0)}


def _places(auth: Mapping[str, Any]) -> Iterator[str]:
    """Where credentials travel: `authorization`, `header x-api-key`, `query api_key`."""
    for kind, value in auth.items():
        if kind in ("bearer", "basic"):
            yield "header authorization"
        else:
            yield from (f"{kind} {name.lower()}" for name in value)


def _stated(actor: NamedActor) -> dict[str, Any]:
    """Credentials of a way that needs no scheme of the spec."""
    value = f"${{{actor.variable}}}"
    if actor.scheme == "basic":
        return credentials(SecurityScheme("basic", "http", "basic"), actor.variable)
    if actor.scheme == "bearer":
        return {"bearer": value}
    if actor.scheme == "authorization":
        return {"header": {"Authorization": value}}
    placed = _PLACED.fullmatch(actor.scheme)
    return {placed[1]: {placed[2]: value}} if placed else {}


def _login(document: Document, label: str, variable: str) -> dict[str, Any]:
    """`login:` by an operation: its fields for name and password, and where the token comes back."""
    from ..shapes import Shapes

    operation = document.operation(label)
    shapes = Shapes(document)
    form = None if operation.json_body is not None else _form(operation)
    body = form or operation.json_body
    fields = list(properties(document, body.schema)) if body is not None else []
    user = next((name for word in _USER for name in fields if word in words(name)), "username")
    secret = next((name for name in fields if "password" in words(name)), "password")
    values = {user: f"${{{variable}_USER}}", secret: f"${{{variable}_PASSWORD}}"}
    entry: dict[str, Any] = {"request": label, "form" if form is not None else "json": values}
    if form is not None and "grant_type" in fields:
        values["grant_type"] = "password"
    answer = shapes.answer(operation)
    shown = shapes.of(answer).properties if answer else {}
    token = _token(shapes, shown) or ("" if shown else "/access_token")
    return entry | ({"token": f"$response.body#{token}"} if token else {})


def _form(operation: Operation) -> MediaType | None:
    content = operation.request_body.content if operation.request_body is not None else {}
    return next((one for name, one in content.items() if "form" in name), None)


def _token(shapes: Shapes, shown: Mapping[str, Any]) -> str:
    """Where an answer with these fields has a token, as a pointer; "" where it has none."""
    for wire, inner in shown.items():
        if words(wire)[-1:] == ("token",) or words(wire)[:1] == ("token",):
            return f"/{wire}"
        for deeper in shapes.of(inner).properties:
            if words(deeper)[-1:] == ("token",):
                return f"/{wire}/{deeper}"
    return ""


def _auth(document: Document, used: Sequence[SecurityScheme], actor: NamedActor) -> Guess:
    known = document.security_schemes
    if actor.scheme and actor.scheme not in known:
        raise UsageError(
            f"the spec has no security scheme {actor.scheme!r}",
            hint=did_you_mean(actor.scheme, {*known, *WAYS}),
        )
    scheme = known[actor.scheme] if actor.scheme else next(iter(used), None)
    if scheme is None:
        scheme = SecurityScheme("bearer", "http", "bearer")
    return Guess(credentials(scheme, actor.variable), 1.0)


def _used_schemes(document: Document) -> list[SecurityScheme]:
    """The schemes that operations demand, the commonest way to call first."""
    found: dict[str, None] = {}
    for operation in document.operations:
        for alternative in operation.security:
            found |= dict.fromkeys(alternative)
    return [document.security_schemes[name] for name in found if name in document.security_schemes]


def _stub(scheme: SecurityScheme) -> tuple[str, str] | None:
    if scheme.type == "mutualTLS":
        return None
    if scheme.type == "apiKey" and scheme.parameter.lower() != "authorization":
        return "machine", "API_KEY"
    return "user", "API_TOKEN"
