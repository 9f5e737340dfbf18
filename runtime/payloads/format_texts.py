"""Formats of words, numbers and encoded things."""

from __future__ import annotations

import base64
from functools import partial

from .format import Format
from .format_addresses import longer_path
from .words import BASE36, DRAWN, fit, letters, words

_named = partial(words, between="-")


def _base64(number: int) -> str:
    return base64.b64encode(words(number).encode()).decode()


def _base64url(number: int) -> str:
    return base64.urlsafe_b64encode(words(number).encode()).decode().rstrip("=")


def _password(number: int) -> str:
    """Long, with a capital, a digit and a sign: what most rules ask for."""
    return f"Amber-{_named(number)}-{number % 90 + 10}!"


def _longer_word(text: str, length: int) -> str:
    return fit(text, length, length, "-")


def _hyphened(text: str, token: str) -> str:
    return f"{text}-{token}" if text else token


def _structured_binary(number: int) -> str:
    return f":{base64.b64encode(_named(number).encode()).decode()}:"


def _code(name: str, article: str, listed: str) -> Format:
    """A format of which some values are known; others are not told to be wrong."""
    codes = listed.split()
    return Format(name, article, codes.__getitem__, len(codes))


_WORDS = (
    Format("token", "a token", _named, DRAWN, stretch=_longer_word, mark=_hyphened),
    Format(
        "slug",
        "a slug",
        _named,
        DRAWN,
        wrong=("Not a slug!",),
        stretch=_longer_word,
        mark=_hyphened,
        shape=r"[a-z0-9_-]+",
    ),
    Format(
        "password",
        "a password",
        _password,
        DRAWN,
        stretch=lambda text, length: text + "!" * (length - len(text)),
    ),
    Format("char", "a character", partial(letters, width=1), 26, wrong=("ab",), shape="."),
    Format("html", "HTML", lambda number: f"<p>{words(number)}</p>", DRAWN),
    Format(
        "regex",
        "a regular expression",
        lambda number: f"^{_named(number)}$",
        DRAWN,
        wrong=("[", "(unclosed", "("),
        stretch=lambda text, length: text[:-1] + "a" * (length - len(text)) + "$",
    ),
    Format(
        "json-pointer",
        "a JSON pointer",
        lambda number: f"/{_named(number)}",
        DRAWN,
        wrong=("no pointer", "x"),
        stretch=longer_path,
    ),
    Format(
        "relative-json-pointer",
        "a relative JSON pointer",
        lambda number: f"{number}/amber",
        DRAWN,
        wrong=("no pointer", "x"),
        stretch=longer_path,
    ),
)
_NUMBERS = (
    Format("phone", "a phone number", lambda number: f"+1{2_025_550_100 + number}", 900_000),
    Format("money", "an amount", lambda number: f"{number // 100}.{number % 100:02}", 10**6),
    Format(
        "color",
        "a color",
        lambda number: f"#{number:06x}",
        2**24,
        wrong=("not a color",),
        shape="#[0-9a-fA-F]{6}",
    ),
    Format(
        "decimal",
        "a decimal",
        str,
        10**6,
        wrong=("not a decimal", "x"),
        shape=r"[-+]?\d+(\.\d+)?",
    ),
    Format(
        "whole",
        "a whole number",
        str,
        10**6,
        wrong=("not a number", "x"),
        shape=r"[-+]?\d+",
    ),
    Format(
        "boolean",
        "a boolean",
        lambda number: ("false", "true")[number],
        2,
        wrong=("neither", "x"),
        shape="true|false",
    ),
)
_CODES = (
    _code("currency", "a currency", "EUR USD GBP CHF JPY SEK NOK DKK PLN CZK"),
    _code("country", "a country", "DE US GB FR IT ES NL PL SE AT"),
    _code("language", "a language", "en de fr it es nl pl sv da pt"),
    _code("timezone", "a time zone", "UTC Europe/Berlin Europe/London Asia/Tokyo"),
    Format("zip", "a postal code", lambda number: f"{10_000 + number}", 80_000),
)
_ENCODED = (
    Format(
        "byte",
        "base64",
        _base64,
        DRAWN,
        wrong=("not base64!", "!"),
        stretch=lambda text, length: "YW1i" * -(-length // 4),
        shape=r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?",
    ),
    Format(
        "base64url",
        "base64url",
        _base64url,
        DRAWN,
        wrong=("not base64!", "!"),
        stretch=_longer_word,
        shape=r"[A-Za-z0-9_-]*",
    ),
    Format(
        "media-range",
        "a media range",
        lambda number: f"text/{BASE36[10 + number]}",
        26,
        wrong=("no media range", "x"),
        shape=r"[^\s/]+/[^\s/]+",
    ),
    Format(
        "sf-string",
        "a structured string",
        lambda number: f'"{words(number)}"',
        DRAWN,
        wrong=("no quotes", "x"),
        shape=r'"[ !#-\[\]-~]*"',
    ),
    Format(
        "sf-token",
        "a structured token",
        _named,
        DRAWN,
        wrong=("not a token", "("),
        stretch=_longer_word,
        mark=_hyphened,
        shape=r"[A-Za-z*][!#-'*+./:^_`|~0-9A-Za-z-]*",
    ),
    Format(
        "sf-binary",
        "a structured binary",
        _structured_binary,
        DRAWN,
        wrong=("no colons", "x"),
        shape=r":[A-Za-z0-9+/=]*:",
    ),
    Format(
        "sf-boolean",
        "a structured boolean",
        lambda number: f"?{number}",
        2,
        wrong=("neither", "x"),
        shape=r"\?[01]",
    ),
)
TEXTS = (*_WORDS, *_NUMBERS, *_CODES, *_ENCODED)
