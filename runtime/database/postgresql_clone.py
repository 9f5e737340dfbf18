"""PostgreSQL: copies of a database on the same server, by CREATE DATABASE ... TEMPLATE."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg

from ...errors import TargetError
from ...machine import Limit
from .connect import masked, reached
from .postgresql_install import clean_up
from .postgresql_others import CONNECTIONS, described
from .postgresql_session import Session, literal, pin, quoted, spoken

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

MARK = "gen-suite clone of "  # a clone's comment begins so; the name of the original follows
LONGEST_NAME = 63  # bytes
PATIENCE_SECONDS = 2.0
MAINTENANCE = ("postgres", "template1")


def clone(url: URL, name: str) -> URL:
    """The database `<original>_<name>`, without what the harness has in the original.

    What a run has changed there so far is taken back in the copy. A copy of that name is replaced,
    any other database of that name is refused. Nobody may be connected to the original meanwhile:
    TargetError names who is.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise TargetError(f"a clone's name is letters, digits, - and _; found {name!r}")
    original = url.database or url.username or ""
    copy = url.set(database=_fitting(f"{original}_{name}"))
    with _server(url) as session:
        _remove(session, copy, replace=True)
        with spoken(url, f"clone {original}"):
            try:
                session.run(
                    f"CREATE DATABASE {quoted(str(copy.database))} TEMPLATE {quoted(original)}"
                )
            except psycopg.errors.ObjectInUse:
                raise _in_use(session, original, "cannot be copied") from None
            except psycopg.errors.InsufficientPrivilege as error:
                raise _not_allowed(session, original, error) from None
            session.run(
                f"COMMENT ON DATABASE {quoted(str(copy.database))} IS {literal(MARK + original)}"
            )
            _copy_settings(session, original, str(copy.database))
    with _connected(copy) as session, spoken(copy, "clean the clone"), session.transaction():
        clean_up(session)
    return copy


def drop_clone(url: URL) -> None:
    """Drops the copy, whoever is still connected to it; TargetError for what `clone` did not make."""
    with _server(url) as session:
        _remove(session, url, replace=False)


def _fitting(name: str) -> str:
    if len(name.encode()) <= LONGEST_NAME:
        return name
    digest = sha256(name.encode()).hexdigest()[:12]
    return name.encode()[: LONGEST_NAME - 13].decode(errors="ignore") + "_" + digest


def _remove(session: Session, url: URL, *, replace: bool) -> None:
    """replace: a database that is not there is fine, one that somebody uses is not."""
    name = str(url.database)
    found = session.run(
        "SELECT coalesce(shobj_description(oid, 'pg_database'), '') FROM pg_database WHERE datname = $1",
        name,
    )
    if not found and replace:
        return
    if not found or not str(found[0][0]).startswith(MARK):
        raise TargetError(
            f"{masked(url)} is no clone: it will not be dropped",
            hint="a clone carries a comment that says of what; see \\l+ in psql",
        )
    with spoken(url, f"drop {name}"):
        if replace:
            _wait_until_unused(session, name, "cannot be replaced")
        try:
            force = "" if replace else " WITH (FORCE)"
            session.run(f"DROP DATABASE {quoted(name)}{force}")
        except psycopg.errors.ObjectInUse:
            raise _in_use(session, name, "cannot be replaced") from None


def _users(session: Session, name: str) -> list[str]:
    rows = session.run(CONNECTIONS.replace("current_database()", "$1"), name)
    return [described(row) for row in rows]


def _wait_until_unused(session: Session, name: str, what: str) -> None:
    """Connections that were just closed take a moment to end."""
    limit = Limit(PATIENCE_SECONDS)
    while _users(session, name):
        if limit.is_over:
            raise _in_use(session, name, what)
        time.sleep(0.02)


def _in_use(session: Session, name: str, what: str) -> TargetError:
    who = _users(session, name) or ["connections that have ended meanwhile: try again"]
    return TargetError(
        f"database {name} {what} while others are connected to it\n  " + "\n  ".join(who),
        hint="close them: stop the application and close the harness's own Database first",
    )


def _not_allowed(session: Session, original: str, error: psycopg.Error) -> TargetError:
    (role,) = session.one("SELECT current_user")
    return TargetError(
        f"role {role} may not copy database {original}: {error.diag.message_primary}",
        hint=f"as a superuser: ALTER ROLE {quoted(role)} CREATEDB; and either "
        f"ALTER DATABASE {quoted(original)} OWNER TO {quoted(role)}; or, so that anyone with CREATEDB "
        f"may copy it, ALTER DATABASE {quoted(original)} IS_TEMPLATE true;",
    )


def _copy_settings(session: Session, original: str, copy: str) -> None:
    """What ALTER DATABASE SET and ALTER ROLE IN DATABASE SET say does not come with the template."""
    rows = session.run(
        "SELECT r.rolname, split_part(c, '=', 1), substr(c, strpos(c, '=') + 1)"
        " FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) c"
        " LEFT JOIN pg_roles r ON r.oid = s.setrole"
        " WHERE s.setdatabase = (SELECT oid FROM pg_database WHERE datname = $1)",
        original,
    )
    for role, setting, value in rows:
        whose = f"ROLE {quoted(role)} IN DATABASE" if role else "DATABASE"
        names = ".".join(quoted(part) for part in setting.split("."))
        session.run(f"ALTER {whose} {quoted(copy)} SET {names} TO {_value(setting, value)}")


def _value(setting: str, value: str) -> str:
    """Lists are stored as the names they are made of."""
    if setting in ("search_path", "temp_tablespaces", "session_preload_libraries"):
        return value or "''"
    return literal(value)


@contextmanager
def _server(url: URL) -> Iterator[Session]:
    """A connection to another database of the same server: one cannot copy the one it stands in."""
    last: TargetError | None = None
    for name in MAINTENANCE:
        if name == url.database:
            continue
        try:
            context = _connected(url.set(database=name))
            session = context.__enter__()
        except TargetError as error:
            last = error
            continue
        try:
            yield session
        finally:
            context.__exit__(None, None, None)
        return
    assert last is not None
    raise last


@contextmanager
def _connected(url: URL) -> Iterator[Session]:
    import sqlalchemy as sa
    from sqlalchemy.pool import NullPool

    engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with reached(url):
        connection = engine.connect()
    try:
        raw: Any = connection.connection.driver_connection
        session = Session(raw, url)
        pin(session)
        yield session
    finally:
        connection.close()
