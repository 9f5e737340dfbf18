"""The doctor's checks of the database and the running application."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from ..errors import GenSuiteError, TargetError
from .actors import ANONYMOUS, Actors
from .doctor import Check, Doctor, failed, skipped
from .evidence import Evidence
from .routes import Routes

if TYPE_CHECKING:
    import httpx

    from ..spec.model import Operation
    from .client import Client

MOST_SECONDS = 2.0
"""A clock that differs by more makes comparisons of timestamps fail."""
_CLOCKS = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400.0",
    "postgresql": "SELECT extract(epoch FROM clock_timestamp())",
    "mysql": "SELECT unix_timestamp(now(6))",
    "mariadb": "SELECT unix_timestamp(now(6))",
}
_OWN = "_gen_suite_"


# ---- database


def database_checks(doctor: Doctor) -> Iterator[Check]:
    """Reachable; left clean; with the rights to watch it; what is degraded."""
    names = ("database", "leftovers", "watching")
    if not doctor.may_touch:
        why = "it may not be touched" if doctor.url else "no database is named, or not yet"
        yield from (skipped(name, why) for name in names)
        return
    assert doctor.mapping is not None
    reached = _reach(doctor)
    yield reached
    if doctor.schema is None:
        yield from (skipped(name, "the database cannot be reached") for name in names[1:])
        return
    left = _leftovers(doctor)
    yield left
    if left.result != "ok":
        yield skipped("watching", "first clean what an earlier run left")
        return
    yield from _watching(doctor)


def _reach(doctor: Doctor) -> Check:
    from ..mapping.reflect import reflect
    from .database.connect import masked

    assert doctor.mapping is not None
    started = time.perf_counter()
    try:
        doctor.schema = reflect(doctor.url, doctor.mapping.target.schemas)
    except GenSuiteError as error:
        return failed("database", error)
    seconds = time.perf_counter() - started
    schema = doctor.schema
    if not schema.tables:
        advice = "run the migrations: target.migrate names the command"
        return Check("database", "error", f"{masked(doctor.url)} has no tables", advice)
    told = f"{masked(doctor.url)}: {schema.dialect}, {len(schema.tables)} tables, {seconds:.1f} s"
    return Check("database", "ok", told)


def _leftovers(doctor: Doctor) -> Check:
    """Objects of the harness that are there though nothing runs."""
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    from .database.connect import parse_url

    engine = sa.create_engine(parse_url(doctor.url), poolclass=NullPool)
    try:
        inspector = sa.inspect(engine)
        found = [*inspector.get_table_names(), *inspector.get_schema_names()]
    except SQLAlchemyError as error:
        return Check("leftovers", "warning", f"cannot be told: {type(error).__name__}")
    own = [name for name in found if name.startswith(_OWN)]
    if not own:
        return Check("leftovers", "ok", "nothing of an earlier run")
    told = f"an earlier run left {', '.join(own[:3])}, or one is going on now"
    return Check("leftovers", "warning", told, "gen-suite restore --allow-db")


def _watching(doctor: Doctor) -> Iterator[Check]:
    """Triggers can be put in place, and are taken out again."""
    from .database import open_database

    assert doctor.mapping is not None
    try:
        doctor.database = open_database(doctor.url, schemas=doctor.mapping.target.schemas)
        doctor.database.install()
        limits = doctor.database.capabilities.limits
        doctor.database.uninstall()
    except GenSuiteError as error:
        yield failed("watching", error)
        return
    doctor.watching = doctor.database
    if not limits:
        yield Check("watching", "ok", "triggers can be put in place and removed")
    for limit in limits:
        yield Check("watching", "warning", f"degraded: {limit}")


# ---- application


def app_checks(doctor: Doctor) -> Iterator[Check]:
    """The application starts and answers."""
    from .target import start_app

    name = "application"
    mapping = doctor.mapping
    if mapping is None or mapping.target.app is None:
        if mapping is None:
            yield skipped(name, "needs the mapping file")
            return
        why = "the mapping does not say how it runs"
        yield Check(name, "error", why, "state target.app: a url, a command, asgi or wsgi")
        return
    if doctor.barred:
        yield skipped(name, "the target may not be touched")
        return
    if not doctor.may_touch and mapping.target.app.url is None:
        yield skipped(name, "it would touch the database, which was not allowed")
        return
    started = time.perf_counter()
    try:
        doctor.app = start_app(mapping.target.app, folder=mapping.folder, database_url=doctor.url)
        response = _ask(doctor, mapping.target.app.ready or "/")
    except GenSuiteError as error:
        yield failed(name, error)
        return
    seconds = time.perf_counter() - started
    how = "answers" if mapping.target.app.url else "starts and answers"
    if response.status_code >= 500:
        told = f"{how}, but with {response.status_code}"
        yield Check(name, "error", told, "look at its log; does it reach the database?")
    else:
        yield Check(name, "ok", f"{how} in {seconds:.1f} s ({response.status_code})")


def _ask(doctor: Doctor, path: str) -> httpx.Response:
    import httpx

    assert doctor.app is not None
    try:
        with doctor.app.client() as client:
            return client.get(path)
    except httpx.TransportError as error:
        raise TargetError(
            f"{doctor.app.url} does not answer: {error}",
            hint="start it, or let target.app.command start it",
        ) from None


def actor_checks(doctor: Doctor) -> Iterator[Check]:
    """Each actor is known to the API, and a stranger is not."""
    mapping, document = doctor.mapping, doctor.document
    if mapping is None or document is None or doctor.app is None:
        yield skipped("actors", "needs the running application")
        return
    if not mapping.actors:
        secured = any(all(one.security) and one.security for one in document.operations)
        advice = "actors: {alice: {auth: {bearer: ${ALICE_TOKEN}}}}"
        yield Check(
            "actors", "warning" if secured else "ok", "none named", advice if secured else ""
        )
        return
    asked = _probe(document.operations)
    if asked is None:
        yield skipped("actors", "no operation that only reads demands credentials")
        return
    try:
        with _logins_undone(doctor):
            yield from _callers(doctor, asked)
    except GenSuiteError as error:
        yield failed("actors", error)


@contextmanager
def _logins_undone(doctor: Doctor) -> Iterator[None]:
    """What a login writes is taken back, where the database can be watched."""
    assert doctor.mapping is not None
    logs_in = any(actor.login for actor in doctor.mapping.actors.values())
    if doctor.watching is None or not logs_in:
        yield
        return
    doctor.watching.install()
    try:
        yield
    finally:
        doctor.watching.recover()


def _callers(doctor: Doctor, asked: Operation) -> Iterator[Check]:
    from .client import Client

    assert doctor.app is not None
    assert doctor.mapping is not None
    actors = doctor.mapping.actors
    with doctor.app.client() as http:
        client = Client(http, Actors(actors), Evidence(), _routes(doctor))
        for name in actors:
            yield _actor(client, asked, name, doctor)
        yield _stranger(client, asked)


def _routes(doctor: Doctor) -> Routes:
    """Where the operations are; the actors are named one by one, so none stands in for nobody."""
    app = doctor.mapping.target.app if doctor.mapping else None
    operations = doctor.document.operations if doctor.document else ()
    return Routes(
        {one.label: one for one in operations},
        app_path=urlsplit(app.url or "").path.rstrip("/") if app else "",
        base_path=app.base_path if app else None,
    )


def _probe(operations: tuple[Operation, ...]) -> Operation | None:
    """A GET that demands credentials, without parameters if there is one."""
    reading = [
        one for one in operations if one.method == "GET" and one.security and all(one.security)
    ]

    def needs(one: Operation) -> int:
        return sum(parameter.required for parameter in one.parameters)

    return min(reading, key=needs, default=None)


def _get(client: Client, operation: Operation, actor: str) -> httpx.Response:
    path: Mapping[str, Any] = {
        one.name: "0" for one in operation.parameters if one.location == "path"
    }
    return client.get(operation.path, path=path, actor=actor)


def _actor(client: Client, operation: Operation, name: str, doctor: Doctor) -> Check:
    label = f"actor {name}"
    assert doctor.mapping is not None
    actor = doctor.mapping.actors[name]
    expected = actor.role != "none"
    if actor.login is not None and not doctor.may_write:
        return skipped(label, "it logs in, which writes and was not allowed")
    if doctor.unset and "unset-" in str(actor.auth.reveal() if actor.auth else ""):
        return skipped(label, "its environment variable is not set")
    try:
        status = _get(client, operation, name).status_code
    except GenSuiteError as error:
        return failed(label, error)
    told = f"{operation.label} answered {status}"
    if status == 401 and not expected:
        return Check(label, "ok", f"{told}, as its role says")
    if status == 401:
        return Check(label, "error", told, f"renew the credentials of actors.{name}")
    if status >= 500:
        return Check(label, "error", told, "look at the application's log")
    return Check(label, "ok", told)


def _stranger(client: Client, operation: Operation) -> Check:
    try:
        status = _get(client, operation, ANONYMOUS).status_code
    except GenSuiteError as error:
        return failed("strangers", error)
    told = f"{operation.label} without credentials answered {status}"
    if status in (401, 403):
        return Check("strangers", "ok", told)
    return Check("strangers", "warning", told, "the spec demands credentials here")


# ---- clocks


def clock_checks(doctor: Doctor) -> Iterator[Check]:
    """The clocks of application and database against the one here."""
    for name, moment in (("application", _app_time), ("database", _database_time)):
        label = f"clock of the {name}"
        try:
            found = moment(doctor)
        except GenSuiteError as error:
            yield failed(label, error)
            continue
        if found is None:
            yield skipped(label, "it does not tell")
            continue
        off = abs(found - time.time())
        # The Date header has whole seconds only.
        if off <= MOST_SECONDS:
            yield Check(label, "ok", f"{off:.1f} s from the one here")
        else:
            at = datetime.fromtimestamp(found, UTC).isoformat(timespec="seconds")
            told = f"{off:.0f} s from the one here ({at})"
            yield Check(label, "warning", told, "set the clocks: timestamps are compared by them")


def _app_time(doctor: Doctor) -> float | None:
    app = doctor.mapping.target.app if doctor.mapping else None
    if doctor.app is None or app is None:
        return None
    told = _ask(doctor, app.ready or "/").headers.get("Date")
    try:
        return parsedate_to_datetime(told).timestamp() if told else None
    except ValueError:
        return None


def _database_time(doctor: Doctor) -> float | None:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    from .database.connect import parse_url

    if doctor.schema is None:
        return None
    parsed = parse_url(doctor.url)
    engine = sa.create_engine(parsed, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            return float(
                connection.execute(sa.text(_CLOCKS[parsed.get_backend_name()])).scalar_one()
            )
    except SQLAlchemyError:
        return None
