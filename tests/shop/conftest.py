"""A shop per engine: its database seeded, its API a real process."""

from __future__ import annotations

import functools
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from gen_suite.spec.yaml import load_yaml

SHOP = "gen_suite.examples.shop"
SPEC = Path(__file__).parents[2] / "examples" / "shop" / "openapi.yaml"
KEYS = {
    "alice": {"Authorization": "Bearer alice-secret"},
    "bob": {"Authorization": "Bearer bob-secret"},
    "vera": {"Authorization": "Bearer vera-secret"},
    "mallory": {"Authorization": "Bearer mallory-secret"},
    "expired": {"Authorization": "Bearer expired-secret"},
    "former": {"Authorization": "Bearer former-secret"},
    "warehouse": {"X-API-Key": "warehouse-secret"},
    "nobody": {},
}


@dataclass(frozen=True)
class Shop:
    """A running shop and its database."""

    client: httpx.Client
    database: sa.Engine
    serial: list[int] = field(default_factory=lambda: [0])

    def call(self, method: str, path: str, who: str = "alice", **request: Any) -> httpx.Response:
        headers = {**KEYS[who], **request.pop("headers", {})}
        return self.client.request(method, path, headers=headers, **request)

    def unique(self) -> int:
        """A number that no test of this shop has used."""
        self.serial[0] += 1
        return self.serial[0]

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        with self.database.connect() as connection:
            found = connection.execute(sa.text(statement), values).mappings()
            return [dict(row) for row in found]

    def counts(self) -> dict[str, int]:
        """Rows per table."""
        one = "SELECT '{0}' AS name, count(*) AS n FROM {0}"
        found = self.rows(" UNION ALL ".join(one.format(name) for name in self._tables))
        return {row["name"]: row["n"] for row in found}

    @functools.cached_property
    def _tables(self) -> list[str]:
        return sa.inspect(self.database).get_table_names()


@contextmanager
def running(url: str, **environment: str) -> Iterator[Shop]:
    """Seed the database and start the API on it, in one new process."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    code = (
        f"import uvicorn; from {SHOP} import seed; seed.main();"
        f" uvicorn.run('{SHOP}.app:app', port={port}, log_level='warning')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], env={**os.environ, "DATABASE_URL": url, **environment}
    )
    engine = sa.create_engine(url)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
            _await(client, process)
            yield Shop(client, engine)
    finally:
        engine.dispose()
        process.terminate()
        process.wait(10)


def _await(client: httpx.Client, process: subprocess.Popen[bytes]) -> None:
    for _ in range(400):
        try:
            client.get("/health").raise_for_status()
        except httpx.TransportError:
            assert process.poll() is None, "the shop did not start"
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the shop is not ready after 20 seconds")


@contextmanager
def _server_database(engine: str, url: str) -> Iterator[str]:
    """The URL of a new database on a server."""
    name = f"gs_shop_test_{os.getpid()}"
    server = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    force = " WITH (FORCE)" if engine == "postgresql" else ""
    drop = sa.text(f"DROP DATABASE IF EXISTS {name}{force}")
    try:
        with server.connect() as connection:
            connection.execute(drop)
            connection.execute(sa.text(f"CREATE DATABASE {name}"))
        yield sa.make_url(url).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(drop)
        server.dispose()


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "mariadb"])
def shop(
    request: pytest.FixtureRequest,
    server_url: Callable[[str], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Shop]:
    """The shop on each engine, shared by the tests: they make the rows they change."""
    if request.param == "sqlite":
        file = tmp_path_factory.mktemp("shop") / "shop.db"
        with running(f"sqlite:///{file}") as found:
            yield found
        return
    with _server_database(request.param, server_url(request.param)) as url, running(url) as found:
        yield found


@pytest.fixture(scope="session")
def start_shop(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """`with start_shop(SHOP_BUGS="...") as shop`: a shop of one's own on SQLite."""

    def start(**environment: str) -> Any:
        return running(f"sqlite:///{tmp_path_factory.mktemp('shop') / 'shop.db'}", **environment)

    return start


@pytest.fixture(scope="session")
def spec() -> dict[str, Any]:
    """openapi.yaml, read."""
    found: dict[str, Any] = load_yaml(SPEC.read_text(), SPEC)
    return found
