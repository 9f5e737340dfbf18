"""`gen-suite doctor` on PostgreSQL: a role that may not put triggers in place, and one that may."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

SHOP = Path(__file__).parents[2] / "examples" / "shop"
Checks = dict[str, list[dict[str, str]]]
ROLE = f"gs_plain_{os.getpid()}"


def _run(url: str, *statements: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


@pytest.fixture
def owner(tmp_path: Path, fresh_database: Callable[[str], str]) -> str:
    """The URL of the shop's database for the one who owns it."""
    url = fresh_database("postgresql")
    seed = [sys.executable, "-m", "gen_suite.examples.shop.seed"]
    subprocess.run(seed, env=os.environ | {"DATABASE_URL": url}, check=True)
    for name in ("openapi.yaml", "gen-suite.yaml"):
        shutil.copy(SHOP / name, tmp_path)
    return url


@pytest.fixture
def plain(owner: str) -> Iterator[str]:
    """The URL of the same database for a role that may read and write rows, and nothing else."""
    _run(
        owner,
        f"CREATE ROLE {ROLE} LOGIN PASSWORD 'plain-pass'",
        f"GRANT USAGE ON SCHEMA public TO {ROLE}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {ROLE}",
        f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}",
    )
    url = make_url(owner).set(username=ROLE, password="plain-pass")
    yield url.render_as_string(hide_password=False)
    rights = f"REVOKE SET ON PARAMETER session_replication_role FROM {ROLE}"
    _run(owner, f"DROP OWNED BY {ROLE}", rights, f"DROP ROLE {ROLE}")


def doctor(folder: Path, url: str) -> tuple[int, Checks]:
    """Exit code, and the checks by name."""
    done = subprocess.run(
        [sys.executable, "-m", "gen_suite", "doctor", "--allow-db", "--format", "json"],
        cwd=folder, env=os.environ | {"DATABASE_URL": url}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.stdout, done.stderr
    found: Checks = {}
    for check in json.loads(done.stdout):
        found.setdefault(check["name"], []).append(check)
    return done.returncode, found


def test_all_is_well_for_the_owner(tmp_path: Path, owner: str) -> None:
    code, checks = doctor(tmp_path, owner)
    wrong = [one for found in checks.values() for one in found if one["result"] == "error"]
    assert (code, wrong) == (0, [])
    assert "postgresql, 26 tables" in checks["database"][0]["found"]
    assert checks["watching"][0]["result"] == "ok"
    assert checks["actor expired"][0]["found"].endswith("as its role says")
    assert checks["clock of the database"][0]["result"] == "ok"


def test_a_role_without_the_right_to_triggers_is_told_the_statements(
    tmp_path: Path, owner: str, plain: str
) -> None:
    """And with those statements it can watch; what is degraded then is said."""
    code, checks = doctor(tmp_path, plain)
    assert code == 1
    (watching,) = checks["watching"]
    assert watching["result"] == "error"
    assert f"role {ROLE} may not watch and take back" in watching["found"]
    assert "plain-pass" not in json.dumps(checks)
    assert checks["application"][0]["result"] == "ok", "one trouble hides no other"
    statements = re.findall(r"^\s*(GRANT .*;)$", watching["advice"], re.MULTILINE)
    assert any("GRANT TRIGGER ON" in one for one in statements)
    _run(owner, *statements)

    code, checks = doctor(tmp_path, plain)
    assert code == 0, checks["watching"]
    assert {one["result"] for one in checks["watching"]} == {"warning"}
    assert all(one["found"].startswith("degraded: ") for one in checks["watching"])
    assert any("does not own" in one["found"] for one in checks["watching"])


def test_a_server_that_is_not_there_stops_nothing(tmp_path: Path, owner: str) -> None:
    url = make_url(owner).set(port=1, password="hunter2").render_as_string(hide_password=False)
    code, checks = doctor(tmp_path, url)
    assert code == 1
    assert checks["database"][0]["result"] == "error"
    assert "cannot read the schema" in checks["database"][0]["found"]
    assert checks["watching"][0]["result"] == "skipped"
    assert "hunter2" not in json.dumps(checks)
    assert checks["spec"][0]["result"] == "ok"
