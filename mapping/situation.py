"""Situations: states of rows, and request fields, in which an operation has to do something special."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .base import Part, Text, Texts, Values

_DURATION = re.compile(r"(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>ms|s|min)?")
_UNITS = {"ms": 0.001, "s": 1.0, None: 1.0, "min": 60.0}


def seconds(value: Any) -> Any:
    """`5s`, `500ms`, `2min` or a number of seconds as seconds."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a time such as `5s`, `500ms` or `2min`")
    read = _DURATION.fullmatch(str(value).strip())
    if read is None or not float(read["number"]):
        raise ValueError(f"`{value}` is no time such as `5s`, `500ms` or `2min`")
    return float(read["number"]) * _UNITS[read["unit"]]


Seconds = Annotated[
    float,
    BeforeValidator(seconds, json_schema_input_type=Annotated[str, Field(pattern=r"^\d")] | float),
]
"""A time span, written `5s`."""


class Situation(Part):
    """Rows and request fields that make an operation refuse, or leave room for one request only."""

    arrange: Annotated[
        dict[str, Values],
        Field(
            description="Column values of the rows that the request names, by resource.",
            examples=[{"product": {"stock": 0}}],
        ),
    ] = Field(default_factory=dict)
    fill: Annotated[
        Values,
        Field(description="Request fields of this situation.", examples=[{"amount": 1}]),
    ] = Field(default_factory=dict)


class Refusal(Situation):
    """A request that is valid and must be refused all the same, for the state that rows are in."""

    status: Annotated[
        int | None,
        Field(ge=400, lt=500, description="The answer; any 4xx if left out."),
    ] = None


Scope = Literal["caller", "tenant", "all"]
"""Among whom an idempotency key is the same one."""


class Idempotency(Part):
    """How a request that is to count once is known: exactly one of `header`, `field`, `natural`.

    `scope` says who shares a key of a header or a field.
    """

    header: Annotated[
        Text | None,
        Field(description="Header that carries the key.", examples=["Idempotency-Key"]),
    ] = None
    field: Annotated[
        Text | None,
        Field(description="Field of the request that carries the key.", examples=["requestId"]),
    ] = None
    natural: Annotated[
        Texts,
        Field(
            description="Fields of the request that make two requests the same one.",
            examples=[["orderId", "amount"]],
        ),
    ] = ()
    scope: Annotated[
        Scope,
        Field(description="Among whom a key is one key: each `caller`, each `tenant`, or `all`."),
    ] = "caller"

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        given = [name for name in ("header", "field", "natural") if getattr(self, name)]
        if len(given) != 1:
            raise ValueError("`idempotency` needs exactly one of `header`, `field`, `natural`")
        return self
