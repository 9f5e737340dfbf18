"""Databases for benchmarks: made for one use on the server that the environment names, then dropped."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

SERVERS = {
    "postgresql": (
        "GEN_SUITE_TEST_POSTGRESQL",
        "postgresql+psycopg://postgres@127.0.0.1:5432/postgres",
    ),
    "mariadb": ("GEN_SUITE_TEST_MARIADB", "mysql+pymysql://root@127.0.0.1:3306/test"),
}


@contextmanager
def fresh_database(engine: str, folder: Path) -> Iterator[str]:
    """The URL of an empty database: a file in `folder`, or one on the engine's server."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'shop.db'}"
        return
    variable, default = SERVERS[engine]
    server = sa.make_url(os.environ.get(variable, default))
    name = f"gs_bench_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        force = " WITH (FORCE)" if engine == "postgresql" else ""
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}{force}")
        admin.dispose()
