"""What emitted suites run on. Everything a test needs is imported from here.

The names are imported on first use: pytest loads this package as a plugin in every project of an
environment, and one without a mapping file should not pay for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .actors import ANONYMOUS, IMPOSTOR, Actors
    from .agreement import (
        Fields,
        cents,
        changed,
        columns,
        hashed,
        just_now,
        lowercase,
        stored,
        trimmed,
        uppercase,
    )
    from .client import Client
    from .contract import conforms
    from .database import Changes, Database, Row
    from .marks import covers
    from .payloads import Violation
    from .requests import (
        Body,
        Sample,
        bodies,
        complete,
        edges,
        example,
        examples,
        filled,
        headers,
        missing,
        params,
        unique,
        violations,
        without_optional,
    )

_HOMES = {
    "ANONYMOUS": "actors",
    "IMPOSTOR": "actors",
    "Actors": "actors",
    "Body": "requests",
    "Changes": "database",
    "Client": "client",
    "Database": "database",
    "Fields": "agreement",
    "Row": "database",
    "Sample": "requests",
    "Violation": "payloads",
    "bodies": "requests",
    "cents": "agreement",
    "changed": "agreement",
    "columns": "agreement",
    "complete": "requests",
    "conforms": "contract",
    "covers": "marks",
    "edges": "requests",
    "example": "requests",
    "examples": "requests",
    "filled": "requests",
    "hashed": "agreement",
    "headers": "requests",
    "just_now": "agreement",
    "lowercase": "agreement",
    "missing": "requests",
    "params": "requests",
    "stored": "agreement",
    "trimmed": "agreement",
    "unique": "requests",
    "uppercase": "agreement",
    "violations": "requests",
    "without_optional": "requests",
}

__all__ = [
    "ANONYMOUS",
    "IMPOSTOR",
    "Actors",
    "Body",
    "Changes",
    "Client",
    "Database",
    "Fields",
    "Row",
    "Sample",
    "Violation",
    "bodies",
    "cents",
    "changed",
    "columns",
    "complete",
    "conforms",
    "covers",
    "edges",
    "example",
    "examples",
    "filled",
    "hashed",
    "headers",
    "just_now",
    "lowercase",
    "missing",
    "params",
    "stored",
    "trimmed",
    "unique",
    "uppercase",
    "violations",
    "without_optional",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
