"""Own SQL: its parameters are bound, its values compared by meaning, and it cannot write."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from gen_suite.errors import TargetError
from gen_suite.runtime.database import Database, open_database

schema = sa.MetaData()
Order = sa.Table(
    "orders",
    schema,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("note", sa.String(60)),
    sa.Column("total", sa.Numeric(8, 2), nullable=False),
)


@pytest.fixture
def database(engine_url: str) -> Iterator[Database]:
    engine = sa.create_engine(engine_url, poolclass=NullPool)
    schema.create_all(engine)
    with engine.begin() as connection:
        connection.execute(
            Order.insert(),
            [
                {"id": 1, "note": "x' OR 'a'='a", "total": Decimal("12.50")},
                {"id": 2, "note": "at 10:id", "total": Decimal("3.00")},
            ],
        )
    with open_database(engine_url) as opened:
        opened.install()
        yield opened
        opened.uninstall()


def test_what_is_bound_is_never_pasted(database: Database) -> None:
    found = database.select("SELECT id FROM orders WHERE note = :note", note="x' OR 'a'='a")
    assert [row["id"] for row in found] == [1]


def test_a_colon_in_quotes_is_a_colon(database: Database) -> None:
    found = database.select("SELECT id FROM orders WHERE note = 'at 10:id' AND id = :id", id=2)
    assert len(found) == 1


def test_values_are_compared_by_meaning(database: Database) -> None:
    found = database.select("SELECT total, note FROM orders WHERE id = :id", id=1)
    assert found.only(total=12.5)
    wrong = found.only(total=12)
    assert not wrong
    assert "with id=1" in repr(wrong)
    assert "not 12, in Row(total=" in repr(wrong)


def test_too_many_rows_are_shown(database: Database) -> None:
    found = database.select("SELECT id FROM orders")
    assert repr(found) == "`SELECT id FROM orders` found 2 row(s)\n  Row(id=1)\n  Row(id=2)"


def test_it_cannot_write(database: Database) -> None:
    with pytest.raises(TargetError, match="cannot be run"):
        database.select("DELETE FROM orders WHERE id = :id", id=1)
    assert len(database.rows("orders")) == 2
    assert database.arrange("orders", note="writing goes on elsewhere")


def test_sql_that_is_wrong_says_so(database: Database) -> None:
    with pytest.raises(TargetError, match="`SELECT nothing FROM orders` cannot be run"):
        database.select("SELECT nothing FROM orders")
