"""`target`: how the API under test is reached or started, and its database."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, GetPydanticSchema, model_validator
from pydantic_core import core_schema

from .base import Part, Printable, Text, Texts, exactly_one

TEST_ENVIRONMENTS = ("test", "testing", "ci", "local", "dev", "development")
_PASSWORD = re.compile(r"(?P<before>://[^/@?#]*?:)(?P<password>.*)(?=@)")
_QUERY_PASSWORD = re.compile(
    r"(?P<before>[?&][^&#=]*(?:password|passwd|pwd|secret|token)[^&#=]*=)[^&#]*", re.IGNORECASE
)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+_.-]*://\S*")
_SQLITE = re.compile(
    r"(?P<scheme>sqlite(?:\+\w+)?:///)(?P<file>(?!file:|:memory:)[^?]+)(?P<query>.*)"
)


class DatabaseUrl(str):
    """A database URL whose repr hides the password; `str()` is the URL itself."""

    __slots__ = ()

    @property
    def masked(self) -> str:
        """The URL with `***` for the password, fit for messages and reports."""
        hidden = _PASSWORD.sub(r"\g<before>***", self)
        return _QUERY_PASSWORD.sub(r"\g<before>***", hidden)

    def __repr__(self) -> str:
        return repr(self.masked)

    @property
    def has_password(self) -> bool:
        """Whether it holds one, before the host or in the query."""
        return self.masked != self

    def relative_to(self, folder: Path) -> DatabaseUrl:
        """The same URL, a relative SQLite file taken from `folder`."""
        match = _SQLITE.fullmatch(self)
        if match is None:
            return self
        file = (folder.absolute() / match["file"]).as_posix()
        return DatabaseUrl(f"{match['scheme']}{file}{match['query']}")


def _database_url(text: str) -> DatabaseUrl:
    if not _URL.fullmatch(text):
        raise ValueError("this is no database URL, such as `sqlite:///shop.db`")
    return DatabaseUrl(text)


def _known_environment(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


_Url = Annotated[
    DatabaseUrl,
    GetPydanticSchema(
        lambda _source, _handler: core_schema.no_info_after_validator_function(
            _database_url, core_schema.str_schema()
        )
    ),
]


def _positive(seconds: float) -> float:
    if seconds <= 0:
        raise ValueError("must be more than 0 seconds")
    return seconds


class App(Part):
    """How the API runs: exactly one of `url`, `command`, `asgi`, `wsgi`."""

    url: Annotated[
        Text | None,
        Field(description="Address of an API that runs already: `http://127.0.0.1:8000`."),
    ] = None
    command: Annotated[
        Text | None,
        Field(
            description="Command that starts the API, without a shell. `{python}`, `{port}` and "
            "`{database_url}` are filled in.",
            examples=["{python} -m uvicorn shop.app:app --port {port}"],
        ),
    ] = None
    asgi: Annotated[
        Text | None,
        Field(description="ASGI application, run by uvicorn on a port of its own: `shop.app:app`."),
    ] = None
    wsgi: Annotated[
        Text | None,
        Field(description="WSGI application, run on a port of its own: `shop.wsgi:application`."),
    ] = None
    env: Annotated[
        dict[str, Printable],
        Field(
            repr=False,
            description="Environment variables of the API; `{database_url}` and `{port}` are "
            "filled in.",
        ),
    ] = Field(default_factory=dict)
    ready: Annotated[
        Text | None,
        Field(
            description="Path that answers once the API is ready, from the root of the "
            "application: `/health`."
        ),
    ] = None
    base_path: Annotated[
        str | None,
        Field(
            description="Path before every path of the spec; by default that of its servers.",
            examples=["/v1", ""],
        ),
    ] = None
    cwd: Annotated[Text, Field(description="Folder to run in, relative to this file.")] = "."
    timeout: Annotated[
        float,
        AfterValidator(_positive),
        Field(description="Seconds to wait until the API is ready; one that ends is told at once."),
    ] = 120.0

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        exactly_one(self, ("url", "command", "asgi", "wsgi"), what="`app`")
        return self


class Worker(Part):
    """A process that works off what the API leaves behind: jobs, an outbox."""

    command: Annotated[
        Text,
        Field(
            description="Command that starts the worker, without a shell. `{python}` and "
            "`{database_url}` are filled in. It runs only while a test waits for it.",
            examples=["{python} -m shop.worker"],
        ),
    ]
    env: Annotated[
        dict[str, Printable],
        Field(repr=False, description="Environment variables of the worker, beside the API's."),
    ] = Field(default_factory=dict)


class Target(Part):
    """The API under test and its database."""

    app: Annotated[App | None, Field(description="How the API runs or is reached.")] = None
    worker: Annotated[
        Worker | None,
        Field(description="What works off jobs; left out if the API does so itself."),
    ] = None
    database: Annotated[
        _Url | None,
        Field(
            description="SQLAlchemy URL of the database that the API writes to. Relative SQLite "
            "files are relative to this file.",
            examples=[
                "${DATABASE_URL:-sqlite:///shop.db}",
                "postgresql://user@localhost/shop_test",
            ],
        ),
    ] = None
    schemas: Annotated[
        Texts,
        Field(description="Database schemas to look at; the connection's default if left out."),
    ] = ()
    migrate: Annotated[
        Text | None,
        Field(
            description="Command that builds and fills the database, without a shell.",
            examples=["{python} -m shop.seed"],
        ),
    ] = None
    isolation: Annotated[
        Literal["undo", "worker", "module", "test"],
        Field(
            description="What keeps tests apart: `undo` takes the changes of each test back in "
            "place; `worker`, `module`, `test` give each its own copy of the database."
        ),
    ] = "undo"
    environment: Annotated[
        Literal["test", "testing", "ci", "local", "dev", "development"],
        BeforeValidator(_known_environment),
        Field(description="Kind of environment; anything that is no test one is refused."),
    ] = "test"
