"""Statements counted on the wire, held against what the server and the client themselves know."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from gen_suite.runtime.database import Unsupported
from gen_suite.runtime.statements import Asked, _reads, _until_quiet
from gen_suite.runtime.wire import open_wire

SERVERS = ["postgresql", "mariadb"]


@pytest.mark.parametrize("engine", SERVERS)
def test_every_statement_is_seen_and_those_around_are_left_out(
    fresh_database: Callable[[str], str], engine: str
) -> None:
    wire = open_wire(fresh_database(engine))
    sql = sa.create_engine(wire.url)
    with sql.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE coins (id int)")
    _until_quiet(wire)
    with sql.begin() as connection:
        for number in range(7):
            connection.execute(sa.text("INSERT INTO coins VALUES (:id)"), {"id": number})
        found = connection.execute(sa.text("SELECT * FROM coins WHERE id > :id"), {"id": 2}).all()
    seen = _until_quiet(wire)
    assert len(found) == 4
    assert [one.split()[0] for one in seen] == ["INSERT"] * 7 + ["SELECT"]
    sql.dispose()
    wire.close()


def test_as_many_are_seen_as_the_server_counts(fresh_database: Callable[[str], str]) -> None:
    wire = open_wire(fresh_database("mariadb"))
    sql = sa.create_engine(wire.url, poolclass=NullPool)
    with sql.connect() as connection:

        def counted() -> int:
            row = connection.exec_driver_sql("SHOW SESSION STATUS LIKE 'Questions'").one()
            return int(row[1])

        before = counted()
        wire.take()
        for number in range(5):
            connection.exec_driver_sql(f"SELECT {number}")
        connection.commit()
        assert len(wire.take()) == counted() - before - 1 == 6  # five, and the COMMIT
    wire.close()


@pytest.mark.parametrize("engine", SERVERS)
def test_a_large_statement_comes_whole(fresh_database: Callable[[str], str], engine: str) -> None:
    wire = open_wire(fresh_database(engine))
    sql = sa.create_engine(wire.url, poolclass=NullPool)
    text = "x" * 300_000
    with sql.connect() as connection:
        assert connection.exec_driver_sql(f"SELECT '{text}'").scalar_one() == text
    assert f"SELECT '{text}'" in _until_quiet(wire)
    wire.close()


def test_sqlite_has_no_wire(fresh_database: Callable[[str], str]) -> None:
    with pytest.raises(Unsupported, match="sqlite runs inside the application"):
        open_wire(fresh_database("sqlite"))


def test_more_statements_for_more_rows_are_told_without_their_values() -> None:
    few = Asked("/coins", 1, 1, ["SELECT * FROM coins", "SELECT mark FROM marks WHERE id = 1"])
    each = [f"SELECT mark FROM marks WHERE id = {n} AND note = 'it''s {n}'" for n in range(5)]
    many = Asked("/coins", 5, 5, ["SELECT * FROM coins", *each])
    assert few.no_more_than(many)
    assert repr(many.no_more_than(few)) == (
        "GET /coins asks the database 6 times for 5 rows, 2 times for 1: "
        "5 times more `SELECT mark FROM marks WHERE id = ? AND note = ?`"
    )
    assert many.shown
    assert not Asked("/coins", 5, 2, []).shown


def test_more_reads_for_more_elements_are_told_of_the_request() -> None:
    few = Asked("/coins", 2, 2, ["SELECT 1"], method="POST")
    many = Asked(
        "/coins", 20, 20, ["SELECT 1", *["SELECT id FROM coins WHERE id = 3"] * 20], method="POST"
    )
    assert repr(many.no_more_than(few)).startswith(
        "POST /coins asks the database 21 times for 20 rows, 1 times for 2: 20 times more"
    )


def test_what_reads_is_told_from_what_writes() -> None:
    said = [
        "INSERT INTO coins VALUES (1)",
        "select id FROM coins",
        "(SELECT 2)",
        "UPDATE coins SET id = 2",
    ]
    assert _reads(said) == ["select id FROM coins", "(SELECT 2)"]
