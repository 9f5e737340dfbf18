"""Ctrl-C and kill -9 in the middle of a run of an emitted suite: what it came to so far is kept."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .conftest import gen_suite

FAILS = """
from gen_suite.runtime import covers

@covers("POST /notes", "success")
def test_fails(api, database):
    assert api.post("/notes", json={"title": "x"}, actor="ann").status_code == 299
"""
MOMENTS = {
    "in a request": """
from gen_suite.runtime import covers

@covers("POST /notes", "persistence")
def test_long(api, database):
    with database.watch() as changes, database.fault("commit"):
        open("reached", "w").close()
        api.post("/notes", json={"title": "slow"}, actor="ann")
""",
    "in an example": """
from gen_suite.runtime import bodies, covers
from hypothesis import given

@covers("POST /notes", "persistence")
@given(body=bodies("POST /notes"))
def test_long(api, database, body):
    with database.watch() as changes:
        open("reached", "w").close()
        api.post("/notes", json={**body, "title": "slow"}, actor="ann")
""",
    "after a request": """
import time
from gen_suite.runtime import covers

@covers("POST /notes", "persistence")
def test_long(api, database):
    api.post("/notes", json={"title": "x"}, actor="ann")
    open("reached", "w").close()
    time.sleep(60)
""",
}


def _titles(folder: Path) -> list[str]:
    with sqlite3.connect(folder / "notes.db") as database:
        return [title for (title,) in database.execute("SELECT title FROM notes ORDER BY id")]


def _objects(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "notes.db") as database:
        return {name for (name,) in database.execute("SELECT name FROM sqlite_master")}


def _run(notes: pytest.Pytester, long: str, *arguments: str) -> subprocess.Popen[str]:
    suite = notes.path / "tests" / "api"
    for module in suite.glob("test_*.py"):
        module.unlink()
    (suite / "test_a.py").write_text(FAILS)
    (suite / "test_b.py").write_text(long)
    (suite / "test_c.py").write_text(FAILS.replace("test_fails", "test_never_begun"))
    command = [sys.executable, "-m", "pytest", "--allow-db", "-q", "-p", "no:cacheprovider"]
    return subprocess.Popen(
        [*command, *arguments, "tests/api"],
        cwd=notes.path,
        env={**os.environ, "NOTES_BUG": "slow"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        # Whoever runs these tests may ignore Ctrl-C, as a job in the background does.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


@contextmanager
def _reached(folder: Path, run: subprocess.Popen[str]) -> Iterator[None]:
    while not (folder / "reached").exists():
        assert run.poll() is None, run.communicate()[0]
        time.sleep(0.02)
    yield


@pytest.mark.parametrize("moment", MOMENTS)
def test_an_interrupt_ends_the_run_with_its_failures_and_a_clean_database(
    notes: pytest.Pytester, moment: str
) -> None:
    before, objects = _titles(notes.path), _objects(notes.path)
    run = _run(notes, MOMENTS[moment])
    with _reached(notes.path, run):
        os.kill(run.pid, signal.SIGINT)
    output, _ = run.communicate()
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert "assert 201 == 299" in output
    assert "Traceback" not in output
    assert "TargetError" not in output
    assert _titles(notes.path) == before
    assert _objects(notes.path) == objects
    results = json.loads((notes.path / ".gen-suite" / "results.json").read_text())
    assert results["complete"] is False
    assert {test["id"].rpartition("::")[2]: test["outcome"] for test in results["tests"]} == {
        "test_fails": "failed"
    }


def test_an_interrupt_of_several_workers_reaches_them_too(notes: pytest.Pytester) -> None:
    before, objects = _titles(notes.path), _objects(notes.path)
    run = _run(notes, MOMENTS["in a request"], "-n", "2", "--dist", "loadfile")
    with _reached(notes.path, run):
        os.kill(run.pid, signal.SIGINT)
    output, _ = run.communicate()
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert "Traceback" not in output
    assert _titles(notes.path) == before
    assert _objects(notes.path) == objects


def test_a_second_interrupt_does_not_disturb_the_clean_up(notes: pytest.Pytester) -> None:
    before = _titles(notes.path)
    run = _run(notes, MOMENTS["in a request"])
    with _reached(notes.path, run):
        while run.poll() is None:  # up to the interpreter's last step
            os.kill(run.pid, signal.SIGINT)
            time.sleep(0.005)
    output, _ = run.communicate()
    assert run.returncode == pytest.ExitCode.INTERRUPTED, output
    assert "assert 201 == 299" in output
    assert _titles(notes.path) == before


def test_a_killed_run_leaves_its_results_so_far(notes: pytest.Pytester) -> None:
    run = _run(notes, MOMENTS["in a request"])
    with _reached(notes.path, run):
        os.kill(run.pid, signal.SIGKILL)
    run.communicate()
    assert gen_suite(notes.path, "restore", "--allow-db").returncode == 0
    report = json.loads(gen_suite(notes.path, "gaps", "--format", "json").stdout)
    assert report["counts"]["failed"] == 1
    assert any("did not come to its end: 1 test(s)" in warning for warning in report["warnings"])
