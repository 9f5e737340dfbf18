"""What was seen when operations ran: frozen data, made by the runtime, read by `confirm`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from ..leniency import Leniency

Values = Mapping[str, Any]
KeyScope = Literal["", "caller", "tenant", "all"]

SEE_OTHER = 303


@dataclass(frozen=True, slots=True)
class RowSeen:
    """A row that an operation changed."""

    table: str
    kind: Literal["insert", "update", "delete"]
    key: Values
    before: Values | None = None
    after: Values | None = None

    @property
    def row(self) -> Values:
        return self.after if self.after is not None else self.before or {}

    @property
    def names(self) -> frozenset[str]:
        """What changed as `ignores` names it: the table, or the columns of an updated row."""
        if self.kind != "update":
            return frozenset([self.table])
        return frozenset(f"{self.table}.{column}" for column in self.changed)

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Column -> (before, after) of an updated row."""
        before, after = self.before or {}, self.after or {}
        return {
            name: (before.get(name), after.get(name))
            for name in {**before, **after}
            if before.get(name) != after.get(name)
        }


@dataclass(frozen=True, slots=True)
class Trial:
    """One request, its answer, and the rows that changed meanwhile.

    `arranged` are the rows put there for it, by resource or table. `began` and `ended` are by the
    clock of the machine that asked, in UTC without zone.
    """

    actor: str
    status: int
    path: Values = field(default_factory=dict)
    query: Values = field(default_factory=dict)
    body: Any = None
    answer: Any = None
    headers: Values = field(default_factory=dict)
    rows: tuple[RowSeen, ...] = ()
    later_rows: tuple[RowSeen, ...] = ()
    """Rows that changed after the answer."""
    arranged: Mapping[str, Values] = field(default_factory=dict)
    twins: Mapping[str, Values] = field(default_factory=dict)
    """By resource and number, `wallet#1`: further rows of a resource."""
    children: Mapping[str, Values] = field(default_factory=dict)
    """By table: a row that was put there because it belongs to the addressed one."""
    made: Mapping[str, str] = field(default_factory=dict)
    """By collection of a path parameter, or table of a reference: the operation that made the thing
    named, where it was not arranged."""
    began: datetime = datetime.min
    ended: datetime = datetime.max

    @property
    def succeeded(self) -> bool:
        """Done: any 2xx, or 303, which says where to look at what was done."""
        return 200 <= self.status < 300 or self.status == SEE_OTHER


@dataclass(frozen=True, slots=True)
class Limit:
    """A bound that the operation keeps: `column` of `table` never falls below 0, or, with `most`,
    never rises above that column."""

    table: str
    column: str
    most: str = ""
    status: int = 0
    resource: str = ""
    full: Values = field(default_factory=dict)
    """Column values of a row for which the operation was refused."""
    room: Values = field(default_factory=dict)
    """Column values of a row that left room for exactly one."""
    fill: Values = field(default_factory=dict)
    """Request fields by which the column moves, as they were sent."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A state of a row in which the operation was refused, nothing written."""

    resource: str
    values: Values
    status: int


@dataclass(frozen=True, slots=True)
class Callers:
    """Statuses by actor: of requests about the actor's own rows, and about the first caller's."""

    own: Mapping[str, int] = field(default_factory=dict)
    foreign: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of a caller's tenant that a list showed it, and those that it did not."""

    actor: str
    shown: tuple[Values, ...] = ()
    hidden: tuple[Values, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """What one operation did; `trials` are the requests that succeeded.

    `state` are column values, by resource, without which it refused; `fill` request fields without
    whose very value it refused. `refused` is the answer that says most where none succeeded,
    `unsent` why no request could be made, `skipped` why none was to be.
    """

    label: str
    trials: tuple[Trial, ...] = ()
    actor: str = ""
    state: Mapping[str, Values] = field(default_factory=dict)
    fill: Values = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    """Optional fields that were refused, and the request accepted without them."""
    resets: Values = field(default_factory=dict)
    """Fields that a PUT set back where it left them out, and to what."""
    refused_options: tuple[str, ...] = ()
    """Optional parameters that were refused with a value that the spec allows."""
    callers: Callers = field(default_factory=Callers)
    limits: tuple[Limit, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    late: tuple[Trial, ...] = ()
    """Requests with the rows that changed after the answer, by a worker or in the background."""
    keyed: tuple[str, ...] = ()
    """Tables that changed only when an idempotency key was sent."""
    repeats: bool | None = None
    """Whether a second request with the same idempotency key wrote nothing; None if untried."""
    key_scope: KeyScope = ""
    """Among whom that key was the same one; "" if that was not seen."""
    repeated: Trial | None = None
    """What the same request did when it was sent again, where no header could tell; None if untried."""
    padded: Trial | None = None
    """The request with spaces around its texts; None where it was refused."""
    listed: Listed | None = None
    refusal_writes: tuple[str, ...] = ()
    """What its refused requests wrote, as `table` or `table.column`."""
    refused: Trial | None = None
    said: str = ""
    """What the last refused request was told, on one line and without secrets."""
    unsent: str = ""
    skipped: str = ""
    spoils: str = ""
    """What the application answers after it, until it is started again; "" where nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Observations:
    """A whole run: operations by label, and what was found out of the actors."""

    operations: Mapping[str, Seen] = field(default_factory=dict)
    actors: Mapping[str, Values] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    """What requests that only read write too, as `table` or `table.column`."""
    coerces: Mapping[Leniency, str] = field(default_factory=dict)
    """By leniency: the operations that showed it."""
