"""What is particular to SQLite: locks, settings of the application, triggers, odd schemas."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gen_suite.errors import TargetError
from gen_suite.runtime.database import Database, Unsupported, open_database, restore, sqlite

SCHEMA = """
create table users(id integer primary key, email text unique, seen int default 0);
create table log(user_id int, what text);
create trigger first after insert on users begin insert into log values(new.id, 'first'); end;
create trigger second after insert on users begin insert into log values(new.id, 'second'); end;
insert into users(email) values ('a@x'), ('b@x');
"""


@pytest.fixture(params=["wal", "delete"])
def path(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    path = tmp_path / "app.db"
    with sqlite3.connect(path) as app:
        app.execute(f"pragma journal_mode={request.param}")
        app.executescript(SCHEMA)
    app.close()
    return path


@pytest.fixture
def app(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None, timeout=0.5)
    yield connection
    connection.close()


@pytest.fixture
def database(path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(sqlite, "BUSY_SECONDS", 0.3)
    with open_database(f"sqlite:///{path}") as database:
        database.install()
        yield database


def test_application_triggers_do_not_fire_on_undo_and_are_as_before(
    app: sqlite3.Connection, database: Database
) -> None:
    schema = "select name, sql from sqlite_schema order by name"
    before, triggers = database.hash(), app.execute(schema).fetchall()
    cookie = app.execute("pragma schema_version").fetchone()
    mark = database.mark()
    for _ in range(3):
        app.execute("insert into users(email) values ('c@x')")
        assert app.execute("select what from log").fetchall()
        database.undo(mark)
        assert database.hash() == before
    assert app.execute(schema).fetchall() == triggers
    assert app.execute("pragma schema_version").fetchone() == cookie, (
        "prepared statements stay valid"
    )
    fresh = sqlite3.connect(app.execute("pragma database_list").fetchone()[2])
    fresh.execute("insert into users(email) values ('d@x')")
    fresh.commit()
    order = fresh.execute("select what from log").fetchall()
    fresh.close()
    database.undo(mark)
    app.execute("insert into users(email) values ('d@x')")
    assert app.execute("select what from log").fetchall() == order


def test_rows_removed_by_or_replace_are_seen_and_come_back(
    app: sqlite3.Connection, database: Database
) -> None:
    before = database.hash()
    mark = database.mark()
    with database.watch() as changes:
        app.execute("insert or replace into users(email, seen) values ('a@x', 5)")
    assert changes.deleted("users").one()["id"] == 1
    assert changes.inserted("users").one()["seen"] == 5
    with database.watch() as changes:
        app.execute("insert or ignore into users(email) values ('b@x')")
    assert changes.none()
    database.undo(mark)
    assert database.hash() == before


def test_commits_are_counted_without_those_of_the_harness(
    app: sqlite3.Connection, database: Database
) -> None:
    with database.watch() as changes:
        app.execute("begin")
        app.execute("update users set seen = 1 where id = 1")
        app.execute("update users set seen = 1 where id = 2")
        app.execute("commit")
        database.arrange("users")
    assert len(changes.updated("users")) == 2
    assert changes.one_transaction()
    assert changes.one_transaction().known
    with database.watch() as changes:
        app.execute("update users set seen = 2 where id = 1")
        app.execute("update users set seen = 2 where id = 2")
    assert not changes.one_transaction()


def test_an_open_write_transaction_is_named(app: sqlite3.Connection, database: Database) -> None:
    app.execute("begin immediate")
    with pytest.raises(TargetError, match="locked by process") as caught:
        database.mark()
    assert str(os.getpid()) in str(caught.value)
    app.execute("rollback")
    database.mark()


def test_a_mark_waits_for_the_writer(path: Path, database: Database) -> None:
    writing = threading.Event()

    def request() -> None:
        app = sqlite3.connect(path, isolation_level=None)
        app.execute("begin immediate")
        app.execute("update users set seen = 1")
        writing.set()
        time.sleep(0.15)
        app.execute("commit")
        app.close()

    thread = threading.Thread(target=request)
    thread.start()
    writing.wait()
    mark = database.mark()
    assert database.row("users", id=1)["seen"] == 1, "the mark lies after the commit"
    assert database.undo(mark) == 0
    thread.join()


def test_a_reader_that_never_ends_blocks_undo_by_name_and_nothing_is_lost(
    app: sqlite3.Connection, database: Database
) -> None:
    before = database.hash()
    mark = database.mark()
    app.execute("update users set seen = 9")
    reading = app.execute("select * from users")
    reading.fetchone()
    if app.execute("pragma journal_mode").fetchone() == ("wal",):
        database.undo(mark)  # readers do not matter
    else:
        with pytest.raises(TargetError, match="locked"):
            database.undo(mark)
        reading.close()
        database.undo(mark)
    reading.close()
    assert database.hash() == before


def test_a_write_past_the_triggers_is_a_conflict_not_a_guess(
    app: sqlite3.Connection, database: Database
) -> None:
    mark = database.mark()
    app.execute("update users set seen = 1 where id = 1")
    app.execute("delete from _gen_suite_log where id = (select max(id) from _gen_suite_log)")
    app.execute("update users set seen = 2 where id = 1")
    app.execute("update _gen_suite_log set n2 = 77")
    now = app.execute("select * from users").fetchall()
    with pytest.raises(TargetError, match=r"users\(id=1\): expected .*77.*found .*2"):
        database.undo(mark)
    assert app.execute("select * from users").fetchall() == now


def test_commit_cannot_fail_without_foreign_keys_and_that_is_said(
    app: sqlite3.Connection, database: Database
) -> None:
    fault = database.fault("commit")
    injected = fault.__enter__()
    app.execute("update users set seen = 1")
    assert not injected.fired.ok
    with pytest.raises(Unsupported, match="foreign_keys = OFF"):
        fault.__exit__(None, None, None)
    app.execute("pragma foreign_keys = on")
    with database.fault("commit") as injected:
        app.execute("begin")
        app.execute("update users set seen = 2")
        with pytest.raises(sqlite3.IntegrityError):
            app.execute("commit")
        app.execute("rollback")
    assert injected.fired


def test_an_application_that_keeps_its_failed_transaction_is_freed(
    app: sqlite3.Connection, database: Database
) -> None:
    def let_go() -> bool:
        app.execute("rollback")
        return True

    app.execute("pragma foreign_keys = on")
    database.freed = let_go
    fault = database.fault("commit")
    fault.__enter__()
    app.execute("begin immediate")
    app.execute("update users set seen = 2")
    with pytest.raises(sqlite3.IntegrityError):
        app.execute("commit")
    with pytest.raises(Unsupported, match="kept its transaction open"):
        fault.__exit__(None, None, None)
    app.execute("update users set seen = 3")
    with database.fault("insert users"), pytest.raises(sqlite3.DatabaseError):
        app.execute("insert into users(email) values ('z@x')")


def test_a_fault_inside_or_ignore_still_fails(app: sqlite3.Connection, database: Database) -> None:
    with (
        database.fault("insert users", error="unique"),
        pytest.raises(sqlite3.IntegrityError, match="UNIQUE constraint failed"),
    ):
        app.execute("insert or ignore into users(email) values ('z@x')")


def test_the_harness_leaves_the_last_rowid_and_count_alone(
    app: sqlite3.Connection, database: Database
) -> None:
    cursor = app.execute("insert into users(id, email) values (70, 'c@x')")
    assert (cursor.lastrowid, cursor.rowcount) == (70, 1)
    assert app.execute("select last_insert_rowid(), changes()").fetchone() == (70, 1)


def test_virtual_tables_are_watched_by_comparison(path: Path, app: sqlite3.Connection) -> None:
    app.execute("create virtual table docs using fts5(body)")
    app.execute("insert into docs values ('one'), ('two')")
    with open_database(f"sqlite:///{path}") as database:
        database.install()
        assert any("comparison" in limit for limit in database.capabilities.limits)
        before = database.hash()
        mark = database.mark()
        with database.watch() as changes:
            app.execute("insert into docs values ('three')")
            app.execute("update docs set body = 'won' where rowid = 1")
        assert changes.tables == ("docs_content",)
        assert changes.inserted("docs_content").one()["c0"] == "three"
        database.undo(mark)
        assert database.hash() == before
        assert app.execute("select rowid from docs where docs match 'one'").fetchall() == [(1,)]
        app.execute("delete from docs")
    assert restore(f"sqlite:///{path}").rows
    assert app.execute("select rowid from docs where docs match 'two'").fetchall() == [(2,)]


def test_a_read_only_file_is_refused(path: Path) -> None:
    if os.geteuid() == 0:
        url = f"sqlite:///file:{path}?mode=ro&uri=true"
    else:
        path.chmod(0o444)
        url = f"sqlite:///{path}"
    with open_database(url) as database, pytest.raises(TargetError, match="read-only"):
        database.install()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:///{path}x", "no SQLite database at"),
        ("sqlite://", "in-memory"),
        ("sqlite:///:memory:", "in-memory"),
        ("oracle://scott:tiger@host/x", "no support for 'oracle'"),
        ("nonsense", "cannot be read"),
    ],
)
def test_what_cannot_be_opened_is_said(path: Path, url: str, message: str) -> None:
    with pytest.raises(TargetError, match=message) as caught:
        open_database(url.format(path=path))
    assert "tiger" not in str(caught.value)


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    path = tmp_path / "x.db"
    path.write_text("hello " * 500)
    with pytest.raises(TargetError, match="not a database"):
        open_database(f"sqlite:///{path}")


def test_a_migrated_database_keeps_its_leftovers_until_told(
    path: Path, app: sqlite3.Connection
) -> None:
    url = f"sqlite:///{path}"
    with open_database(url) as run:
        run.install()
        app.execute("insert into users(email) values ('left')")
    app.executescript(
        "drop trigger if exists _gen_suite_I_users; create table u2(id integer primary key, email text);"
        "insert into u2 select id, email from users; drop table users; alter table u2 rename to users;"
    )
    with pytest.raises(TargetError, match="definition has changed"):
        restore(url)
    left = restore(url, discard=True)
    assert "discarded" in str(left)
    assert (
        app.execute("select name from sqlite_schema where name like '%gen_suite%'").fetchall() == []
    )


def test_the_asynchronous_url_of_the_application_is_understood(path: Path) -> None:
    with open_database(f"sqlite+aiosqlite:///{path}") as database:
        assert database.name == "sqlite"
        assert database.rows("users", email="a@x")[0]["id"] == 1
