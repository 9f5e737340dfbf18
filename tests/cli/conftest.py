"""Running the command line as a person does, in a folder of its own."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

NOTES = Path(__file__).parent.parent / "examples" / "notes"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The notes API with spec, mapping and database."""
    shutil.copytree(NOTES, tmp_path, dirs_exist_ok=True)
    with sqlite3.connect(tmp_path / "notes.db") as database:
        database.executescript((NOTES / "schema.sql").read_text())
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """`gen-suite ...` in that folder."""

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gen_suite", *arguments]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    return call
