"""What is refused before a database is touched."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from sqlalchemy.engine import make_url

from ..errors import Refused

ALLOW_VARIABLE = "GEN_SUITE_ALLOW_DB"
MARKER_TABLE = "gen_suite_read_only"
"""A table of this name, empty or not, marks a database that is never to be touched."""

_PRODUCTION = re.compile(r"(?<![a-z])(prod|production|prd|live|master)(?![a-z])", re.IGNORECASE)


def check_allowed(allowed: bool, url: str, environ: Mapping[str, str] = os.environ) -> None:
    """Refuse a database that nobody allowed, or that looks like production whatever was allowed."""
    shown = make_url(url).render_as_string(hide_password=True)
    if not (allowed or environ.get(ALLOW_VARIABLE) == "1"):
        raise Refused(
            f"nobody allowed to touch the database {shown}",
            hint=f"if it is a test database: --allow-db, or {ALLOW_VARIABLE}=1",
        )
    if sign := production_sign(url):
        raise Refused(
            f"the database {shown} looks like production: {sign}",
            hint="give the test database a name that does not",
        )


def check_writing(allowed: bool, url: str, environ: Mapping[str, str] = os.environ) -> None:
    """The same for an API whose database nobody looks at: what it writes stays there."""
    if not (allowed or environ.get(ALLOW_VARIABLE) == "1"):
        raise Refused(
            "nobody allowed to write by requests to the API; nothing of it is undone",
            hint=f"if it is a test environment: --allow-db, or {ALLOW_VARIABLE}=1",
        )
    if found := _PRODUCTION.search(urlsplit(url).hostname or ""):
        raise Refused(
            f"the API at {url} looks like production: its host says {found.group()!r}",
            hint="name a test environment in target.app.url",
        )


def production_sign(url: str) -> str:
    """What of a database URL looks like production, or ""."""
    parsed = make_url(url)
    for part, text in (("host", parsed.host), ("name", parsed.database)):
        if text and (found := _PRODUCTION.search(text)):
            return f"its {part} says {found.group()!r}"
    return ""
