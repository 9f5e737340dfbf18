"""What is refused before a target is touched: one question that every command asks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from sqlalchemy.engine import URL

from ..errors import Refused, TargetError
from ..mapping.target import DatabaseUrl
from .database.connect import parse_url, sqlite_file
from .database.marker import is_marked, marked_error

ALLOW_VARIABLE = "GEN_SUITE_ALLOW_DB"

# A word of its own; digits, points, dashes and a change of case part words: shop_prod2, shopLive.
_WORD = re.compile(r"(?<![a-z])(?:prod|production|prd|live|master)(?![a-z])")
# Glued to another word: shopprod, prodshop, productiondb. Not products, producer, prodigy, prodemo,
# reproduction; nor nonprod and preprod, which say that they are another thing. `live` and `master` end or
# begin too many plain words (olive, delivery, livestock, webmaster) to be looked for in others.
_GLUED = re.compile(
    r"[a-z](?<!non)(?<!not)(?<!pre)(?:prod|prd)(?![a-z])"
    r"|(?<![a-z])prod(?!u|ig|rom|d(?:ed|ing)|ev|emo)[a-z]{2}"
    r"|[a-z](?<!non)(?<!not)(?<!pre)(?<!re)(?<!co)(?<!post)production(?![a-z])"
    r"|(?<![a-z])production(?!s(?![a-z]))[a-z]"
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
# Where a driver takes from the query what else stands before it.
_PLACES = ("host", "hostaddr", "server", "dbname", "database", "db", "service", "unix_socket")


class NotAllowed(Refused):
    """Nobody said that the target may be touched; nothing is known against it."""


def check_allowed(
    allowed: bool,
    url: str,
    environ: Mapping[str, str] = os.environ,
    *,
    app: str = "",
    schemas: Sequence[str] = (),
) -> None:
    """Refuse a target that nobody allowed, and whatever was allowed one that is not for tests.

    `url` is the database, "" where nobody looks at it; `app` the API that runs already, "" where it is
    started here. Refused when one of them looks like production or the database is marked (in
    `schemas` too); NotAllowed when only the user's word is missing. A database that cannot be
    reached is not refused: who opens it says why.
    """
    _refuse_production(url, app)
    if not is_permitted(allowed, environ):
        raise _not_allowed(url)
    if url and _carries_marker(url, schemas):
        raise marked_error(_shown(url))


def is_permitted(allowed: bool, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the user said that the database may be touched, by a flag or by the environment."""
    return allowed or environ.get(ALLOW_VARIABLE) == "1"


def _refuse_production(url: str, app: str) -> None:
    if sign := production_sign(url):
        raise Refused(
            f"the database {_shown(url)} looks like production: {sign}",
            hint="give the test database a name that does not",
        )
    if sign := production_sign_of_api(app):
        raise Refused(
            f"the API at {app} looks like production: {sign}",
            hint="name a test environment in target.app.url",
        )


def _not_allowed(url: str) -> NotAllowed:
    if url:
        return NotAllowed(
            f"nobody allowed to touch the database {_shown(url)}",
            hint=f"if it is a test database: --allow-db, or {ALLOW_VARIABLE}=1",
        )
    return NotAllowed(
        "nobody allowed to write by requests to the API; nothing of it is undone",
        hint=f"if it is a test environment: --allow-db, or {ALLOW_VARIABLE}=1",
    )


def _shown(url: str) -> str:
    """As the user wrote it, without passwords."""
    return DatabaseUrl(url).masked


def production_sign(url: str) -> str:
    """What of a database URL looks like production, or ""."""
    if not url:
        return ""
    for part, text in _named(parse_url(url)):
        path = PurePosixPath(text)
        # Folders of a file have been named by somebody else: only whole words count there.
        if found := _word(text) or _glued(path.name):
            return f"its {part} says {found!r}"
    return ""


def _named(url: URL) -> Iterator[tuple[str, str]]:
    """(what it is, text) of everything in a URL that says which server and which database."""
    for part, text in (("host", url.host), ("name", url.database)):
        if text:
            yield part, text
    for key, value in url.query.items():
        if key.lower() in _PLACES:
            for text in [value] if isinstance(value, str) else value:
                yield key, text


def production_sign_of_api(url: str) -> str:
    """What of an API's address looks like production, or ""; a stage may stand in its path."""
    parsed = urlsplit(url)
    host = parsed.hostname or ""
    if found := _word(host) or _glued(host):
        return f"its host says {found!r}"
    if found := _word(parsed.path):
        return f"its path says {found!r}"
    return ""


def _word(text: str) -> str:
    found = _WORD.search(_HUMP.sub("-", text).lower())
    return found.group() if found else ""


def _glued(text: str) -> str:
    """The whole word that production is a part of."""
    text = text.lower()
    found = _GLUED.search(text)
    if found is None:
        return ""
    return next(w.group() for w in re.finditer(r"[a-z]+", text) if w.end() >= found.end())


def _carries_marker(url: str, schemas: Sequence[str]) -> bool:
    import sqlalchemy as sa
    from sqlalchemy.exc import SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        parsed = parse_url(url)
        if parsed.get_backend_name() == "sqlite":
            sqlite_file(parsed)  # looking into one that is missing would make it
        engine = sa.create_engine(parsed, poolclass=NullPool)
        with engine.connect() as connection:
            return is_marked(connection, schemas)
    except (TargetError, SQLAlchemyError, ImportError):
        return False
