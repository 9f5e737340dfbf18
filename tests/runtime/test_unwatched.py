"""A suite without a database: rows are made and read by requests, and what that cannot show is a gap."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import failed_cells

NOTES = Path(__file__).parent.parent / "examples" / "notes"


@pytest.fixture
def blind(pytester: pytest.Pytester) -> pytest.Pytester:
    """The notes API, its mapping with `stored_by` instead of a database, and its suite."""
    for name in ("app.py", "openapi.yaml"):
        (pytester.path / name).write_text((NOTES / name).read_text())
    text = (NOTES / "gen-suite.yaml").read_text()
    file = pytester.path / "elsewhere.db"
    text = text.replace("  database: sqlite:///notes.db\n", "")
    text = text.replace('"{database_url}"', f"'sqlite:///{file}'")
    text = text.replace("table: notes", "table: notes\n    stored_by: GET /notes/{id}")
    (pytester.path / "gen-suite.yaml").write_text(text)
    done = gen_suite(pytester.path, "generate")
    assert done.returncode == 0, done.stderr
    return pytester


def gen_suite(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gen_suite", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def run(blind: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return blind.runpytest_subprocess("--allow-db", "-p", "no:cacheprovider", *arguments)


def test_a_right_api_passes_and_what_is_not_seen_is_a_gap(blind: pytest.Pytester) -> None:
    result = run(blind, "tests/api")
    assert set(result.parseoutcomes()) == {"passed"}, result.stdout.str()
    shown = json.loads(gen_suite(blind.path, "gaps", "--format", "json").stdout)
    told = json.dumps(shown)
    assert "whether other rows changed" in told
    assert "whether a refused request wrote rows" in told
    assert "without a database only the rows that `stored_by` reads are seen" in told
    emitted = (blind.path / "tests" / "api" / "test_create_note.py").read_text()
    assert "database" not in emitted


@pytest.mark.parametrize(
    ("bug", "test", "concern"),
    [
        ("echo", "test_stores_what_it_claims", "persistence"),
        ("silent", "test_stores_what_it_claims", "persistence"),
        ("loose", "test_rejects", "validation"),
    ],
)
def test_a_bug_that_a_request_can_show_is_caught(
    blind: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, bug: str, test: str, concern: str
) -> None:
    monkeypatch.setenv("NOTES_BUG", bug)
    assert run(blind, "tests/api", "-k", test).parseoutcomes().get("failed", 0) >= 1
    assert failed_cells(blind.path) == {(test, concern)}


def test_nothing_is_written_without_a_word(blind: pytest.Pytester) -> None:
    result = blind.runpytest_subprocess("-p", "no:cacheprovider", "tests/api")
    assert set(result.parseoutcomes()) == {"errors", "not"}
    result.stdout.fnmatch_lines(["*nobody allowed to write by requests to the API*"])


def test_rows_stay_since_nothing_can_undo_them(blind: pytest.Pytester) -> None:
    run(blind, "tests/api", "-k", "stores_what_it_claims")
    with sqlite3.connect(blind.path / "elsewhere.db") as database:
        assert database.execute("SELECT count(*) FROM notes").fetchone()[0] > 1
