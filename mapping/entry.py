"""`operations`: what one operation does to rows, who may call it, and what must stay true."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from .base import Part, Text, Texts, Values, exactly_one
from .depth import OperationDepths
from .leniency import Lenient
from .listed import Listed
from .situation import Idempotency, Refusal, Seconds, Situation
from .verify import Checks, ReadOnly

Risk = Literal["high", "medium", "low"]

Status = Annotated[int, Field(ge=200, lt=400)]
Statuses = Annotated[
    tuple[Status, ...],
    BeforeValidator(
        lambda value: (value,) if isinstance(value, int) else value,
        json_schema_input_type=Status | list[Status],
    ),
]


class Change(Part):
    """An expected change of a table: exactly one of `inserts`, `updates`, `deletes`."""

    inserts: Annotated[Text | None, Field(description="Table that gets a row.")] = None
    updates: Annotated[Text | None, Field(description="Table of which a row changes.")] = None
    deletes: Annotated[Text | None, Field(description="Table that loses a row.")] = None
    for_each: Annotated[
        Text | None,
        Field(
            description="Array of the request or answer: one row for each element, `$item`.",
            examples=["$request.body#/items"],
        ),
    ] = None
    where: Annotated[
        Values,
        Field(
            description="Columns that tell which row: literals or expressions.",
            examples=[{"id": "$item.productId"}],
        ),
    ] = Field(default_factory=dict)
    set_: Annotated[
        Values,
        Field(
            alias="set",
            description="Columns and what they become; a leading `-` or `+` is relative to the "
            "row before.",
            examples=[{"stock": "-$item.quantity"}],
        ),
    ] = Field(default_factory=dict)
    values: Annotated[
        Values, Field(description="Columns of an inserted row that are known beforehand.")
    ] = Field(default_factory=dict)
    rows: Annotated[
        Annotated[int, Field(ge=1)] | Literal["any"] | None,
        Field(
            description="How many rows, where it is not one, or one for each element: a number, or "
            "`any` where none to many are right.",
            examples=["any", 2],
        ),
    ] = None
    within: Annotated[
        Seconds | None,
        Field(
            description="It comes later, by a worker or job, at most so long after the answer.",
            examples=["5s"],
        ),
    ] = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        exactly_one(self, ("inserts", "updates", "deletes"), what="a change")
        if self.inserts and (self.where or self.set_):
            raise ValueError("`inserts` goes with `values`, not with `where` or `set`")
        if not self.inserts and self.values:
            raise ValueError("`values` goes with `inserts`; an update has `where` and `set`")
        if self.deletes and self.set_:
            raise ValueError("`set` goes with `updates`")
        if self.rows and self.for_each:
            raise ValueError("`rows` says how many; with `for_each` there is one for each element")
        return self

    @property
    def table(self) -> str:
        return self.inserts or self.updates or self.deletes or ""

    @property
    def kind(self) -> Literal["inserts", "updates", "deletes"]:
        if self.inserts:
            return "inserts"
        return "updates" if self.updates else "deletes"


class Allow(Part):
    """Who may call: callers of another role, tenant or owner must be refused."""

    role: Annotated[Texts, Field(description="Roles that may call; left out: every role.")] = ()
    tenant: Annotated[
        Literal["own", "any"] | None,
        Field(description="`own`: only rows of the caller's own tenant."),
    ] = None
    owner: Annotated[
        Literal["own", "any"] | None, Field(description="`own`: only rows that the caller owns.")
    ] = None


class OperationEntry(Part):
    """What one operation does to rows."""

    creates: Annotated[Text | None, Field(description="Resource that it creates.")] = None
    updates: Annotated[Text | None, Field(description="Resource that it updates.")] = None
    deletes: Annotated[Text | None, Field(description="Resource that it deletes.")] = None
    for_each: Annotated[
        Text | None,
        Field(
            description="Bulk: array of the request with one resource for each element.",
            examples=["$request.body#/orders"],
        ),
    ] = None
    sends: Annotated[
        Text | None,
        Field(
            description="Where the request has the resource's fields; the whole body if left out.",
            examples=["$request.body#/order"],
        ),
    ] = None
    returns: Annotated[
        Text | None,
        Field(
            description="Where the answer has the resource's fields; the whole body if left out.",
            examples=["$response.body#/data"],
        ),
    ] = None
    set_: Annotated[
        Values,
        Field(
            alias="set",
            description="Columns that the operation sets by itself: `status: cancelled`.",
        ),
    ] = Field(default_factory=dict)
    values: Annotated[
        Values, Field(description="Columns that a created row has by itself: `status: pending`.")
    ] = Field(default_factory=dict)
    path: Annotated[
        dict[str, Text],
        Field(
            description="Path parameter, or one of the query that picks the row: the "
            "`resource.column` it holds. Only what names do not tell.",
            examples=[{"id": "order.id"}],
        ),
    ] = Field(default_factory=dict)
    arrange: Annotated[
        dict[str, Values],
        Field(
            description="Further column values of the rows this operation needs, by resource.",
            examples=[{"order": {"status": "pending"}}],
        ),
    ] = Field(default_factory=dict)
    fill: Annotated[
        Values,
        Field(
            description="Request fields that a business rule ties: literals, or a column of an "
            "arranged row.",
            examples=[{"currency": "EUR", "toWalletId": "$wallet.id"}],
        ),
    ] = Field(default_factory=dict)
    leave_out: Annotated[
        Texts,
        Field(
            description="Optional fields and parameters of requests that are never sent: this "
            "installation refuses them.",
            examples=[["team_name"]],
        ),
    ] = ()
    resets: Annotated[
        Values,
        Field(
            description="Fields that a PUT sets back where it leaves them out, and to what; only "
            "where the spec has no `default` and no null for them.",
            examples=[{"description": ""}],
        ),
    ] = Field(default_factory=dict)
    as_: Annotated[
        Text | None, Field(alias="as", description="Actor who calls; else the first allowed one.")
    ] = None
    allow: Annotated[Allow, Field(description="Who may call.")] = Field(default_factory=Allow)
    changes: Annotated[
        tuple[Change, ...], Field(description="Expected changes beside the resource's own row.")
    ] = ()
    ignores: Annotated[
        Texts,
        Field(
            description="Noise: `table` or `table.column`, whose changes are not looked at.",
            examples=[["users.last_seen_at", "request_log"]],
        ),
    ] = ()
    idempotency: Annotated[
        Idempotency | None, Field(description="How a request that is to count once is marked.")
    ] = None
    refuses: Annotated[
        dict[str, Refusal],
        Field(
            description="Valid requests that must be refused for the state of the rows, each with "
            "a name. Where a list of rows is named, the last one is in that state.",
            examples=[{"out of stock": {"arrange": {"product": {"stock": 0}}, "status": 409}}],
        ),
    ] = Field(default_factory=dict)
    scarce: Annotated[
        Situation | None,
        Field(
            description="Rows that leave room for one such request: of several at the same moment "
            "one may succeed.",
            examples=[{"arrange": {"product": {"stock": 1}}}],
        ),
    ] = None
    verify: Annotated[
        Checks,
        Field(
            description="Own checks of what a success has stored: SQL that only reads.",
            examples=[{"sql": "SELECT status FROM orders WHERE id = :id", "rows": 1}],
        ),
    ] = ()
    never: Annotated[
        ReadOnly | None,
        Field(
            description="SQL that must never find a row, whatever happens at the same time.",
            examples=["SELECT id FROM products WHERE stock < 0"],
        ),
    ] = None
    list_: Annotated[
        Listed,
        Field(
            alias="list",
            description="The GET that lists what it creates, and how that is paged; only what "
            "path and usual names do not tell.",
            examples=["GET /orders", {"size": "per", "where": {"owner_id": "$actor.id"}}],
        ),
    ] = None
    success: Annotated[
        Statuses,
        Field(
            description="Status of a success, or several, where the API gives another than the spec "
            "documents.",
            examples=[200, [200, 303]],
        ),
    ] = ()
    lenient: Annotated[
        Lenient | None,
        Field(
            description="What it coerces on purpose, or, `false`, that it does not, whatever the file "
            "says at its top."
        ),
    ] = None
    risk: Annotated[
        Risk | None, Field(description="How bad a fault would be; guessed if left out.")
    ] = None
    depth: Annotated[
        OperationDepths,
        Field(
            description="How much is emitted for it: `essential`, `standard` or `thorough`, for all "
            "concerns or by concern; its risk decides if left out.",
            examples=["thorough", {"default": "standard", "rollback": "thorough"}],
        ),
    ] = Field(default_factory=dict)
    refused: Annotated[
        Text | None,
        Field(
            description="`learn` found no request that it accepts: what the API answered. Its cells "
            "are gaps until a request gets through.",
            examples=["409: room is not in use"],
        ),
    ] = None
    not_applicable: Annotated[
        dict[str, Text],
        Field(
            description="Concerns that make no sense here, and why.",
            examples=[{"rollback": "writes nothing of its own; the worker does"}],
        ),
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = ("creates", "updates", "deletes")
        exactly_one(self, kinds, what="an operation", needed=False)
        if self.set_ and self.creates:
            raise ValueError("`set` goes with `updates`; what a created row has is `values`")
        if self.values and not self.creates:
            raise ValueError("`values` goes with `creates`; what an update sets is `set`")
        if self.list_ and not self.creates:
            raise ValueError("`list` goes with `creates`: it is the list of what was created")
        return self

    @property
    def kind(self) -> Literal["creates", "updates", "deletes"] | None:
        if self.creates:
            return "creates"
        if self.updates:
            return "updates"
        return "deletes" if self.deletes else None

    @property
    def resource(self) -> str | None:
        """Name of the resource that it creates, updates or deletes."""
        return self.creates or self.updates or self.deletes

    @property
    def situations(self) -> tuple[tuple[tuple[str, ...], Situation], ...]:
        """Each situation, and the keys of this entry that lead to it."""
        refusals = tuple((("refuses", name), one) for name, one in self.refuses.items())
        return refusals if self.scarce is None else (*refusals, (("scarce",), self.scarce))
