"""The API client of emitted tests: one method a verb, paths as the spec writes them, actors by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

from ..errors import GenSuiteError, TargetError
from ..mapping.environment import FromEnvironment
from ..mapping.expression import Context, evaluate, parse
from ..mapping.model import Actor, Login
from .actors import ANONYMOUS, IMPOSTOR, Actors, copied
from .evidence import Evidence, Exchange
from .request_values import json_value, query_value, text_value
from .requests import encoded
from .routes import Routes, filled
from .secrets import named_like_one, remember

if TYPE_CHECKING:
    import httpx

UNSENT: Final = object()

NOT_YOU: Final = (401, 403)
"""What an API answers that does not know who calls, or wants somebody else to call."""
UNSUPPORTED_MEDIA_TYPE: Final = 415
TOO_MANY_REQUESTS: Final = 429
LONGEST_WAIT: Final = 60
"""Seconds of a `Retry-After` that are waited for; an API that asks for more is taken at its word."""
MOST_WAITS: Final = 3
"""How often one request is sent again after a 429."""

OPERATION = "gen_suite.operation"
"""Key of `response.extensions` under which the label of the operation stands."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an actor puts on each request."""

    headers: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)

    def garbled(self) -> Credentials:
        """Credentials of the same form that nobody was given."""
        return Credentials(
            headers={name: _garbled(value) for name, value in self.headers.items()},
            query=dict.fromkeys(self.query, "nobody-was-given-this"),
            cookies=dict.fromkeys(self.cookies, "nobody-was-given-this"),
        )


def _garbled(value: str) -> str:
    scheme, space, _ = value.partition(" ")
    return f"{scheme}{space}bm9ib2R5OnRoaXM=" if space else "nobody-was-given-this"


class Change(Protocol):
    """What makes another request of a valid one: a violation, an option."""

    def of(self, **request: Any) -> dict[str, Any]:
        """The arguments of the changed request."""
        ...


Send: TypeAlias = Callable[..., "httpx.Response"]
"""A fixture of an emitted module that sends its request: the body, and keywords for what is different."""


