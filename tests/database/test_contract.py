"""What every engine promises; one test, all engines."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from gen_suite.errors import TargetError
from gen_suite.runtime.database import Database, open_database, restore


def test_a_watch_shows_inserted_updated_and_deleted_rows_typed(
    app: Any, database: Database
) -> None:
    with database.watch() as changes:
        app.run(
            "INSERT INTO orders(id, user_id, total) VALUES (9, 2, 5)",
            "UPDATE users SET balance = balance + 1 WHERE id = 1",
            "DELETE FROM items WHERE order_id = 1 AND line = 2",
        )
    order = changes.inserted("orders").one()
    assert (order["id"], order["status"], order["total"]) == (9, "pending", 5)
    assert order.key == {"id": 9}
    user = changes.updated("users").one()
    assert user.changed == {"balance": (Decimal("12.50"), Decimal("13.50"))}
    assert user["born"] == date(1990, 2, 3)
    assert user["seen_at"] == datetime(2026, 1, 2, 3, 4, 5)
    assert user["active"] is True
    item = changes.deleted("items").one()
    assert item.key == {"order_id": 1, "line": 2}
    assert item.after is None
    assert item["sku"] == "b"
    assert changes.only("orders", "users", "items")
    assert not changes.only("orders", "users")
    assert "deleted items" in repr(changes.only("orders", "users"))
    assert len(changes) == 3


def test_several_numbers_of_the_same_rows_move(app: Any, database: Database) -> None:
    with database.watch() as changes:
        app.run("UPDATE orders SET total = total + 2, user_id = user_id WHERE id = 1")
        app.run("UPDATE users SET balance = balance - 1 WHERE id = 1")
    assert changes.updated("orders").moved_by(total=2, user_id=0)
    assert changes.updated("users").where(id=1).moved_by(balance=Decimal(-1))
    assert changes.updated("users").moved_by(balance=-0.1 - 0.9)
    assert not changes.updated("users").moved_by(balance=-1.01)
    twice = changes.updated("users").moved_by(balance=-2)
    assert not twice
    assert "balance by -1.00, not by -2" in repr(twice)


def test_an_arranged_row_is_given_other_values(app: Any, database: Database) -> None:
    mark = database.mark()
    row = database.arrange("users", balance=Decimal("1.00"))
    with database.watch() as changes:
        after = database.update("users", row, balance="2.50", born="2000-01-31")
    assert (after["balance"], after["born"]) == (Decimal("2.50"), date(2000, 1, 31))
    assert changes.none()
    assert database.row("users", id=1)["balance"] == Decimal("12.50")
    database.undo(mark)
    with pytest.raises(TargetError, match="not there any more"):
        database.update("users", row, balance=1)


def test_undo_puts_every_table_back(app: Any, database: Database) -> None:
    before = database.hash()
    mark = database.mark()
    app.run(
        "DELETE FROM users WHERE id = 1",  # cascades to orders and items
        "UPDATE notes SET text = 'other' WHERE about = 'x'",
        "INSERT INTO notes(about, text) VALUES ('y', NULL)",
        "DELETE FROM notes WHERE about = 'y'",
        """INSERT INTO "Wei rd"("Se lect", "a""b") VALUES (1, 'x')"""
        if app.engine.dialect.name != "mysql"
        else """INSERT INTO `Wei rd`(`Se lect`, `a"b`) VALUES (1, 'x')""",
    )
    assert database.hash() != before
    assert database.undo(mark) > 0
    assert database.hash() == before
    assert database.undo(mark) == 0


def test_undo_goes_back_to_where_a_watch_began(app: Any, database: Database) -> None:
    app.run("INSERT INTO notes(about, text) VALUES ('earlier', NULL)")
    before = database.hash()
    with database.watch() as changes:
        app.run("UPDATE notes SET text = 'other' WHERE about = 'earlier'")
    app.run("DELETE FROM notes WHERE about = 'earlier'")
    assert database.undo(changes) == 2
    assert database.hash() == before


def test_marks_nest(app: Any, database: Database) -> None:
    before = database.hash()
    outer = database.mark()
    app.run("INSERT INTO orders(id, user_id, total) VALUES (10, 1, 1)")
    between = database.hash()
    inner = database.mark()
    app.run("UPDATE orders SET total = 7 WHERE id = 10")
    database.undo(inner)
    assert database.hash() == between
    database.undo(outer)
    assert database.hash() == before
    with pytest.raises(TargetError, match="has been undone"):
        database.undo(inner)


def test_a_block_is_undone_also_when_it_fails(app: Any, database: Database) -> None:
    before = database.hash()
    with database.undone():
        app.run("DELETE FROM notes")
    with pytest.raises(sa.exc.DBAPIError), database.undone(), app.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM nothing"))
    assert database.hash() == before


def test_rolled_back_work_leaves_no_change(app: Any, database: Database) -> None:
    with database.watch() as changes, app.engine.connect() as connection:
        connection.execute(sa.text("DELETE FROM orders"))
        connection.rollback()
    assert changes.none()
    assert changes.tables == ()


def test_one_request_in_one_transaction(app: Any, database: Database) -> None:
    with database.watch(transactions=True) as changes:
        app.run("UPDATE orders SET total = 1", "UPDATE users SET balance = 1")
    assert changes.one_transaction()
    with database.watch(transactions=True) as changes:
        app.run("UPDATE orders SET total = 2")
        app.run("UPDATE users SET balance = 2")
    check = changes.one_transaction()
    assert not check


def test_a_write_made_of_several_steps_is_one_change(app: Any, database: Database) -> None:
    with database.watch() as changes:
        app.run(
            "INSERT INTO orders(id, user_id, total) VALUES (9, 2, 5)",
            "UPDATE orders SET total = 6 WHERE id = 9",
            "INSERT INTO orders(id, user_id, total) VALUES (8, 2, 5)",
            "DELETE FROM orders WHERE id = 8",
            "UPDATE orders SET total = total WHERE id = 1",
        )
    assert changes.inserted("orders").one()["total"] == 6
    assert len(changes) == 1
    assert [step.kind for step in changes.steps][:4] == ["insert", "update", "insert", "delete"]


def test_changes_are_readable_inside_the_watch(app: Any, database: Database) -> None:
    with database.watch() as changes:
        assert changes.none()
        app.run("UPDATE orders SET total = 1 WHERE id = 1")
        assert changes.updated("orders").one()["total"] == 1
    assert changes.updated("orders").one()["total"] == 1


def test_noise_is_left_out(app: Any, database: Database, engine_url: str) -> None:
    database.uninstall()
    with open_database(engine_url, ignores={"users.seen_at", "notes"}) as quiet:
        quiet.install()
        with quiet.watch() as changes:
            app.run("UPDATE users SET seen_at = '2026-05-05 00:00:00'", "DELETE FROM notes")
        assert changes.none()
        assert len(changes.deleted("notes")) == 3
        quiet.uninstall()


def test_what_refused_requests_write_is_seen_but_is_no_work_left_behind(
    app: Any, database: Database, engine_url: str
) -> None:
    database.uninstall()
    with open_database(engine_url, writes_when_refused={"notes"}) as watched:
        watched.install()
        with watched.watch(transactions=True) as refused:
            app.run("INSERT INTO notes(about, text) VALUES ('refused', 'x')")
        assert refused.none()
        assert refused.inserted("notes").one(about="refused")
        assert not refused.work()
        assert not refused.only("orders")
        with watched.watch(transactions=True) as written:
            app.run("UPDATE orders SET total = 7 WHERE id = 1")
            app.run("INSERT INTO notes(about, text) VALUES ('changed', 'x')")
        assert not written.none()
        assert written.one_transaction()
        watched.uninstall()


def test_the_harness_own_writes_are_no_changes_but_are_undone(app: Any, database: Database) -> None:
    before = database.hash()
    mark = database.mark()
    with database.watch() as changes:
        order = database.arrange("orders", total=3)
        app.run(f"UPDATE orders SET total = 4 WHERE id = {order['id']}")
    assert changes.updated("orders").one()["total"] == 4
    assert changes.only("orders")
    assert database.row("orders", id=order["id"])["total"] == 4
    database.undo(mark)
    assert database.hash() == before


def test_what_a_run_left_is_taken_back_by_the_next_install(app: Any, engine_url: str) -> None:
    with open_database(engine_url) as first:
        first.install()
        before = first.hash()
        app.run("DELETE FROM orders WHERE id = 3", "INSERT INTO notes VALUES ('left', 'over')")
    with open_database(engine_url) as second:
        left = second.install()
        assert left.rows == 2
        assert second.hash() == before
        second.uninstall()


def test_restore_takes_back_and_leaves_no_trace(app: Any, engine_url: str) -> None:
    objects = sorted(sa.inspect(app.engine).get_table_names())
    with open_database(engine_url) as first:
        first.install()
        before = first.hash()
        app.run("DELETE FROM orders WHERE id = 3")
    assert restore(engine_url).rows == 1
    assert not restore(engine_url)
    assert sorted(sa.inspect(app.engine).get_table_names()) == objects
    with open_database(engine_url) as second:
        assert second.hash() == before


def test_a_schema_changed_during_the_run_is_refused(app: Any, database: Database) -> None:
    mark = database.mark()
    app.run("CREATE TABLE late(id INTEGER)")
    with pytest.raises(TargetError, match="late"):
        database.undo(mark)
    app.run("DROP TABLE late")
    assert database.undo(mark) == 0


def test_unknown_names_get_the_nearest_one(database: Database, engine_url: str) -> None:
    with pytest.raises(TargetError, match="did you mean 'orders'"):
        database.rows("order")
    with pytest.raises(TargetError, match="did you mean 'status'"):
        database.rows("orders", statuss=1)
    with database.watch() as changes, pytest.raises(AssertionError, match="did you mean 'orders'"):
        changes.inserted("order")
    with pytest.raises(TargetError, match="did you mean 'users'"):
        open_database(engine_url, ignores={"user"})


def test_each_engine_takes_back_all_since_install(app: Any, engine_url: str) -> None:
    with open_database(engine_url) as database:
        before = database.hash()
        database.install()
        app.run("UPDATE orders SET total = 7", "DELETE FROM items")
        mark = database.mark()
        app.run("INSERT INTO notes(about, text) VALUES ('late', 'x')")
        database.undo(mark)
        app.run("INSERT INTO notes(about, text) VALUES ('later', 'x')")
        assert database.recover().rows > 0
        assert database.hash() == before
        with pytest.raises(TargetError, match="not being watched"):
            database.mark()
    assert not restore(engine_url)
