"""pytest -n where the database cannot be copied: the workers take turns on it, and say why."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from gen_suite.runtime.database import open_database

ROLE = "gs_no_createdb"


@pytest.fixture
def uncopyable(fresh_database: Callable[[str], str]) -> Iterator[str]:
    """A PostgreSQL database of a role that may not create another one."""
    url = make_url(fresh_database("postgresql"))
    admin = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    role = f"{ROLE}_{os.getpid()}"
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {role} LOGIN")
        connection.exec_driver_sql(f"ALTER DATABASE {url.database} OWNER TO {role}")
        connection.exec_driver_sql(f"ALTER SCHEMA public OWNER TO {role}")
        connection.exec_driver_sql(f"GRANT SET ON PARAMETER session_replication_role TO {role}")
    yield url.set(username=role).render_as_string(hide_password=False)
    with admin.connect() as connection:
        owner = url.username or "postgres"
        connection.exec_driver_sql(f"REASSIGN OWNED BY {role} TO {owner}")
        connection.exec_driver_sql(f"DROP OWNED BY {role}")
        connection.exec_driver_sql(f"ALTER DATABASE {url.database} OWNER TO {owner}")
        connection.exec_driver_sql(f"DROP ROLE {role}")


def test_workers_take_turns(uncopyable: str, tmp_path: Path) -> None:
    for name in ("openapi.yaml", "openapi-1.yaml", "gen-suite.yaml"):
        text = (files("gen_suite.examples.shop") / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(text, encoding="utf-8")
    environment = {**os.environ, "DATABASE_URL": uncopyable}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", *words]
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    run("gen_suite.examples.shop.seed")
    assert run("gen_suite", "generate", "--allow-db").returncode == 0
    with open_database(uncopyable) as database:
        before = database.hash()
    modules = [f"tests/api/test_{name}.py" for name in ("create_customer", "delete_customer")]
    done = run(
        "pytest",
        "--allow-db",
        "-n",
        "2",
        "-k",
        "stores_what_it_claims or deletes_the_row or rejects_unauthenticated",
        *modules,
    )
    assert done.returncode == 0, done.stdout
    results = json.loads((tmp_path / ".gen-suite" / "results.json").read_text())
    assert len(results["tests"]) > 4
    assert {test["outcome"] for test in results["tests"]} == {"passed"}
    assert "the workers of -n take turns" in done.stdout
    assert "permission denied to create database" in done.stdout, done.stdout
    with open_database(uncopyable) as database:
        assert database.hash() == before
