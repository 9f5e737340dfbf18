"""What the shop accepts and shows: strict base models and the field types they share.

JSON Schema knows one kind of number: 1.0 is an integer, true is none. Numbers arrive as int or
Decimal (see web.ShopRequest), so that 19.99 is nineteen ninety-nine and nothing near it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from types import GenericAlias
from typing import Annotated, Any, ClassVar

from annotated_types import MultipleOf
from fastapi import Query
from pydantic import (
    AfterValidator,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
    create_model,
)
from pydantic.alias_generators import to_camel
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from .bugs import enabled

PLAIN = r"^[^\u0000]*$"
"""PostgreSQL cannot store U+0000 in text."""
PHONE = r"^\+[0-9]{6,15}$"
VAT_ID = r"^[A-Z]{2}[0-9A-Z]{8,12}$"
POSTCODE = r"^[0-9A-Z][0-9A-Z -]{1,7}[0-9A-Z]$"
COUNTRY = r"^[A-Z]{2}$"
SKU = r"^[A-Z]{2,4}-[0-9]{3,8}$"
TAG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
CODE = r"^[A-Z0-9]{4,16}$"
MONTH = r"^[12][0-9]{3}-(0[1-9]|1[0-2])$"
KEY = r"^[A-Za-z0-9_-]+$"
UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
EMAIL = (
    r"^[A-Za-z0-9]{1,20}([._+-][A-Za-z0-9]{1,20}){0,2}"
    r"@([A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20})?\.){1,2}[A-Za-z]{2,10}$"
)
URL = (
    r"^https://[a-z0-9]{1,20}(-[a-z0-9]{1,20}){0,2}(\.[a-z0-9]{1,20}){1,3}"
    r"(:[1-9][0-9]{1,3})?(/[A-Za-z0-9._~-]*)*$"
)
DAY = r"^[1-8][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_CLOCK = r"T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?"
MOMENT = DAY[:-1] + _CLOCK + r"(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$"
UTC_MOMENT = DAY[:-1] + _CLOCK + "Z$"
MAX_ID = 2_147_483_647


class Body(BaseModel):
    """A request body: types are exact and unknown properties are refused."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True)

    def sent(self) -> dict[str, Any]:
        """The properties that the request named, by their Python names."""
        return self.model_dump(exclude_unset=True)


def _describe_patch(schema: dict[str, Any]) -> None:
    """The defaults only stand for "not sent"."""
    schema["minProperties"] = 1
    for described in schema["properties"].values():
        described.pop("default", None)


class Patch(Body):
    """A partial update: what is left out stays as it is."""

    model_config = ConfigDict(json_schema_extra=_describe_patch)
    may_be_empty: ClassVar[bool] = False

    def model_post_init(self, context: Any, /) -> None:
        if not self.model_fields_set and not self.may_be_empty:
            raise ValueError("name at least one property")


class View(BaseModel):
    """What the wire shows of a row."""

    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel))


def _integral(value: object) -> object:
    # The exponent is looked at first: 1E+999999999 is a short text and an endless int.
    if isinstance(value, Decimal) and value.adjusted() < 20 and value == value.to_integral_value():
        return int(value)
    return value


def _number(value: object) -> object:
    """A number as Decimal, which cannot be divided into steps when it has too many digits."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if isinstance(value, Decimal) and value.adjusted() >= 20 and not enabled("huge_number_crashes"):
        raise ValueError("out of range")
    return value


def _digits(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch(r"-?(0|[1-9][0-9]{0,18})", value):
        raise ValueError("not an integer")
    return value


def _flag(value: object) -> object:
    return {"true": True, "false": False}.get(value, "unknown") if isinstance(value, str) else value


def _text_of(pattern: str, read: Callable[[str], Any]) -> Callable[[object], Any]:
    def convert(value: object) -> Any:
        if not isinstance(value, str) or not re.fullmatch(pattern[1:-1], value):
            raise ValueError(f"does not match {pattern}")
        return read(value)

    return convert


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _text_schema(text_format: str, pattern: str) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "format": text_format, "pattern": pattern})


Whole = Annotated[int, BeforeValidator(_integral)]
Number = Annotated[
    Decimal, BeforeValidator(_number), PlainSerializer(float, return_type=float, when_used="json")
]
Money = Annotated[Number, MultipleOf(Decimal("0.01"))]
Halves = Annotated[Number, MultipleOf(Decimal("0.5"))]
Grams = Annotated[Number, MultipleOf(Decimal("0.001"))]
Day = Annotated[date, BeforeValidator(_text_of(DAY, date.fromisoformat)), _text_schema("date", DAY)]
Moment = Annotated[
    datetime, BeforeValidator(_text_of(MOMENT, _moment)), _text_schema("date-time", MOMENT)
]
UtcMoment = Annotated[
    datetime,
    BeforeValidator(_text_of(UTC_MOMENT, _moment)),
    _text_schema("date-time", UTC_MOMENT),
]
Email = Annotated[
    str,
    Field(max_length=120, pattern=EMAIL, json_schema_extra={"format": "email"}),
    AfterValidator(str.lower),
]
Cents = Annotated[
    float,
    BeforeValidator(lambda cents: cents / 100),
]
"""Cents in the row, a number with two decimals on the wire."""

Key = Annotated[int, BeforeValidator(_digits)]
"""A number in a path or a query."""
Flag = Annotated[bool, BeforeValidator(_flag)]
"""`true` or `false` in a query, and no other word for them."""
Ref = Annotated[Whole, Field(ge=1, le=MAX_ID)]
Amount = Annotated[Whole, Field(ge=1, le=1_000_000)]
"""Money in minor units."""


class Page(BaseModel):
    """A part of a list."""

    limit: Annotated[int, BeforeValidator(_digits)] = Field(default=20, ge=1, le=100)
    offset: Annotated[int, BeforeValidator(_digits)] = Field(default=0, ge=0, le=1_000_000)

    def of(
        self, session: Session, rows: Select[Any], key: Any, view: type[BaseModel]
    ) -> dict[str, Any]:
        """The rows of this page as the wire shows them, ordered by `key`."""
        total = session.scalar(select(func.count()).select_from(rows.subquery()))
        found = session.scalars(rows.order_by(key).limit(self.limit).offset(self.offset)).all()
        data = [
            view.model_validate(row, from_attributes=True).model_dump(mode="json", by_alias=True)
            for row in found
        ]
        return {"data": data, "total": total, "limit": self.limit, "offset": self.offset}


Paging = Annotated[Page, Query()]


def page_of(view: type[BaseModel]) -> type[BaseModel]:
    """The model of a page of views."""
    fields: dict[str, Any] = {"data": (GenericAlias(list, (view,)), ...)}
    fields |= dict.fromkeys(("total", "limit", "offset"), (int, ...))
    return create_model(f"{view.__name__}Page", **fields)
