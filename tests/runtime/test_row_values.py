"""Rows as requests name them: keys of other types than their fields, columns that may be NULL."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from gen_suite.runtime.request_values import in_format, json_value, query_value, text_value

from .conftest import failed_cells

STUDIO = Path(__file__).parent.parent / "examples" / "studio"
KEY = UUID("0d0e0a0d-0b0e-4e0f-8a0b-0c0d0e0f0a0b")
Run = Callable[..., pytest.RunResult]


@pytest.fixture
def studio(engine_url: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`studio("-k", "member")`: a run of the emitted suite of the studio, on each engine."""
    shutil.copytree(STUDIO, pytester.path, dirs_exist_ok=True)
    monkeypatch.setenv("DATABASE_URL", engine_url)
    for command in (["app.py"], ["-m", "gen_suite", "generate", "--allow-db"]):
        done = subprocess.run(
            [sys.executable, *command],
            cwd=pytester.path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr

    def run(*arguments: str, bug: str = "") -> pytest.RunResult:
        monkeypatch.setenv("STUDIO_BUG", bug)
        options = ("--allow-db", "-p", "no:cacheprovider", "-p", "no:schemathesis")
        return pytester.runpytest_subprocess(*options, "tests/api", *arguments)

    return run


QUICK = "stores_what_it_claims or deletes_the_row"


def test_keys_go_out_in_the_form_of_the_field_and_a_nullable_one_is_filled(
    studio: Run, pytester: pytest.Pytester
) -> None:
    result = studio("-k", QUICK)
    assert set(result.parseoutcomes()) == {"passed", "deselected"}, result.stdout.str()
    assert result.parseoutcomes()["passed"] >= 6
    text = (pytester.path / "tests" / "api" / "test_create_session.py").read_text()
    assert 'body["memberNumber"] = str(member["number"])' in text


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_an_update_that_clears_what_it_does_not_name_is_noticed(
    studio: Run, pytester: pytest.Pytester
) -> None:
    result = studio("-k", "update_member and stores_what_it_claims", bug="nulls")
    result.assert_outcomes(failed=1, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(["*bio*"])
    assert failed_cells(pytester.path) == {("test_stores_what_it_claims", "persistence")}


@pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
def test_no_request_is_sent_about_a_row_without_a_name(
    studio: Run, pytester: pytest.Pytester
) -> None:
    mapping = pytester.path / "gen-suite.yaml"
    named = "member: {table: members, key: number}"
    nameless = "member: {table: members, key: number, arrange: {handle: null}}"
    mapping.write_text(mapping.read_text().replace(named, nameless))
    result = studio("-k", "delete_member and deletes_the_row or update_member and stores_what")
    assert "passed" not in result.parseoutcomes()
    result.stdout.fnmatch_lines([
        "*its path parameter handle is None, as members.handle of the row is NULL*",
        "*tables: {members: {arrange: {handle: ...}}}*",
    ])  # fmt: skip


@pytest.mark.parametrize(
    ("value", "form", "sent"),
    [
        (12, "text", "12"),
        (Decimal("12.00"), "integer", 12),
        ("12", "integer", 12),
        ("12.5", "number", 12.5),
        (str(KEY), "integer", str(KEY)),
        ("NaN", "number", "NaN"),
        (Decimal("12.50"), "text", "12.5"),
        (KEY, "text", str(KEY)),
        (KEY.bytes, "uuid", str(KEY)),
        (b"abc", "byte", "YWJj"),
        (datetime(2026, 1, 2, 3, 4, 5), "date-time", "2026-01-02T03:04:05+00:00"),
        (datetime(2026, 1, 2, 3, 4, 5), "date", "2026-01-02"),
        (datetime(2026, 1, 2, 3, 4, 5), "time", "03:04:05"),
        (None, "text", None),
    ],
)
def test_a_reference_has_the_form_of_its_field(value: Any, form: str, sent: Any) -> None:
    found = in_format(value, form)
    assert (type(found), found) == (type(sent), sent)


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (KEY, str(KEY)),
        (Decimal("3.00"), 3),
        (Decimal("3.25"), 3.25),
        (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
        (date(2026, 1, 2), "2026-01-02"),
        (time(3, 4), "03:04:00"),
        (timedelta(days=1, hours=2, seconds=3, microseconds=500000), "P1DT2H0M3.5S"),
        (KEY.bytes, str(KEY)),
        (ip_address("10.0.0.1"), "10.0.0.1"),
        ({"a": [KEY, {"b": Decimal(1)}]}, {"a": [str(KEY), {"b": 1}]}),
        (True, True),
        (None, None),
    ],
)
def test_a_body_has_only_what_json_has(value: Any, sent: Any) -> None:
    found = json_value(value)
    assert (type(found), found) == (type(sent), sent)


def test_paths_and_queries_show_values_as_text() -> None:
    moment = datetime(2026, 1, 2, 3, 4, 5)
    assert text_value(moment) == "2026-01-02T03:04:05+00:00"
    assert text_value(KEY) == str(KEY)
    assert query_value([moment, 1, None]) == ["2026-01-02T03:04:05+00:00", 1, None]


SQLITE = pytest.mark.parametrize("engine_url", ["sqlite"], indirect=True)
REST = "create_order or create_invites or replace_article or rename_board or replace_note"


@SQLITE
def test_rows_are_arranged_for_whoever_calls_and_apart_for_each_element(
    studio: Run, pytester: pytest.Pytester
) -> None:
    result = studio("-k", f"({REST}) and not rejects and not edge and not documents")
    assert set(result.parseoutcomes()) <= {"passed", "deselected", "skipped"}, result.stdout.str()
    assert result.parseoutcomes()["passed"] >= 30
    order = (pytester.path / "tests" / "api" / "test_create_order.py").read_text()
    assert 'item["productId"] = database.arrange("products", stock=100)["id"]' in order
    article = (pytester.path / "tests" / "api" / "test_replace_article.py").read_text()
    assert 'api.get("/articles/{slug}", path={"slug": body["slug"]}' in article
    board = (pytester.path / "tests" / "api" / "test_rename_board.py").read_text()
    assert 'owner_id=actors["ben"].id' in board


@SQLITE
def test_a_fault_behind_the_second_element_is_seen(studio: Run) -> None:
    test = "create_order and (changes_the_other_rows or stores_what)"
    assert studio("-k", test, bug="stock").parseoutcomes()["failed"] >= 1


@SQLITE
@pytest.mark.parametrize("keys", ["caller", "tenant", "all"])
def test_whose_idempotency_keys_are_is_learned_and_tested(
    studio: Run, keys: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_KEYS", keys)
    mapping = pytester.path / "gen-suite.yaml"
    mapping.write_text(mapping.read_text().partition("  POST /payments:")[0])
    learned = _gen_suite(pytester.path, "learn", "--allow-db", "--yes", "--only", "POST /payments")
    assert learned.returncode == 0, learned.stderr
    scope = "" if keys == "caller" else f"scope: {keys}"
    assert scope in mapping.read_text()
    assert ("scope:" in mapping.read_text()) == bool(scope)
    emitted = _gen_suite(pytester.path, "generate", "--allow-db")
    assert emitted.returncode == 0, emitted.stderr
    result = studio("-k", "create_payment and (shares or keeps)")
    outcomes = result.parseoutcomes()
    assert "failed" not in outcomes, result.stdout.str()
    assert outcomes["passed"] == 2


@SQLITE
@pytest.mark.parametrize(
    ("keys", "test"),
    [("caller", "shares_its_key_with_another_caller"), ("all", "keeps_the_key_of_another_tenant")],
)
def test_keys_of_others_than_the_mapping_says_are_noticed(
    studio: Run, keys: str, test: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STUDIO_KEYS", keys)
    assert studio("-k", test).parseoutcomes()["failed"] == 1
    monkeypatch.setenv("STUDIO_KEYS", "tenant")
    assert studio("-k", test).parseoutcomes()["passed"] == 1


def _gen_suite(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "gen_suite", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
