"""`make bench` finds what measures something, and can run it."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

from gen_suite.examples.shop.bugs import BUGS
from gen_suite.matrix.results import TestResult

ROOT = Path(__file__).parents[1]


def test_what_measures_runs_without_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    found = importlib.import_module("benchmarks.__main__").benchmarks()
    assert {"command_line", "database", "init", "payloads"} <= found.keys()
    for module in found.values():
        inspect.signature(module.run).bind()


def test_a_bug_is_noticed_by_a_failed_cell_of_its_concern(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    judge = importlib.import_module("benchmarks.bugs").judge
    label = "POST /orders"
    pairs = tuple((label, concern) for concern in ("persistence", "success", "contract"))
    name = "test_create_order.py::test_stores_what_it_claims"
    cells = ((label, "success", "passed"), (label, "contract", "not reached"))
    test = TestResult(f"tests/api/{name}", "failed", 0.1, pairs, cells=cells)
    rejects = TestResult(
        "tests/api/test_a.py::test_rejects[x/*]", "failed", 0.1, ((label, "auth"),)
    )
    bugs = {bug.concern: bug for bug in BUGS.values()}
    noticed = {
        c: judge(bugs[c], "sqlite", [test, rejects], 1.0)
        for c in ("persistence", "success", "contract", "auth")
    }
    assert noticed["persistence"].by == (name,)
    assert noticed["persistence"].others == ("test_a.py::test_rejects[x/*]",)
    assert noticed["auth"].by == ("test_a.py::test_rejects[x/*]",)
    for concern in ("success", "contract"):
        assert noticed[concern].by == ()
