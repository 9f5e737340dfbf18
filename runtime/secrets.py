"""Secrets that must not reach a report: known values, and what looks like one."""

from __future__ import annotations

import re
from collections.abc import Mapping

MASK = "***"
_HEADERS = re.compile(r"authorization|cookie|token|secret|api[-_]?key|password", re.IGNORECASE)
_FIELDS = re.compile(
    r"(\"[^\"]*(?:password|passwd|secret|token|api[-_]?key)[^\"]*\"\s*:\s*)\"(?:[^\"\\]|\\.)*\"",
    re.IGNORECASE,
)
_known: set[str] = set()


def remember(secret: str) -> None:
    """Mask this text wherever it would be shown from now on; texts too short to be one are left."""
    if len(secret) >= 4:
        _known.add(secret)


def mask_text(text: str) -> str:
    """The text without known secrets and without values of fields named like one."""
    for secret in _known:
        text = text.replace(secret, MASK)
    return _FIELDS.sub(rf'\1"{MASK}"', text)


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with the values of those that carry credentials masked."""
    return {
        name: MASK if _HEADERS.search(name) else mask_text(value) for name, value in headers.items()
    }
