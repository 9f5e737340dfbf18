"""A pytest plugin: only the tests of some concerns, named by GEN_SUITE_ONLY_CONCERN with commas.

With GEN_SUITE_STOP_AT_FIRST the run stops where a cell of these concerns fails.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest

from gen_suite.runtime.recorder import CELLS


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what covers no cell of these concerns."""
    wanted = _wanted()
    others = [
        item
        for item in items
        if not any(wanted & set(mark.args[1:]) for mark in item.iter_markers("covers"))
    ]
    config.hook.pytest_deselected(items=others)
    left_out = set(others)
    items[:] = [item for item in items if item not in left_out]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Stop where asked to: a failure of a cell of another concern is none of these."""
    report = yield
    if report.failed and os.environ.get("GEN_SUITE_STOP_AT_FIRST"):
        cells = dict(report.user_properties).get(CELLS)
        failed = {concern for _, concern, outcome in cells or () if outcome == "failed"}
        if cells is None or failed & _wanted():
            item.session.shouldstop = "a test noticed it"
    return report


def _wanted() -> set[str]:
    return set(os.environ["GEN_SUITE_ONLY_CONCERN"].split(","))
