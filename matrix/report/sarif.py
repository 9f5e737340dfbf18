"""SARIF 2.1.0: each untested cell at the line of its operation in the spec, for code scanning."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ... import __version__
from ..cell import Cell
from ..concerns import concerns
from .view import View

LEVELS = {"high": "error", "medium": "warning", "low": "note"}
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def matrix(view: View) -> str:
    """The same as `gaps`: what is tested is no result of a scan."""
    return gaps(view)


def gaps(view: View) -> str:
    """One run with a result for each cell that is untested, the worst first."""
    cells = [cell for gap in view.gaps for cell in gap.cells]
    driver = {
        "name": "gen-suite",
        "version": __version__,
        "rules": [
            {
                "id": concern.name,
                "shortDescription": {"text": concern.asks},
                "properties": {"weight": concern.weight},
            }
            for concern in concerns()
        ],
    }
    log = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "results": [_result(cell, view) for cell in cells],
                "properties": {"summary": view.summary},
            }
        ],
    }
    return json.dumps(log, indent=1) + "\n"


def _result(cell: Cell, view: View) -> dict[str, Any]:
    closes = f"; what closes it: {cell.closes}" if cell.closes else ""
    reason = cell.reason or str(cell.state)
    identity = f"{cell.operation}\0{cell.concern}".encode()
    return {
        "ruleId": cell.concern,
        "level": LEVELS[cell.risk],
        "message": {"text": f"{cell.operation}: {cell.concern} is untested: {reason}{closes}"},
        "locations": [{"physicalLocation": _place(cell, view)}],
        "partialFingerprints": {"cell/v1": hashlib.sha256(identity).hexdigest()[:32]},
        "properties": {"operation": cell.operation, "state": str(cell.state)},
    }


def _place(cell: Cell, view: View) -> dict[str, Any]:
    """The operation in its document, as seen from here."""
    about = view.matrix.about.get(cell.operation)
    if about is None or view.locate is None:
        return {"artifactLocation": {"uri": "gen-suite.yaml"}, "region": {"startLine": 1}}
    place = view.locate(about.pointer)
    try:
        path = Path(os.path.relpath(place.file))
    except ValueError:  # another drive on Windows
        path = place.file
    region = {"startLine": max(place.line, 1), "startColumn": max(place.column, 1)}
    return {"artifactLocation": {"uri": quote(path.as_posix())}, "region": region}
