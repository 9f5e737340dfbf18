"""Values for arranged rows: one per column type, run-unique where a unique key asks for it."""

from __future__ import annotations

import itertools
import os
import random
import string
import time
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from ...mapping.likely import UUID_LENGTH, likely_format

if TYPE_CHECKING:
    import sqlalchemy as sa

UUID_FORMS: Mapping[int, Callable[[UUID], str]] = {36: str, 32: lambda made: made.hex}
"""By length of a CHAR: what a UUID is in a column of text. Nothing else is as long by rule."""
DIGITS = string.digits + string.ascii_lowercase
# Two runs on one database must not meet: time and process give the first part, a counter the rest.
_PREFIX = int(time.time() * 1000) * 4096 + os.getpid() % 4096
_counter = itertools.count(1)
_random = random.Random(_PREFIX)


def token(length: int = 14) -> str:
    """Lower-case letters and digits that no other run and no earlier call has given."""
    number = next(_counter)
    text = _base36(_PREFIX)[-9:] + _base36(number).zfill(4)
    if len(text) <= length:
        return text
    # too short to be unique by construction: random, and the caller tries again on a collision
    return "".join(_random.choice(DIGITS) for _ in range(length))


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, 36)
        digits = DIGITS[rest] + digits
    return digits or "0"


_USUAL = {
    "color": "#336699",
    "country": "DE",
    "currency": "EUR",
    "date": "2024-01-15",
    "language": "en",
    "timezone": "UTC",
    "zip": "10115",
}
"""Texts of columns whose name says what they are, by that."""


def text_for(name: str, length: int | None, *, unique: bool) -> str:
    """Clean text that fits; an address, a currency ... where the column's name asks for one."""
    kind = likely_format(name)
    if ("email" in name.lower() or kind == "email") and (length is None or length >= 26):
        return f"{token()}@example.com"
    if kind == "uri" and (length is None or length >= 34):
        return f"https://example.com/{token()}"
    usual = _USUAL.get(kind, "")
    if usual and not unique and (length is None or length >= len(usual)):
        return usual
    word = "".join(c for c in name.lower() if c.isalnum()) or "x"
    room = 255 if length is None else length
    if not unique:
        return word[:room]
    if room >= len(word) + 14:
        return f"{word}-{token()}"
    return token(room)


def whole_for(kind: sa.types.TypeEngine[Any], *, unique: bool) -> int:
    """1, or a random number within the type's range (53 bits at most: what JSON carries exactly)."""
    if not unique:
        return 1
    name = type(kind).__name__.upper()
    bits = 7 if "TINY" in name else 15 if "SMALL" in name else 23 if "MEDIUM" in name else 31
    if "BIG" in name:
        bits = 53
    return _random.randrange(2 ** (bits - 1), 2**bits)


def decimal_for(kind: Any, *, unique: bool) -> Decimal:
    precision, scale = getattr(kind, "precision", None), getattr(kind, "scale", None) or 0
    room = 9 if precision is None else precision - scale
    if unique and room > 0:
        return Decimal(_random.randrange(10 ** (room - 1), 10**room))
    return Decimal(1) if room > 0 else Decimal(0)


DAYS_APART = 2
"""Between the times of two arranged rows of a table: a CHECK may put a day between two of one row."""


def moment_for(number: int, *, unique: bool) -> datetime:
    """The time that the number-th arranged row of a table gets, with its zone.

    Of yesterday at the latest: a test that a timestamp moves to now must see it move. Rows of one
    table lie days apart, as an API may refuse two at the same time.
    """
    return (datetime.now(UTC) - timedelta(days=1 + DAYS_APART * number)).replace(
        microsecond=next(_counter) % 10**6 if unique else 0
    )


def value_for(column: sa.Column[Any], *, unique: bool, number: int = 0) -> Any:
    """A value of the column's type, for the number-th arranged row of its table.

    NotImplementedError where SQLAlchemy knows no Python type.
    """
    import sqlalchemy as sa

    kind = column.type
    if isinstance(kind, sa.Enum) and kind.enums:
        return kind.enums[0]
    if isinstance(kind, sa.JSON):
        return {}
    wanted = kind.python_type
    if isinstance(kind, sa.CHAR) and (form := UUID_FORMS.get(kind.length or 0)):
        return form(uuid4())
    if wanted is str:
        length = getattr(kind, "length", None)
        if length == UUID_LENGTH and unique:
            return str(uuid4())
        return text_for(column.name, length, unique=unique)
    if wanted is int:
        return whole_for(kind, unique=unique)
    if wanted is Decimal:
        return decimal_for(kind, unique=unique)
    if wanted is bytes:
        length = getattr(kind, "length", None) or 13
        return token(length).encode() if unique else b"x"
    if wanted is datetime:
        moment = moment_for(number, unique=unique)
        return moment if getattr(kind, "timezone", False) else moment.replace(tzinfo=None)
    if wanted is date and not unique:
        return datetime.now(UTC).date() - timedelta(days=DAYS_APART * number)
    if wanted not in _PLAIN:
        raise NotImplementedError
    return _PLAIN[wanted](unique)


_PLAIN: dict[type, Callable[[bool], Any]] = {
    bool: lambda unique: False,
    float: lambda unique: float(_random.randrange(2**20)) if unique else 1.0,
    date: lambda unique: date(2000, 1, 1) + timedelta(days=_random.randrange(9000)),
    clock: lambda unique: clock(12),
    timedelta: lambda unique: timedelta(seconds=_random.randrange(86400) if unique else 0),
    UUID: lambda unique: uuid4(),
    list: lambda unique: [],
    dict: lambda unique: {},
}
