"""Actors that log in where a login is a row: in every test they are known, and no test sees the row."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from .conftest import gen_suite

LOCKERS = Path(__file__).parent.parent / "examples" / "lockers"
BOTH = """
import pytest
from gen_suite.runtime import covers

@covers("POST /lockers", "persistence")
@pytest.mark.parametrize("actor", ["ann", "ben", "ann", "ben"])
def test_known(api, database, actor):
    with database.watch() as changes:
        assert api.post("/lockers", json={"name": "x"}, actor=actor).status_code == 201
    assert changes.only("lockers")
"""


@pytest.fixture
def lockers(pytester: pytest.Pytester) -> pytest.Pytester:
    """The lockers with their suite, and a test in which two callers take turns."""
    shutil.copytree(LOCKERS, pytester.path, dirs_exist_ok=True)
    with sqlite3.connect(pytester.path / "lockers.db") as database:
        database.executescript((LOCKERS / "schema.sql").read_text())
    done = gen_suite(pytester.path, "generate", "--allow-db")
    assert done.returncode == 0, done.stderr
    (pytester.path / "tests" / "api" / "test_both.py").write_text(BOTH)
    return pytester


def run(lockers: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return lockers.runpytest_subprocess(
        "--allow-db", "-p", "no:cacheprovider", "tests/api", *arguments
    )


def everything(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "lockers.db") as database:
        return list(database.iterdump())


def test_a_login_outlives_the_test_that_needed_it_first(lockers: pytest.Pytester) -> None:
    before = everything(lockers.path)
    result = run(lockers)
    assert set(result.parseoutcomes()) <= {"passed", "skipped"}, result.stdout.str()
    assert result.parseoutcomes()["passed"] > 10
    assert everything(lockers.path) == before


@pytest.mark.parametrize("isolation", ["worker", "module", "test"])
def test_each_copy_of_the_database_has_logins_of_its_own(
    lockers: pytest.Pytester, isolation: str
) -> None:
    mapping = lockers.path / "gen-suite.yaml"
    stated = f"  environment: test\n  isolation: {isolation}"
    mapping.write_text(mapping.read_text().replace("  environment: test", stated))
    before = everything(lockers.path)
    result = run(lockers, "-k", "known or rejects_unauthenticated")
    assert set(result.parseoutcomes()) <= {"passed", "deselected"}, result.stdout.str()
    assert everything(lockers.path) == before


def test_who_cannot_log_in_fails_only_his_own_tests(
    lockers: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEN_PASSWORD", "forgotten")
    result = run(lockers, "-k", "known")
    assert result.parseoutcomes()["passed"] == 2
    assert result.parseoutcomes()["failed"] == 2
    result.stdout.fnmatch_lines(["*actor ben cannot log in: POST /login answered 400*"])


def test_what_doctor_logs_in_for_does_not_stay(lockers: pytest.Pytester) -> None:
    before = everything(lockers.path)
    done = gen_suite(lockers.path, "doctor", "--allow-db")
    assert "actor ben                 GET /lockers answered 200" in done.stdout
    assert everything(lockers.path) == before
