"""PostgreSQL: every kind of fault at every place, as psycopg sees it; pause points."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy.engine import make_url

from gen_suite.errors import TargetError
from gen_suite.runtime.database import Database, open_database

SCHEMA = """
create table orders(id serial primary key, email text unique, at date default '2026-05-05');
create table items(id serial primary key, order_id int references orders on delete cascade, sku text);
create table stock(sku text primary key, n int); insert into stock values ('a', 10);
create table events(id int, at date not null, v text) partition by range(at);
create table events_1 partition of events for values from ('2026-01-01') to ('2026-07-01');
create table events_2(v text, gone int, at date not null, id int);
alter table events_2 drop column gone;
alter table events attach partition events_2 for values from ('2026-07-01') to ('2027-01-01');
"""
STATES = {
    None: "P0001",
    "deadlock": "40P01",
    "serialization": "40001",
    "unique": "23505",
    "disk full": "53100",
}


class Shop:
    """The application: one request is one transaction that writes in three tables."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn

    def order(self, email: str, *, first: str = "") -> str:
        """`ok`, or where it failed and with which SQLSTATE (`lost`: the connection was cut)."""
        step = "begin"
        try:
            with psycopg.connect(self.dsn) as app:
                if first:
                    app.execute(first.encode())
                step = "orders"
                row = app.execute(
                    "insert into orders(email) values (%s) returning id", (email,)
                ).fetchone()
                assert row is not None
                for number in (1, 2, 3):
                    step = f"items {number}"
                    app.execute("insert into items(order_id, sku) values (%s, 'a')", row)
                step = "stock"
                app.execute("update stock set n = n - 1 where sku = 'a'")
                step = "commit"
                app.commit()
        except psycopg.Error as error:
            lost = error.sqlstate is None or error.sqlstate == "57P01"
            return f"{step} {'lost' if lost else error.sqlstate}"
        return "ok"


@pytest.fixture
def dsn(fresh_database: Callable[[str], str]) -> str:
    url = make_url(fresh_database("postgresql")).set(drivername="postgresql")
    dsn = url.render_as_string(hide_password=False)
    with psycopg.connect(dsn, autocommit=True) as app:
        app.execute(SCHEMA.encode())
    return dsn


@pytest.fixture
def shop(dsn: str) -> Shop:
    return Shop(dsn)


@pytest.fixture
def database(dsn: str) -> Iterator[Database]:
    with open_database(dsn) as database:
        database.install()
        yield database
        database.uninstall()


@pytest.mark.parametrize(
    ("write", "nth", "where"),
    [
        ("insert orders", 1, "orders"),
        ("insert items", 2, "items 2"),
        ("insert items", 3, "items 3"),
        ("update stock", 1, "stock"),
        ("commit", 1, "commit"),
    ],
)
def test_every_fault(shop: Shop, database: Database, write: str, nth: int, where: str) -> None:
    before = database.hash()
    for error, times in itertools.product([*STATES, "cut"], [None, 1]):
        cut = error == "cut"
        kind = None if cut else error
        expected = f"{where} {'lost' if cut else STATES[error]}"
        mark = database.mark()
        with (
            database.watch() as changes,
            database.fault(write, nth=nth, error=kind, times=times, cut=cut) as injected,
        ):
            assert shop.order("a") == expected
            assert changes.none()
            assert shop.order("b") == (expected if times is None else "ok")
        assert injected.fired
        assert f"fired {2 if times is None else 1} time(s)" in repr(injected.fired)
        assert shop.order("c") == "ok"
        database.undo(mark)
        assert database.hash() == before


def test_the_error_names_table_and_constraint(shop: Shop, database: Database) -> None:
    with database.fault("insert orders", error="unique"), psycopg.connect(shop.dsn) as app:
        with pytest.raises(psycopg.errors.UniqueViolation) as caught:
            app.execute("insert into orders(email) values ('x')")
        diag = caught.value.diag
        assert (diag.schema_name, diag.table_name) == ("public", "orders")
        assert diag.constraint_name == "orders_email_key"
        assert "orders_email_key" in str(diag.message_primary)
        assert diag.message_detail == "injected: unique at insert orders"
        app.rollback()


@pytest.mark.parametrize(
    ("write", "where"),
    [
        ("insert orders", {"email": "mine"}),
        ("insert orders", {"orders.email": "mine", "at": "2026-05-05"}),
        ("insert items", {"orders.email": "mine"}),
        ("insert items", {"orders.email": "mine", "sku": "a"}),
        ("update stock", {"orders.email": "mine", "n": 10}),
        ("commit", {"orders.email": "mine", "orders.at": "2026-05-05"}),
    ],
)
def test_only_rows_of_this_test(
    shop: Shop, database: Database, write: str, where: dict[str, Any]
) -> None:
    with database.fault(write, where=where) as injected:
        if "n" not in where:
            assert shop.order("theirs") == "ok"
            assert not injected.fired.ok
        assert shop.order("mine") != "ok"
        assert injected.fired


def test_a_fault_on_partitions(shop: Shop, database: Database) -> None:
    with (
        database.fault("insert events", where={"v": "mine"}) as injected,
        psycopg.connect(shop.dsn, autocommit=True) as app,
    ):
        app.execute("insert into events values (1, '2026-02-02', 'x'), (1, '2026-08-08', 'x')")
        for day in ("2026-02-02", "2026-08-08"):
            with pytest.raises(psycopg.errors.RaiseException):
                app.execute("insert into events values (2, %s, 'mine')", (day,))
        with pytest.raises(psycopg.errors.RaiseException):
            app.execute("insert into events_2(v, at, id) values ('mine', '2026-08-08', 3)")
    assert repr(injected.fired).endswith("fired 3 time(s)")


