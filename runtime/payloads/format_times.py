"""Formats of dates and times (RFC 3339, ISO 8601, RFC 9110), counted from the start of 2024."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from .format import Format

_DAYS = 3652
_SECONDS = _DAYS * 86_400
_NOON = 43_200
_START = datetime(2024, 1, 1, tzinfo=UTC)


def _instant(number: int) -> datetime:
    return _START + timedelta(seconds=number)


def _iso(number: int) -> str:
    return _instant(number).strftime("%Y-%m-%dT%H:%M:%SZ")


TIMES = (
    Format(
        "date",
        "a date",
        lambda number: (_START + timedelta(days=number)).date().isoformat(),
        _DAYS,
        wrong=("not a date", "2024-13-45", "2024-02-30", "x"),
        near=("2023-02-29",),
        rare=("9999-12-31", "0001-01-01"),
        shape=r"\d{4}-\d\d-\d\d",
    ),
    Format(
        "date-time",
        "a date and time",
        _iso,
        _SECONDS,
        wrong=("not a date-time", "2024-13-45T99:99:99Z", "2024-02-30T12:00:00Z", "x"),
        near=("2024-01-01T12:00:00",),
        rare=("9999-12-31T23:59:59+14:00", "0001-01-01T00:00:00.000001Z"),
    ),
    Format(
        "date-time-local",
        "a local date and time",
        lambda number: _iso(number)[:-1],
        _SECONDS,
        wrong=("not a date-time", "x"),
        shape=r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?",
    ),
    Format(
        "time",
        "a time",
        lambda number: _iso(number + _NOON)[11:],
        86_400,
        wrong=("not a time", "99:99:99Z", "x"),
        near=("24:00:00Z", "12:00:00"),
        rare=("23:59:59.999999+14:00",),
    ),
    Format(
        "time-local",
        "a local time",
        lambda number: _iso(number + _NOON)[11:-1],
        86_400,
        wrong=("not a time", "x"),
        shape=r"\d\d:\d\d:\d\d(\.\d+)?",
    ),
    Format(
        "duration",
        "a duration",
        lambda number: f"P{number + 1}D",
        36_500,
        wrong=("not a duration", "P", "x"),
        rare=("P1Y2M3DT4H5M6S",),
    ),
    Format(
        "seconds",
        "a duration in seconds",
        lambda number: f"{number}s",
        86_400,
        wrong=("not a duration", "x"),
        shape=r"-?\d+(\.\d+)?s",
    ),
    Format(
        "http-date",
        "an HTTP date",
        lambda number: format_datetime(_instant(number), usegmt=True),
        _SECONDS,
        wrong=("not a date", "x"),
        shape=r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT",
    ),
)
