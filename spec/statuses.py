"""HTTP statuses: which of them a client expects although no spec names them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

REFUSED_REQUEST: Final = frozenset({400, 406, 411, 413, 414, 415, 422})
"""Answers to a request that is wrong in itself: neither about its caller nor about stored rows."""

CONVENTIONAL: Final = REFUSED_REQUEST | {401, 403, 404, 405, 409, 412, 428, 429}
"""Answers that any HTTP API may give; most specs leave them out."""


def is_documented(status: int, documented: Collection[str]) -> bool:
    """Whether a spec that names those statuses ("201", "4XX", "default") documents this one."""
    return not {str(status), f"{status // 100}XX", "default"}.isdisjoint(documented)
