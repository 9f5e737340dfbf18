"""Secrets that must not reach a report: known values, and what looks like one."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote, quote_plus

MASK = "***"
SHORT = 8
"""Up to so many characters a secret is masked as a whole word only: `postgres` is part of many others."""

_WORDS = r"(?:password|passwd|pwd|secret|token|api[-_]?key)"
_NAME = rf"[\w.\[\]-]*{_WORDS}[\w.\[\]-]*"
_HEADERS = re.compile(rf"authorization|cookie|{_WORDS}", re.IGNORECASE)
_NAMED = re.compile(_WORDS, re.IGNORECASE)
# A text, some texts, or a number as long as a PIN.
_VALUE = r"(?:\"(?:[^\"\\]|\\.)*\"|\[[^\]{}]*\]|-?\d[\d.]{3,})"
_FIELDS = re.compile(rf"(\"[^\"]*{_WORDS}[^\"]*\"\s*:\s*){_VALUE}", re.IGNORECASE)
_QUOTED = r"b?(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
# As Python shows it: 'token': 'x', token='x'; and a row: token: 'x' -> 'y'.
_SHOWN = re.compile(
    rf"((?<![\w.\[\]-]){_NAME}['\"]?\s?[:=]\s?){_QUOTED}(\s->\s{_QUOTED})?", re.IGNORECASE
)
_FORM = re.compile(rf"((?:^|[?&\s]){_NAME}=)[^&\s'\"<>]+", re.IGNORECASE | re.MULTILINE)
# A part of multipart/form-data: its name stands in a header, its value after the empty line.
_PART = re.compile(
    rf"(;\s*name=\"[^\"]*{_WORDS}[^\"]*\"[^\n]*\n(?:[^\r\n]+\r?\n)*\r?\n).*?(?=\r?\n--|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_INPUT = re.compile(r"<(?:input|meta)\b[^<>]*>", re.IGNORECASE)
_INPUT_NAME = re.compile(rf"\bname=[\"']?{_NAME}", re.IGNORECASE)
_INPUT_VALUE = re.compile(r"(\b(?:value|content)=)(?:\"[^\"]*\"|'[^']*'|[^\s>]+)", re.IGNORECASE)
_known: dict[str, None] = {}
_pattern: list[re.Pattern[str]] = []
"""Finds all known secrets; made anew after one more was remembered."""


def remember(secret: str) -> None:
    """Mask this text wherever it would be shown from now on; texts too short to be one are left."""
    if len(secret) >= 4 and secret not in _known:
        _known.update(dict.fromkeys(_written(secret)))
        _pattern.clear()


def _written(secret: str) -> Iterator[str]:
    """The secret as it stands in plain text, JSON, forms and addresses, HTML, and Python's own words."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield quote(secret, safe="")
    yield quote_plus(secret)
    yield html.escape(secret)
    yield html.escape(secret).replace("&#x27;", "&#39;").replace("&quot;", "&#34;")
    yield repr(secret)[1:-1]


def mask_text(text: str) -> str:
    """The text without known secrets and without values of fields named like one."""
    text = mask_known(text)
    text = _FIELDS.sub(rf'\1"{MASK}"', text)
    text = _SHOWN.sub(_masked_value, text)
    text = _PART.sub(rf"\1{MASK}", text)
    text = _FORM.sub(rf"\1{MASK}", text)
    return _INPUT.sub(_masked_input, text)


def mask_known(text: str) -> str:
    """The text without known secrets."""
    return _all_known().sub(MASK, text)


def _all_known() -> re.Pattern[str]:
    if not _pattern:
        # The longest first: one may be part of another.
        parts = [
            rf"(?<!\w){re.escape(one)}(?!\w)" if len(one) <= SHORT else re.escape(one)
            for one in sorted(_known, key=len, reverse=True)
        ]
        _pattern.append(re.compile("|".join(parts) or r"(?!)"))
    return _pattern[0]


def _masked_value(found: re.Match[str]) -> str:
    quotation = found.group()[-1]
    return f"{found.group(1)}{quotation}{MASK}{quotation}"


def _masked_input(found: re.Match[str]) -> str:
    tag = found.group()
    return _INPUT_VALUE.sub(rf'\1"{MASK}"', tag) if _INPUT_NAME.search(tag) else tag


def named_like_one(name: str) -> bool:
    """Whether a field, column or parameter of this name holds a secret."""
    return _NAMED.search(name) is not None


def mask_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers with the values of those that carry credentials masked."""
    return {
        name: MASK if _HEADERS.search(name) else mask_text(value) for name, value in headers.items()
    }
