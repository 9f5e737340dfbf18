"""The suite of an application whose tables are called as Python, pytest and our own code call things."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from .conftest import gen_suite

SHELVES = Path(__file__).parent.parent / "examples" / "shelves"


def test_tables_of_any_name_have_a_suite_that_runs(pytester: pytest.Pytester) -> None:
    shutil.copytree(SHELVES, pytester.path, dirs_exist_ok=True)
    with sqlite3.connect(pytester.path / "shelves.db") as database:
        database.executescript((SHELVES / "schema.sql").read_text())
    done = gen_suite(pytester.path, "generate", "--allow-db")
    assert done.returncode == 0, done.stderr
    unseen = "connection or serialization or deadlock"  # SQLite has none of these
    chosen = "stores_what_it_claims or can_be_read_back or deletes_the_row or leaves_nothing_when_a_write"
    chosen = f"({chosen}) and not ({unseen})"
    run = pytester.runpytest_subprocess("--allow-db", "-p", "no:schemathesis", "-q", "-k", chosen)
    assert run.ret == 0
    outcomes = run.parseoutcomes()
    assert not outcomes.keys() & {"skipped", "failed", "errors"}
    assert outcomes["passed"] > 50