class Client:
    """Calls the API as an actor; keeps what was said as evidence.

    A path is written as in the spec, its parameters are given by `path`, so that any value is quoted
    and the operation is known: `api.get("/orders/{id}", path={"id": 7}, actor="alice")`.
    """

    def __init__(
        self, http: httpx.Client, actors: Actors, evidence: Evidence, routes: Routes | None = None
    ) -> None:
        self._http = http
        self._actors = actors
        self.evidence = evidence
        self._routes = routes or Routes()
        self._wants_caller: set[str] = set()
        self._wants_json: set[str] = set()
        self._credentials: dict[str, Credentials | GenSuiteError] = {}
        self.ending: Callable[[], str] = lambda: ""
        """Tells how the application ended, "" while it runs."""
        # What an answer sets must not make the next caller somebody else.
        http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def get(self, url: str, **options: Any) -> httpx.Response:
        """Send a GET; options as in `request`."""
        return self.request("GET", url, **options)

    def post(self, url: str, **options: Any) -> httpx.Response:
        """Send a POST; options as in `request`."""
        return self.request("POST", url, **options)

    def put(self, url: str, **options: Any) -> httpx.Response:
        """Send a PUT; options as in `request`."""
        return self.request("PUT", url, **options)

    def patch(self, url: str, **options: Any) -> httpx.Response:
        """Send a PATCH; options as in `request`."""
        return self.request("PATCH", url, **options)

    def delete(self, url: str, **options: Any) -> httpx.Response:
        """Send a DELETE; options as in `request`."""
        return self.request("DELETE", url, **options)

    def request(
        self,
        method: str,
        url: str,
        *,
        actor: str | None = None,
        path: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
        cookies: Mapping[str, str] | None = None,
        body: Any = UNSENT,
        change: Change | None = None,
        **content: Any,
    ) -> httpx.Response:
        """Send one request and keep it as evidence.

        `change` is a violation or an option: what it makes of the request is sent.

        `actor` is a name of the mapping, ANONYMOUS, IMPOSTOR or `impostor(name)`; where none is given
        and the API answers 401 or 403, the operation's usual caller calls, from then on at once unless
        it is refused as well. `content` is
        one of httpx's `json`, `data`, `files`, `content`; `body` instead is one as payloads have it, and
        travels in the media type that the spec names. A path of the spec goes below that of its server.
        What is answered 429 is sent again when the answer allows it. Raises TargetError when no answer
        comes.
        """
        if change is not None:
            parts = {"path": path, "headers": headers, "params": params, "cookies": cookies}
            valid: dict[str, Any] = {k: part for k, part in parts.items() if part is not None}
            valid |= content if body is UNSENT else {**content, "body": body}
            return self.request(method, url, actor=actor, **change.of(**valid))
        label = f"{method} {url}"
        if "json" in content:
            content["json"] = json_value(content["json"])
        content = content if body is UNSENT else {**content, **encoded(label, _plain(body))}
        typed: Mapping[str, str] = content.pop("headers", {})
        options = {
            "method": method,
            "url": self._routes.path_before(label) + filled(url, _texts(label, url, path or {})),
            "headers": {**typed, **(headers or {})},
            "params": _queried(params or {}),
            "cookies": cookies or {},
        }

        def sent(caller: str | None) -> httpx.Response:
            return self._sent_with_body(label, caller, options, content)

        if actor is not None:
            return sent(None if actor == ANONYMOUS else actor)
        usual = self._routes.caller(label)
        if usual is not None and label in self._wants_caller:
            return sent(usual)
        response = sent(None)
        if usual is None or response.status_code not in NOT_YOU:
            return response
        again = sent(usual)
        if again.status_code not in NOT_YOU:
            self._wants_caller.add(label)
        return again

    def _sent_with_body(
        self,
        label: str,
        actor: str | None,
        options: Mapping[str, Any],
        content: Mapping[str, Any],
    ) -> httpx.Response:
        """Send it; where no body is documented and the API wants one all the same, `{}` as JSON."""
        writes = options["method"] in ("POST", "PUT", "PATCH")
        empty = writes and not content and self._routes.has_no_body(label)
        if empty and label in self._wants_json:
            content = {"json": {}}
        response = self._send(label, actor, self._built(actor, options, content))
        if response.status_code == UNSUPPORTED_MEDIA_TYPE and empty and not content:
            self._wants_json.add(label)
            return self._send(label, actor, self._built(actor, options, {"json": {}}))
        return response

    def _built(
        self, actor: str | None, options: Mapping[str, Any], content: Mapping[str, Any]
    ) -> httpx.Request:
        given = Credentials() if actor is None else self._credentials_of(actor)
        shown = _cookie({**given.cookies, **options["cookies"]})
        return self._http.build_request(
            options["method"],
            options["url"],
            headers={**given.headers, **shown, **options["headers"]},
            params={**options["params"], **given.query} or None,
            **content,
        )

    def log_in(self) -> None:
        """Log in every actor that does so, before the first mark: what a login writes is no test's.

        One that cannot is told of when a test calls as it.
        """
        for name, actor in self._actors.items():
            if actor.login is None:
                continue
            try:
                self._credentials[name] = self._log_in(name, actor.login)
            except GenSuiteError as error:
                self._credentials[name] = error

    def log_out(self) -> None:
        """Forget what logins gave: the rows behind it are gone, the next call logs in anew."""
        for name, actor in self._actors.items():
            if actor.login is not None:
                self._credentials.pop(name, None)

    def _send(self, label: str, actor: str | None, request: httpx.Request) -> httpx.Response:
        import httpx

        request.read()  # a form's parts are a stream, of which a report could show nothing
        start = time.perf_counter()
        try:
            response = self._http.send(request)
            for _ in range(MOST_WAITS):
                wait = _wait(response)
                if wait is None:
                    break
                time.sleep(wait)
                response = self._http.send(request)
        except httpx.TransportError as error:
            ending = self.ending()
            hint = "" if ending else "the application's log tells more"
            raise TargetError(f"{label} got no answer: {ending or error}", hint=hint) from error
        response.extensions[OPERATION] = label
        seconds = time.perf_counter() - start
        self.evidence.keep(Exchange(label, actor, request, response, seconds))
        return response

    def _credentials_of(self, name: str) -> Credentials:
        if name == ANONYMOUS:
            return Credentials()
        if name == IMPOSTOR:
            return self._credentials_of(next(iter(self._actors))).garbled()
        if (model := copied(name)) is not None:
            return self._credentials_of(model).garbled()
        if name not in self._credentials:
            self._credentials[name] = self._obtain(name, self._actors[name])
        found = self._credentials[name]
        if isinstance(found, GenSuiteError):
            raise found
        return found

    def _obtain(self, name: str, actor: Actor) -> Credentials:
        if actor.login is not None:
            return self._log_in(name, actor.login)
        return Credentials() if actor.auth is None else _stated(actor.auth.reveal())

    def _log_in(self, name: str, login: Login) -> Credentials:
        """Credentials that a request gives: the token in its answer, or the cookies it sets."""
        import httpx

        method, _, url = login.request.partition(" ")
        proof = None
        if login.basic is not None:
            proof = httpx.BasicAuth(login.basic.username, login.basic.password.get_secret_value())
            remember(login.basic.password.get_secret_value())
        for secret in _secrets((login.reveal_json(), login.form)):
            remember(secret)
        # A client of its own: cookies of one actor must not travel with the next.
        with httpx.Client(
            base_url=self._http.base_url,
            timeout=self._http.timeout,
            trust_env=self._http.trust_env,
        ) as http:
            try:
                response = http.request(
                    method,
                    self._routes.path_before(login.request) + url,
                    json=login.reveal_json(),
                    data=login.form,
                    auth=proof,
                )
            except httpx.TransportError as error:
                raise TargetError(
                    f"actor {name} cannot log in: {login.request} got no answer: {error}",
                    hint="the application's log tells more",
                ) from error
        if response.is_error:
            raise TargetError(
                f"actor {name} cannot log in: {login.request} answered {response.status_code}",
                hint=f"check actors.{name}.login in the mapping",
            )
        if login.token is None:
            return _kept(Credentials(cookies=dict(response.cookies)))
        context = Context(response_body=_json(response), response_headers=response.headers)
        token = evaluate(parse(login.token), context)
        remember(str(token))
        return _kept(Credentials(headers={login.header: f"{login.prefix}{token}"}))


