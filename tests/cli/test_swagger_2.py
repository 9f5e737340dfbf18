"""init, learn, generate and pytest on a Swagger 2.0 API below /v1 whose spec names neither security nor
refusals, nor the status that it answers: nothing is edited by hand."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from gen_suite.matrix.merging import read_results
from gen_suite.matrix.results import FILE
from gen_suite.spec.yaml import load_yaml

METERS = Path(__file__).parents[1] / "examples" / "meters"


@pytest.fixture(scope="module")
def meters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The API with a learned mapping and its suite."""
    folder = tmp_path_factory.mktemp("meters")
    for name in ("app.py", "swagger.yaml"):
        shutil.copy(METERS / name, folder)
    with sqlite3.connect(folder / "meters.db") as database:
        database.executescript((METERS / "schema.sql").read_text())
    start = ("--database", "sqlite:///meters.db", "--app", "wsgi:app:application")
    run(
        folder,
        "-m",
        "gen_suite",
        "init",
        "swagger.yaml",
        *start,
        "--allow-db",
        "--actor",
        "ann=KEY",
    )
    run(folder, "-m", "gen_suite", "learn", "--allow-db", "--yes")
    run(folder, "-m", "gen_suite", "generate", "--allow-db")
    return folder


def run(folder: Path, *arguments: str, status: int = 0) -> str:
    unset = ("DATABASE_URL", "GEN_SUITE_ALLOW_DB")
    environment = {k: v for k, v in os.environ.items() if k not in unset}
    environment["KEY"] = "meters-key"
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout


def test_learn_writes_the_success_that_the_spec_does_not_document(meters: Path) -> None:
    file = meters / "gen-suite.yaml"
    operations = load_yaml(file.read_text(), file)["operations"]
    assert operations["POST /meters"]["success"] == 200
    assert "success" not in operations["POST /meters/{id}/readings"]
    assert "success" not in operations["DELETE /meters/{id}"]


def test_one_contract_test_says_that_the_success_is_another(meters: Path) -> None:
    output = run(
        meters, "-m", "pytest", "--allow-db", "-q", "-p", "no:schemathesis", "-p", "no:cacheprovider",
        "tests/api", status=1,
    )  # fmt: skip
    failed = re.findall(r"^FAILED \S+/(\w+\.py::\w+)", output, re.MULTILINE)
    assert failed == ["test_create_meter.py::test_stores_what_it_claims"]
    assert "POST /v1/meters  as ann" in output
    cells = [
        (pair, test.outcome_of(pair))
        for test in read_results(meters / FILE).tests
        for pair in test.covers
    ]
    assert {pair for pair, outcome in cells if outcome == "failed"} == {
        ("POST /meters", "contract")
    }
    contract = [outcome for pair, outcome in cells if pair == ("DELETE /meters/{id}", "contract")]
    assert set(contract) == {"passed"}
    findings = json.loads(run(meters, "-m", "gen_suite", "gaps", "--format", "json"))["findings"]
    assert "400 is answered and not documented (1): POST /meters" in findings
    assert "404 is answered and not documented (1): DELETE /meters/{id}" in findings
