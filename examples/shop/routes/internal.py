"""Rows as they are stored, for operators and tests that may not look at the database.

Only there with SHOP_INTERNAL=1, in no document, and for admins alone; those of any tenant.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from fastapi.responses import JSONResponse
from sqlalchemy import select

from ..auth import Admin
from ..database import read
from ..errors import not_found
from ..tables import Base
from ..web import answer, router

routes = router("internal")
HIDDEN = ("password_hash", "token_hash", "key_hash")


@routes.get("/internal/{table}/{key}", include_in_schema=False)
def stored(table: str, key: str, _caller: Admin) -> JSONResponse:
    found = Base.metadata.tables.get(table)
    if os.environ.get("SHOP_INTERNAL") != "1" or found is None or "id" not in found.columns:
        raise not_found("row")
    try:
        wanted = found.c.id.type.python_type(key)
    except ValueError:
        raise not_found("row") from None
    with read() as session:
        row = session.execute(select(found).where(found.c.id == wanted)).mappings().first()
    if row is None:
        raise not_found("row")
    return answer(_shown(row))


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {name: _plain(value) for name, value in row.items() if name not in HIDDEN}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return float(value) if isinstance(value, Decimal) else value
