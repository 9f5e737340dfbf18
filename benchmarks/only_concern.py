"""A pytest plugin: only the tests of some concerns, named by GEN_SUITE_ONLY_CONCERN with commas."""

from __future__ import annotations

import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect what covers no cell of these concerns."""
    wanted = set(os.environ["GEN_SUITE_ONLY_CONCERN"].split(","))
    others = [
        item
        for item in items
        if not any(wanted & set(mark.args[1:]) for mark in item.iter_markers("covers"))
    ]
    config.hook.pytest_deselected(items=others)
    left_out = set(others)
    items[:] = [item for item in items if item not in left_out]
