"""The form in which a column's value goes out in a request: the field's type, not the column's."""

from __future__ import annotations

from typing import Any, Literal

from ..spec.model import Document
from ..spec.schema import alternatives, keyword, type_of
from .likely import UUID_LENGTH
from .schema import Column

Form = Literal["", "text", "integer", "number", "uuid", "byte", "date", "date-time", "time"]
"""The type or format that a value is turned into; "" where it goes out as the row holds it."""

_TEXT_OF: dict[str, Form] = {
    "integer": "text",
    "number": "text",
    "uuid": "text",
    "date": "date",
    "datetime": "date-time",
    "time": "time",
}


def wire_form(document: Document, schema: Any, column: Column | None) -> Form:
    """How a value of the column is written into a field of this schema."""
    if column is None:
        return ""
    kind, stated = type_of(document, schema), _format(document, schema)
    if kind in ("integer", "number"):
        # A spec that calls a key a number whose column holds UUIDs is wrong.
        apart = column.type in ("text", "enum", "number") and column.length != UUID_LENGTH
        return ("integer" if kind == "integer" else "number") if apart else ""
    if column.type == "binary":
        return "uuid" if stated == "uuid" or column.length == 16 else "byte"
    if column.type == "datetime" and stated in ("date", "time"):
        return "date" if stated == "date" else "time"
    if column.type == "number" and kind != "string":
        return "number"
    if column.type == "integer" and kind != "string":
        return ""
    return _TEXT_OF.get(column.type, "")


def _format(document: Document, schema: Any) -> str:
    """The `format` of a field, also of what stands beside null."""
    inner = (keyword(document, one, "format") for one in alternatives(document, schema))
    stated = (keyword(document, schema, "format"), *inner)
    return next((one for one in stated if isinstance(one, str)), "")
