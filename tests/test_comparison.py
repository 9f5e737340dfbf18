"""Comparison by meaning: what a database gives back for a stored value, against what an API may show of it.

Each line of the table is stored in a real column of each engine that has the type, and read back as a
test reads it: as a row of the table, and as an inserted row that was watched.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.pool import NullPool

from gen_suite.comparison import same
from gen_suite.runtime.database import Row, RowChange, open_database

ENGINES = ("sqlite", "postgresql", "mariadb")
KEY = "a1b2c3d4-0000-4000-8000-00000000000f"
NEXT_KEY = "a1b2c3d4-0000-4000-8000-00000000000e"
HEX = KEY.replace("-", "")


@dataclass(frozen=True)
class Case:
    """A stored value: by engine the column's type and the SQL that stores it, "" where there is no such type."""

    name: str
    equal: tuple[Any, ...]
    unequal: tuple[Any, ...]
    stored: str = ""
    column: str = ""
    sqlite: tuple[str, str] | None = ("", "")
    postgresql: tuple[str, str] | None = ("", "")
    mariadb: tuple[str, str] | None = ("", "")

    @property
    def place(self) -> str:
        """The name of its column in the table that holds them all."""
        return "of_" + re.sub(r"\W+", "_", self.name).lower()

    def on(self, engine: str) -> tuple[str, str] | None:
        """Type and literal; None where the engine has no such type."""
        own = getattr(self, engine)
        return None if own is None else (own[0] or self.column, own[1] or self.stored)


def case(name: str, *, equal: list[Any], unequal: list[Any], **columns: Any) -> Case:
    return Case(name, tuple(equal), tuple(unequal), **columns)