def test_truncate_is_a_delete(shop: Shop, database: Database) -> None:
    with database.fault("delete stock"), psycopg.connect(shop.dsn) as app:
        with pytest.raises(psycopg.errors.RaiseException):
            app.execute("truncate stock")
        app.rollback()


def test_the_commit_of_the_second_transaction(shop: Shop, database: Database) -> None:
    with database.fault("commit", nth=2) as injected:
        assert [shop.order(email) for email in "abc"] == ["ok", "commit P0001", "ok"]
    assert repr(injected.fired).endswith("fired 1 time(s)")


def test_constraints_set_immediate_move_the_commit_to_the_statement(
    shop: Shop, database: Database
) -> None:
    with database.fault("commit"):
        assert shop.order("a", first="set constraints all immediate") == "orders P0001"


def test_an_application_that_goes_on_behind_a_savepoint(shop: Shop, database: Database) -> None:
    with (
        database.watch() as changes,
        database.fault("insert items", nth=2) as injected,
        psycopg.connect(shop.dsn) as app,
    ):
        app.execute("insert into orders(id, email) values (7, 'x')")
        app.execute("insert into items(order_id) values (7)")
        with pytest.raises(psycopg.errors.RaiseException), app.transaction():
            app.execute("insert into items(order_id) values (7)")
        app.commit()
    assert injected.fired
    assert len(changes.inserted("items")) == 1


def test_lastval_is_the_applications_after_a_fault_is_used_up(
    shop: Shop, database: Database
) -> None:
    with (
        database.fault("insert orders", times=1),
        psycopg.connect(shop.dsn, autocommit=True) as app,
    ):
        with pytest.raises(psycopg.errors.RaiseException):
            app.execute("insert into orders(email) values ('x')")
        row = app.execute("insert into orders(email) values ('x') returning id").fetchone()
        assert app.execute("select lastval()").fetchone() == row


def test_who_is_in_the_way_of_a_fault_is_named(
    shop: Shop, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gen_suite.runtime.database import postgresql_faults

    monkeypatch.setattr(postgresql_faults, "LOCK_SECONDS", 0.2)
    with psycopg.connect(shop.dsn, application_name="slow one") as app:
        app.execute("update stock set n = 5")
        with pytest.raises(TargetError, match=r"cannot arm failure at insert orders.*\n.*slow one"):
            database.fault("insert orders").__enter__()
        app.rollback()
        with database.fault("insert orders") as injected:
            app.execute("update stock set n = 6")  # still open when the fault ends
        app.execute("insert into orders(email) values ('after')")
        app.commit()
    assert not injected.fired.ok


def test_a_value_that_does_not_fit_is_said(database: Database) -> None:
    with pytest.raises(TargetError, match="invalid input syntax for type integer"):
        database.fault("insert items", where={"order_id": "no number"}).__enter__()


# --- pause points ---------------------------------------------------------------------------------


def spend(dsn: str, seen: list[int] | None = None) -> None:
    """Reads, then writes what it has read: the classic lost update."""
    with psycopg.connect(dsn) as app:
        row = app.execute("select n from stock").fetchone()
        assert row is not None
        app.execute("update stock set n = %s where sku = 'a'", (row[0] - 1,))
        if seen is not None:
            seen.append(row[0])


@pytest.mark.parametrize("together", [True, False])
def test_two_that_update_the_same_row_are_both_stopped_before_it(
    shop: Shop, database: Database, together: bool
) -> None:
    seen: list[int] = []
    outcomes = database.race(
        lambda: spend(shop.dsn, seen),
        lambda: spend(shop.dsn, seen),
        on="update stock",
        together=together,
    )
    assert [outcome.error for outcome in outcomes] == [None, None]
    assert seen == [10, 10]
    assert database.row("stock", sku="a")["n"] == 9, "an update should have been lost"


def test_one_at_a_time_and_late_comers_wait_too(shop: Shop, database: Database) -> None:
    done: list[int] = []

    def order(number: int) -> None:
        assert shop.order(f"{number}") == "ok"
        done.append(number)

    threads = [threading.Thread(target=order, args=(number,)) for number in range(4)]
    with database.hold("insert orders", parties=2) as gate:
        for number, thread in enumerate(threads[:3], start=1):
            thread.start()
            assert gate.wait(number) == number
        for number in range(2):
            gate.release_one()
            threads[number].join(5)
            assert done == list(range(number + 1))
        threads[3].start()
        assert gate.wait(2) == 2
        gate.release()
        for thread in threads:
            thread.join(5)
    assert sorted(done) == [0, 1, 2, 3]


def test_a_transaction_stops_once(shop: Shop, database: Database) -> None:
    with database.hold("insert items", parties=1) as gate:
        thread = threading.Thread(target=shop.order, args=("x",))
        thread.start()
        assert gate.wait() == 1
        gate.release_one()
        thread.join(5)
        assert not thread.is_alive()
    assert len(database.rows("items")) == 3


def test_held_at_commit(shop: Shop, database: Database) -> None:
    with database.hold("commit", parties=1) as gate:
        thread = threading.Thread(target=shop.order, args=("x",))
        thread.start()
        assert gate.wait() == 1
        assert database.rows("orders") == []
        gate.release()
        thread.join(5)
    assert len(database.rows("orders")) == 1


def test_the_harness_passes_a_gate(database: Database) -> None:
    with database.hold("insert orders", parties=1) as gate:
        assert database.arrange("orders", email="arranged")["id"]
        assert gate.wait(0) == 0
