"""What is known of each write operation once mapping, spec and schema are laid side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from ..spec.model import Document, Operation
from .depth import NO_DEPTHS, Decider, Depth, choose
from .entry import Change, OperationEntry, Risk
from .model import MappingFile
from .resource import Timestamps, Transform
from .schema import Schema
from .stored_by import StoredBy
from .wire_form import Form

Kind = Literal["creates", "updates", "deletes"]


@dataclass(frozen=True, slots=True)
class FieldPair:
    """A field of a request or answer, and the column that stores it.

    `wire` is the field's name below `sends` or `returns`; a slash leads into a field inside it.
    """

    wire: str
    column: str
    transform: Transform | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A request field that must name a row that exists.

    `pointer` leads through the request body from its root, `*` for each element of an array:
    `customerId`, `items/*/productId`. `table` and `target_column` say what the value is, `column`
    where it is stored. `resource` is None when the table is no resource, or when the mapping's
    `fill` fixes the value: then `fixed` is set too. `required`: the spec demands the field. `form`
    is the type or format of the field where that of the column is another.
    """

    pointer: str
    column: str
    table: str
    target_column: str
    resource: str | None = None
    required: bool = False
    fixed: bool = False
    form: Form = ""


@dataclass(frozen=True, slots=True)
class PathBinding:
    """A path parameter and the column whose value it holds, or a query parameter that picks the row.

    `query` is None for a path parameter, else what stands before the value: `eq.` in `?id=eq.7`.
    `through` is the column of the operation's own table that holds the same value, when the
    parameter names a parent: in `POST /customers/{id}/orders` that is `customer_id`.
    """

    parameter: str
    resource: str | None
    table: str
    column: str
    through: str | None = None
    query: str | None = None

    def names(self, resource: ResolvedResource) -> bool:
        """Whether what it names is a row of the resource; one table may keep rows of several."""
        return self.table == resource.table and self.resource in (None, resource.name)


@dataclass(frozen=True, slots=True)
class ResolvedResource:
    """A resource with what the schema adds.

    `key` are the columns that tell its rows apart, `unique` those whose value no two rows share
    (within a tenant, at least). `wire_to_column` holds the fields of all its operations.
    """

    name: str
    table: str
    key: tuple[str, ...] = ("id",)
    wire_to_column: Mapping[str, str] = field(default_factory=dict)
    tenant: str | None = None
    owner: str | None = None
    timestamps: Timestamps = field(default_factory=Timestamps)
    version: str | None = None
    unique: tuple[str, ...] = ()
    arrange: Mapping[str, Any] = field(default_factory=dict)
    stored_by: StoredBy | None = None
    made_by: str | None = None
    """The operation that makes its rows, where they are not arranged."""

    @property
    def soft_delete(self) -> bool:
        """Whether deleting sets a timestamp instead of taking the row away."""
        return self.timestamps.deleted is not None


@dataclass(frozen=True, slots=True)
class Write:
    """One operation and what it writes; `entry` is None when the mapping does not name it.

    `fields` are sent and stored, `claimed` answered and stored. `entry` has the envelopes filled
    in (`sends`, `returns`) that were found by their name.
    """

    operation: Operation
    entry: OperationEntry | None = None
    kind: Kind | None = None
    resource: ResolvedResource | None = None
    fields: tuple[FieldPair, ...] = ()
    claimed: tuple[FieldPair, ...] = ()
    references: tuple[Reference, ...] = ()
    path: tuple[PathBinding, ...] = ()
    new_key: PathBinding | None = None
    """The path parameter by which the caller names the row that is made: `PUT /lists/{name}`."""
    changes: tuple[Change, ...] = ()
    elements: Mapping[str, tuple[FieldPair, ...]] = field(default_factory=dict)
    """Table -> what its new rows hold of the elements of the request's list that each makes one."""
    cascades: tuple[str, ...] = ()
    """Tables of which rows go too, or lose their reference, when the row is really deleted."""
    actor: str | None = None
    risk: Risk = "low"

    @property
    def soft(self) -> bool:
        """It deletes, but the row stays."""
        return self.kind == "deletes" and self.resource is not None and self.resource.soft_delete

    @property
    def tables(self) -> tuple[str, ...]:
        """All tables whose rows may change, the resource's own first."""
        own = (self.resource.table,) if self.resource else ()
        named = (*own, *(change.table for change in self.changes), *self.cascades)
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True, slots=True)
class Resolved:
    """All write operations of the spec by label, in the spec's order."""

    operations: Mapping[str, Write]
    resources: Mapping[str, ResolvedResource]
    document: Document
    mapping: MappingFile
    schema: Schema | None = None
    older: Mapping[str, Resolved] = field(default_factory=dict)
    """Older documents that are still promised, by their file names, laid beside the same mapping."""

    def sends_credentials(self, operation: Operation) -> bool:
        """Whether its caller shows who it is: the spec demands it, or says nothing of credentials.

        Where it says nothing anywhere and the mapping names actors with credentials, all send them.
        Where most operations that document a 401 or 403 say nothing of it, these send them too.
        """
        if operation.security:
            return all(operation.security)
        document = self.document
        if not any(actor.has_credentials for actor in self.mapping.actors.values()):
            return False
        if document.security_schemes or any(other.security for other in document.operations):
            return _knows_refusals(operation) and _leaves_security_out(document)
        return True

    def depth(self, write: Write, concern: str) -> tuple[Depth, Decider]:
        """How much is emitted for a concern of an operation, and what decided on that."""
        asked = self.mapping.asked_depths.get(write.operation.label)
        if asked is not None:
            return asked, "option"
        stated = write.entry.depth if write.entry else NO_DEPTHS
        return choose(concern, write.risk, stated, self.mapping.depth)

    def resource_of(self, table: str) -> ResolvedResource | None:
        """The resource that a table keeps, the first one if there are several."""
        return next((one for one in self.resources.values() if one.table == table), None)


def _knows_refusals(operation: Operation) -> bool:
    return any(status in operation.responses for status in ("401", "403"))


@cache
def _leaves_security_out(document: Document) -> bool:
    """Of the operations that some callers are refused most do not say what they want of a caller."""
    if document.raw.get("security") is not None:
        return False
    refusing = [bool(one.security) for one in document.operations if _knows_refusals(one)]
    return 2 * sum(refusing) < len(refusing)
