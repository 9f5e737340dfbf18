"""What a spec allows and no column holds: the emitted test, on each engine."""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

PARCELS = Path(__file__).parent.parent / "examples" / "parcels"
FIELDS = {"label", "weight", "pieces", "memo"}
FINDINGS = [
    "POST /parcels: label: spec allows 60 characters, parcels.label holds 20",
    "POST /parcels: weight: spec allows any fraction, parcels.weight keeps 2 digits after the point",
    "POST /parcels: pieces: spec allows any number, parcels.pieces holds at most 2147483647",
    "POST /parcels: memo: spec allows null, parcels.memo is NOT NULL",
]


@pytest.fixture
def parcels(
    engine_url: str, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], dict[str, str]]:
    """`parcels("cut")`: field -> outcome of the emitted test that sends too much for its column."""
    shutil.copytree(PARCELS, pytester.path, dirs_exist_ok=True)
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

    def run(does: str) -> dict[str, str]:
        monkeypatch.setenv("PARCELS", does)
        pytester.runpytest_subprocess("--allow-db", "-p", "no:cacheprovider", "-k", "too_much")
        results = json.loads((pytester.path / ".gen-suite" / "results.json").read_text())
        return {
            test["id"].partition("[")[2].partition(":")[0]: test["outcome"]
            for test in results["tests"]
        }

    return run


def test_too_much_is_refused_without_a_row_or_stored_whole(
    parcels: Callable[[str], dict[str, str]], engine_url: str
) -> None:
    assert parcels("refuse") == dict.fromkeys(FIELDS, "passed")
    assert parcels("cut") == dict.fromkeys(FIELDS, "failed")
    # SQLite alone stores more text than the column says, and whole.
    whole = {"label": "passed"} if engine_url.startswith("sqlite") else {}
    assert parcels("") == dict.fromkeys(FIELDS, "failed") | whole


@pytest.mark.parametrize("engine_url", ["postgresql"], indirect=True)
def test_the_matrix_tells_of_it_before_anything_runs(
    parcels: Callable[[str], dict[str, str]], pytester: pytest.Pytester
) -> None:
    for command in (["matrix"], ["matrix", "--gaps"], ["matrix", "--format", "markdown"]):
        done = subprocess.run(
            [sys.executable, "-m", "gen_suite", *command],
            cwd=pytester.path, capture_output=True, text=True, check=True,
        )  # fmt: skip
        told = " ".join(done.stdout.replace("&#95;", "_").split())
        assert all(finding in told for finding in FINDINGS)
    parcels("refuse")
    results = json.loads((pytester.path / ".gen-suite" / "results.json").read_text())
    assert results["findings"] == FINDINGS
