"""Races on real databases: a lost update is not explained by any order, a right one is."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from gen_suite.runtime import race, serial_outcomes
from gen_suite.runtime.client import OPERATION
from gen_suite.runtime.database import Database, open_database


class Till:
    """An application with one account; `careful` takes the lock before it reads."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url, poolclass=NullPool)
        if self.engine.dialect.name == "sqlite":
            sa.event.listen(self.engine, "connect", lambda raw, _: self._plain(raw))
        with self.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE TABLE accounts (id INTEGER PRIMARY KEY, cents INTEGER)"
            )
            connection.exec_driver_sql("INSERT INTO accounts VALUES (1, 100)")

    @staticmethod
    def _plain(raw: object) -> None:
        raw.isolation_level = None  # type: ignore[attr-defined]

    def add(self, *, careful: bool) -> httpx.Response:
        with self.engine.connect() as connection:
            sqlite = self.engine.dialect.name == "sqlite"
            if careful and sqlite:
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            lock = " FOR UPDATE" if careful and not sqlite else ""
            read = connection.exec_driver_sql(f"SELECT cents FROM accounts WHERE id = 1{lock}")
            cents = read.scalar_one()
            connection.exec_driver_sql(f"UPDATE accounts SET cents = {cents + 10} WHERE id = 1")
            connection.commit() if not (careful and sqlite) else connection.exec_driver_sql(
                "COMMIT"
            )
        request = httpx.Request("POST", "http://till/accounts/1")
        return httpx.Response(201, request=request, extensions={OPERATION: "POST /accounts/{id}"})


@pytest.fixture(params=["sqlite", "postgresql"])
def till(request: pytest.FixtureRequest, fresh_database: Callable[[str], str]) -> Iterator[Till]:
    made = Till(fresh_database(request.param))
    yield made
    made.engine.dispose()


@pytest.fixture
def database(till: Till) -> Iterator[Database]:
    url = till.engine.url.render_as_string(hide_password=False)
    with open_database(url) as opened:
        opened.install()
        yield opened
        opened.uninstall()


def test_what_a_careful_application_does_is_explained(till: Till, database: Database) -> None:
    def send() -> httpx.Response:
        return till.add(careful=True)

    expected = serial_outcomes(database, send, send)
    raced = race(database, send, send, at="update accounts")
    assert raced.overlapped
    assert raced.explained_by(expected)
    assert database.row("accounts", id=1)["cents"] == 120
    assert "request 1" in repr(raced)
    assert "wrote" in repr(raced)


def test_a_lost_update_is_explained_by_no_order(till: Till, database: Database) -> None:
    def send() -> httpx.Response:
        return till.add(careful=False)

    expected = serial_outcomes(database, send, send)
    raced = race(database, send, send, at="update accounts")
    check = raced.explained_by(expected)
    assert not check
    assert "cents is 110, not 120" in repr(check)
    assert raced.verdict.startswith("POST /accounts/{id} at the same moment")


def test_a_crash_in_a_race_is_told_whatever_the_rows_say(till: Till, database: Database) -> None:
    def crash() -> httpx.Response:
        request = httpx.Request("POST", "http://till/accounts/1")
        return httpx.Response(500, request=request, extensions={OPERATION: "POST /accounts/{id}"})

    raced = race(database, lambda: till.add(careful=True), crash, at="update accounts")
    assert not raced.unbroken
    assert repr(raced.unbroken) == "answered 500: no order of these requests does that"


def test_running_in_turn_leaves_nothing(till: Till, database: Database) -> None:
    before = database.hash()
    endings = serial_outcomes(
        database, lambda: till.add(careful=True), lambda: till.add(careful=True)
    )
    assert len(endings) == 4
    assert database.hash() == before


def test_an_invariant_shows_the_rows_that_break_it(till: Till, database: Database) -> None:
    assert database.never("SELECT id FROM accounts WHERE cents < 0")
    broken = database.never("SELECT id, cents FROM accounts WHERE cents % 100 = 0")
    assert not broken
    assert "cents=100" in repr(broken)


def test_an_api_that_waits_for_no_lock_is_raced_all_the_same(
    fresh_database: Callable[[str], str],
) -> None:
    """On SQLite the harness holds the only lock there is: whoever does not wait is told to come back."""
    url = fresh_database("sqlite")
    till = Till(url)

    def add() -> httpx.Response:
        """Answers 503 where it cannot write at once."""
        request = httpx.Request("POST", "http://till/accounts/1")
        engine = sa.create_engine(url, poolclass=NullPool, connect_args={"timeout": 0})
        try:
            with engine.begin() as connection:
                connection.exec_driver_sql("UPDATE accounts SET cents = cents + 10 WHERE id = 1")
                time.sleep(0.05)
            status = 201
        except sa.exc.OperationalError:
            status = 503
        extensions = {OPERATION: "POST /accounts/{id}"}
        return httpx.Response(status, request=request, extensions=extensions)

    with open_database(url) as database:
        database.install()
        expected = serial_outcomes(database, add, add)
        raced = race(database, add, add, at="update accounts")
        assert 201 in raced.statuses
        assert raced.explained_by(expected)
        assert raced.overlapped
        database.uninstall()
    till.engine.dispose()