def _texts(label: str, url: str, path: Mapping[str, Any]) -> dict[str, str]:
    """The values of path parameters as text. TargetError for one without a value.

    `/users/None` would be answered 404, which looks like a refusal.
    """
    for name, value in path.items():
        if value is None:
            raise _no_value(label, url, name)
    return {name: text_value(value) for name, value in path.items()}


def _wait(response: httpx.Response) -> float | None:
    """The seconds after which an answer of 429 says to come again; None for others, and for too long."""
    told = response.headers.get("Retry-After", "").strip()
    if response.status_code != TOO_MANY_REQUESTS or not told:
        return None
    try:
        seconds = float(told) if told.isdecimal() else _until(told)
    except ValueError:
        return None
    return max(seconds, 0.0) if seconds <= LONGEST_WAIT else None


def _until(date: str) -> float:
    return (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()


def _no_value(label: str, url: str, parameter: str) -> TargetError:
    """Says which column of which row has no value for a path parameter."""
    from .suite import active_suite

    try:
        writes = active_suite().resolved.operations.values()
    except GenSuiteError:
        writes = {}.values()
    bindings = (b for write in writes if write.operation.path == url for b in write.path)
    bound = next((b for b in bindings if b.parameter == parameter), None)
    message = f"{label} was not sent: its path parameter {parameter} is None"
    if bound is None:
        return TargetError(message, hint="give it a value")
    return TargetError(
        f"{message}, as {bound.table}.{bound.column} of the row is NULL",
        hint=f"give the rows a value: tables: {{{bound.table}: {{arrange: {{{bound.column}: ...}}}}}} "
        "in gen-suite.yaml",
    )


def _queried(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: query_value(value) for name, value in params.items()}


def _plain(body: Any) -> Any:
    """A body of another media type: what is no object and no list travels as it is."""
    return json_value(body) if isinstance(body, dict | list) else body


def _secrets(node: Any) -> Iterator[str]:
    """The texts of a login that came from the environment, or whose name says what they are."""
    if isinstance(node, FromEnvironment):
        yield str(node)
    elif isinstance(node, Mapping):
        for name, value in node.items():
            yield from [value] if isinstance(value, str) and named_like_one(name) else ()
            yield from _secrets(value)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _secrets(value)


def _json(response: httpx.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _stated(auth: Mapping[str, Any]) -> Credentials:
    """Credentials of an `auth:` entry whose secrets are in plain text."""
    import base64

    headers: dict[str, str] = dict(auth.get("header") or {})
    if bearer := auth.get("bearer"):
        headers["Authorization"] = f"Bearer {bearer}"
    if basic := auth.get("basic"):
        remember(basic["password"])
        pair = f"{basic['username']}:{basic['password']}".encode()
        headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
    return _kept(
        Credentials(headers, dict(auth.get("query") or {}), dict(auth.get("cookie") or {}))
    )


def _kept(credentials: Credentials) -> Credentials:
    """The credentials, masked from now on wherever they would be shown."""
    for part in (credentials.headers, credentials.query, credentials.cookies):
        for value in part.values():
            remember(value.rpartition(" ")[2])
    return credentials


def _cookie(cookies: Mapping[str, str]) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{k}={v}" for k, v in cookies.items())} if cookies else {}
