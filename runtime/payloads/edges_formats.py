"""Edges of the formats of text: what people really send and readers tend to forget.

Each is made from a plain value, so that a unique part stays and a moment stays the same moment.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

Tries = tuple[str, list[str]]
"""What the value is tried for, and values for it, the best first."""


def edges_of_format(name: str, plain: str) -> Iterator[Tries]:
    """The edges of the format of that name, made from a plain value of it."""
    made = _OF.get(name)
    if made is not None:
        yield from made(plain)


def _email(plain: str) -> Iterator[Tries]:
    local, _, domain = plain.partition("@")
    tagged = [f"{local.replace('.', '+', 1)}@{domain}"] if "." in local else []
    yield "with a plus", [*tagged, f"{local}+birch@{domain}"]
    yield "in mixed case", [f"{local.title()}@{domain.title()}", f"{local.title()}@{domain}"]
    yield "at a subdomain", [f"{local}@mail.{domain}"]
    yield "with an apostrophe", [f"o'{local}@{domain}"]


def _date_time(plain: str) -> Iterator[Tries]:
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError:
        return
    if moment.tzinfo is None:
        return
    for name, minutes in (("with an offset", 330), ("with a negative offset", -480)):
        yield name, [moment.astimezone(timezone(timedelta(minutes=minutes))).isoformat()]
    whole = moment.replace(microsecond=0, tzinfo=None).isoformat()
    yield "with fractions of a second", [f"{whole}.{digits}Z" for digits in ("123456", "123", "5")]
    leap = "2024-02-29T23:59:59"
    yield leap + "Z", [leap + "Z", leap + "+00:00"]


def _date_time_local(plain: str) -> Iterator[Tries]:
    yield "with fractions of a second", [f"{plain}.{digits}" for digits in ("123456", "123")]
    yield "2024-02-29T23:59:59", ["2024-02-29T23:59:59"]


def _date(_: str) -> Iterator[Tries]:
    for day in ("2024-02-29", "2024-12-31"):
        yield day, [day]


def _time(plain: str) -> Iterator[Tries]:
    zone = "Z" if plain.endswith("Z") else ""
    for time in ("00:00:00", "23:59:59"):
        yield time + zone, [time + zone]


def _uri(plain: str) -> Iterator[Tries]:
    yield "with a port", [re.sub(r"^([A-Za-z][\w+.-]*://[^/:?#]+)", r"\1:8443", plain)]
    yield "with a query", [f"{plain}?amber=1&birch=a%20b#cedar", f"{plain}?amber=1"]


def _color(plain: str) -> Iterator[Tries]:
    yield "in capitals", [plain.upper().replace("#0", "#F")]


_OF: dict[str, Callable[[str], Iterator[Tries]]] = {
    "email": _email,
    "date": _date,
    "date-time": _date_time,
    "date-time-local": _date_time_local,
    "time": _time,
    "time-local": _time,
    "uri": _uri,
    "color": _color,
}
