"""Columns as the inspector describes them, with what CHECK constraints add."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from .checks import Limits, is_json, limits
from .dialects import Details
from .kinds import Shape, narrowed, shape
from .schema import Column


def columns_of(
    found: Iterable[Any],
    table: str,
    primary_key: tuple[str, ...],
    checks: tuple[str, ...],
    dialect: str,
    extra: Details,
) -> Mapping[str, Column]:
    """The columns of one table, by name, in the table's order."""
    limited = limits(checks)
    json_columns = {is_json(check) for check in checks}
    made: dict[str, Column] = {}
    for each in found:
        name = each["name"]
        declared = extra.types.get((table, name), "")
        told = _shape(each["type"], declared, dialect)
        if name in json_columns:
            told = Shape("json")
        made[name] = _column(
            each, narrowed(told, limited.get(name, Limits())), primary_key, dialect
        )
    return made


def _shape(type_: Any, declared: str, dialect: str) -> Shape:
    if dialect == "sqlite" and declared in ("UUID", "GUID"):
        return Shape("uuid")
    if dialect == "sqlite" and declared == "JSONB":
        return Shape("json")
    told = shape(type_, dialect)
    check = getattr(type_, "check", None)  # of a PostgreSQL domain, about VALUE
    if check is None:
        return told
    return narrowed(told, limits([str(check)]).get("VALUE", Limits()))


def _column(found: Any, told: Shape, primary_key: tuple[str, ...], dialect: str) -> Column:
    name = found["name"]
    # An INTEGER PRIMARY KEY of SQLite is the rowid, which numbers itself.
    rowid = dialect == "sqlite" and primary_key == (name,) and str(found["type"]) == "INTEGER"
    identity = found.get("identity") is not None
    return Column(
        name=name,
        type=told.kind,
        nullable=bool(found["nullable"]) and name not in primary_key,
        length=told.length,
        precision=told.precision,
        scale=told.scale,
        minimum=told.minimum,
        maximum=told.maximum,
        default=found.get("default") is not None,
        generated=found.get("computed") is not None,
        autoincrement=found.get("autoincrement") is True or rowid or identity,
        enum=told.enum,
    )
