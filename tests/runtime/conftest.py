"""A notes API with spec, mapping, database and emitted suite, each test in a copy of its own."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gen_suite.matrix.merging import read_results
from gen_suite.matrix.results import FILE

NOTES = Path(__file__).parent.parent / "examples" / "notes"


def gen_suite(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in a folder."""
    command = [sys.executable, "-m", "gen_suite", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def failed_cells(folder: Path) -> set[tuple[str, str]]:
    """(test function, concern) of each cell that failed in the last run in a folder."""
    return {
        (test.id.rpartition("::")[2].partition("[")[0], concern)
        for test in read_results(folder / FILE).tests
        for operation, concern in test.covers
        if test.outcome_of((operation, concern)) == "failed"
    }


@pytest.fixture
def notes(pytester: pytest.Pytester) -> pytest.Pytester:
    """The notes API and its suite in the folder of a pytester."""
    shutil.copytree(NOTES, pytester.path, dirs_exist_ok=True)
    with sqlite3.connect(pytester.path / "notes.db") as database:
        database.executescript((NOTES / "schema.sql").read_text())
        database.execute("INSERT INTO notes (title, stars) VALUES ('kept', 5)")
    done = gen_suite(pytester.path, "generate", "--allow-db")
    assert done.returncode == 0, done.stderr
    return pytester
