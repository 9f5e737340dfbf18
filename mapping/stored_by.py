"""`stored_by`: the request that shows a stored row to those who may not look at the database."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from .base import Part, Text
from .names import snake

_REQUEST = re.compile(r"GET /\S*")
_PARAMETER = re.compile(r"\{([^{}]+)\}")


def _reads(request: str) -> str:
    if not _REQUEST.fullmatch(request):
        raise ValueError(
            f"`{request}` is no request that reads, such as `GET /admin/orders/{{id}}`"
        )
    if not _PARAMETER.search(request):
        raise ValueError(
            f"`{request}` names no row: it needs its key, as in `/admin/orders/{{id}}`"
        )
    return request


class StoredBy(Part):
    """An internal endpoint that shows a row as it is stored; it need not stand in the spec."""

    request: Annotated[
        Text,
        AfterValidator(_reads),
        Field(
            description="GET with the row's key in its path.",
            examples=["GET /admin/orders/{id}"],
        ),
    ]
    as_: Annotated[
        Text | None,
        Field(alias="as", description="Actor who may see every row; the first one if left out."),
    ] = None
    returns: Annotated[
        Text | None,
        Field(
            description="Where its answer has the row; the whole answer if left out.",
            examples=["$response.body#/data"],
        ),
    ] = None

    @property
    def path(self) -> str:
        return self.request.partition(" ")[2]

    def columns(self, key: Sequence[str]) -> dict[str, str | None]:
        """The key column that each path parameter holds, None for one that names none."""
        named = _PARAMETER.findall(self.path)
        if len(named) == len(key) == 1:
            return {named[0]: key[0]}
        return {name: snake(name) if snake(name) in key else None for name in named}


def _widen(value: Any) -> Any:
    return {"request": value} if isinstance(value, str) else value


StoredByEntry = Annotated[
    StoredBy | None, BeforeValidator(_widen, json_schema_input_type=str | StoredBy | None)
]