UUIDS = {
    "equal": [KEY, KEY.upper(), UUID(KEY), HEX, f"urn:uuid:{KEY}"],
    "unequal": [NEXT_KEY, NEXT_KEY.upper(), UUID(NEXT_KEY), KEY[:-1], f"{KEY}0", "", None, 0],
}
CASES = (
    case("uuid", sqlite=None, column="UUID", stored=f"'{KEY}'", **UUIDS),
    case(
        "uuid in BINARY(16)",
        sqlite=("BLOB", f"x'{HEX}'"),
        postgresql=("BYTEA", f"decode('{HEX}', 'hex')"),
        mariadb=("BINARY(16)", f"x'{HEX}'"),
        **UUIDS,
    ),
    case("uuid in CHAR(36)", column="CHAR(36)", stored=f"'{KEY}'", **UUIDS),
    case("uuid in capitals in CHAR(36)", column="CHAR(36)", stored=f"'{KEY.upper()}'", **UUIDS),
    case(
        "uuid in CHAR(32)",
        column="CHAR(32)",
        stored=f"'{HEX}'",
        equal=[KEY, KEY.upper(), UUID(KEY), HEX],
        # Without hyphens on either side it may be any token: capitals count.
        unequal=[NEXT_KEY, UUID(NEXT_KEY), HEX.upper(), None],
    ),
    case(
        "decimal",
        column="DECIMAL(10,2)",
        stored="12.50",
        equal=[Decimal("12.5"), 12.5, "12.50", "12.5"],
        unequal=[Decimal("12.51"), 12.49, "12.51", "12,50", "012.50", 1250, True, None, "amber"],
    ),
    case(
        "money that floats get wrong",
        column="DECIMAL(10,2)",
        stored="19.99",
        equal=["19.99", 19.99, Decimal("19.99")],
        unequal=["19.98", 19.98, 19.990001],
    ),
    case(
        "integer",
        column="INTEGER",
        stored="7",
        equal=[7, 7.0, "7", Decimal("7.00")],
        unequal=[8, "8", "007", " 7", "7 ", "+7", True, "seven", None],
    ),
    case(
        "one",
        column="INTEGER",
        stored="1",
        equal=[1, "1", True],
        unequal=[0, False, 2, "true", "01"],
    ),
    case(
        "integer beyond what a float counts",
        column="BIGINT",
        stored="9007199254740993",
        equal=[9007199254740993, "9007199254740993"],
        unequal=[9007199254740992, "9007199254740992"],
    ),
    case(
        "float8",
        column="DOUBLE PRECISION",
        stored="0.1234567890123",
        equal=[0.1234567890123, "0.1234567890123"],
        unequal=[0.1234567890124, 0.1234567],
    ),
    case(
        "a float of many places",
        column="DOUBLE PRECISION",
        stored="1.5e-12",
        equal=[1.5e-12],
        unequal=[0, 1.6e-12],
    ),
    case(
        "float4",
        sqlite=None,
        postgresql=("REAL", "0.123456789"),
        mariadb=("FLOAT", "0.123456789"),
        equal=[0.123456789, 0.1234568],
        unequal=[0.123467, 0.12346, 0.2],
    ),
    case(
        "a price in float4",
        sqlite=None,
        postgresql=("REAL", "19.99"),
        mariadb=("FLOAT", "19.99"),
        equal=[19.99, Decimal("19.99")],
        unequal=[19.98, 20],
    ),
    case(
        "boolean",
        column="BOOLEAN",
        stored="true",
        sqlite=("BOOLEAN", "1"),
        equal=[True, 1],
        unequal=[False, 0, 2, "1", "true", None],
    ),
    case(
        "boolean in a number",
        column="SMALLINT",
        stored="0",
        mariadb=("TINYINT(1)", "0"),
        equal=[False, 0],
        unequal=[True, 1, "", None],
    ),
    case(
        "boolean in BIT(1)",
        sqlite=None,
        postgresql=None,
        mariadb=("BIT(1)", "b'1'"),
        equal=[True, 1],
        unequal=[False, 0, "true"],
    ),
    case(
        "boolean in a letter",
        column="CHAR(1)",
        stored="'Y'",
        equal=[True, "Y"],
        unequal=[False, "N", 1, "y"],
    ),
    case(
        "digit in a text",
        column="VARCHAR(9)",
        stored="'1'",
        equal=["1", 1],
        unequal=[True, "01", "1.0", "1 ", 11],
    ),
    case(
        "text",
        column="VARCHAR(99)",
        stored="'Zoë Amber'",
        equal=["Zoë Amber"],
        unequal=["zoë amber", "Zoe Amber", "Zoë  Amber", "Zoë Amber ", "", None, 0],
    ),
    case(
        "a number in a text",
        column="VARCHAR(9)",
        stored="'12.50'",
        equal=["12.50", 12.5],
        unequal=["12.5", "12.500", 12.51],
    ),
    case(
        "text filled up to its length",
        column="CHAR(8)",
        stored="'amber'",
        equal=["amber"],
        unequal=["Amber", "ambe", " amber"],
    ),
    case(
        "an e-mail address",
        column="VARCHAR(99)",
        stored="'Ann.Lee@example.com'",
        equal=["Ann.Lee@example.com", "Ann.Lee@Example.COM"],
        unequal=["ann.lee@example.com", "Ann.Lee@example.org", "Ann.Lee@examples.com"],
    ),
    case(
        "citext",
        sqlite=None,
        postgresql=("CITEXT", "'Amber'"),
        mariadb=None,
        equal=["Amber", "amber", "AMBER"],
        unequal=["Ambe", "amber "],
    ),
    case(
        "enum",
        sqlite=None,
        postgresql=("stage", "'in_progress'"),
        mariadb=("ENUM('in_progress', 'done')", "'in_progress'"),
        equal=["in_progress", "IN_PROGRESS", "in-progress", "In Progress"],
        unequal=["done", "DONE", "in_progres", None],
    ),
    case(
        "enum whose members differ in capitals",
        sqlite=None,
        postgresql=("letter", "'a'"),
        mariadb=None,
        equal=["a"],
        unequal=["A", "b"],
    ),
    case(
        "date",
        column="DATE",
        stored="'2026-01-02'",
        equal=[
            "2026-01-02",
            date(2026, 1, 2),
            "2026-01-02T00:00:00Z",
            "Fri, 02 Jan 2026 00:00:00 GMT",
        ],
        unequal=["2026-01-03", "2026-01-02garbage", "2026-01-021", "02.01.2026", 20260102, "2026"],
    ),
    case(
        "timestamp in microseconds",
        column="TIMESTAMP",
        stored="'2026-01-02 03:04:05.678901'",
        mariadb=("DATETIME(6)", ""),
        equal=[
            "2026-01-02T03:04:05.678901Z",
            "2026-01-02T04:04:05.678901+01:00",
            "2026-01-02 03:04:05.678901",
            "2026-01-02T03:04:05.678901234Z",
            "2026-01-02T03:04:05.678Z",  # cut
            "2026-01-02T03:04:05.679Z",  # rounded
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:06Z",
            "2026-01-02T03:04Z",
            "Fri, 02 Jan 2026 03:04:05 GMT",
            datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
            1767323045,
            1767323045678,
            1767323045.678901,
            "1767323045",
        ],
        unequal=[
            "2026-01-02T03:04:05.678902Z",
            "2026-01-02T03:04:05.677Z",
            "2026-01-02T03:04:05.680Z",
            "2026-01-02T03:04:04Z",
            "2026-01-02T03:05Z",
            "2026-01-02T03:04:05.678901+01:00",
            "Fri, 02 Jan 2026 03:04:04 GMT",
            1767323044,
            1767323045677,
            "amber",
            "",
            None,
            True,
        ],
    ),
    case(
        "timestamp with a zone",
        sqlite=None,
        mariadb=None,
        postgresql=("TIMESTAMPTZ", "'2026-01-02 03:04:05.678901+00'"),
        equal=["2026-01-02T03:04:05.678Z", "2026-01-02T05:04:05.678901+02:00", 1767323045678],
        unequal=["2026-01-02T03:04:05.678+01:00", "2026-01-02T03:04:05.676Z", 1767323045676],
    ),
    case(
        "timestamp in whole seconds",
        column="TIMESTAMP",
        stored="'2026-01-02 03:04:05'",
        mariadb=("DATETIME", ""),
        equal=["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.123456Z", "2026-01-02T03:04:04.9Z"],
        unequal=["2026-01-02T03:04:06Z", "2026-01-02T03:04:04.4Z", "2026-01-02T03:04:06.1Z"],
    ),
    case(
        "timestamp as text",
        column="VARCHAR(40)",
        stored="'2026-01-02 03:04:05.678901'",
        equal=["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.678901Z"],
        unequal=["2026-01-02T03:04:05.677Z", "2026-01-02", "2026-01-03T03:04:05.678Z"],
    ),
    case(
        "epoch seconds",
        column="BIGINT",
        stored="1767323045",
        equal=["2026-01-02T03:04:05Z", "2026-01-02T03:04:05.999Z", 1767323045],
        unequal=["2026-01-02T03:04:06Z", "2026-01-02", 1767323046],
    ),
    case(
        "epoch milliseconds",
        column="BIGINT",
        stored="1767323045678",
        equal=["2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.6784Z"],
        # Only a point in time on the other side makes a number one.
        unequal=["2026-01-02T03:04:05.679Z", 1767323045, "1767323045.678"],
    ),
    case(
        "time",
        column="TIME",
        stored="'10:30:00'",
        equal=["10:30:00", "10:30", "10:30:00.000", time(10, 30), "1970-01-01T10:30:00.000Z"],
        unequal=["10:30:01", "10:31", "22:30:00", "amber"],
    ),
    case(
        "interval",
        sqlite=None,
        postgresql=("INTERVAL", "'1 day 2 hours 30 minutes'"),
        mariadb=None,
        equal=["P1DT2H30M", "PT26H30M", "1 02:30:00", timedelta(hours=26, minutes=30), 95400],
        unequal=["P1DT2H31M", "PT2H30M", 95401, "amber", None],
    ),
    case(
        "bytes",
        sqlite=("BLOB", "x'00FF0A6162'"),
        postgresql=("BYTEA", r"'\x00FF0A6162'"),
        mariadb=("VARBINARY(99)", "x'00FF0A6162'"),
        equal=[b"\x00\xff\nab", "AP8KYWI=", "AP8KYWI", "00ff0a6162"],
        unequal=[b"\x00\xff\nac", "AP8KYWM=", "00ff0a6163", "AP8KYWI!", ""],
    ),
    case(
        "text in bytes",
        sqlite=("BLOB", "x'616D626572'"),
        postgresql=("BYTEA", "'amber'"),
        mariadb=("VARBINARY(99)", "'amber'"),
        equal=["amber", b"amber", "YW1iZXI="],
        unequal=["Amber", "ambe", "YW1iZXM="],
    ),
    case(
        "set",
        sqlite=None,
        postgresql=None,
        mariadb=("SET('read', 'write', 'admin')", "'read,write'"),
        equal=[["read", "write"], ["write", "read"], "read,write", {"read", "write"}],
        unequal=[
            ["read"],
            ["read", "admin"],
            ["read", "write", "admin"],
            ["read", "read"],
            "read",
            None,
        ],
    ),
    case(
        "list in a text",
        column="VARCHAR(99)",
        stored="'red,green'",
        equal=[["red", "green"], "red,green"],
        unequal=[["green", "red"], ["red"], ["red", "green", ""], ["red,green"]],
    ),
    case(
        "array of text",
        sqlite=None,
        postgresql=("TEXT[]", "ARRAY['red', 'green']"),
        mariadb=None,
        equal=[["red", "green"], "red,green"],
        unequal=[["green", "red"], ["red", "greem"], ["red"]],
    ),
    case(
        "array of uuid",
        sqlite=None,
        postgresql=("UUID[]", f"ARRAY['{KEY}', '{NEXT_KEY}']::uuid[]"),
        mariadb=None,
        equal=[[KEY, NEXT_KEY.upper()], [UUID(KEY), UUID(NEXT_KEY)]],
        unequal=[[KEY, KEY], [NEXT_KEY, KEY], [KEY]],
    ),
    case(
        "array of numeric",
        sqlite=None,
        postgresql=("NUMERIC[]", "ARRAY[1.50, 19.99]"),
        mariadb=None,
        equal=[[1.5, 19.99], ["1.50", "19.99"]],
        unequal=[[1.5, 19.98], ["1.51", "19.99"], [19.99, 1.5]],
    ),
    case(
        "array of dates",
        sqlite=None,
        postgresql=("DATE[]", "ARRAY['2026-01-02', '2026-02-03']::date[]"),
        mariadb=None,
        equal=[["2026-01-02", "2026-02-03"]],
        unequal=[["2026-01-02", "2026-02-04"]],
    ),
    case(
        "array of an enum",
        sqlite=None,
        postgresql=("stage[]", "ARRAY['done']::stage[]"),
        mariadb=None,
        equal=[["done"]],
        unequal=[["in_progress"], [], ["done", "done"]],
    ),
    case(
        "inet",
        sqlite=None,
        postgresql=("INET", "'10.0.0.1'"),
        mariadb=None,
        equal=["10.0.0.1", "10.0.0.1/32"],
        unequal=["10.0.0.2", "10.0.0.1/24", "10.0.0.1/31", "amber"],
    ),
    case(
        "inet with a mask",
        sqlite=None,
        postgresql=("INET", "'10.0.0.1/24'"),
        mariadb=None,
        equal=["10.0.0.1/24"],
        unequal=["10.0.0.1/25", "10.0.0.1", "10.0.0.2/24"],
    ),
    case(
        "inet of six",
        sqlite=None,
        postgresql=("INET", "'2001:db8::1'"),
        mariadb=("INET6", "'2001:db8::1'"),
        equal=["2001:db8::1", "2001:0DB8:0:0:0:0:0:1", "2001:db8::1/128"],
        unequal=["2001:db8::2", "2001:db8::1/64"],
    ),
    case(
        "json",
        sqlite=("JSON", """'{"a": [1, 2.5, null], "b": {"c": true}}'"""),
        postgresql=("JSONB", """'{"a": [1, 2.5, null], "b": {"c": true}}'"""),
        mariadb=("JSON", """'{"a": [1, 2.5, null], "b": {"c": true}}'"""),
        equal=[
            {"b": {"c": True}, "a": [1, 2.5, None]},
            {"a": [1.0, 2.5, None], "b": {"c": True}},
            '{"b": {"c": true}, "a": [1, 2.5, null]}',
        ],
        unequal=[
            {"a": [1, 2.5, None], "b": {"c": 1}},
            {"a": ["1", 2.5, None], "b": {"c": True}},
            {"a": [2.5, 1, None], "b": {"c": True}},
            {"a": [1, 2.5], "b": {"c": True}},
            {"a": [1, 2.5, None], "b": {"c": False}},
            {"a": [1, 2.5, None]},
            {},
            None,
        ],
    ),
    case(
        "json in a text",
        column="VARCHAR(99)",
        stored="""'{"b": "12", "a": [1]}'""",
        equal=[{"a": [1], "b": "12"}, '{"b": "12", "a": [1]}'],
        unequal=[
            {"a": [1], "b": 12},
            {"a": [2], "b": "12"},
            {"a": ["1"], "b": "12"},
            '{"a": [1], "b": "12"}',
        ],
    ),
    case(
        "json array in a text",
        column="VARCHAR(99)",
        stored="""'["red", "green"]'""",
        equal=[["red", "green"]],
        unequal=[["green", "red"], ["red"]],
    ),
    case(
        "zero date",
        sqlite=None,
        postgresql=None,
        mariadb=("DATETIME", "'0000-00-00 00:00:00'"),
        equal=[None, "0000-00-00 00:00:00", "0000-00-00T00:00:00Z"],
        unequal=["2000-01-01 00:00:00", "0000-00-01 00:00:00", "", 0],
    ),
    case(
        "null",
        column="VARCHAR(9)",
        stored="NULL",
        equal=[None],
        unequal=["", "null", 0, False, [], {}],
    ),
)
"""What is stored, what an API may show of it, and what it may not."""


