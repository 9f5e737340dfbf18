"""One self-contained page: the matrix with filters, the tests behind each cell, the gaps.

What stands in the table is rendered here; what a cell opens to is data in the page, which its script
shows as text only. A content security policy allows that script and style and nothing else, so that
no text of a spec can ever become code, and the page never asks the network for anything.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ... import __version__
from ..cell import Cell, State
from ..coverage import tests_by_cell
from ..results import Run, TestResult
from .view import SIGNS, View

MOST_GAPS = 100
"""Gaps that the list names; the matrix shows all."""
MOST_EVIDENCE = 1_000_000
"""Characters of evidence that the page keeps, of the failures that come first."""
KEYS = {state: str(state).replace(" ", "-") for state in State}
"""The class of a cell."""


def matrix(view: View) -> str:
    """The page; the same as `gaps`."""
    return gaps(view)


def gaps(view: View) -> str:
    """The page."""
    style, script = _resource("html.css") + _rules(view), _resource("html.js")
    page: str = _template().render(
        view=view,
        rows=_rows(view),
        counts=[(state, KEYS[state], SIGNS[state], view.counts[state]) for state in SIGNS],
        tags=sorted({tag for about in view.matrix.about.values() for tag in about.tags}),
        gaps=view.gaps[:MOST_GAPS],
        hidden=max(len(view.gaps) - MOST_GAPS, 0),
        runs=_runs(view),
        history=_history(view),
        data=_embedded(_data(view)),
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
    )
    return page


def _rules(view: View) -> str:
    """The rules that lay out the columns, and put the sign of its state into each cell."""
    columns = f"minmax(14rem, 30%) repeat({len(view.concerns)}, minmax(0, 1fr))"
    signs = (
        f'.matrix .{KEYS[state]} button::before {{ content: "{sign}" / ""; }}\n'
        for state, sign in SIGNS.items()
    )
    return f".matrix tr {{ grid-template-columns: {columns}; }}\n{''.join(signs)}"


def _resource(name: str) -> str:
    return (files("gen_suite.templates") / "report" / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    from jinja2 import Environment, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters["raw"] = Markup  # our own style and script, and data that is escaped
    return environment.from_string(_resource("html.j2"))


def _hash(text: str) -> str:
    """As a content security policy names an inline script or style."""
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _rows(view: View) -> Iterator[dict[str, Any]]:
    """Each operation with the states of its cells, in the order of the columns."""
    cells: dict[str, dict[str, Cell]] = {}
    for cell in view.matrix.cells:
        cells.setdefault(cell.operation, {})[cell.concern] = cell
    for label, row in cells.items():
        method, _, path = label.partition(" ")
        ordered = [row.get(concern) for concern in view.concerns]
        yield {
            "method": method,
            "path": path,
            "cells": [_shown(cell) if cell else ("", "") for cell in ordered],
        }


def _shown(cell: Cell) -> tuple[str, str]:
    """The classes of a cell, and its text."""
    marks = [KEYS[cell.state]]
    text = str(cell.state)
    if cell.unseen or (cell.reason and cell.state in (State.PASSED, State.PROVEN)):
        marks.append("partly")
        text += ", partly"
    if cell.outdated:
        marks.append("old")
        text += ", outdated"
    return " ".join(marks), text


def _runs(view: View) -> list[tuple[Run, int]]:
    """The runs behind the page with how many results are left of each."""
    if view.results is None:
        return []
    counts = [0] * len(view.results.runs)
    for test in view.results.tests:
        if test.run < len(counts):
            counts[test.run] += 1
    return list(zip(view.results.runs, counts, strict=True))


def _history(view: View) -> dict[str, Any] | None:
    """The share of tested cells after each run, as the points of a line in a box of 600 x 100."""
    if len(view.history) < 2:
        return None
    last = len(view.history) - 1
    points = [
        (round(10 + 580 * place / last, 1), round(95 - 0.9 * moment.coverage.percent, 1))
        for place, moment in enumerate(view.history)
    ]
    return {
        "points": points,
        "line": " ".join(f"{x},{y}" for x, y in points),
        "moments": view.history,
    }


class _Texts:
    """Texts that occur often, kept once: place 0 is no text."""

    def __init__(self) -> None:
        self.all: list[str] = [""]
        self._places: dict[str, int] = {"": 0}

    def place(self, text: str) -> int:
        if text not in self._places:
            self._places[text] = len(self.all)
            self.all.append(text)
        return self._places[text]


def _data(view: View) -> dict[str, Any]:
    """What the cells of the page open to. Texts, and names of files, are places in `texts`."""
    texts = _Texts()
    results = view.results
    tests = results.tests if results is not None else ()
    by_cell = tests_by_cell(results) if results is not None else {}
    places = {(test.id, test.run): place for place, test in enumerate(tests)}
    operations: dict[str, dict[str, Any]] = {}
    for cell in view.matrix.cells:
        if cell.operation not in operations:
            operations[cell.operation] = _operation(view, cell)
        operations[cell.operation]["c"].append(
            [
                *_cell(cell, view, texts),
                [
                    _place(tests[places[test.id, test.run]], test, places)
                    for test in by_cell.get((cell.operation, cell.concern), ())
                ],
            ]
        )
    kept = _Evidence(texts)
    return {
        "concerns": view.concerns,
        "states": STATES,
        "signs": {KEYS[state]: sign for state, sign in SIGNS.items()},
        "outcomes": OUTCOMES,
        "operations": list(operations.values()),
        "tests": [_test(test, texts, kept) for test in tests],
        "runs": [_run(run, view) for run, _ in _runs(view)],
        "texts": texts.all,
    }


STATES = tuple(KEYS.values())
OUTCOMES = ("passed", "failed", "not reached", "skipped")


def _cell(cell: Cell, view: View, texts: _Texts) -> list[Any]:
    """Column, state, and what is said of it."""
    return [
        view.concerns.index(cell.concern),
        STATES.index(KEYS[cell.state]),
        *map(texts.place, (cell.reason, cell.closes, cell.unseen, cell.outdated)),
    ]


def _place(test: TestResult, of_cell: TestResult, places: Mapping[tuple[str, int], int]) -> Any:
    """Which test it is; with what the cell came to, where that is something else than the test did."""
    place = places[test.id, test.run]
    if test.outcome == of_cell.outcome:
        return place
    return [place, OUTCOMES.index(of_cell.outcome)]


class _Evidence:
    """The evidence of failures, as far as the page has room for it."""

    def __init__(self, texts: _Texts) -> None:
        self._texts = texts
        self._left = MOST_EVIDENCE

    def place(self, text: str) -> int:
        if len(text) > self._left:
            return self._texts.place("left out of this page for its size: see the results file")
        self._left -= len(text)
        return self._texts.place(text)


def _operation(view: View, cell: Cell) -> dict[str, Any]:
    about = view.matrix.about.get(cell.operation)
    changes = about.changes if about else ()
    return {
        "l": cell.operation,
        "r": cell.risk,
        "s": about.summary if about else "",
        "t": list(about.tags) if about else [],
        "e": [[change.kind, change.table, change.detail, change.later] for change in changes],
        "c": [],
    }


def _test(test: TestResult, texts: _Texts, evidence: _Evidence) -> list[Any]:
    file, _, name = test.id.partition("::")
    return [
        texts.place(file),
        name,
        OUTCOMES.index(test.outcome),
        test.line,
        round(test.seconds, 2),
        test.run,
        texts.place(test.reason),
        texts.place(test.verdict),
        evidence.place(test.evidence) if test.evidence else 0,
    ]


def _run(run: Run, view: View) -> list[str]:
    """Start, engine, and the folder of its tests as a link from the page."""
    base = ""
    if view.folder is not None:
        root = view.folder / run.root
        page = view.output.parent if view.output is not None else Path.cwd()
        try:
            base = f"./{quote(Path(os.path.relpath(root, page)).as_posix())}/"
        except ValueError:  # another drive on Windows
            base = ""
    return [run.started[:16].replace("T", " "), run.engine, base]


def _embedded(data: dict[str, Any]) -> str:
    """JSON that no text in it can end, as the content of a script element."""
    text = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    for char in "<>&\u2028\u2029":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text
