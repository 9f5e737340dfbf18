"""What emitted tests send: payloads of an operation by its label."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from ..mapping.resolved import Resolved, Write
from .suite import active_suite

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from .payloads import PayloadSpace, Violation

Body = Any
"""A request body as JSON has it; tests index into it."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A named body; `body` is a fresh copy at each reading, as a test fills its references in."""

    name: str
    _body: Any

    @property
    def body(self) -> Any:
        return copy.deepcopy(self._body)

    def __str__(self) -> str:
        return self.name


def bodies(operation: str) -> SearchStrategy[Any]:
    """Valid bodies of an operation, drawn by Hypothesis; unique where the database demands it."""
    from hypothesis import strategies

    return strategies.deferred(lambda: active_suite().payloads(operation).bodies())


def example(operation: str) -> Body:
    """One small valid body of an operation, every required field and no other."""
    return active_suite().payloads(operation).example()


def complete(operation: str) -> Body:
    """A valid body of an operation with every field that a request may send."""
    return active_suite().payloads(operation).complete()


def edges(operation: str) -> list[Sample]:
    """Whole bodies of an operation, each with one field at an edge of what the spec allows.

    Fields that a test fills in, references and those of the mapping's `fill`, are no edges.
    """
    suite = active_suite()
    found = suite.payloads(operation).edges(skip=_filled_in(suite.write(operation)))
    return [Sample(one.name, one.body) for one in found]


def examples(operation: str) -> list[Sample]:
    """The examples that the spec gives for the body of an operation."""
    found = active_suite().payloads(operation).examples()
    return [Sample(one.name, one.body) for one in found]


def without_optional(operation: str) -> list[Sample]:
    """A whole body of an operation once for each optional field, without that field."""
    found = active_suite().payloads(operation).without()
    return [Sample(f"without {name}", body) for name, body in found]


def violations(operation: str) -> list[Violation]:
    """One breach of each constraint that the spec puts on a request."""
    return list(active_suite().payloads(operation).violations())


def refusals(operation: str) -> list[Violation]:
    """One violation of each rule: enough to see every shape that a refusal can have."""
    return list({violation.rule: violation for violation in violations(operation)}.values())


def findings(operation: str) -> tuple[str, ...]:
    """What to know of an operation's body: where spec and columns differ, what cannot be sent."""
    return active_suite().payloads(operation).findings


def params(operation: str) -> dict[str, Any]:
    """Valid values of the required query parameters."""
    return active_suite().payloads(operation).parameter_example("query")


def headers(operation: str) -> dict[str, str]:
    """Valid values of the required headers."""
    given = active_suite().payloads(operation).parameter_example("header")
    return {name: str(value) for name, value in given.items()}


def filled(operation: str, field: str) -> Any:
    """The value that the mapping's `fill` states for a request field, taken from the environment."""
    entry = active_suite().write(operation).entry
    return None if entry is None else entry.fill[field]


def missing(key: Any) -> Any:
    """A key of the same form as a given one that no row has."""
    if isinstance(key, int):
        return 2_000_000_000 + secrets.randbelow(100_000_000)
    try:
        UUID(str(key))
    except ValueError:
        return f"missing-{secrets.token_hex(6)}"
    return str(uuid4())


def unique() -> str:
    """A text that nobody sent before."""
    return secrets.token_hex(12)


def payloads_of(write: Write, resolved: Resolved) -> PayloadSpace:
    """The payloads of one operation, held to what its columns can store."""
    from .payloads import payloads_for

    limits, unique_fields = column_limits(write, resolved)
    return payloads_for(resolved.document, write.operation, columns=limits, unique=unique_fields)


def column_limits(write: Write, resolved: Resolved) -> tuple[Mapping[str, Any], list[str]]:
    """Field pointer -> what its column holds; and the fields whose column must be unique."""
    from .payloads import ColumnLimit

    schema, resource = resolved.schema, write.resource
    table = schema.table(resource.table) if schema and resource else None
    if table is None or resource is None:
        return {}, []
    prefix = _prefix(write)
    limits = {}
    unique_fields = []
    for pair in write.fields:
        column = table.columns.get(pair.column)
        if column is None:
            continue
        if pair.column in resource.unique:
            unique_fields.append(prefix + pair.wire)
        if pair.transform is None:
            limits[prefix + pair.wire] = ColumnLimit(
                table=table.name,
                column=column.name,
                kind=column.type,
                length=column.length,
                precision=column.precision,
                scale=column.scale,
                nullable=column.nullable,
                minimum=column.minimum,
                maximum=column.maximum,
            )
    return limits, unique_fields


def _filled_in(write: Write) -> list[str]:
    """The pointers of the fields that tests fill in, whatever the payload says."""
    fill = write.entry.fill if write.entry else {}
    return [reference.pointer for reference in write.references] + [
        pointer.strip("/") for pointer in fill
    ]


def _prefix(write: Write) -> str:
    """Where the resource's fields stand in the body, as the pointer that payloads speak of."""
    from ..mapping.expression import parse

    entry = write.entry
    if entry is None:
        return ""
    if entry.for_each:
        steps = (*parse(entry.for_each).steps, "*")
    else:
        steps = parse(entry.sends).steps if entry.sends else ()
    return "".join(f"{step}/" for step in steps)
