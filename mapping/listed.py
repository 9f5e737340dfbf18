"""`list`: the GET that lists what an operation creates, and how it is paged."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from .base import Part, Text, Values, exactly_one


class ListEntry(Part):
    """How the created rows are listed; whatever is left out is found by the usual names."""

    request: Annotated[
        Text | None,
        Field(description="The GET that lists them.", examples=["GET /orders"]),
    ] = None
    rows: Annotated[
        Text | None,
        Field(
            description="Where the answer has the array.", examples=["$response.body#/data/items"]
        ),
    ] = None
    total: Annotated[
        Text | None,
        Field(
            description="Where the answer has the number of all rows.",
            examples=["$response.body#/meta/total", "$response.header.X-Total-Count"],
        ),
    ] = None
    next: Annotated[
        Text | None,
        Field(
            description="Where the answer has the next page's cursor or address.",
            examples=["$response.body#/nextCursor", "$response.header.Link"],
        ),
    ] = None
    size: Annotated[Text | None, Field(description="Query parameter: rows a page.")] = None
    page: Annotated[Text | None, Field(description="Query parameter: number of the page.")] = None
    offset: Annotated[
        Text | None, Field(description="Query parameter: how many rows to leave out.")
    ] = None
    cursor: Annotated[
        Text | None, Field(description="Query parameter that takes what `next` says.")
    ] = None
    where: Annotated[
        Values,
        Field(
            description="Columns of the rows that it shows, where not all of the caller's tenant.",
            examples=[{"owner_id": "$actor.id", "archived": False}],
        ),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        exactly_one(self, ("page", "offset", "cursor"), what="`list`", needed=False)
        if self.cursor and not self.next:
            raise ValueError("`cursor` needs `next`: where the answer has the next one")
        return self

    @property
    def parameters(self) -> dict[str, str]:
        """Key of this entry -> the query parameter that it names."""
        named = {"size": self.size, "page": self.page, "offset": self.offset, "cursor": self.cursor}
        return {key: name for key, name in named.items() if name}


def _widen(value: object) -> object:
    return {"request": value} if isinstance(value, str) else value


Listed = Annotated[
    ListEntry | None, BeforeValidator(_widen, json_schema_input_type=str | ListEntry | None)
]
"""`list: GET /orders`, or a `ListEntry`."""
