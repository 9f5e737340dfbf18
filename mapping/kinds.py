"""SQLAlchemy's reflected types as the few kinds that payloads and comparisons tell apart."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from sqlalchemy import types as sql

from .checks import Limits
from .schema import Kind

_BITS = {
    "TINYINT": 8,
    "SMALLINT": 16,
    "SMALLSERIAL": 16,
    "MEDIUMINT": 24,
    "BIGINT": 64,
    "BIGSERIAL": 64,
}
_BY_NAME: dict[str, Kind] = {
    "UUID": "uuid", "JSON": "json", "JSONB": "json", "CITEXT": "text", "MONEY": "number",
    "YEAR": "integer",
}  # fmt: skip
_BY_CLASS: tuple[tuple[type[Any], Kind], ...] = (
    (sql.Enum, "enum"),
    (sql.Uuid, "uuid"),
    (sql.JSON, "json"),
    (sql.Boolean, "boolean"),
    (sql.Integer, "integer"),
    (sql.Numeric, "number"),
    (sql.Float, "number"),
    (sql.DateTime, "datetime"),
    (sql.Date, "date"),
    (sql.Time, "time"),
    (sql.LargeBinary, "binary"),
    (sql._Binary, "binary"),
    (sql.String, "text"),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """What a type says of its values."""

    kind: Kind
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    enum: tuple[str, ...] = ()


def shape(type_: Any, dialect: str) -> Shape:
    """The shape of a reflected type: an instance of SQLAlchemy's TypeEngine."""
    name = type(type_).__name__.upper()
    if name == "DOMAIN":
        return shape(type_.data_type, dialect)
    if name == "TINYINT" and getattr(type_, "display_width", None) == 1:
        return Shape("boolean")  # what BOOLEAN is on MySQL and MariaDB
    kind = _BY_NAME.get(name) or _by_class(type_)
    if name in ("SET", "BIT", "INTERVAL", "ARRAY"):
        kind = "other"
    if kind == "integer":
        low, high = _range(name, dialect, unsigned=bool(getattr(type_, "unsigned", False)))
        return Shape("integer", minimum=low, maximum=high)
    if kind == "number":
        floating = isinstance(type_, sql.Float)
        digits = None if floating else getattr(type_, "precision", None)
        return Shape("number", precision=digits, scale=None if floating else type_.scale)
    if kind == "enum":
        return Shape("enum", enum=tuple(str(value) for value in type_.enums))
    if kind in ("text", "binary"):
        return Shape(kind, length=getattr(type_, "length", None))
    return Shape(kind)


def _by_class(type_: Any) -> Kind:
    for cls, kind in _BY_CLASS:
        if isinstance(type_, cls):
            return kind
    return "other"


def narrowed(shape: Shape, limits: Limits) -> Shape:
    """The shape within what CHECK constraints say."""
    if limits.values and shape.kind in ("text", "enum", "other"):
        return Shape("enum", length=shape.length, enum=limits.values)
    if shape.kind not in ("integer", "number"):
        return shape
    low = _bound(limits.low, limits.low_exclusive, shape, upwards=True)
    high = _bound(limits.high, limits.high_exclusive, shape, upwards=False)
    lows = [bound for bound in (shape.minimum, low) if bound is not None]
    highs = [bound for bound in (shape.maximum, high) if bound is not None]
    return Shape(
        shape.kind,
        precision=shape.precision,
        scale=shape.scale,
        minimum=max(lows, default=None),
        maximum=min(highs, default=None),
    )


def _bound(
    bound: float | None, exclusive: bool, shape: Shape, *, upwards: bool
) -> int | float | None:
    """An inclusive bound; one step of the column's scale inside an exclusive one."""
    if bound is None:
        return None
    if shape.kind == "integer":
        whole = math.ceil(bound) if upwards else math.floor(bound)
        step = 1 if upwards else -1
        return whole + step if exclusive and whole == bound else whole
    step_size = 10.0 ** -(shape.scale if shape.scale is not None else 6)
    inside = bound + step_size * (1 if upwards else -1)
    return round(inside, 10) if exclusive else bound


def _range(name: str, dialect: str, *, unsigned: bool) -> tuple[int, int]:
    bits = 64 if dialect == "sqlite" else _BITS.get(name, 32)
    if unsigned:
        return 0, 2**bits - 1
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
