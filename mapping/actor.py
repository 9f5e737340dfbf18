"""`actors`: the callers, what they are, and how they prove it."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, WithJsonSchema, model_validator

from .base import Part, Text, exactly_one

_SCALAR = ["string", "number", "boolean", "null"]
KINDS = ("bearer", "basic", "header", "query", "cookie")


def _plain(value: Any) -> Any:
    values = value if isinstance(value, list) else [value]
    if not all(item is None or isinstance(item, str | int | float | bool) for item in values):
        raise ValueError("a fact is a text, a number, true, false, or a list of these")
    return value


Fact = Annotated[
    Any,
    AfterValidator(_plain),
    WithJsonSchema({"type": [*_SCALAR, "array"], "items": {"type": _SCALAR}}),
]
"""What an actor is or has: plain data."""


class Basic(Part):
    """User name and password."""

    username: Annotated[Text, Field(repr=False, description="Name of the user.")]
    password: Annotated[SecretStr, Field(description="Password of the user.")]


class Auth(Part):
    """Credentials: one or more of `bearer`, `basic`, `header`, `query`, `cookie`, all of them sent."""

    bearer: Annotated[
        SecretStr | None,
        Field(description="Token sent as `Authorization: Bearer …`.", examples=["${ALICE_TOKEN}"]),
    ] = None
    basic: Annotated[Basic | None, Field(description="User name and password (HTTP Basic).")] = None
    header: Annotated[
        dict[str, SecretStr] | None, Field(description="Headers to send, such as `X-Api-Key`.")
    ] = None
    query: Annotated[
        dict[str, SecretStr] | None, Field(description="Query parameters to send.")
    ] = None
    cookie: Annotated[dict[str, SecretStr] | None, Field(description="Cookies to send.")] = None

    @model_validator(mode="after")
    def _some_kind(self) -> Self:
        exactly_one(self, ("bearer", "basic"), what="`auth`", needed=False)
        if not self.kinds:
            raise ValueError(f"`auth` needs one of {', '.join(f'`{kind}`' for kind in KINDS)}")
        return self

    @property
    def kinds(self) -> tuple[str, ...]:
        """Those that are given, of "bearer", "basic", "header", "query" and "cookie"."""
        return tuple(kind for kind in KINDS if getattr(self, kind) is not None)

    def reveal(self) -> dict[str, Any]:
        """The credentials in plain text, for the request itself and nothing else."""
        shown = self.model_dump(exclude_none=True)
        return {kind: _revealed(value) for kind, value in shown.items()}


def _revealed(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    if isinstance(value, dict):
        return {key: _revealed(inner) for key, inner in value.items()}
    return value


class Login(Part):
    """A request that gives credentials: a token in its answer, or the cookies it sets."""

    request: Annotated[
        Text,
        Field(
            description="Operation to call, or the whole URL of a token endpoint elsewhere.",
            examples=["POST /login", "POST https://login.example/oauth/token"],
        ),
    ]
    json_: Annotated[Any, Field(alias="json", repr=False, description="JSON body to send.")] = None
    form: Annotated[
        dict[str, Any] | None, Field(repr=False, description="Form fields to send instead of JSON.")
    ] = None
    basic: Annotated[
        Basic | None,
        Field(description="HTTP Basic for this request: the id and secret of an OAuth2 client."),
    ] = None
    token: Annotated[
        Text | None,
        Field(
            description="Where the answer has the token; left out, the cookies it sets are kept.",
            examples=["$response.body#/token"],
        ),
    ] = None
    header: Annotated[Text, Field(description="Header that later carries the token.")] = (
        "Authorization"
    )
    prefix: Annotated[Text, Field(description="Text before the token in that header.")] = "Bearer "

    def reveal_json(self) -> Any:
        """The JSON body in plain text; None when a form is sent."""
        return self.json_

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        exactly_one(self, ("json_", "form"), what="`login`", needed=False)
        return self


class Actor(Part):
    """A named caller. Keys of your own are facts for expressions: `$actor.<key>`."""

    model_config = ConfigDict(extra="allow")
    __pydantic_extra__: dict[str, Fact] = Field(init=False)

    id: Annotated[Fact, Field(description="The caller's own id, as the database has it.")] = None
    role: Annotated[Fact, Field(description="Role, as `allow` names it.")] = None
    tenant: Annotated[Fact, Field(description="Tenant, as the tenant columns have it.")] = None
    auth: Annotated[Auth | None, Field(description="Credentials to send.")] = None
    login: Annotated[Login | None, Field(description="Request that gives credentials.")] = None

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        exactly_one(self, ("auth", "login"), what="an actor", needed=False)
        return self

    @property
    def has_credentials(self) -> bool:
        """It can show who it is."""
        return self.auth is not None or self.login is not None

    @property
    def facts(self) -> dict[str, Any]:
        """All that `$actor.<key>` can name."""
        own = {name: getattr(self, name) for name in ("id", "role", "tenant")}
        return {name: value for name, value in own.items() if value is not None} | (
            self.model_extra or {}
        )
