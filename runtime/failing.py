"""Which writes there are to make fail, when no mapping tells."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .database import Changes


def writes(changes: Changes) -> list[str]:
    """Each write of a clean request, once, and its COMMIT; skips the test of one that writes nothing."""
    found = dict.fromkeys(f"{step.kind} {step.table}" for step in changes.steps)
    if not found:
        pytest.skip("a clean request writes no row, so no write can be made to fail")
    return [*found, "commit"]
