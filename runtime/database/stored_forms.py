"""What the texts of a table are, told by its stored rows: UUIDs, JSON. No column type says so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal
from uuid import uuid4

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

    from .tables import TableInfo

Form = Literal["uuid", "hex", "json"]
LOOKED_AT = 5
"""Rows of a table that are looked at."""
LONGEST = 2_000
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_HEX = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)


def stored_forms(connection: Connection, info: TableInfo) -> dict[str, tuple[Form, str]]:
    """Column -> the form that all its stored texts have, and one of them."""
    import sqlalchemy as sa

    texts = [column for column in info.table.columns if isinstance(column.type, sa.String)]
    if not texts:
        return {}
    rows = connection.execute(sa.select(*texts).limit(LOOKED_AT)).mappings().all()
    found = {}
    for column in texts:
        values = [row[column.name] for row in rows if row[column.name] not in (None, "")]
        form = _form(values)
        if form is not None:
            found[column.name] = (form, str(values[0]))
    return found


def made_like(form: Form, stored: str) -> str:
    """A new text of the form; JSON is the stored text again."""
    return {"uuid": str(uuid4()), "hex": uuid4().hex, "json": stored}[form]


def _form(values: Iterable[Any]) -> Form | None:
    texts = [value for value in values if isinstance(value, str) and len(value) <= LONGEST]
    if not texts or len(texts) < len(list(values)):
        return None
    if all(map(_UUID.fullmatch, texts)):
        return "uuid"
    if all(map(_HEX.fullmatch, texts)):
        return "hex"
    return "json" if all(map(_is_json, texts)) else None


def _is_json(text: str) -> bool:
    if text[:1] not in ("{", "["):
        return False
    try:
        return isinstance(json.loads(text), Mapping | list)
    except ValueError:
        return False