MARIADB_SETTINGS = "SET sql_mode = ''"  # else it takes no zero date
POSTGRESQL_TYPES = (
    "CREATE EXTENSION IF NOT EXISTS citext",
    "CREATE TYPE stage AS ENUM ('in_progress', 'done')",
    "CREATE TYPE letter AS ENUM ('a', 'A', 'b')",
)


def stored_in(url: str, engine: str) -> tuple[Row, RowChange]:
    """All lines that an engine has, each in a column of one row: the row, and the insert that was watched."""
    columns = {each.place: on for each in CASES if (on := each.on(engine))}
    declared = ", ".join(f"{place} {type_} NULL" for place, (type_, _) in columns.items())
    values = ", ".join(value for _, value in columns.values())
    with sa.create_engine(url, poolclass=NullPool).begin() as connection:
        for statement in POSTGRESQL_TYPES if engine == "postgresql" else ():
            connection.exec_driver_sql(statement)
        connection.exec_driver_sql(f"CREATE TABLE held (id INTEGER PRIMARY KEY, {declared})")
    with open_database(url) as database:
        database.install()
        with (
            database.watch() as changes,
            sa.create_engine(url, poolclass=NullPool).begin() as connection,
        ):
            if engine == "mariadb":
                connection.exec_driver_sql(MARIADB_SETTINGS)
            connection.exec_driver_sql(f"INSERT INTO held VALUES (1, {values})")
        row, insert = database.row("held", id=1), changes.inserted("held").one()
        database.uninstall()
    return row, insert


