"""What a text most likely is, told by its name alone: `contactEmail` is an address, `currency` a code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .names import words

_LAST: Mapping[str, str] = {
    **dict.fromkeys(("email", "mail"), "email"),
    **dict.fromkeys(("url", "uri", "website", "homepage", "webhook"), "uri"),
    **dict.fromkeys(("password", "passwd", "passphrase"), "password"),
    **dict.fromkeys(("phone", "mobile", "telephone"), "phone"),
    **dict.fromkeys(("color", "colour"), "color"),
    **dict.fromkeys(("timezone", "tz"), "timezone"),
    **dict.fromkeys(("uuid", "guid"), "uuid"),
    **dict.fromkeys(("zip", "zipcode", "postcode"), "zip"),
    **dict.fromkeys(("language", "locale", "lang"), "language"),
    "slug": "slug",
    "currency": "currency",
    "country": "country",
    "date": "date",
    "birthday": "date",
    "hostname": "hostname",
}
_TWO: Mapping[tuple[str, ...], str] = {
    ("email", "address"): "email",
    ("web", "site"): "uri",
    ("phone", "number"): "phone",
    ("time", "zone"): "timezone",
    ("currency", "code"): "currency",
    ("country", "code"): "country",
    ("language", "code"): "language",
    ("zip", "code"): "zip",
    ("postal", "code"): "zip",
    ("ip", "address"): "ipv4",
}
_FORMATS: Mapping[tuple[str, ...], str] = {(word,): form for word, form in _LAST.items()} | dict(
    _TWO
)
_AGAIN = frozenset(
    ["repeat", "repeated", "again", "confirm", "confirmation", "confirmed", "retype"]
)
UUID_LENGTH = 36
"""Characters of a UUID with its hyphens: a column of texts of that length holds no others."""


def likely_format(name: str) -> str:
    """The format of a text of that name, as OpenAPI calls it or by its own name; "" where none is told."""
    said = _without_again(words(name))
    return _FORMATS.get(said[-2:], "") or _FORMATS.get(said[-1:], "")


def repeats(names: Iterable[str]) -> dict[str, str]:
    """Fields that say another one once more -> that one: `password_confirm` and `password`."""
    known = list(names)
    plain = {words(name): name for name in known}
    found = {}
    for name in known:
        said = words(name)
        other = plain.get(_without_again(said))
        if other is not None and other != name:
            found[name] = other
    return found


def _without_again(said: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for word in said if word not in _AGAIN)
