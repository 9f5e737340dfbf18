"""The database room against bare writes, against snapshots, and against a bare HTTP request.

Ratios are medians over medians, the two sides taken in turns within one run.

    python -m benchmarks database
    ENGINES=sqlite python -m benchmarks database
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa

from gen_suite.runtime.database import Database, clone, drop_clone, open_database
from gen_suite.runtime.target import free_port

from .engines import fresh_database

COMMAND = "python -m benchmarks database"
ENGINES = os.environ.get("ENGINES", "sqlite,postgresql,mariadb").split(",")
SMALL, MIDDLE, BIG = 10**3, 10**5, 10**6
ROUNDS = 30
REST_SECONDS = 2.0

metadata = sa.MetaData()
orders = sa.Table(
    "orders",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(100), nullable=False),
    sa.Column("amount", sa.Numeric(12, 2)),
    sa.Column("status", sa.String(20)),
    sa.Column("meta", sa.JSON),
    sa.Column("created", sa.DateTime(timezone=True), server_default=sa.func.now()),
)


def run() -> list[dict[str, Any]]:
    """Rows for each engine of ENGINES."""
    rows = []
    for engine in ENGINES:
        rows += [_insert_overhead(engine), *_sizes(engine)]
        if engine != "mariadb":
            rows += _requests(engine)
        rows.append(_clone(engine))
    return rows


@contextmanager
def _filled(engine: str, count: int) -> Iterator[tuple[str, sa.Engine]]:
    """A database with so many orders, and the application's connection to it."""
    with tempfile.TemporaryDirectory() as name, fresh_database(engine, Path(name)) as url:
        app = sa.create_engine(url)
        metadata.create_all(app)
        with app.begin() as connection:
            for start in range(0, count, 10_000):
                rows = range(start, min(start + 10_000, count))
                values = [
                    {"email": f"u{n}@example.com", "amount": n, "status": "new", "meta": {"a": n}}
                    for n in rows
                ]
                connection.execute(orders.insert(), values)
        _rest(app)
        try:
            yield url, app
        finally:
            app.dispose()


def _rest(app: sa.Engine) -> None:
    """Waits for what the server still does with the rows of a bulk load: vacuum, purge, checkpoint."""
    if app.dialect.name == "postgresql":
        with app.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE orders")
            connection.exec_driver_sql("CHECKPOINT")
    time.sleep(REST_SECONDS)


def _insert(app: sa.Engine) -> None:
    with app.begin() as connection:
        connection.execute(orders.insert(), {"email": "x", "amount": 1, "status": "new"})


def _insert_overhead(engine: str) -> dict[str, Any]:
    with (
        _filled(engine, SMALL) as (_, bare),
        _filled(engine, SMALL) as (url, watched),
        open_database(url) as database,
    ):
        database.install()
        plain, seen = _medians(lambda: _insert(bare), lambda: _insert(watched), rounds=200)
        database.uninstall()
    return _row(
        f"{engine}: watched INSERT / INSERT", seen / plain, 1.5, f"{plain * 1e3:.3f} ms bare"
    )


def _sizes(engine: str) -> list[dict[str, Any]]:
    """What changed and undo of 5 rows at three sizes, and client-side snapshots at the middle one."""
    with ExitStack() as stack:
        places = {
            count: stack.enter_context(_watched_table(engine, count))
            for count in (SMALL, MIDDLE, BIG)
        }
        times: dict[int, list[tuple[float, float]]] = {count: [] for count in places}
        for _ in range(ROUNDS):
            for count, (database, app) in places.items():
                times[count].append(_change_and_undo(database, app))
        tries = [_snapshot_and_put_back(places[MIDDLE][1]) for _ in range(3)]
    both = {count: statistics.median(whole for _, whole in found) for count, found in times.items()}
    seen = statistics.median(read for read, _ in times[MIDDLE])
    snapshot, put_back = min(read for read, _ in tries), min(back for _, back in tries)
    detail = ", ".join(f"{count:,} rows {seconds * 1e3:.2f} ms" for count, seconds in both.items())
    return [
        _row(
            f"{engine}: what changed + undo of 5 rows, 10^6 / 10^3 rows",
            both[BIG] / both[SMALL],
            1.3,
            detail,
        ),
        _row(
            f"{engine}: what changed / the same by snapshots, 10^5 rows",
            seen / snapshot,
            1 / 500,
            f"what changed {seen * 1e3:.2f} ms, snapshots before and after {snapshot * 1e3:.0f} ms",
        ),
        _row(
            f"{engine}: what changed + undo / the same by snapshots, 10^5 rows",
            both[MIDDLE] / put_back,
            1 / 500,
            f"snapshots and putting back {put_back * 1e3:.0f} ms; {detail}",
        ),
    ]


@contextmanager
def _watched_table(engine: str, count: int) -> Iterator[tuple[Database, sa.Engine]]:
    with _filled(engine, count) as (url, app), open_database(url) as database:
        database.install()
        yield database, app
        database.uninstall()


def _change(app: sa.Engine) -> None:
    """Five rows: three are new, one is changed, one is gone."""
    with app.begin() as connection:
        connection.execute(orders.insert(), [{"email": f"n{n}", "status": "new"} for n in range(3)])
        connection.execute(orders.update().where(orders.c.id == 11).values(amount=0))
        connection.execute(orders.delete().where(orders.c.id == 501))


