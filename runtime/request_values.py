"""Values of rows as a request carries them: JSON types, and text in a path or a query."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import Any
from uuid import UUID

_UUID_BYTES = 16
_TEXTS = (UUID, IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)


def in_format(value: Any, form: str) -> Any:
    """A row's value as a field of this format has it.

    `uuid`, `date`, `date-time` (RFC 3339; without a zone it counts as UTC), `time` and `byte`
    (base64) are OpenAPI's formats; `text`, `integer` and `number` the JSON types. A text that is no
    number goes out as it is: the row can be named by nothing else, whatever the spec says.
    """
    match form:
        case "integer" | "number" if value is not None:
            number = _number(value)
            if number is None:
                return json_value(value)
            return int(number) if form == "integer" else json_value(number)
        case "text" if value is not None:
            return text_value(value)
        case "uuid" if isinstance(value, bytes) and len(value) == _UUID_BYTES:
            return str(UUID(bytes=value))
        case "byte" if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        case "date" if isinstance(value, datetime):
            return value.date().isoformat()
        case "time" if isinstance(value, datetime):
            return value.time().isoformat()
        case _:
            return json_value(value)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None


def json_value(value: Any) -> Any:
    """A value with everything that JSON has no type for written as text or a number, also inside
    lists and objects; what no driver returns (a file of a form) stays as it is."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Mapping):
        return {str(name): json_value(part) for name, part in value.items()}
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return value  # a file of a form, with its name and its type
    if isinstance(value, list | tuple | set | frozenset):
        return [json_value(part) for part in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=UTC)).isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return _text_of_bytes(bytes(value))
    return str(value) if isinstance(value, _TEXTS) else value


def text_value(value: Any) -> str:
    """A value as a path or a query shows it."""
    plain = json_value(value)
    if isinstance(plain, bool):
        return "true" if plain else "false"
    return str(plain)


def query_value(value: Any) -> Any:
    """A value of a query parameter; lists stay lists, which repeat the name."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, list | tuple):
        return [query_value(part) for part in value]
    return text_value(value)


def _text_of_bytes(value: bytes) -> str:
    """A key of 16 bytes is a UUID, other bytes travel as base64."""
    if len(value) == _UUID_BYTES:
        return str(UUID(bytes=value))
    return base64.b64encode(value).decode()


def _duration(value: timedelta) -> str:
    """ISO 8601: `P1DT2H3M4S`."""
    sign = "-" if value < timedelta(0) else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06d}".rstrip("0") if value.microseconds else ""
    days = f"{value.days}D" if value.days else ""
    return f"{sign}P{days}T{hours}H{minutes}M{seconds}{fraction}S"
