"""`make bench` finds what measures something, and can run it."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_what_measures_runs_without_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT))
    found = importlib.import_module("benchmarks.__main__").benchmarks()
    assert {"command_line", "database", "init", "payloads"} <= found.keys()
    for module in found.values():
        inspect.signature(module.run).bind()
