"""Comparison by meaning: whether a value on the wire, of the mapping or of a test is the one that is stored.

`same` is the one place where this is decided. Which rule applies is told by the types of both sides, the
more telling one first; texts are compared exactly unless the other side, or the column, is of another
type. Of two points in time the coarser side counts: an answer in milliseconds agrees with a row in
microseconds.
"""

from __future__ import annotations

import json
import re
import struct
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from email.utils import parsedate_to_datetime
from enum import Enum
from functools import cache
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
    ip_interface,
)
from typing import Any, Literal
from uuid import UUID

Kind = Literal["", "enum", "caseless", "padded", "float4", "ip"]
"""What only the column tells: a text that is a member of an enum, is compared without case, is filled up
to its length or is an address; a number of single precision. "" where the values tell enough."""

_SECOND = 10**9
_DAY = 86_400 * _SECOND
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_UNITS = (1, 10**3, 10**6, 10**9)
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-?)[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}", re.I)
_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:\.(\d+))? ?(Z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)
_CLOCK = re.compile(r"(?:(?:1970|2000)-01-01T)?(\d\d:\d\d.*)", re.ASCII)
_HTTP_DATE = re.compile(r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_ZERO_DATE = re.compile(r"0000-00-00([T ]00:00:00(\.0+)?Z?)?")
_EMAIL = re.compile(r"([^@\s]+)@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)", re.ASCII)
_LETTERS = {"Y": True, "T": True, "N": False, "F": False}


def same(one: Any, other: Any, kind: Kind = "") -> bool:
    """Whether two values mean the same; `kind` is that of the column which holds one of them.

    What no value alone tells is compared strictly: `"1"` is not `True`, `"007"` not `7`, and a number is
    a point in time only where the other side is one.
    """
    if isinstance(one, Enum) or isinstance(other, Enum):
        return any(same(a, b, kind) for a in _of_enum(one) for b in _of_enum(other))
    if one is None or other is None:
        return one is other or _is_zero_date(other if one is None else one)
    if isinstance(one, str) and isinstance(other, str):
        return one == other or _same_text(one, other, kind)
    if kind == "float4" and _is_number(one) and _is_number(other):
        return _same_single(float(one), float(other))
    for types, rule in _RULES:
        if isinstance(other, types):
            return rule(other, one)
        if isinstance(one, types):
            return rule(one, other)
    return bool(one == other)


def unchanged(before: Any, after: Any) -> bool:
    """Whether one column holds what it held; not a number is what it was."""
    return bool(before == after) or (before != before and after != after)


def is_just(moment: Any, now: datetime, within: float) -> bool:
    """Whether a stored moment, in whatever form, lies within so many seconds of `now`."""
    if _is_number(moment) or (isinstance(moment, str) and _NUMBER.fullmatch(moment)):
        moments = _epochs(moment)
    else:
        moments = [read] if (read := _moment(moment)) else []
    return any(abs(read.at - _nanoseconds(now)) <= within * _SECOND for read in moments)


# ---- texts


def _same_text(one: str, other: str, kind: Kind) -> bool:
    """Two different texts that say the same: by the kind of their column, or by an unmistakable form."""
    match kind:
        case "enum":
            return _folded(one) == _folded(other)
        case "caseless":
            return one.casefold() == other.casefold()
        case "padded" if one.rstrip(" ") == other.rstrip(" "):
            return True
        case "ip":
            return _same_address(one, other)
    if _ZERO_DATE.fullmatch(one) and _ZERO_DATE.fullmatch(other):
        return True
    if (left := as_uuid(one)) and (right := as_uuid(other)):
        # Two texts of 32 hexadecimal digits may be anything: one side must show that it is a UUID.
        return left == right and ("-" in one or "-" in other)
    if (left_at := _moment(one)) and (right_at := _moment(other)):
        # In a text a date alone is no rounded point in time.
        return left_at.agrees(right_at) and _DAY not in (left_at.unit, right_at.unit)
    mine, yours = _EMAIL.fullmatch(one), _EMAIL.fullmatch(other)
    return bool(
        mine and yours and mine[1] == yours[1] and mine[2].casefold() == yours[2].casefold()
    )


def _folded(text: str) -> str:
    """A member of an enum without case and separators: `IN_PROGRESS` and `in-progress`."""
    return re.sub(r"[\s_-]", "", text).casefold()


def tell_apart(members: Collection[str]) -> bool:
    """Whether the members of an enum differ in more than case and separators."""
    return len({_folded(member) for member in members}) == len(members)


def _of_enum(value: Any) -> tuple[Any, ...]:
    return (value.value, value.name) if isinstance(value, Enum) else (value,)


# ---- points in time


@dataclass(frozen=True, slots=True)
class _Moment:
    """A point in time and how exactly it is told, both in nanoseconds; `day` is the date as it stands."""

    at: int
    unit: int
    day: str

    def agrees(self, other: _Moment) -> bool:
        """The coarser side is the finer one, cut or rounded to what it can tell."""
        coarse, fine = (self, other) if self.unit >= other.unit else (other, self)
        if coarse.unit == _DAY:
            return coarse.day == fine.day
        cut = fine.at - fine.at % coarse.unit
        rounded = cut + coarse.unit if (fine.at - cut) * 2 >= coarse.unit else cut
        return coarse.at == cut or (coarse.unit <= _SECOND and coarse.at == rounded)


def _moment(value: Any) -> _Moment | None:
    """A point in time of a datetime, a date, or a text in ISO 8601 or of HTTP; without a zone it is UTC."""
    if isinstance(value, datetime):
        micro = value.microsecond
        unit = 10**3 if micro % 1000 else 10**6 if micro else _SECOND
        return _Moment(_nanoseconds(value), unit, value.date().isoformat())
    if isinstance(value, date):
        return _Moment(_nanoseconds(datetime(*value.timetuple()[:3])), _DAY, value.isoformat())
    if not isinstance(value, str):
        return None
    try:
        if len(value) == 10:
            return _moment(date.fromisoformat(value)) if value[4] == "-" else None
        if _HTTP_DATE.fullmatch(value):
            return _moment(parsedate_to_datetime(value))
        told = _MOMENT.fullmatch(value.upper())
        if told is None:
            return None
        day, minute, second, fraction, zone = told.groups()
        whole = datetime.fromisoformat(f"{day}T{minute}{second or ''}{zone or ''}")
    except ValueError:
        return None
    digits = (fraction or "")[:9]
    unit = _SECOND // 10 ** len(digits) if second else 60 * _SECOND
    return _Moment(_nanoseconds(whole) + int(digits.ljust(9, "0")), unit, day)


def _nanoseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(microseconds=1) * 1000


def _epochs(number: Any) -> list[_Moment]:
    """The points in time that a number can be: seconds, or parts of them, since 1970."""
    exact = Decimal(str(number))
    if not exact.is_finite() or abs(exact) > 10**20:
        return []
    digits = max(-int(exact.normalize().as_tuple().exponent), 0)
    units = _EPOCH_UNITS if digits == 0 else _EPOCH_UNITS[:2]
    return [
        _Moment(int(exact * _SECOND / per), max(_SECOND // per // 10**digits, 1), "")
        for per in units
    ]


def _same_moment(moment: datetime, other: Any) -> bool:
    held = _moment(moment)
    assert held is not None
    if _is_number(other) or (isinstance(other, str) and _NUMBER.fullmatch(other)):
        return any(epoch.agrees(held) for epoch in _epochs(other))
    read = _moment(other)
    return read is not None and held.agrees(read)


def _same_date(day: date, other: Any) -> bool:
    if _is_number(other) or (isinstance(other, str) and _NUMBER.fullmatch(other)):
        return _same_moment(datetime(*day.timetuple()[:3]), other)
    read = _moment(other)
    return read is not None and read.day == day.isoformat()


def _is_zero_date(value: Any) -> bool:
    """A date that MySQL keeps for none at all; other programs know it as null."""
    return isinstance(value, str) and bool(_ZERO_DATE.fullmatch(value))


def _same_time(clock: time, other: Any) -> bool:
    """A time of day; some show it as a moment of the day on which their calendar begins."""
    if isinstance(other, timedelta):
        return other == timedelta(
            hours=clock.hour,
            minutes=clock.minute,
            seconds=clock.second,
            microseconds=clock.microsecond,
        )
    told = _CLOCK.fullmatch(other) if isinstance(other, str) else None
    text = told[1] if told else other.isoformat() if isinstance(other, time) else ""
    # Without a zone on both sides the time as it stands is what counts.
    zoned = clock.tzinfo is not None and re.search(r"Z|[+-]\d\d", text) is not None
    mine, yours = clock.isoformat(), text
    if not zoned:
        mine, yours = (re.sub(r"Z$|[+-]\d\d(:?\d\d)?$", "", each) for each in (mine, yours))
    left, right = _moment(f"1970-01-01T{mine}"), _moment(f"1970-01-01T{yours}")
    return left is not None and right is not None and left.agrees(right)


def _same_duration(span: timedelta, other: Any) -> bool:
    """An interval and ISO 8601 (`PT1H30M`), `01:30:00`, `1 02:03:04`, or seconds."""
    if isinstance(other, str):
        other = _duration(re.sub(r"^(-?\d+) (?=\d\d:)", r"\1 days, ", other))
    elif _is_number(other):
        return Decimal(span // timedelta(microseconds=1)) / 10**6 == Decimal(str(other))
    return bool(span == other)


def _duration(text: str) -> timedelta | None:
    try:
        return _durations().validate_python(text)  # type: ignore[no-any-return]
    except ValueError:
        return None


@cache
def _durations() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(timedelta)


# ---- numbers, flags, bytes


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _same_flag(flag: bool, other: Any) -> bool:
    """A flag is 0 or 1 where there is no type for it, or one letter: never a text with a digit."""
    if isinstance(other, str):
        return _LETTERS.get(other) is flag
    if isinstance(other, bytes):  # BIT(1)
        return other == bytes([flag])
    return isinstance(other, int | float | Decimal) and bool(other == flag)


def _same_number(number: Any, other: Any) -> bool:
    """Numbers by their decimal digits: of a float as many as it has; and a date-time that is counted."""
    if isinstance(other, str):
        if not _NUMBER.fullmatch(other):
            read = _moment(other)
            if read is None or read.unit == _DAY:
                return False
            return any(epoch.agrees(read) for epoch in _epochs(number))
    elif not _is_number(other):
        return False
    mine, yours = Decimal(str(number)), Decimal(str(other))
    if mine == yours or (mine.is_nan() and yours.is_nan()):
        return True
    floats = isinstance(number, float) or isinstance(other, float)
    beyond = max(len(mine.as_tuple().digits), len(yours.as_tuple().digits)) > 15
    return floats and beyond and float(mine) == float(yours)


def _same_single(one: float, other: float) -> bool:
    """Two numbers that single precision cannot tell apart; MariaDB shows six of its digits."""
    try:
        rounded = struct.pack("f", one) == struct.pack("f", other)
    except OverflowError:
        rounded = False
    return one == other or rounded or f"{one:.6g}" == f"{other:.6g}"


def _same_bytes(raw: bytes, other: Any) -> bool:
    """Bytes and the text that stands for them: the text itself, a UUID, base64, or hexadecimal."""
    raw = bytes(raw)
    if _is_number(other):  # BIT(8)
        return bool(int.from_bytes(raw) == other)
    if not isinstance(other, str):
        return isinstance(other, bytes | bytearray | memoryview) and raw == bytes(other)
    forms: tuple[Callable[[str], bytes | None], ...] = (
        str.encode,
        _uuid_bytes,
        _base64,
        bytes.fromhex,
    )
    return any(_read(form, other) == raw for form in forms)


def _read(form: Callable[[str], bytes | None], text: str) -> bytes | None:
    try:
        return form(text)
    except (ValueError, NoBase64):
        return None


def _base64(text: str) -> bytes:
    """Of either alphabet, with or without its padding."""
    usual = text.translate(str.maketrans("-_", "+/"))
    return b64decode(usual + "=" * (-len(usual) % 4), validate=True)


def as_uuid(text: str) -> UUID | None:
    """The UUID that a text is, with or without its hyphens; None where it is none."""
    text = text.removeprefix("urn:uuid:")
    return UUID(text) if _UUID.fullmatch(text) else None


def _uuid_bytes(text: str) -> bytes | None:
    read = as_uuid(text)
    return read.bytes if read else None


def _same_uuid(key: UUID, other: Any) -> bool:
    if isinstance(other, str):
        return as_uuid(other) == key
    return bool(other == key or other == key.bytes)


_ADDRESSES = (IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network)


def _same_address(address: Any, other: Any) -> bool:
    """Addresses; without a mask one stands for itself alone, as with the whole mask."""
    try:
        return ip_interface(str(address)) == ip_interface(str(other))
    except ValueError:
        return False


# ---- lists and objects


def _same_object(members: Mapping[str, Any], other: Any) -> bool:
    """JSON objects in whatever order, one of them perhaps as text."""
    if isinstance(other, str):
        other = _json(other)
    return (
        isinstance(other, Mapping)
        and members.keys() == other.keys()
        and all(_same_inside(members[name], other[name]) for name in members)
    )


def _same_list(items: Sequence[Any], other: Any) -> bool:
    """Lists in one order; an array of a database, JSON as text, or `a,b`."""
    if isinstance(other, str):
        read = _json(other)
        if not isinstance(read, list):
            parts = _parts(other)
            return len(parts) == len(items) and all(map(same, items, parts))
        other = read
    return (
        isinstance(other, list | tuple)
        and len(other) == len(items)
        and all(map(_same_inside, items, other))
    )


def _same_set(members: Collection[Any], other: Any) -> bool:
    """A SET of MySQL, and a list without an order, or `a,b`."""
    if isinstance(other, str):
        other = _parts(other)
    if not isinstance(other, list | tuple | set | frozenset) or len(other) != len(members):
        return False
    return all(any(same(member, item) for item in other) for member in members)


def _same_inside(one: Any, other: Any) -> bool:
    """What stands inside of a list or an object: JSON tells its types, so "12" is not 12 there."""
    plain = (str, int, float, type(None))
    if isinstance(one, plain) and isinstance(other, plain):
        alike = _is_number(one) and _is_number(other)
        return _same_number(one, other) if alike else type(one) is type(other) and one == other
    return same(one, other)


def _parts(text: str) -> list[str]:
    """The parts of `a,b`, or of `{a,b}` as PostgreSQL writes an array."""
    inside = text[1:-1] if text[:1] == "{" and text[-1:] == "}" else text
    return [part.strip().strip('"') for part in inside.split(",")] if inside else []


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


_RULES: tuple[tuple[Any, Callable[[Any, Any], bool]], ...] = (
    (bool, _same_flag),
    (datetime, _same_moment),
    (date, _same_date),
    (time, _same_time),
    (timedelta, _same_duration),
    (UUID, _same_uuid),
    (_ADDRESSES, _same_address),
    ((bytes, bytearray, memoryview), _same_bytes),
    (Mapping, _same_object),
    ((set, frozenset), _same_set),
    ((list, tuple), _same_list),
    ((int, float, Decimal), _same_number),
)
"""The most telling type first: the first that one side has decides."""
