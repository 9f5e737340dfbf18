"""The shop's suite without a database: which cells hold, and how rows are made and read."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from gen_suite.generator.plan import plan
from gen_suite.generator.render import render
from gen_suite.mapping.read import parse_mapping
from gen_suite.mapping.resolve import Resolved, resolve
from gen_suite.matrix.build import build
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.coverage import gaps
from gen_suite.spec.read import read_document

SHOP = Path(__file__).parents[2] / "examples" / "shop"
READ = ("customer", "product", "order", "wallet", "document", "address")


@pytest.fixture(scope="module")
def blind() -> Resolved:
    """The shop's mapping, with `stored_by` of some resources and no database."""
    text = (SHOP / "gen-suite.yaml").read_text()
    text = re.sub(r"\n  (database|migrate): .*", "", text)
    for name in READ:
        table = f"{name}es" if name == "address" else f"{name}s"
        text = text.replace(
            f"\n  {name}:\n    table: {table}\n",
            f"\n  {name}:\n    table: {table}\n    stored_by: GET /internal/{table}/{{id}}\n",
        )
    mapping = parse_mapping(text, SHOP / "gen-suite.yaml", env={})
    return resolve(mapping, read_document(mapping.spec_path))


def cell(blind: Resolved, operation: str, concern: str) -> Cell:
    cells = build(blind).row(operation)
    return next(cell for cell in cells if cell.concern == concern)


@pytest.fixture(scope="module")
def emitted(blind: Resolved) -> dict[str, str]:
    return {file.path: file.text for file in render(plan(build(blind), blind), blind)}


@pytest.mark.parametrize("concern", ["rollback", "idempotency", "concurrency", "effects"])
def test_what_needs_all_rows_is_a_gap(blind: Resolved, concern: str) -> None:
    found = cell(blind, "POST /orders", concern)
    assert found.state is State.GAP
    assert found.reason == "without a database only the rows that `stored_by` reads are seen"
    assert found.closes == "target: {database: <SQLAlchemy URL>}"


@pytest.mark.parametrize("concern", ["success", "validation", "auth", "persistence", "contract"])
def test_the_rest_is_planned(blind: Resolved, concern: str) -> None:
    assert cell(blind, "POST /orders", concern).state is State.PLANNED


@pytest.mark.parametrize(
    ("operation", "reason"),
    [
        ("POST /orders/{orderId}/ship", "no request makes a row of order with status: paid"),
        ("POST /payments", "no request makes a row of order with total_cents: 100000000"),
        (
            "DELETE /session",
            "nothing undoes what it writes, and no row is named that it is about",
        ),
        ("PUT /tenant", "no path names the row that it is about"),
        (
            "PATCH /wallets/{walletId}",
            "no request makes a row of wallet with balance_cents: 100000000",
        ),
    ],
)
def test_a_row_that_no_request_makes_is_a_gap(blind: Resolved, operation: str, reason: str) -> None:
    for found in build(blind).row(operation):
        if found.concern in ("success", "contract"):
            assert (found.state, found.reason) == (State.GAP, reason)


def test_what_reading_one_row_cannot_show_is_a_gap_beside_the_tests(blind: Resolved) -> None:
    told = [gap for gap in gaps(build(blind), planned=False) if gap.cell.concern == "persistence"]
    mine = next(gap for gap in told if gap.cell.operation == "POST /customers")
    assert mine.cell.reason == (
        "the rows of audit_log, outbox that it writes, and whether other rows changed"
    )


def test_what_nothing_reads_is_a_gap(blind: Resolved) -> None:
    found = cell(blind, "POST /coupons", "persistence")
    assert found.reason == "without a database, and no request shows what it stores"
    assert found.closes == "resources: coupon: {stored_by: GET /...}"


def test_rows_are_made_by_the_requests_that_create_them(emitted: dict[str, str]) -> None:
    conftest = emitted["conftest.py"]
    assert "database.arrange" not in conftest
    assert 'body["stock"] = 100000' in conftest
    assert 'body["price"] = 12.5' in conftest
    assert 'return as_row(response.json()["data"], PRODUCT)' in conftest


def test_a_refused_update_leaves_the_row_as_it_was(emitted: dict[str, str]) -> None:
    module = emitted["test_update_customer.py"]
    assert "    before = api.get(\n" in module
    assert "    assert after.json() == before.json()\n" in module


def test_no_test_asks_for_a_database(emitted: dict[str, str]) -> None:
    for path, text in emitted.items():
        if path != "conftest.py":
            assert "database" not in text, path


def test_it_needs_no_formatter(emitted: dict[str, str], tmp_path: Path) -> None:
    for path, text in emitted.items():
        (tmp_path / path).write_text(text)
    for command in (["check"], ["format", "--check", "--line-length", "88"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--isolated", str(tmp_path)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
