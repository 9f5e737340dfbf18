"""JSON for programs: the cells, the counts and the gaps. `format` changes when a field does."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ... import __version__
from .view import View

FORMAT = 1


def matrix(view: View) -> str:
    """{"format", "title", "coverage", "counts", "cells": [{operation, concern, state, ...}],
    "findings": [text]}."""
    cells = [asdict(cell) for cell in view.matrix.cells]
    return _dump(view, {"cells": cells, "findings": list(view.findings)})


def gaps(view: View) -> str:
    """{"format", "title", "coverage", "counts", "gaps": [{score, operation, concern, ...}],
    "partly": [{operation, concern, reason, ...}], "left_out": [{operation, concern, left_out:
    {kinds, depth, by}, ...}], "warnings": [text], "findings": [text],
    "causes": [{"cause": text, "tests": [id], "again": id}], "runs": [{started, engine, origin, ...}],
    "engine_limits": [{engine, reason, elsewhere, tests, cells}]}; with a base "comparison": {before, now,
    covered, lost, new, new_untested}."""
    found = [{"score": gap.score, **asdict(cell)} for gap in view.shown_gaps for cell in gap.cells]
    told = {"warnings": list(view.warnings), "findings": list(view.findings)}
    partly = [asdict(cell) for cell in view.partly]
    causes = [
        {"cause": cause.text, "tests": [test.id for test in cause.tests], "again": cause.again}
        for cause in view.causes
    ]
    runs = [asdict(run) for run in view.results.runs] if view.results else []
    for run in runs:
        del run["operations"], run["files"]
    limits = [asdict(limit) for limit in view.engine_limits]
    left_out = [asdict(cell) for cell in view.matrix.cells if cell.left_out.kinds]
    more: dict[str, Any] = {"left_out": left_out, "causes": causes, "runs": runs}
    more["engine_limits"] = limits
    if view.comparison is not None:
        more["comparison"] = {"summary": view.change, **asdict(view.comparison)}
    return _dump(view, {"gaps": found, "partly": partly, **told, **more})


def _dump(view: View, content: dict[str, Any]) -> str:
    tested = view.coverage
    head = {
        "format": FORMAT,
        "tool": f"gen-suite {__version__}",
        "title": view.matrix.title,
        "coverage": {
            "tested": tested.tested,
            "applicable": tested.applicable,
            "percent": float(tested.shown(1)),
            "partly": len(view.partly),
            "left_out": tested.left_out,
            "stated_not_applicable": tested.stated,
            "percent_with_stated": float(tested.with_stated.shown(1)),
        },
        "counts": {str(state): number for state, number in view.counts.items()},
    }
    return json.dumps(head | content, indent=1) + "\n"
