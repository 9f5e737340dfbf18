"""A pytest plugin: a run that stops after GEN_SUITE_SECONDS, having gone through modules in no order
of the alphabet, so that what was run stands for the rest."""

from __future__ import annotations

import hashlib
import os
import time

import pytest

LIMIT = float(os.environ.get("GEN_SUITE_SECONDS", "inf"))
START = time.monotonic()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules by the hash of their names; within a module the order stays."""
    items.sort(key=lambda item: hashlib.sha256(item.path.name.encode()).hexdigest())


def pytest_runtest_teardown(item: pytest.Item) -> None:
    """The test that ends now was the last one, when the time is up."""
    if time.monotonic() - START > LIMIT:
        item.session.shouldstop = f"the time limit of {LIMIT:g} s is reached"
