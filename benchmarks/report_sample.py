"""A matrix of 2,000 operations with 20,000 results, the size that reports are made for."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path

from gen_suite.matrix.about import About, ExpectedChange
from gen_suite.matrix.build import Matrix
from gen_suite.matrix.cell import Cell, State
from gen_suite.matrix.concerns import concerns
from gen_suite.matrix.coverage import after_run
from gen_suite.matrix.report.view import View
from gen_suite.matrix.results import FILE, Results, Run, TestResult, write_results

METHODS = ("POST", "PUT", "PATCH", "DELETE")
RISKS = ("high", "medium", "low")
STARTED = "2026-01-01T00:00:00+00:00"


@cache
def big_matrix(operations: int = 2_000) -> Matrix:
    """Nine of ten cells planned, the others gaps or not applicable."""
    draw = random.Random(1)
    cells, about = [], {}
    for number in range(operations):
        label = f"{draw.choice(METHODS)} /tenants/{{tenantId}}/resource-{number}/items/{{itemId}}"
        changes = (
            ExpectedChange("inserts", f"table_{number}", "for each of items"),
            ExpectedChange("updates", "audit"),
        )
        about[label] = About(f"Changes item {number}", (f"tag-{number % 30}",), changes)
        risk = draw.choice(RISKS)
        for concern in concerns():
            cells.append(_cell(label, concern.name, risk, draw))
    return Matrix("Big API", tuple(cells), about=about)


def _cell(label: str, concern: str, risk: str, draw: random.Random) -> Cell:
    chance = draw.random()
    if chance < 0.05:
        closes = f'operations: "{label}": {{creates: <resource>}}'
        reason = "the mapping does not say which rows it writes"
        return Cell(label, concern, State.GAP, reason, closes, risk=risk)
    if chance < 0.1:
        return Cell(label, concern, State.NOT_APPLICABLE, "nothing to test", risk=risk)
    return Cell(label, concern, State.PLANNED, risk=risk)


@cache
def big_results(number: int = 20_000) -> Results:
    """A result of each planned cell and more, one of twenty-five failed."""
    draw = random.Random(2)
    cells = [cell for cell in big_matrix().cells if cell.state is State.PLANNED]
    tests = tuple(_test(cells[place % len(cells)], place, draw) for place in range(number))
    return Results(STARTED, 100.0, tests, runs=(Run(STARTED, 100.0, engine="sqlite"),))


def _test(cell: Cell, place: int, draw: random.Random) -> TestResult:
    (outcome,) = draw.choices(["passed", "failed", "skipped", "not reached"], [90, 4, 4, 2])
    resource = cell.operation.split("/")[3].replace("-", "_")
    name = f"test_update_{resource}_{cell.concern}_stores_what_it_claims[{place}]"
    failed = outcome == "failed"
    return TestResult(
        f"tests/api/test_{resource}.py::{name}",
        outcome,
        0.12,
        ((cell.operation, cell.concern),),
        reason="" if outcome == "passed" else f"assert {place} == {place + 1}",
        verdict="echoed and never stored" if failed else "",
        operation=cell.operation,
        status=201,
        evidence=f"sent  {cell.operation}\n  {{title: {place}}}\n" * 20 if failed else "",
        line=place % 300 + 1,
    )


def big_view() -> View:
    """The big matrix after its run."""
    return View(after_run(big_matrix(), big_results()), big_results(), folder=Path.cwd())


def write_big_project(folder: Path) -> None:
    """Spec, mapping and results of the same, as `gen-suite gaps` reads them."""
    paths: dict[str, dict[str, object]] = {}
    for label in big_matrix().operations:
        method, _, path = label.partition(" ")
        parameters = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}
            for name in ("tenantId", "itemId")
        ]
        operation: dict[str, object] = {
            "tags": ["items"],
            "parameters": parameters,
            "responses": {"200": {"description": "done"}, "422": {"description": "refused"}},
        }
        if method != "DELETE":
            schema = {"$ref": "#/components/schemas/Item"}
            operation["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        paths[path] = {method.lower(): operation}
    fields = {"title": {"type": "string", "maxLength": 50}, "stars": {"type": "integer"}}
    item = {"type": "object", "required": ["title"], "properties": fields}
    spec = {
        "openapi": "3.1.0",
        "info": {"title": "Big API", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Item": item}},
    }
    (folder / "openapi.json").write_text(json.dumps(spec))
    (folder / "gen-suite.yaml").write_text("spec: openapi.json\n")
    write_results(big_results(), folder / FILE)
