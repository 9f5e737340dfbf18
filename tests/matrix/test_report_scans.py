"""SARIF at the lines of the spec, and the badges."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from gen_suite.cli.project import open_project
from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.report import badge, sarif, svg
from gen_suite.matrix.report.view import View

from .sample import view

SPEC = """\
openapi: 3.1.0
info: {title: Notes, version: "1"}
paths:
  /notes:
    post:
      responses: {"201": {description: made}}
    delete:
      responses: {"204": {description: gone}}
"""


def test_each_untested_cell_is_a_result_at_the_line_of_its_operation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "open api.yaml").write_text(SPEC)
    (tmp_path / "gen-suite.yaml").write_text("spec: api/open api.yaml\n")
    monkeypatch.chdir(tmp_path)
    project = open_project(None, tmp_path / "gen-suite.yaml")
    shown = View(project.matrix(), locate=project.resolved.document.locator())
    (run,) = json.loads(sarif.gaps(shown))["runs"]
    places = {
        (
            result["properties"]["operation"],
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            result["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for result in run["results"]
    }
    assert places == {
        ("POST /notes", "api/open%20api.yaml", 5),
        ("DELETE /notes", "api/open%20api.yaml", 7),
    }
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert {result["ruleId"] for result in run["results"]} <= set(rules)
    prints = [result["partialFingerprints"]["cell/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints) == sum(len(gap.cells) for gap in shown.gaps)


def test_the_level_is_the_risk_of_the_operation() -> None:
    (run,) = json.loads(sarif.gaps(view()))["runs"]
    levels = {(r["properties"]["operation"], r["level"]) for r in run["results"]}
    assert levels == {
        ("POST /orders", "warning"),
        ("POST /orders/{orderId}/payments", "error"),
        ("DELETE /notes/{noteId}", "note"),
    }


@pytest.mark.parametrize(
    ("tested", "colour"),
    [(10, "brightgreen"), (8, "green"), (6, "yellow"), (4, "orange"), (0, "red")],
)
def test_badges_say_the_share_and_colour_it(tested: int, colour: str) -> None:
    cells = tuple(
        Cell(f"POST /{n}", "success", State.PASSED if n < tested else State.NOT_RUN)
        for n in range(10)
    )
    shown = View(Matrix("Shop", cells))
    assert json.loads(badge.gaps(shown)) == {
        "schemaVersion": 1,
        "label": "gen-suite",
        "message": f"{tested * 10} % tested",
        "color": colour,
    }
    image = ET.fromstring(svg.gaps(shown))
    assert image.get("aria-label") == f"gen-suite: {tested * 10} % tested"
    assert svg.HEX[colour] in svg.gaps(shown)
