"""From the URL in the mapping to a harness connection: drivers, masked passwords, files that must
exist.

The application may use an asynchronous driver (`sqlite+aiosqlite`, `postgresql+asyncpg`); the
harness reaches the same database with the synchronous one of its own.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import TargetError
from ..secrets import mask_text, named_like_one, remember

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

# dialect name in the URL -> (dialect and driver of the harness, module of the driver, extra of this
# package)
DRIVERS = {
    "sqlite": ("sqlite+pysqlite", "sqlite3", ""),
    "postgresql": ("postgresql+psycopg", "psycopg", "postgresql"),
    "postgres": ("postgresql+psycopg", "psycopg", "postgresql"),
    "mysql": ("mysql+pymysql", "pymysql", "mysql"),
    "mariadb": ("mariadb+pymysql", "pymysql", "mysql"),
}


def parse_url(url: str | URL) -> URL:
    """The URL as SQLAlchemy reads it, with the harness's own driver.

    Raises TargetError for text that is no database URL, and for engines that are not supported.
    """
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError:
        raise TargetError(
            "the database URL cannot be read (it is not shown: it may hold a password)",
            hint="write dialect://user:password@host:port/database, as in sqlite:///shop.db",
        ) from None
    backend = parsed.drivername.partition("+")[0]
    if backend not in DRIVERS:
        known = ", ".join(sorted(set(DRIVERS) - {"postgres"}))
        raise TargetError(f"no support for {backend!r} databases", hint=f"supported: {known}")
    for secret in _secrets(parsed):
        remember(secret)
    return parsed.set(drivername=DRIVERS[backend][0])


def in_form_of(stated: str, url: URL) -> str:
    """The URL for the application: dialect and driver as in the one that was stated, not the harness's.

    An application in another language reads no `sqlite+pysqlite:`, an asynchronous one needs its own
    driver.
    """
    from sqlalchemy.engine import make_url

    own = url.set(drivername=make_url(stated).drivername)
    return own.render_as_string(hide_password=False)


def _secrets(url: URL) -> Iterator[str]:
    """The passwords of a URL. One that is the name of the user too is no secret, and a common word."""
    if url.password and str(url.password) != url.username:
        yield str(url.password)
    for name, value in url.query.items():
        if named_like_one(name):
            yield from [value] if isinstance(value, str) else value


def masked(url: str | URL) -> str:
    """The URL for messages: three stars for each password, also of the query (`sslpassword`)."""
    from ...mapping.target import DatabaseUrl

    parsed = parse_url(url) if isinstance(url, str) else url
    return DatabaseUrl(parsed.render_as_string(hide_password=True)).masked


def backend_of(url: URL) -> str:
    """`sqlite`, `postgresql` or `mariadb` (which also stands for MySQL): the engine module to load."""
    backend = url.get_backend_name()
    return "mariadb" if backend == "mysql" else backend


def require_driver(url: URL) -> None:
    """TargetError naming the extra to install when the driver of this URL is missing."""
    _, module, extra = DRIVERS[url.get_backend_name()]
    try:
        importlib.import_module(module)
    except ImportError:
        raise TargetError(
            f"{masked(url)} needs the Python package {module}, which is not installed",
            hint=f'run: pip install "gen-suite[{extra}]"' if extra else "",
        ) from None


def sqlite_file(url: URL) -> Path:
    """The existing file behind a SQLite URL; opening a missing one would quietly create it."""
    name = url.database or ""
    if not name or ":memory:" in name or url.query.get("mode") == "memory":
        raise TargetError(
            "an in-memory SQLite database belongs to one connection: nobody else can watch it",
            hint="give the application a file, as in sqlite:///shop.db",
        )
    path = Path(name.removeprefix("file:").partition("?")[0])
    if not path.is_file():
        folder = f"{path.parent} exists" if path.parent.is_dir() else f"no folder {path.parent}"
        raise TargetError(
            f"no SQLite database at {path} ({folder})",
            hint="create it first: target.migrate in gen-suite.yaml names the command that does",
        )
    return path


@contextmanager
def reached(url: URL) -> Iterator[None]:
    """Turns the driver's refusal to connect into a TargetError with the password masked."""
    from sqlalchemy.exc import DBAPIError

    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()
        text = mask_text(reason[0]) if reason else type(error.orig).__name__
        raise TargetError(f"cannot reach {masked(url)}: {text}") from None
