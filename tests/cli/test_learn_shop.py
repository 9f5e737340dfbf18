"""`gen-suite learn` on the shop: what a repeated request is known by, sums, and what a list leaves out."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from gen_suite.spec.yaml import load_yaml

SHOP = "gen_suite.examples.shop"
APP = f"{{python}} -m uvicorn {SHOP}.app:app --port {{port}} --log-level warning"
TOKENS = {"ALICE_TOKEN": "alice-secret", "BOB_TOKEN": "bob-secret"}
TRIED = (
    "POST /wallets", "POST /orders", "POST /deliveries", "POST /customers",
)  # fmt: skip


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The entries that `learn` makes of a few operations, by label."""
    folder = tmp_path_factory.mktemp("shop")
    shutil.copy(Path(str(files(SHOP))) / "openapi.yaml", folder)
    database = f"sqlite:///{folder / 'shop.db'}"
    environment = os.environ | TOKENS | {"DATABASE_URL": database}
    environment.pop("GEN_SUITE_ALLOW_DB", None)

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=folder, env=environment, capture_output=True,
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr

    run(f"{SHOP}.seed")
    callers = ("--actor", "alice=ALICE_TOKEN", "--actor", "bob=BOB_TOKEN")
    run("gen_suite", "init", "openapi.yaml", "--database", database, "--allow-db", "--app", APP,
        *callers)  # fmt: skip
    only = [word for label in TRIED for word in ("--only", label)]
    run("gen_suite", "learn", "--allow-db", "--yes", *only)
    file = folder / "gen-suite.yaml"
    found: dict[str, Any] = load_yaml(file.read_text(), file)["operations"]
    return found


def test_a_reference_of_the_client_is_its_key(operations: dict[str, Any]) -> None:
    assert operations["POST /wallets"]["idempotency"] == {"field": "clientReference"}


def test_what_is_booked_once_is_known_by_what_it_is_for(operations: dict[str, Any]) -> None:
    assert operations["POST /deliveries"]["idempotency"] == {"natural": ["orderId"]}


def test_a_unique_value_is_no_key(operations: dict[str, Any]) -> None:
    assert "idempotency" not in operations["POST /customers"]


def test_a_total_is_the_sum_of_its_items(operations: dict[str, Any]) -> None:
    (check,) = operations["POST /orders"]["verify"]
    assert check["rows"] == 0
    assert (
        "SUM(order_items.quantity * order_items.unit_price_cents) <> orders.total_cents"
        in (check["sql"])
    )


def test_a_list_of_ones_own_is_told_by_its_owner(operations: dict[str, Any]) -> None:
    assert operations["POST /wallets"]["list"] == {"where": {"owner_id": "$actor.id"}}
    assert "list" not in operations["POST /orders"]
