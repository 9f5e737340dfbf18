"""Files as bodies and as parts of forms, on a real API: what is kept is what was sent, byte by byte."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import failed_cells

ATTIC = Path(__file__).parent.parent / "examples" / "attic"
STORES = "test_stores_what_it_claims"


@pytest.fixture
def attic(pytester: pytest.Pytester) -> pytest.Pytester:
    """The attic with its mapping, database and suite."""
    shutil.copytree(ATTIC, pytester.path, dirs_exist_ok=True)
    with sqlite3.connect(pytester.path / "attic.db") as database:
        database.executescript((ATTIC / "schema.sql").read_text())
    command = [sys.executable, "-m", "gen_suite", "generate", "--allow-db"]
    done = subprocess.run(command, cwd=pytester.path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return pytester


@pytest.mark.parametrize("bug", ["", "text", "cut", "echo"])
def test_uploads_are_kept_byte_by_byte(
    attic: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, bug: str
) -> None:
    monkeypatch.setenv("ATTIC_BUG", bug)
    arguments = ["--allow-db", "-p", "no:cacheprovider", "tests/api", "-k", STORES]
    outcomes = attic.runpytest_subprocess(*arguments).parseoutcomes()
    assert outcomes["failed" if bug else "passed"] == 2
    assert failed_cells(attic.path) == ({(STORES, "persistence")} if bug else set())
