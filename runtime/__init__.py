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
    from .failing import writes
    from .findings import Findings
    from .marks import covers
    from .payloads import Violation
    from .probes import comes_to, states
    from .racing import in_turn, race
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
        refusals,
        unique,
        violations,
        without_optional,
    )
    from .worker import Worker

_HOMES = {
    "ANONYMOUS": "actors",
    "IMPOSTOR": "actors",
    "Actors": "actors",
    "Body": "requests",
    "Changes": "database",
    "Client": "client",
    "Database": "database",
    "Fields": "agreement",
    "Findings": "findings",
    "Row": "database",
    "Sample": "requests",
    "Violation": "payloads",
    "Worker": "worker",
    "bodies": "requests",
    "cents": "agreement",
    "changed": "agreement",
    "columns": "agreement",
    "comes_to": "probes",
    "complete": "requests",
    "conforms": "contract",
    "covers": "marks",
    "edges": "requests",
    "example": "requests",
    "examples": "requests",
    "filled": "requests",
    "hashed": "agreement",
    "headers": "requests",
    "in_turn": "racing",
    "just_now": "agreement",
    "lowercase": "agreement",
    "missing": "requests",
    "params": "requests",
    "refusals": "requests",
    "race": "racing",
    "states": "probes",
    "stored": "agreement",
    "trimmed": "agreement",
    "unique": "requests",
    "uppercase": "agreement",
    "violations": "requests",
    "without_optional": "requests",
    "writes": "failing",
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
    "Findings",
    "Row",
    "Sample",
    "Violation",
    "Worker",
    "bodies",
    "cents",
    "changed",
    "columns",
    "comes_to",
    "complete",
    "conforms",
    "covers",
    "edges",
    "example",
    "examples",
    "filled",
    "hashed",
    "headers",
    "in_turn",
    "just_now",
    "lowercase",
    "missing",
    "params",
    "race",
    "refusals",
    "states",
    "stored",
    "trimmed",
    "unique",
    "uppercase",
    "violations",
    "without_optional",
    "writes",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
