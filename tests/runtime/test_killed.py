"""kill -9 of a run of an emitted suite: its application ends too, and nothing stays in the database."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from .conftest import gen_suite

LONG = """
from gen_suite.runtime import covers
import time

def test_long(api, database):
    answer = api.post("/notes", json={"title": "written by a killed run"}, actor="ann")
    print(f"port={answer.request.url.port}", flush=True)
    time.sleep(60)
"""


def _answers(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def _titles(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "notes.db") as database:
        return [title for (title,) in database.execute("SELECT title FROM notes ORDER BY id")]


def test_a_killed_run_takes_its_application_along(notes: pytest.Pytester) -> None:
    before = _titles(notes.path)
    (notes.path / "tests" / "api" / "test_long.py").write_text(LONG)
    command = [sys.executable, "-m", "pytest", "--allow-db", "-s", "tests/api/test_long.py"]
    with subprocess.Popen(command, cwd=notes.path, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        said = next(line for line in run.stdout if "port=" in line)
        port = int(said.partition("port=")[2])
        assert _answers(port)
        assert len(_titles(notes.path)) == len(before) + 1
        os.kill(run.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while _answers(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _answers(port)
    done = gen_suite(notes.path, "restore", "--allow-db")
    assert "took back 1 row change" in done.stdout + done.stderr
    assert _titles(notes.path) == before
