"""Emitted suites of operations whose body is a form, has files, is text, or JSON by another name."""

import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

FORMS = Path(__file__).parent.parent / "examples" / "forms"


@pytest.fixture
def forms(pytester: pytest.Pytester) -> pytest.Pytester:
    """The API and its suite."""
    shutil.copytree(FORMS, pytester.path, dirs_exist_ok=True)
    with sqlite3.connect(pytester.path / "forms.db") as database:
        database.execute("CREATE TABLE titles (id INTEGER PRIMARY KEY, title VARCHAR(20) NOT NULL)")
    command = [sys.executable, "-m", "gen_suite", "generate", "--allow-db"]
    subprocess.run(command, cwd=pytester.path, capture_output=True, check=True)
    return pytester


def test_each_travels_as_its_media_type_says(forms: pytest.Pytester) -> None:
    result = forms.runpytest_subprocess("--allow-db", "-p", "no:cacheprovider", "-v")
    counts = result.parseoutcomes()
    assert "failed" not in counts, result.stdout.str()
    assert "errors" not in counts, result.stdout.str()
    names = [line for line in result.outlines if "PASSED" in line]
    for operation in ("picture", "word", "line", "patch"):
        success = "changes_the_rows_it_should" if operation == "line" else "stores_what_it_claims"
        for test in (success, "rejects"):
            assert any(f"test_create_{operation}.py::test_{test}" in name for name in names)
    examples = "test_create_word.py::test_accepts_the_examples_of_the_spec[defaults"
    assert any(examples in name for name in names)
    for breach in (
        "missing photo",
        "title: shorter than 2",
        "cookie theme: not in its enum",
        "missing cookie theme",
        "body: wrong media type",
        "times: above 9",
        "test_create_line.py::test_rejects[body: longer than 20]",
    ):
        assert any(breach in name for name in names), breach
