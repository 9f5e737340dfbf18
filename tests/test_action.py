"""The GitHub Action: its inputs, and its scripts run as a build runs them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from gen_suite.matrix.results import Results, Run, TestResult, write_results
from gen_suite.spec.yaml import load_yaml

ACTION = Path(__file__).parent.parent / "action.yml"
SPEC = {
    "openapi": "3.1.0",
    "info": {"title": "Notes", "version": "1"},
    "paths": {"/notes": {"post": {"responses": {"201": {"description": "made"}}}}},
}


def action() -> dict[str, Any]:
    data: dict[str, Any] = load_yaml(ACTION.read_text(), ACTION)
    return data


def script(name: str) -> str:
    """The script of a step."""
    (step,) = (step for step in action()["runs"]["steps"] if step["name"] == name)
    text: str = step["run"]
    return text


def test_every_input_is_used_and_every_use_is_an_input() -> None:
    used = set(re.findall(r"inputs\.([a-z-]+)", ACTION.read_text()))
    assert used == set(action()["inputs"])


def test_no_input_is_pasted_into_a_script() -> None:
    for step in action()["runs"]["steps"]:
        assert "${{" not in step.get("run", "")


def test_the_scripts_are_bash() -> None:
    for step in action()["runs"]["steps"]:
        if "run" in step:
            done = subprocess.run(["bash", "-n"], input=step["run"], text=True, check=False)
            assert done.returncode == 0, step["name"]


def test_the_results_of_shards_are_merged_reported_and_gated(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(SPEC))
    (tmp_path / "gen-suite.yaml").write_text("spec: openapi.json\n")
    for number, concern in enumerate(("success", "contract")):
        test = TestResult(
            concern, "failed" if number else "passed", 0.1, (("POST /notes", concern),)
        )
        run = Run("2026-01-01T00:00:00+00:00")
        write_results(
            Results(run.started, 1.0, (test,), runs=(run,)),
            tmp_path / "gen-suite-results" / f"{number + 1}-of-2.json",
        )
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CONFIG": "gen-suite.yaml",
        "BASE": "",
        "GATES": "--fail-under 1 --no-regression",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
    }
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script("Merge, report and gate")],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "gate not met: 1 test failed" in done.stderr
    written = {path.name for path in (tmp_path / "gen-suite-report").iterdir()}
    assert written == {"report.html", "gaps.sarif", "badge.json", "comment.md", "results.json"}
    assert "## Untested, by risk: Notes" in (tmp_path / "summary.md").read_text()
