"""Requests held at a write and released together, or one after the other."""

from __future__ import annotations

import threading
import time
from typing import Any

from gen_suite.runtime.database import Database


def test_held_writes_wait_for_their_release(app: Any, database: Database) -> None:
    done: list[int] = []

    def pay(order: int) -> None:
        app.run(f"UPDATE orders SET status = 'paid' WHERE id = {order}")
        done.append(order)

    with database.hold("update orders", parties=2) as gate:
        threads = [threading.Thread(target=pay, args=(order,)) for order in (1, 3)]
        for thread in threads:
            thread.start()
        arrived = gate.wait()
        assert arrived == (2 if database.capabilities.pause_points else 0)
        assert done == []
        gate.release()
        for thread in threads:
            thread.join(10)
    assert sorted(done) == [1, 3]


def test_a_gate_left_shut_opens_with_its_block(app: Any, database: Database) -> None:
    with database.hold("update orders", parties=1) as gate:
        thread = threading.Thread(
            target=app.run, args=("UPDATE orders SET total = 7 WHERE id = 1",)
        )
        thread.start()
        gate.wait()
        assert thread.is_alive()
    thread.join(10)
    assert database.row("orders", id=1)["total"] == 7


def test_a_race_brings_both_to_the_same_write(app: Any, database: Database) -> None:
    def spend(user: int) -> int:
        app.run(f"UPDATE users SET balance = balance - 1 WHERE id = {user}")
        return user

    with database.watch() as changes:
        outcomes = database.race(lambda: spend(1), lambda: spend(2), on="update users")
    assert [outcome.result() for outcome in outcomes] == [1, 2]
    assert len(changes.updated("users")) == 2


def test_one_after_the_other(app: Any, database: Database) -> None:
    ended: list[float] = []

    def spend(user: int) -> None:
        app.run(f"UPDATE users SET balance = balance - 1 WHERE id = {user}")
        ended.append(time.monotonic())

    database.race(lambda: spend(1), lambda: spend(2), on="update users", together=False)
    assert len(ended) == 2


def test_a_plain_barrier_and_what_a_call_raises(database: Database) -> None:
    def fail() -> None:
        raise ValueError("refused")

    first, second = database.race(lambda: 1, fail)
    assert first.result() == 1
    assert isinstance(second.error, ValueError)