@pytest.fixture(scope="module")
def rows(fresh_module_database: Callable[[str], str]) -> Callable[[str], tuple[Row, RowChange]]:
    """`rows("sqlite")`: the one row of that engine, as it is read and as it was watched."""
    return functools.cache(lambda engine: stored_in(fresh_module_database(engine), engine))


def lines() -> list[Any]:
    """Each line on each engine that has its type; the table says `None` where one has not."""
    return [
        pytest.param(engine, each, id=f"{engine}-{each.name}")
        for engine in ENGINES
        for each in CASES
        if each.on(engine) is not None
    ]


@pytest.mark.parametrize(("engine", "line"), lines())
def test_what_is_stored_and_what_is_shown_are_compared_by_meaning(
    rows: Callable[[str], tuple[Row, RowChange]], engine: str, line: Case
) -> None:
    for row in rows(engine):
        held = row[line.place]
        missed = [value for value in line.equal if not row.means(line.place, value)]
        assert not missed, f"{held!r} is the same as these"
        mistaken = [value for value in line.unequal if row.means(line.place, value)]
        assert not mistaken, f"{held!r} is not the same as these"


class Color(Enum):
    DARK_RED = "dark red"


@pytest.mark.parametrize("stored", ["DARK_RED", "dark red"])
def test_a_member_of_an_enum_is_its_name_or_its_value(stored: str) -> None:
    assert same(Color.DARK_RED, stored)
    assert not same(Color.DARK_RED, "dark blue")


ANY = (
    st.text()
    | st.integers()
    | st.booleans()
    | st.none()
    | st.binary()
    | st.floats()
    | st.decimals(allow_nan=False)
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.uuids()
    | st.ip_addresses()
)


@given(ANY | st.lists(ANY) | st.dictionaries(st.text(), ANY))
def test_everything_is_the_same_as_itself(value: object) -> None:
    assert same(value, value)


@given(ANY, ANY)
def test_it_makes_no_difference_which_side_comes_first(one: object, other: object) -> None:
    assert same(one, other) == same(other, one)


@given(st.text(), st.text())
def test_two_texts_are_the_same_only_when_equal(one: str, other: str) -> None:
    assert same(one, other) == (one == other)
