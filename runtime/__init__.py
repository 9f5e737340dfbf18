"""What emitted suites run on. Everything a test needs is imported from here.

The names are imported on first use: pytest loads this package as a plugin in every project of an
environment, and one without a mapping file should not pay for it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .actors import ANONYMOUS, IMPOSTOR, Actors, impostor
    from .agreement import (
        Fields,
        cents,
        changed,
        columns,
        computed,
        hashed,
        json_member,
        just_now,
        lowercase,
        stored,
        transformed,
        trimmed,
        uppercase,
    )
    from .answers import forbidden, rejected, succeeded, unauthenticated
    from .client import Change, Client, Send
    from .contract import conforms
    from .database import Changes, Database, Row
    from .database.fault import Failure
    from .failing import writes
    from .findings import Findings
    from .listing import Listing, paginate
    from .marks import covers
    from .payloads import Option, Violation
    from .probes import comes_to, counted, states, went_through
    from .racing import race, serial_outcomes
    from .refused import Refused
    from .request_values import in_format
    from .requests import (
        Body,
        Sample,
        another,
        attempted,
        bodies,
        complete,
        cookies,
        edges,
        example,
        examples,
        failing_writes,
        faults,
        filled,
        headers,
        missing,
        options,
        overflows,
        params,
        privileged_fields,
        refusals,
        unauthenticated_callers,
        unauthorized_callers,
        unique,
        unused_key,
        violations,
        without_optional,
    )
    from .shown import as_row
    from .statements import Statements
    from .worker import Worker

_HOMES = {
    "ANONYMOUS": "actors",
    "Actors": "actors",
    "Body": "requests",
    "Change": "client",
    "Changes": "database",
    "Client": "client",
    "Database": "database",
    "Failure": "database.fault",
    "Fields": "agreement",
    "Findings": "findings",
    "IMPOSTOR": "actors",
    "Listing": "listing",
    "Option": "payloads",
    "Refused": "refused",
    "Row": "database",
    "Sample": "requests",
    "Send": "client",
    "Statements": "statements",
    "Violation": "payloads",
    "Worker": "worker",
    "another": "requests",
    "as_row": "shown",
    "attempted": "requests",
    "bodies": "requests",
    "cents": "agreement",
    "changed": "agreement",
    "columns": "agreement",
    "comes_to": "probes",
    "complete": "requests",
    "computed": "agreement",
    "conforms": "contract",
    "cookies": "requests",
    "counted": "probes",
    "covers": "marks",
    "edges": "requests",
    "example": "requests",
    "examples": "requests",
    "failing_writes": "requests",
    "faults": "requests",
    "filled": "requests",
    "forbidden": "answers",
    "hashed": "agreement",
    "headers": "requests",
    "impostor": "actors",
    "in_format": "request_values",
    "json_member": "agreement",
    "just_now": "agreement",
    "lowercase": "agreement",
    "missing": "requests",
    "options": "requests",
    "overflows": "requests",
    "paginate": "listing",
    "params": "requests",
    "privileged_fields": "requests",
    "race": "racing",
    "refusals": "requests",
    "rejected": "answers",
    "serial_outcomes": "racing",
    "states": "probes",
    "stored": "agreement",
    "succeeded": "answers",
    "transformed": "agreement",
    "trimmed": "agreement",
    "unauthenticated": "answers",
    "unauthenticated_callers": "requests",
    "unauthorized_callers": "requests",
    "unique": "requests",
    "unused_key": "requests",
    "uppercase": "agreement",
    "violations": "requests",
    "went_through": "probes",
    "without_optional": "requests",
    "writes": "failing",
}

__all__ = [
    "ANONYMOUS",
    "IMPOSTOR",
    "Actors",
    "Body",
    "Change",
    "Changes",
    "Client",
    "Database",
    "Failure",
    "Fields",
    "Findings",
    "Listing",
    "Option",
    "Refused",
    "Row",
    "Sample",
    "Send",
    "Statements",
    "Violation",
    "Worker",
    "another",
    "as_row",
    "attempted",
    "bodies",
    "cents",
    "changed",
    "columns",
    "comes_to",
    "complete",
    "computed",
    "conforms",
    "cookies",
    "counted",
    "covers",
    "edges",
    "example",
    "examples",
    "failing_writes",
    "faults",
    "filled",
    "forbidden",
    "hashed",
    "headers",
    "impostor",
    "in_format",
    "json_member",
    "just_now",
    "lowercase",
    "missing",
    "options",
    "overflows",
    "paginate",
    "params",
    "privileged_fields",
    "race",
    "refusals",
    "rejected",
    "serial_outcomes",
    "states",
    "stored",
    "succeeded",
    "transformed",
    "trimmed",
    "unauthenticated",
    "unauthenticated_callers",
    "unauthorized_callers",
    "unique",
    "unused_key",
    "uppercase",
    "violations",
    "went_through",
    "without_optional",
    "writes",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".{_HOMES[name]}", __name__), name)
