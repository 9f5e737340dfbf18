"""What the tests of all rooms share: the database servers that are there, fresh databases, the fuzz
option.

Servers are named by GEN_SUITE_TEST_POSTGRESQL and GEN_SUITE_TEST_MARIADB (URLs with the right to
create databases). One that cannot be reached skips its tests, saying so; with
GEN_SUITE_REQUIRE_ENGINES=1 it fails them.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

ENGINES = ("sqlite", "postgresql", "mariadb")
pytest_plugins = ["pytester"]

SERVERS = {
    "postgresql": (
        "GEN_SUITE_TEST_POSTGRESQL",
        "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    ),
    "mariadb": ("GEN_SUITE_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/test"),
}
_numbers = itertools.count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--fuzz",
        choices=("short", "long"),
        default="short",
        help="how long the fuzzers of the database room run (default: short, a few seconds)",
    )
    parser.addoption(
        "--update-golden", action="store_true", help="write the goldens of emitted code anew"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "fuzz: randomised rounds; `--fuzz long` runs many more of them"
    )


@functools.cache
def _unreachable(engine: str) -> str:
    """Why the server cannot be used; "" when it can."""
    server = sa.create_engine(_server(engine), poolclass=NullPool)
    try:
        server.connect().close()
    except (sa.exc.DBAPIError, ImportError) as error:
        return f"{engine} at {server.url!r} is not reachable: {str(error).splitlines()[0]}"
    return ""


def _server(engine: str) -> URL:
    variable, default = SERVERS[engine]
    return make_url(os.environ.get(variable, default))


@pytest.fixture(scope="session")
def server_url() -> Callable[[str], str]:
    """`server_url("postgresql")`: the URL of that server; skips (or fails) the test when it is not there."""

    def get(engine: str) -> str:
        reason = _unreachable(engine)
        if reason and os.environ.get("GEN_SUITE_REQUIRE_ENGINES") == "1":
            pytest.fail(reason)
        if reason:
            pytest.skip(reason)
        return _server(engine).render_as_string(hide_password=False)

    return get


@pytest.fixture
def fresh_database(
    server_url: Callable[[str], str], tmp_path: Path
) -> Iterator[Callable[[str], str]]:
    """`fresh_database("sqlite")`: the URL of a new empty database, dropped after the test."""
    with _fresh_databases(server_url, tmp_path) as make:
        yield make


@pytest.fixture(scope="module")
def fresh_module_database(
    server_url: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """The same, dropped after the module's last test."""
    with _fresh_databases(server_url, tmp_path_factory.mktemp("databases")) as make:
        yield make


@contextlib.contextmanager
def _fresh_databases(
    server_url: Callable[[str], str], folder: Path
) -> Iterator[Callable[[str], str]]:
    made: list[tuple[str, URL]] = []

    def make(engine: str) -> str:
        name = f"gs_test_{os.getpid()}_{next(_numbers)}"
        if engine == "sqlite":
            path = folder / f"{name}.db"
            path.touch()
            return f"sqlite:///{path}"
        url = make_url(server_url(engine)).set(database=name)
        _admin(engine, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
        made.append((engine, url))
        return url.render_as_string(hide_password=False)

    yield make
    for engine, url in made:
        force = " WITH (FORCE)" if engine == "postgresql" else ""
        _admin(engine, f"DROP DATABASE IF EXISTS {url.database}{force}")


def _admin(engine: str, *statements: str) -> None:
    server = sa.create_engine(_server(engine), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with server.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture(params=ENGINES)
def engine_url(request: pytest.FixtureRequest, fresh_database: Callable[[str], str]) -> str:
    """A fresh database of each engine in turn."""
    return fresh_database(str(request.param))


@pytest.fixture
def fuzz_rounds(request: pytest.FixtureRequest) -> Callable[[int, int], int]:
    """`fuzz_rounds(short, long)`: how many rounds to run."""
    long_run = request.config.getoption("--fuzz") == "long"
    return lambda short, long: long if long_run else short