def _change_and_undo(database: Database, app: sa.Engine) -> tuple[float, float]:
    """Seconds for reading what five changes were, and for that and taking them back."""
    with database.watch() as changes:
        _change(app)
        start = time.perf_counter()
    assert [len(changes.inserted("orders")), len(changes)] == [3, 5]
    read = time.perf_counter() - start
    database.undo(changes)
    return read, time.perf_counter() - start


def _snapshot_and_put_back(app: sa.Engine) -> tuple[float, float]:
    """Seconds for the same without triggers: all rows before and after, compared; and put back."""
    start = time.perf_counter()
    before = _rows(app)
    spent = time.perf_counter() - start
    _change(app)
    start = time.perf_counter()
    after = _rows(app)
    new = after.keys() - before.keys()
    old = [row for key, row in before.items() if after.get(key) != row]
    read = spent + time.perf_counter() - start
    assert [len(new), len(old)] == [3, 2]
    with app.begin() as connection:
        over = [*new, *(row[0] for row in old)]
        connection.execute(orders.delete().where(orders.c.id.in_(over)))
        names = orders.columns.keys()
        connection.execute(orders.insert(), [dict(zip(names, row, strict=True)) for row in old])
    return read, spent + time.perf_counter() - start


def _rows(app: sa.Engine) -> dict[int, tuple[Any, ...]]:
    with app.connect() as connection:
        return {row[0]: tuple(row) for row in connection.execute(orders.select())}


def _requests(engine: str) -> list[dict[str, Any]]:
    """watch and undo around a POST to the shop, against the same to a shop of its own."""
    with (
        seeded_shop(engine) as (_, bare_client),
        seeded_shop(engine) as (url, client),
        open_database(url) as database,
    ):
        database.install()
        rows = []
        for path, make in (("/orders", _order), ("/wallets", _wallet)):
            bare_body, body = make(bare_client), make(client)
            bare, with_all = _medians(
                lambda path=path, body=bare_body: _post(bare_client, path, body),
                lambda path=path, body=body: _watched(database, client, path, body),
                rounds=ROUNDS * 5,
            )
            detail = f"bare {bare * 1e3:.2f} ms, watched and undone {with_all * 1e3:.2f} ms"
            name = f"{engine}: watch + undo around POST {path} / the request"
            rows.append(_row(name, with_all / bare, 1.25, detail))
        database.uninstall()
    return rows


def _order(client: httpx.Client) -> dict[str, Any]:
    """An order of two products that never run out."""
    customer = {"email": "bench@customers.example", "name": "Bench"}
    bought = _post(client, "/customers", customer)["id"]
    items = []
    for sku in ("BN-1001", "BN-1002"):
        product = {"sku": sku, "name": "Bench", "price": 1, "stock": 100_000}
        made = _post(client, "/products", product)
        items.append({"productId": made["data"]["id"], "quantity": 1})
    return {"customerId": bought, "items": items}


def _wallet(_: httpx.Client) -> dict[str, Any]:
    return {"name": "bench", "currency": "EUR"}


@contextmanager
def seeded_shop(engine: str, **environment: str) -> Iterator[tuple[str, httpx.Client]]:
    """The URL of a fresh shop's database, and a client of the shop that runs on it."""
    with tempfile.TemporaryDirectory() as name, fresh_database(engine, Path(name)) as url:
        seed = [sys.executable, "-m", "gen_suite.examples.shop.seed"]
        subprocess.run(seed, env={**os.environ, "DATABASE_URL": url}, check=True)
        with _shop(url, environment) as client:
            yield url, client


def _watched(database: Database, client: httpx.Client, path: str, body: dict[str, Any]) -> None:
    with database.watch() as changes:
        _post(client, path, body)
    assert len(changes.inserted(path.strip("/"))) == 1
    database.undo(changes)


def _post(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post(path, json=body)
    assert response.status_code == 201, response.text
    answer: dict[str, Any] = response.json()
    return answer


@contextmanager
def _shop(url: str, environment: Mapping[str, str]) -> Iterator[httpx.Client]:
    port = str(free_port())
    app = "gen_suite.examples.shop.app:app"
    command = [sys.executable, "-m", "uvicorn", app, "--port", port, "--log-level", "warning"]
    everything = {**os.environ, **environment, "DATABASE_URL": url}
    process = subprocess.Popen(command, env=everything)
    headers = {"Authorization": "Bearer alice-secret"}
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
            for _ in range(200):
                try:
                    client.get("/health")
                    break
                except httpx.TransportError:
                    time.sleep(0.05)
            yield client
    finally:
        process.terminate()
        process.wait()


def _clone(engine: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name, fresh_database(engine, Path(name)) as url:
        seed = [sys.executable, "-m", "gen_suite.examples.shop.seed"]
        subprocess.run(seed, env={**os.environ, "DATABASE_URL": url}, check=True)
        seconds = []
        for number in range(5):
            start = time.perf_counter()
            copy = clone(url, f"bench{number}")
            seconds.append(time.perf_counter() - start)
            drop_clone(copy)
    goal = 0.2 if engine != "mariadb" else 2.0
    return _row(
        f"{engine}: clone of the shop's database, seconds", min(seconds), goal, "fastest of 5"
    )


def _medians(*calls: Callable[[], None], rounds: int) -> list[float]:
    times: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for place, call in enumerate(calls):
            times[place].append(_timed(call))
    return [statistics.median(one) for one in times]


def _timed(call: Callable[[], None]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _row(name: str, ratio: float, goal: float, detail: str) -> dict[str, Any]:
    return {
        "name": name,
        "ratio": round(ratio, 5),
        "goal": goal,
        "met": ratio <= goal,
        "command": COMMAND,
        "detail": detail,
    }
