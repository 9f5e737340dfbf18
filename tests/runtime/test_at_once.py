"""Several workers, or several runs, on one project at the same time."""

from __future__ import annotations

import pytest
from filelock import FileLock

BUILD = """
import sqlite3, sys, time
with open("built.txt", "a") as told:
    told.write("x")
database = sqlite3.connect(sys.argv[1].partition(":///")[2])
database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, title VARCHAR(40) NOT NULL,"
                 " stars INTEGER NOT NULL DEFAULT 0)")
time.sleep(2)
database.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY, path TEXT NOT NULL)")
"""
TEST = """
import pytest
from gen_suite.runtime import covers

@covers("POST /notes", "persistence")
@pytest.mark.parametrize("number", [1, 2])
def test_it(api, database, number):
    assert {"notes", "visits"} <= set(database.tables)
"""


def run(notes: pytest.Pytester, workers: str) -> pytest.RunResult:
    (notes.path / "tests" / "api" / "test_it.py").write_text(TEST)
    return notes.runpytest_subprocess(
        "--allow-db", "-p", "no:cacheprovider", "-n", workers, "tests/api/test_it.py"
    )


def test_one_worker_builds_a_missing_database_and_the_others_wait(notes: pytest.Pytester) -> None:
    (notes.path / "notes.db").unlink()
    (notes.path / "build.py").write_text(BUILD)
    mapping = notes.path / "gen-suite.yaml"
    stated = '  environment: test\n  migrate: "{python} build.py {database_url}"'
    mapping.write_text(mapping.read_text().replace("  environment: test", stated))
    run(notes, "2").assert_outcomes(passed=2)
    assert (notes.path / "built.txt").read_text() == "x"


def test_a_second_run_does_not_take_the_copy_of_the_first(notes: pytest.Pytester) -> None:
    with FileLock(notes.path / ".gen-suite" / "copy-gw0.lock"):
        result = run(notes, "1")
    assert set(result.parseoutcomes()) == {"errors", "not"}
    result.stdout.fnmatch_lines(["*another run has the copy 'gw0' of this database*"])
    run(notes, "1").assert_outcomes(passed=2)
