"""Rows whose states are plain texts, and callers that are known by the account of their API key."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gen_suite.spec.yaml import load_yaml

CLAIMS = Path(__file__).parents[1] / "examples" / "claims"
KEYS = {"CLERK": "north-clerk-key", "BOSS": "north-boss-key", "OTHER": "south-clerk-key"}
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the mapping that `init` and `learn` make."""
    folder = tmp_path_factory.mktemp("claims")
    for name in ("app.py", "openapi.yaml"):
        shutil.copy(CLAIMS / name, folder)
    environment = os.environ | {"DATABASE_URL": "sqlite:///claims.db"}
    subprocess.run([sys.executable, "app.py"], cwd=folder, env=environment, check=True)
    actors = [word for name in KEYS for word in ("--actor", f"{name.lower()}={name}")]
    start = ("openapi.yaml", "--database", "sqlite:///claims.db", "--app", "asgi:app:app")
    done = _run(folder, "-m", "gen_suite", "init", *start, *actors, "--allow-db", "--learn")
    assert done.returncode == 0, done.stderr
    return folder


def _run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | KEYS
    command = [sys.executable, *words]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def mapping(here: Path) -> dict[str, Any]:
    file = here / "gen-suite.yaml"
    read: dict[str, Any] = load_yaml(file.read_text(encoding="utf-8"), file)
    return read


def test_a_row_is_arranged_in_the_state_in_which_the_api_makes_it(mapping: dict[str, Any]) -> None:
    assert mapping["resources"]["claim"]["arrange"]["status"] == "opened"
    assert mapping["operations"]["POST /claims/{id}/hand-over"]["set"] == {"status": "sent_in"}


def test_a_state_that_another_operation_makes_is_tried_by_the_one_that_needs_it(
    mapping: dict[str, Any],
) -> None:
    settle = mapping["operations"]["POST /claims/{id}/settle"]
    assert settle["arrange"] == {"claim": {"status": "sent_in"}}
    assert settle["set"] == {"status": "settled"}
    assert "refused" not in settle


@pytest.mark.parametrize(
    ("action", "state"),
    [("hand-over", "sent_in"), ("settle", "settled"), ("hand-over", "settled")],
)
def test_what_operations_make_of_a_row_are_states_in_which_they_refuse_it(
    mapping: dict[str, Any], action: str, state: str
) -> None:
    refuses = mapping["operations"][f"POST /claims/{{id}}/{action}"]["refuses"]
    assert refuses[f"claim status {state.replace('_', ' ')}"] == {
        "arrange": {"claim": {"status": state}}, "status": 409,
    }  # fmt: skip


def test_the_account_of_an_api_key_is_its_callers_tenant_and_the_key_has_the_role(
    mapping: dict[str, Any],
) -> None:
    actors = {name: dict(actor) for name, actor in mapping["actors"].items()}
    assert {name: actor.get("tenant") for name, actor in actors.items()} == {
        "clerk": "acc-north", "boss": "acc-north", "other": "acc-south",
    }  # fmt: skip
    assert {name: actor["role"] for name, actor in actors.items()} == {
        "clerk": "clerk", "boss": "boss", "other": "clerk",
    }  # fmt: skip
    assert mapping["resources"]["claim"]["tenant"] == "account_id"


def test_the_suite_of_what_was_learned_has_no_failure(here: Path) -> None:
    done = _run(here, "-m", "gen_suite", "generate", "--allow-db")
    assert done.returncode == 0, done.stderr
    done = _run(here, "-m", "pytest", "--allow-db", "-q", "-p", "no:schemathesis", "tests/api")
    assert done.returncode == 0, done.stdout[-4000:]
    assert " passed" in done.stdout
