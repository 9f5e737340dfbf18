"""How often a race of two orders for the last piece shows the shop's bug `oversold`.

Two requests are sent at the same moment (a plain barrier), or brought by a pause point to the write
of the stock, each inside its transaction (as emitted tests do). Both count as a hit when the piece
was sold twice. The product is put back between two tries.

    python -m benchmarks oversell
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import httpx

from gen_suite.runtime.database import Database, open_database

from .database import seeded_shop

COMMAND = "python -m benchmarks oversell"
ENGINES = os.environ.get("ENGINES", "postgresql,mariadb").split(",")
TRIES = 20
WRITE = "update products"
TENANT = "acme"


def run() -> list[dict[str, Any]]:
    """A row for each engine: the share of tries that the forced race missed, the barrier's beside it."""
    return [_row(engine) for engine in ENGINES]


def _row(engine: str) -> dict[str, Any]:
    with (
        seeded_shop(engine, SHOP_BUGS="oversold") as (url, client),
        open_database(url) as database,
    ):
        database.install()
        forced = sum(_sold_twice(database, client, _forced) for _ in range(TRIES))
        barrier = sum(_sold_twice(database, client, _barrier) for _ in range(TRIES))
        database.uninstall()
    return {
        "name": f"{engine}: forced races that miss the oversell / all",
        "ratio": (TRIES - forced) / TRIES,
        "goal": 0.0,
        "met": forced == TRIES,
        "command": COMMAND,
        "detail": f"sold twice in {forced} of {TRIES} forced races, in {barrier} of {TRIES} plain barriers",
    }


Send = Callable[[], httpx.Response]


def _sold_twice(
    database: Database, client: httpx.Client, race: Callable[[Database, Send], list[int]]
) -> bool:
    with database.undone():
        customer = database.arrange("customers", tenant_id=TENANT, deleted_at=None)
        product = database.arrange("products", tenant_id=TENANT, active=True, stock=1)
        items = [{"productId": product["id"], "quantity": 1}]
        body = {"customerId": customer["id"], "items": items}
        statuses = race(database, lambda: client.post("/orders", json=body))
        return statuses == [201, 201]


def _barrier(database: Database, send: Send) -> list[int]:
    outcomes = database.race(send, send)
    return [outcome.result().status_code for outcome in outcomes]


def _forced(database: Database, send: Send) -> list[int]:
    outcomes = database.race(send, send, on=WRITE)
    return [outcome.result().status_code for outcome in outcomes]
