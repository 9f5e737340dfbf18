"""The import lines of an emitted module, from the names that its source reads."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ..matrix.concerns import brought

RUNTIME = (
    "ANONYMOUS",
    "Actors",
    "Body",
    "Change",
    "Client",
    "Database",
    "Failure",
    "Fields",
    "Findings",
    "IMPOSTOR",
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
)
"""What emitted code may take from `gen_suite.runtime`."""
IMPORTED = ("Decimal", "Response", "given", "partial", "pytest", "uuid4")
"""What it may import from elsewhere."""


def imports(read: Collection[str], *, also: Iterable[str] = (), own: Iterable[str] = ()) -> str:
    """The imports for the names that a module reads, sorted as ruff does.

    `also` are import lines for names that it does not read but passes on, `own` the user's modules.
    """
    third_party = [*also]
    third_party += ["import pytest"] if "pytest" in read else []
    third_party += ["from httpx import Response"] if "Response" in read else []
    third_party += ["from hypothesis import given"] if "given" in read else []
    standard = ["from decimal import Decimal"] if "Decimal" in read else []
    standard += ["from functools import partial"] if "partial" in read else []
    standard += ["from uuid import uuid4"] if "uuid4" in read else []
    names = sorted((name for name in RUNTIME if name in read), key=_member_order)
    if names:
        third_party.append(_from("gen_suite.runtime", names))
    mine = [f"import {module}" for module in sorted(set(own))]
    lines = {n: line for concern in brought() for n, line in concern.imports.items()}
    mine += sorted({line for name, line in lines.items() if name in read})
    groups = [standard, sorted(third_party, key=_ruff_order), mine]
    return "\n\n".join("\n".join(group) for group in groups if group)


def _from(module: str, names: list[str]) -> str:
    return f"from {module} import {', '.join(names)}"


def _member_order(name: str) -> tuple[int, str]:
    """Constants before classes before functions, as isort's default order by type has it."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name


def _ruff_order(line: str) -> tuple[bool, str]:
    return line.startswith("from "), line.split()[1]
