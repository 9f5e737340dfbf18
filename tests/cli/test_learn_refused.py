"""Operations that `learn` gets no request through: gaps with what the API answered, and nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gen_suite.cli.proposing import Draft
from gen_suite.mapping.infer.guess import Guess, Proposal
from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.kept_schema import read_schema
from gen_suite.spec.read import read_document
from gen_suite.spec.yaml import load_yaml

ROOMS = Path(__file__).parents[1] / "examples" / "rooms"
RESERVE, PAINT = "POST /rooms/{id}/reserve", "POST /rooms/{id}/paint"
START = (
    "openapi.yaml", "--database", "sqlite:///rooms.db", "--allow-db", "--app", "asgi:app:app",
)  # fmt: skip
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def here(tmp_path: Path) -> Path:
    for name in ("app.py", "openapi.yaml"):
        shutil.copy(ROOMS / name, tmp_path)
    environment = os.environ | {"DATABASE_URL": "sqlite:///rooms.db"}
    subprocess.run([sys.executable, "app.py"], cwd=tmp_path, env=environment, check=True)
    return tmp_path


@pytest.fixture
def gen_suite(here: Path) -> Run:
    def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gen_suite", *arguments]
        unset = ("DATABASE_URL", "GEN_SUITE_ALLOW_DB")
        environment = {k: v for k, v in os.environ.items() if k not in unset}
        return subprocess.run(
            command, cwd=here, env=environment | variables, capture_output=True, text=True,
            check=False,
        )  # fmt: skip

    return call


def _operations(folder: Path) -> dict[str, Any]:
    file = folder / "gen-suite.yaml"
    found: dict[str, Any] = load_yaml(file.read_text(), file)["operations"]
    return found


def test_an_operation_that_refuses_is_a_gap_until_a_request_gets_through(
    here: Path, gen_suite: Run
) -> None:
    done = gen_suite("init", *START, "--learn")
    assert done.returncode == 0, done.stderr
    assert _operations(here)[RESERVE]["refused"] == "409: the house is closed today"
    assert "2 refused every request" in done.stdout
    cells = json.loads(gen_suite("matrix", "--format", "json").stdout)["cells"]
    mine = {cell["concern"]: cell for cell in cells if cell["operation"] == RESERVE}
    states = {cell["state"] for cell in mine.values()}
    assert states <= {"gap", "not applicable"}, mine
    assert "(409: the house is closed today)" in mine["persistence"]["reason"]
    assert "gen-suite learn" in mine["persistence"]["closes"]
    done = gen_suite("generate", "--allow-db")
    assert done.returncode == 0, done.stderr
    assert not list((here / "tests" / "api").glob("*reserve*"))
    done = gen_suite("learn", "--allow-db", OPEN="1")
    assert done.returncode == 0, done.stderr
    assert "refused" not in _operations(here)[RESERVE]
    assert "set: {reserved: +1}" in (here / "gen-suite.yaml").read_text()


def test_a_server_error_to_every_request_is_shown_by_the_test_of_success_alone(
    here: Path, gen_suite: Run
) -> None:
    gen_suite("init", *START, "--learn")
    assert _operations(here)[PAINT]["refused"].startswith("500")
    cells = json.loads(gen_suite("matrix", "--format", "json").stdout)["cells"]
    planned = [c["concern"] for c in cells if c["operation"] == PAINT and c["state"] == "planned"]
    assert planned == ["success"]


def test_a_line_that_cannot_be_said_is_left_out_and_the_rest_stands(
    here: Path, gen_suite: Run
) -> None:
    """Also where the file is there already, as it is when `learn` comes after `init`."""
    gen_suite("init", *START)
    path = here / "gen-suite.yaml"
    document, schema = read_document(here / "openapi.yaml"), read_schema(here)
    seen = {
        "creates": Guess("room", 1.0, "seen"),
        "values": {"reserved": Guess(0, 1.0, "seen"), "name": Guess("$actor.id", 1.0, "seen")},
    }
    proposal = Proposal(
        {"resources": {"room": {"table": Guess("rooms", 1.0, "seen")}},
         "operations": {"POST /rooms": seen}}
    )  # fmt: skip
    text = path.read_text()
    base = (here / ".gen-suite" / "proposed.yaml").read_text()
    made = Draft(path, text, base, document, schema, proposal).settled()
    written = read_text(made.merged().text, path).operations["POST /rooms"]
    assert written.values == {"reserved": 0}
    (remark,) = made.proposal.remarks
    assert "POST /rooms > values > name" in remark
    assert "no actor" in remark
