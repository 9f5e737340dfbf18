"""Copies of a database, one per worker, and their end."""

from __future__ import annotations

import subprocess
import sys
from subprocess import PIPE
from typing import Any

import pytest
from sqlalchemy.engine import make_url

from gen_suite.errors import TargetError
from gen_suite.runtime.database import clone, drop_clone, open_database


def test_a_clone_is_equal_independent_and_removable(app: Any, engine_url: str) -> None:
    copy = clone(engine_url, "gw0")
    try:
        with open_database(engine_url) as original, open_database(copy) as other:
            assert other.hash() == original.hash()
            other.install()
            mark = other.mark()
            other.arrange("orders")
            assert other.hash() != original.hash()
            other.undo(mark)
            assert other.hash() == original.hash()
            other.uninstall()
    finally:
        drop_clone(copy)
    with pytest.raises(TargetError):
        open_database(copy)


def test_the_url_of_a_clone_names_dialect_and_driver_as_they_were_stated(
    app: Any, engine_url: str
) -> None:
    dialect = make_url(engine_url).get_backend_name()
    drivers = {"sqlite": "aiosqlite", "postgresql": "asyncpg"}
    for driver in (dialect, f"{dialect}+{drivers.get(dialect, 'aiomysql')}"):
        stated = make_url(engine_url).set(drivername=driver)
        copy = clone(stated.render_as_string(hide_password=False), "gw0")
        drop_clone(copy)
        assert copy.partition(":")[0] == driver


def test_a_clone_of_a_database_in_use_is_clean(app: Any, engine_url: str) -> None:
    with open_database(engine_url) as original:
        before = original.hash()
    copy = clone(engine_url, "gw0")
    copy = clone(engine_url, "gw0")  # replaces its own kind
    try:
        with open_database(copy) as other:
            assert other.hash() == before
    finally:
        drop_clone(copy)


def test_only_clones_are_dropped(app: Any, engine_url: str) -> None:
    with pytest.raises(TargetError, match="no clone"):
        drop_clone(engine_url)
    with pytest.raises(TargetError, match="name"):
        clone(engine_url, "../x")
    app.read("SELECT id FROM orders")


OTHER_RUN = """
import sys
from gen_suite.runtime.database import clone, open_database
database = open_database(clone(sys.argv[1], "gw0"))
if sys.argv[2] == "watching":
    database.install()
elif sys.argv[2] == "made":
    database.close() if database.name == "sqlite" else None
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("how", ["watching", "made"])
def test_a_clone_that_another_live_run_has_is_not_replaced(
    app: Any, engine_url: str, how: str
) -> None:
    command = [sys.executable, "-c", OTHER_RUN, engine_url, how]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ready\n"
        with pytest.raises(TargetError, match=r"another run|cannot be replaced while others"):
            clone(engine_url, "gw0")
        other.kill()
    drop_clone(clone(engine_url, "gw0"))


def test_a_clone_that_this_process_watches_is_not_replaced(app: Any, engine_url: str) -> None:
    copy = clone(engine_url, "gw0")
    with open_database(copy) as database:
        database.install()
        with pytest.raises(TargetError, match="cannot be replaced"):
            clone(engine_url, "gw0")
        database.arrange("orders")
        assert database.recover().rows > 0
    drop_clone(copy)
