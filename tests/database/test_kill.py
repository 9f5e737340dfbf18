"""kill -9 of a writer, of a run and of the undo itself: the next one puts everything back."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from typing import Any

import pytest

from gen_suite.errors import TargetError
from gen_suite.runtime.database import open_database, restore

WRITER = """
import random, sys
import sqlalchemy as sa
engine = sa.create_engine(sys.argv[1])
if engine.dialect.name == "sqlite":
    sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA foreign_keys = ON"))
rng = random.Random(int(sys.argv[2]))
with engine.begin() as connection:
    connection.execute(sa.text("INSERT INTO notes(about, text) VALUES ('first', 'kept')"))
print("go", flush=True)
number = 1000 * (1 + int(sys.argv[2]))
while True:
    with engine.begin() as connection:
        for _ in range(rng.randint(1, 5)):
            number += 1
            connection.execute(sa.text(rng.choice([
                f"INSERT INTO orders(id, user_id, total) VALUES ({number}, 1, 5)",
                f"UPDATE orders SET total = total + 1 WHERE id > {number - 9}",
                f"DELETE FROM orders WHERE id = {number - 5}",
                f"UPDATE users SET balance = balance + 1 WHERE id = {rng.randint(1, 2)}",
                f"INSERT INTO notes(about, text) VALUES ('k', '{number}')",
                "DELETE FROM notes WHERE about = 'y'",
            ])))
"""
UNDO = """
import sys
from gen_suite.runtime.database import restore
print("go", flush=True)
restore(sys.argv[1])
"""
FAULT = """
import sys, time
from gen_suite.runtime.database import open_database
database = open_database(sys.argv[1])
database.install()
fault = database.fault("insert orders")
fault.__enter__()
print("go", flush=True)
time.sleep(60)
"""


def killed(script: str, *arguments: str, after: float) -> bool:
    """Runs the script in a process that is killed so many seconds after its start; whether it still ran."""
    command = [sys.executable, "-c", script, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(after)
        alive = process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.wait()
    return alive


@pytest.mark.fuzz
def test_a_killed_writer_and_a_killed_undo(app: Any, engine_url: str, fuzz_rounds: Any) -> None:
    rng = random.Random(1)
    for number in range(fuzz_rounds(2, 12)):
        with open_database(engine_url) as run:
            run.install()
            before = run.hash()
            assert killed(WRITER, engine_url, str(number), after=rng.uniform(0.05, 0.3))
            assert run.hash() != before
        killed(UNDO, engine_url, after=rng.uniform(0, 0.03))
        restore(engine_url)
        with open_database(engine_url) as after:
            assert after.hash() == before, f"round {number}"


def test_faults_of_a_killed_run_are_dropped(app: Any, engine_url: str) -> None:
    assert killed(FAULT, engine_url, after=0)
    with open_database(engine_url) as database:
        left = database.install()
        assert left.faults == 1
        with database.watch() as changes:
            app.run("INSERT INTO orders(id, user_id, total) VALUES (9, 1, 5)")
        assert changes.inserted("orders").one()
        database.uninstall()


def test_two_live_runs_on_one_database_are_refused(app: Any, engine_url: str) -> None:
    command = [sys.executable, "-c", FAULT, engine_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with open_database(engine_url) as database, pytest.raises(TargetError, match="another run"):
            database.install()
        with pytest.raises(TargetError, match="another run"):
            restore(engine_url)
        process.kill()
        process.wait()
    assert restore(engine_url).faults == 1
