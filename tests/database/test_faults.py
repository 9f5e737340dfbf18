"""Faults inside the application's transaction and at its COMMIT, on every engine."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from gen_suite.errors import TargetError, UsageError
from gen_suite.runtime.database import Database, Unsupported

ORDER = (
    "INSERT INTO orders(id, user_id, total) VALUES (9, 1, 5)",
    "INSERT INTO items(order_id, line, sku, quantity) VALUES (9, 1, 'a', 1)",
    "INSERT INTO items(order_id, line, sku, quantity) VALUES (9, 2, 'b', 1)",
    "UPDATE users SET balance = balance - 5 WHERE id = 1",
)


@pytest.mark.parametrize("write", ["insert orders", "insert items", "update users"])
def test_a_failed_write_leaves_nothing_and_a_retry_succeeds(
    app: Any, database: Database, write: str
) -> None:
    with database.watch() as changes, database.fault(write) as injected:
        with pytest.raises(sa.exc.DBAPIError):
            app.run(*ORDER)
        assert injected.fired
    assert injected.fired
    assert changes.none()
    with database.watch() as control:
        app.run(*ORDER)
    assert injected.confirmed_by(control)
    assert len(control.inserted("items")) == 2


def test_the_nth_write_fails(app: Any, database: Database) -> None:
    with database.fault("insert items", nth=2) as injected, pytest.raises(sa.exc.DBAPIError):
        app.run(*ORDER)
    assert injected.fired
    with database.watch() as changes, database.fault("insert items", nth=3) as injected:
        app.run(*ORDER)
    assert not injected.fired.ok or not injected.fired.known
    assert not injected.confirmed_by(changes).ok
    assert len(changes.inserted("items")) == 2


def test_a_fault_that_does_not_fire_says_so(app: Any, database: Database) -> None:
    with database.watch() as control, database.fault("delete orders") as injected:
        app.run("UPDATE orders SET total = 1 WHERE id = 1")
    assert not injected.confirmed_by(control).ok


def test_a_fault_hits_only_the_rows_of_this_test(app: Any, database: Database) -> None:
    other = (
        "INSERT INTO orders(id, user_id, total) VALUES (8, 2, 5)",
        "INSERT INTO items(order_id, line, sku, quantity) VALUES (8, 1, 'a', 1)",
    )
    with database.fault("insert orders", where={"id": 9}) as injected:
        app.run(*other)
        with pytest.raises(sa.exc.DBAPIError):
            app.run(*ORDER)
    assert injected.fired
    app.run("DELETE FROM orders WHERE id = 8")
    with database.fault("insert items", where={"orders.id": 9}):
        app.run(*other)
        with pytest.raises(sa.exc.DBAPIError):
            app.run(*ORDER)


def test_a_fault_never_hits_the_harness(app: Any, database: Database) -> None:
    before = database.hash()
    mark = database.mark()
    with database.fault("insert orders"), database.fault("delete orders"):
        order = database.arrange("orders")
        database.undo(mark)
    assert order["total"] == 1
    assert database.hash() == before


def test_commit_fails(app: Any, database: Database) -> None:
    if not database.capabilities.commit:
        pytest.skip(f"{database.name} cannot fail a COMMIT")
    with (
        database.watch() as changes,
        database.fault("commit") as injected,
        app.engine.connect() as connection,
    ):
        for statement in ORDER:
            connection.execute(sa.text(statement))
        with pytest.raises(sa.exc.DBAPIError):
            connection.commit()
    assert injected.fired
    assert changes.none()
    with database.watch() as control:
        app.run(*ORDER)
    assert injected.confirmed_by(control)


def test_the_chosen_error_reaches_the_driver(app: Any, database: Database) -> None:
    for error in ("deadlock", "serialization", "unique", "disk full"):
        if error not in database.capabilities.errors:
            with pytest.raises(Unsupported), database.fault("insert orders", error=error):
                pass
            continue
        kind = sa.exc.IntegrityError if error == "unique" else sa.exc.DBAPIError
        with database.fault("insert orders", error=error) as injected, pytest.raises(kind):
            app.run(*ORDER)
        assert injected.fired


def test_once_and_then_never(app: Any, database: Database) -> None:
    if not database.capabilities.proof:
        with pytest.raises(Unsupported), database.fault("insert orders", times=1):
            pass
        with database.fault("insert orders") as injected:
            with pytest.raises(sa.exc.DBAPIError):
                app.run(*ORDER)
            injected.disarm()
            app.run(*ORDER)
        return
    with database.fault("insert orders", times=1) as injected:
        with pytest.raises(sa.exc.DBAPIError):
            app.run(*ORDER)
        app.run(*ORDER)
    assert injected.fired


def test_the_connection_is_cut(app: Any, database: Database) -> None:
    if not database.capabilities.cut:
        with pytest.raises(Unsupported), database.fault("insert orders", cut=True):
            pass
        return
    with (
        database.watch() as changes,
        database.fault("insert items", cut=True) as injected,
        pytest.raises(sa.exc.DBAPIError),
    ):
        app.run(*ORDER)
    assert injected.fired
    assert changes.none()


@pytest.mark.parametrize(
    ("write", "kind", "message"),
    [
        ("insrt orders", UsageError, "did you mean 'insert'"),
        ("insert order", TargetError, "did you mean 'orders'"),
        ("insert", UsageError, "of which table"),
        ("commit orders", UsageError, "names no table"),
    ],
)
def test_a_write_that_is_none_is_refused(
    database: Database, write: str, kind: type[Exception], message: str
) -> None:
    with pytest.raises(kind, match=message), database.fault(write):
        pass
