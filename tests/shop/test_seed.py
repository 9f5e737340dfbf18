"""The seed: always the same rows, quickly, with the credentials that the environment names."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path


def seeded(path: Path, **environment: str) -> str:
    """All rows of a freshly seeded SQLite database, as SQL, sorted."""
    variables = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", **environment}
    command = [sys.executable, "-m", "gen_suite.examples.shop.seed"]
    subprocess.run(command, env=variables, check=True)
    connection = sqlite3.connect(path)
    try:
        return "\n".join(sorted(connection.iterdump()))
    finally:
        connection.close()


def test_seeding_gives_the_same_rows_again(tmp_path: Path) -> None:
    first = seeded(tmp_path / "shop.db")
    sqlite3.connect(tmp_path / "shop.db").executescript(
        "DELETE FROM order_items; DELETE FROM wallets"
    )
    assert seeded(tmp_path / "shop.db") == first


def test_credentials_come_from_the_environment_and_are_stored_as_hashes(tmp_path: Path) -> None:
    usual = seeded(tmp_path / "usual.db")
    own = seeded(tmp_path / "own.db", ALICE_TOKEN="from outside", SHOP_PASSWORD="also from outside")
    assert own != usual
    assert "outside" not in own
    assert "alice-secret" not in usual
