"""Rows as an internal request shows them, where nobody looks at the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .agreement import MISSING, Fields, Stored, field_of, plain
from .database import Row


def as_row(body: Any, fields: Fields) -> Row:
    """The stored row that an internal request shows, by column, as its answer has it.

    What is no column of its own by name is a field: its value becomes what its column holds.
    """
    targets = {wire: t if isinstance(t, Stored) else plain(t) for wire, t in fields.items()}
    shown = body if isinstance(body, Mapping) else {}
    row = {name: value for name, value in shown.items() if name not in targets}
    for wire, field in targets.items():
        if (value := field_of(shown, wire)) is not MISSING:
            row.setdefault(field.column, field.convert(value))
    return Row(row)
