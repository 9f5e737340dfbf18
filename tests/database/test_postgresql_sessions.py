"""PostgreSQL: who else is connected, what they may do, and what the harness may do itself."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from gen_suite.errors import Refused, TargetError
from gen_suite.runtime.database import (
    Database,
    Unsupported,
    clone,
    drop_clone,
    open_database,
    postgresql_clone,
)
from gen_suite.runtime.database import postgresql as engine_module

SCHEMA = """
create table users(id int primary key, note text);
create table orders(id serial primary key, user_id int references users on delete cascade);
insert into users select g, 'n' from generate_series(1,5) g; insert into orders(user_id) values (1), (2);
"""
Make = Callable[[str], str]


@pytest.fixture
def dsn(fresh_database: Callable[[str], str]) -> str:
    url = make_url(fresh_database("postgresql")).set(drivername="postgresql")
    dsn = url.render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as app:
        app.execute(SCHEMA.encode())
    return dsn


@pytest.fixture
def app(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    """The application, inside a transaction as soon as it does something."""
    with psycopg.connect(dsn, application_name="the-app") as app:
        yield app


@pytest.fixture
def admin(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn, autocommit=True) as admin:
        yield admin


@pytest.fixture
def role(dsn: str) -> Iterator[Make]:
    """`role("x")`: the name of a new role that may log in and nothing else."""
    made: list[str] = []

    def make(name: str) -> str:
        with psycopg.connect(dsn) as admin:
            made.append(f"{admin.info.dbname}_{name}")
            admin.execute(f"create role {made[-1]} login".encode())
        return made[-1]

    yield make
    with psycopg.connect(dsn) as admin:
        for name in made:
            admin.execute(f"drop owned by {name} cascade; drop role {name}".encode())


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    with open_database(dsn) as database:
        database.install()
        yield database


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "SETTLE_SECONDS", 0.2)


# --- writers in flight ----------------------------------------------------------------------------


def test_a_write_in_flight_is_waited_for(app: Any, database: Database) -> None:
    app.execute("update users set note = 'early' where id = 1")
    timer = threading.Timer(0.2, app.commit)
    timer.start()
    mark = database.mark()
    timer.join()
    with database.watch() as changes:
        app.execute("update users set note = 'late' where id = 2")
        timer = threading.Timer(0.2, app.commit)
        timer.start()
    timer.join()
    assert changes.updated("users").one()["note"] == "late"
    assert database.undo(mark) == 1
    assert database.row("users", id=1)["note"] == "early"


def test_who_still_writes_is_named(app: Any, database: Database, impatient: None) -> None:
    app.execute("select 1")
    database.settled()  # an open transaction that has not written is no writer
    app.execute("update users set note = 'x' where id = 1")
    for ask in (database.mark, database.settled):
        with pytest.raises(TargetError) as caught:
            ask()
        text = str(caught.value)
        assert f"connection {app.info.backend_pid}" in text
        assert "application 'the-app'" in text
        assert "idle in transaction since" in text
        assert "last statement: update users set note = 'x' where id = 1" in text
    app.rollback()
    database.settled()


def test_who_blocks_installing_is_named(dsn: str, app: Any) -> None:
    app.execute("update users set note = 'x' where id = 1")
    with open_database(dsn) as database:
        with pytest.raises(TargetError, match="cannot install: a lock was not had") as caught:
            database.install(lock_timeout=0.3)
        assert f"connection {app.info.backend_pid} (" in str(caught.value)
        assert "update users" in str(caught.value)
        app.commit()
        database.install(lock_timeout=0.3)
        app.execute("select * from users")
        with pytest.raises(TargetError, match="the-app"):
            database.install(
                lock_timeout=0.3
            )  # taking the old triggers down has to wait for readers
        app.rollback()
        database.install()
        database.uninstall()


def test_a_writer_in_between_makes_undo_try_again(app: Any, database: Database, dsn: str) -> None:
    before = database.hash()
    mark = database.mark()
    with psycopg.connect(dsn, autocommit=True) as other:
        other.execute("update users set note = 'first'")
    app.execute("lock table users in share mode")  # undo has looked, and waits before it acts
    with ThreadPoolExecutor() as pool:
        undone = pool.submit(database.undo, mark)
        until(lambda: held_up(dsn))
        app.execute("update users set note = 'second' where id = 3; commit")
        assert undone.result() == 6
    assert database.hash() == before


def held_up(dsn: str) -> bool:
    with psycopg.connect(dsn, autocommit=True) as other:
        row = other.execute(
            "select exists (select from pg_locks where relation = 'users'::regclass and not granted)"
        ).fetchone()
    return bool(row and row[0])


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_who_locks_what_is_to_be_undone_is_named(app: Any, database: Database, dsn: str) -> None:
    engine: Any = database._engine
    engine._session.run("SET lock_timeout = '100ms'")
    mark = database.mark()
    app.execute("update users set note = 'x'; commit")
    app.execute("lock table users in share mode")
    with pytest.raises(TargetError, match="the rows are locked") as caught:
        database.undo(mark)
    assert f"connection {app.info.backend_pid}" in str(caught.value)
    app.rollback()
    assert database.undo(mark) == 5


def test_a_lost_connection_is_said(admin: Any, database: Database) -> None:
    engine: Any = database._engine
    admin.execute("select pg_terminate_backend(%s, 5000)", (engine._session.raw.info.backend_pid,))
    with pytest.raises(TargetError, match="was lost"):
        database.mark()


def test_a_harness_schema_that_somebody_dropped_is_said(admin: Any, database: Database) -> None:
    mark = database.mark()
    admin.execute("drop schema _gen_suite_ cascade")
    with pytest.raises(TargetError, match="is not being watched: the harness's objects are gone"):
        database.undo(mark)
    database.install()
    assert database.undo(database.mark()) == 0


def test_timeouts_of_the_role_do_not_reach_the_harness(dsn: str, admin: Any) -> None:
    admin.execute(f"alter database {admin.info.dbname} set statement_timeout = '100ms'")
    admin.execute(
        f"alter database {admin.info.dbname} set default_transaction_isolation = serializable"
    )
    with open_database(dsn) as database:
        database.install()
        with database._engine.reading() as connection:
            connection.exec_driver_sql("select pg_sleep(0.2)")
        with database._engine.writing() as connection:
            connection.exec_driver_sql("select pg_sleep(0.2)")
        assert database.undo(database.mark()) == 0
        assert database.arrange("users")["id"]
        database.uninstall()


def test_a_database_marked_read_only_is_refused(dsn: str, admin: Any) -> None:
    admin.execute(f"alter database {admin.info.dbname} set default_transaction_read_only = on")
    with open_database(dsn) as database:
        assert len(database.rows("users")) == 5
        with pytest.raises(Refused, match="marked read-only"):
            database.install()


def test_an_old_server_and_an_unreachable_one(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "OLDEST", 999999)
    with pytest.raises(Unsupported, match="13 is the oldest"):
        open_database(dsn)
    missing = make_url(dsn).set(database="no_such_database", password="hush")
    with pytest.raises(TargetError, match="no_such_database") as caught:
        open_database(missing.render_as_string(hide_password=False))
    assert "hush" not in str(caught.value)


# --- rights ---------------------------------------------------------------------------------------


def test_missing_rights_come_as_the_statements_that_give_them(
    dsn: str, admin: Any, role: Make
) -> None:
    harness, application = role("harness"), role("application")
    admin.execute(
        f"grant select, insert, update, delete on all tables in schema public to {application}"
    )
    admin.execute(f"grant usage on all sequences in schema public to {application}, {harness}")
    admin.execute(
        "alter table users enable row level security; create policy p on users using (true)"
    )
    url = make_url(dsn).set(username=harness).render_as_string(hide_password=False)
    with open_database(url) as database:
        with pytest.raises(Unsupported, match=f"role {harness} may not watch") as caught:
            database.install()
        grants = re.findall(r"^ +((?:GRANT|ALTER).*?;)", str(caught.value), re.MULTILINE)
        assert len(grants) == 5, caught.value
    for grant in grants:
        admin.execute(grant)
    with open_database(url) as database, psycopg.connect(dsn, user=application) as app:
        database.install()
        before = database.hash()
        mark = database.mark()
        with database.watch() as changes, database.fault("insert orders", times=1) as injected:
            app.execute("delete from users where id = 1")
            app.commit()
            with pytest.raises(psycopg.errors.RaiseException):
                app.execute("insert into orders(user_id) values (2)")
            app.rollback()
        assert injected.fired
        assert len(changes.deleted("orders")) == 1
        with (
            pytest.raises(Unsupported, match="GRANT pg_signal_backend"),
            database.fault("insert orders", cut=True),
        ):
            pass
        with database.hold("update users", parties=1):
            pass
        database.undo(mark)
        assert database.hash() == before
        assert any("does not own orders, users" in limit for limit in database.capabilities.limits)
        database.uninstall()
    left = admin.execute("select count(*) from pg_trigger where tgname like '!%'").fetchone()
    assert left == (0,)


# --- clones ---------------------------------------------------------------------------------------


def test_a_clone_has_the_settings_of_the_original(dsn: str, admin: Any, role: Make) -> None:
    reader = role("reader")
    admin.execute("create schema other; create table other.t(a int primary key)")
    name = admin.info.dbname
    admin.execute(f'alter database {name} set search_path = other, "$user"')
    admin.execute(f"alter role {reader} in database {name} set statement_timeout = '7s'")
    admin.close()
    copy = clone(dsn, "gw1")
    try:
        with psycopg.connect(
            make_url(copy).set(drivername="postgresql").render_as_string(False)
        ) as c:
            assert c.execute("show search_path").fetchone() == ('other, "$user"',)
        with open_database(copy) as database:
            assert "t" in database.tables
    finally:
        drop_clone(copy)


def test_a_clone_of_a_watched_database_is_clean(dsn: str, app: Any) -> None:
    with open_database(dsn) as database:
        before = database.hash()
        database.install()
        app.execute("delete from users")
        app.commit()
    app.close()
    copy = clone(dsn, "x" * 80)  # longer than a name may be
    try:
        with open_database(copy) as database:
            assert database.hash() == before
            assert not database.install()
    finally:
        drop_clone(copy)


def test_who_is_in_the_way_of_a_clone_is_named(
    dsn: str, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgresql_clone, "PATIENCE_SECONDS", 0.2)
    app.execute("select 1")
    with pytest.raises(TargetError, match="cannot be copied while others are connected") as caught:
        clone(dsn, "gw1")
    assert f"connection {app.info.backend_pid}" in str(caught.value)
    app.close()
    copy = clone(dsn, "gw1")
    with psycopg.connect(
        make_url(copy).set(drivername="postgresql").render_as_string(False)
    ) as user:
        with pytest.raises(TargetError, match="cannot be replaced while others"):
            clone(dsn, "gw1")
        drop_clone(copy)
        with pytest.raises(psycopg.OperationalError):
            user.execute("select 1")


def test_a_role_that_may_not_clone_is_told_what_is_missing(
    dsn: str, role: Make, admin: Any
) -> None:
    harness = role("harness")
    admin.close()
    with pytest.raises(TargetError, match=f'ALTER ROLE "{harness}" CREATEDB'):
        clone(make_url(dsn).set(username=harness).render_as_string(hide_password=False), "gw1")
