"""Formats that address something: mail, hosts, networks, the web, things by their id.

Names are those reserved for examples (RFC 2606, RFC 3849): no test writes to a stranger.
"""

from __future__ import annotations

import uuid
from functools import partial

from .format import Format
from .words import DRAWN, words

_named = partial(words, between="-")


def _email(number: int) -> str:
    return f"{words(number, '.')}@example.com"


def _marked_email(text: str, token: str) -> str:
    """The token in the local part, which ends at 64 characters."""
    local, _, domain = text.partition("@")
    start = local[: 63 - len(token)].rstrip(".")
    return f"{start}{'.' if start else ''}{token}@{domain or 'example.com'}"


def _longer_email(text: str, length: int) -> str:
    """Longer in the domain, whose labels end at 63 characters."""
    local, _, domain = text.partition("@")
    return f"{local}@{_labels(length - len(local) - len(domain) - 2)}.{domain}"


def _labels(length: int) -> str:
    """Domain labels that are this long with their dots."""
    text = ""
    while length - len(text) > 63:
        text += "a" * (63 if length - len(text) > 64 else 62) + "."
    return text + "a" * max(1, length - len(text))


def _host(number: int) -> str:
    return f"{_named(number)}.example.com"


def _longer_host(text: str, length: int) -> str:
    return f"{_labels(length - len(text) - 1)}.{text}" if length - len(text) > 1 else "a" + text


def longer_path(text: str, length: int) -> str:
    """One more path segment, or one more letter."""
    missing = length - len(text)
    return text + "/" + "a" * (missing - 1) if missing > 1 else text + "a" * missing


def _ipv4(number: int) -> str:
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _ipv6(number: int) -> str:
    return f"2001:db8::{number >> 16 & 0xFFFF:x}:{number & 0xFFFF:x}"


def _uuid(number: int) -> str:
    """A version 4 UUID whose 122 free bits are the number."""
    high, middle, low = number >> 74, (number >> 62) & 0xFFF, number & (2**62 - 1)
    return str(uuid.UUID(int=high << 80 | 4 << 76 | middle << 64 | 2 << 62 | low))


ADDRESSES = (
    Format(
        "email",
        "an email",
        _email,
        DRAWN,
        wrong=("not an email", "not-an-email", "no@", "a@b@c", "@"),
        near=("amber.example.com", "amber@", "amber@example..com", "@example.com"),
        stretch=_longer_email,
        mark=_marked_email,
    ),
    Format(
        "hostname",
        "a hostname",
        _host,
        DRAWN,
        wrong=("not a hostname", "-.", "a..b"),
        near=("-amber.example.com", "amber_birch.example.com"),
        stretch=_longer_host,
        mark=lambda text, token: f"{token}.{text or 'example.com'}",
    ),
    Format(
        "ipv4",
        "an IPv4 address",
        _ipv4,
        2**24,
        wrong=("not an address", "256.256.256.256", "1.2.3"),
        near=("10.0.0.256", "10.0.0"),
    ),
    Format(
        "ipv6",
        "an IPv6 address",
        _ipv6,
        2**32,
        wrong=("not an address", "::g", "1"),
        near=("2001:db8:::1", "2001:db8::12345"),
    ),
    Format(
        "uri",
        "a URI",
        lambda number: f"https://example.com/{_named(number)}",
        DRAWN,
        wrong=("not a uri", "::", "not-a-uri", "%"),
        near=("https//example.com/amber", "https://exa mple.com"),
        rare=("urn:isbn:0451450523", "mailto:amber@example.com"),
        stretch=longer_path,
        mark=lambda text, token: f"{text or 'https://example.com/'}-{token}",
    ),
    Format(
        "uri-reference",
        "a URI reference",
        lambda number: f"/{_named(number)}",
        DRAWN,
        wrong=("\\\\not a reference", "%", "a b"),
        rare=("?", "#"),
        stretch=longer_path,
        mark=lambda text, token: f"{text or '/'}-{token}",
    ),
    Format(
        "uri-template",
        "a URI template",
        lambda number: f"/{_named(number)}/{{id}}",
        DRAWN,
        wrong=("{unclosed", "{"),
        stretch=longer_path,
        mark=lambda text, token: f"{text or '/'}-{token}",
    ),
    Format(
        "uuid",
        "a UUID",
        _uuid,
        2**122,
        wrong=("not a uuid", "00000000-0000-4000-8000-00000000000g", "x"),
        near=("00000000-0000-4000-8000-00000000000", "00000000-0000-4000-8000-00000000000g"),
        rare=("00000000-0000-1000-8000-000000000000",),
    ),
)
