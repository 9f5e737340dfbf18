"""`resources` and `tables`: which table keeps what the API speaks of."""

from __future__ import annotations

import keyword
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from .base import Part, Text, Texts, Values
from .names import did_you_mean
from .stored_by import StoredByEntry

TRANSFORMS = ("lowercase", "uppercase", "trimmed", "cents", "hashed", "computed", "json_member")
_DOTTED = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+"


def _transform(name: str) -> str:
    dotted = re.fullmatch(_DOTTED, name, re.ASCII)
    if name in TRANSFORMS or (dotted and not any(map(keyword.iskeyword, name.split(".")))):
        return name
    near = did_you_mean(name, TRANSFORMS)
    raise ValueError(
        f"`{name}` is no way to store a value: {near}; a function of your own has a dotted name, "
        "such as `mypackage.rules.normalise`"
    )


Transform = Annotated[
    str,
    AfterValidator(_transform),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "enum": [*TRANSFORMS]}, {"pattern": f"^{_DOTTED}$"}]}
    ),
]
"""How a value is stored: one of TRANSFORMS, or a function by its dotted name.

Folded to one case, without the space around it, as hundredths (12.5 is 1250), so that it cannot be
compared (a password's hash), by the API alone, whatever is sent, or as a member of a JSON document that
the column holds. A function makes the stored
value of the one that is sent; only the emitted suite imports it."""


class StoredField(Part):
    """The column that keeps a field of requests and answers."""

    column: Annotated[Text, Field(description="Column of the resource's table.")]
    as_: Annotated[
        Transform | None,
        Field(
            alias="as",
            description="How the value is stored: `cents` (12.5 is 1250), `hashed` (cannot be "
            "compared), `computed` (by the API), … or the dotted name of a function.",
        ),
    ] = None


def _widen(value: Any) -> Any:
    return {"column": value} if isinstance(value, str) else value


FieldEntry = Annotated[
    StoredField | None, BeforeValidator(_widen, json_schema_input_type=str | StoredField | None)
]


class Timestamps(Part):
    """Columns that the application keeps by itself."""

    created: Annotated[Text | None, Field(description="Set once, when the row is created.")] = None
    updated: Annotated[Text | None, Field(description="Set at each change.")] = None
    deleted: Annotated[
        Text | None, Field(description="Set instead of deleting the row (soft delete).")
    ] = None


class TableEntry(Part):
    """A table that is no resource of its own."""

    arrange: Annotated[
        Values, Field(description="Column values that an arranged row of this table needs.")
    ] = Field(default_factory=dict)


class Resource(Part):
    """A thing the API speaks of, and the table that keeps it."""

    table: Annotated[Text, Field(description="Table that keeps the resource.")]
    key: Annotated[
        Texts, Field(description="Key columns, only where they are not the primary key.")
    ] = ()
    fields_: Annotated[
        dict[str, FieldEntry],
        Field(
            alias="fields",
            description="Field of requests and answers: its column, or null if not stored. Only "
            "what conversion of case does not tell. `address/city` is a field inside another.",
            examples=[{"customerId": "customer_id", "confirm": None}],
        ),
    ] = Field(default_factory=dict)
    tenant: Annotated[Text | None, Field(description="Column that holds the tenant.")] = None
    owner: Annotated[
        Text | None, Field(description="Column that holds the id of the owning actor.")
    ] = None
    timestamps: Annotated[Timestamps, Field(description="Columns kept by the application.")] = (
        Field(default_factory=Timestamps)
    )
    version: Annotated[Text | None, Field(description="Column behind the ETag.")] = None
    stored_by: Annotated[
        StoredByEntry,
        Field(
            description="Without a database: the internal request that shows a stored row.",
            examples=["GET /admin/orders/{id}"],
        ),
    ] = None
    made_by: Annotated[
        Text | None,
        Field(
            description="The operation that makes the rows which requests need; by default they are "
            "arranged in the database, which an API may refuse that keeps more than rows.",
            examples=["POST /orders"],
        ),
    ] = None
    unique: Annotated[
        Texts, Field(description="Columns that are unique beyond what the database says.")
    ] = ()
    arrange: Annotated[
        Values,
        Field(
            description="Column values that an arranged row needs: literals, `$actor.id`, "
            "`$actor.tenant`.",
            examples=[{"stock": 1000, "status": "pending"}],
        ),
    ] = Field(default_factory=dict)
