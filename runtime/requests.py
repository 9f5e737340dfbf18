"""What emitted tests send: payloads of an operation by its label."""

from __future__ import annotations

import copy
import functools
import json
import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from ..errors import GenSuiteError, reason_of
from ..mapping.resolved import Resolved, Write
from ..matrix.bodies import NOT_SEEN, Bodies
from ..matrix.depth import cases_at_depth
from ..matrix.subject import Subject
from ..matrix.writes import COMMIT, main_write, writes_of
from .actors import ANONYMOUS, IMPOSTOR, impostor
from .database.fault import Failure
from .profiles import active_profile
from .row_rules import distinct_fields, field_orders, resource_at
from .suite import active_suite

if TYPE_CHECKING:
    import httpx
    from hypothesis.strategies import SearchStrategy

    from .payloads import Option, PayloadSpace, Violation

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


@dataclass(frozen=True, slots=True)
class Unmade:
    """Stands for the samples or violations that could not be made: a test that uses it says why."""

    reason: str

    def __str__(self) -> str:
        return "cannot be made"

    @property
    def body(self) -> Any:
        raise GenSuiteError(self.reason)

    def of(self, **request: Any) -> Any:
        raise GenSuiteError(self.reason)

    def among(self, *documented: int) -> Any:
        raise GenSuiteError(self.reason)


def said_by_the_test(make: Callable[[str], list[Any]]) -> Callable[[str], list[Any]]:
    """What decorators of emitted tests call: as many cases as the depth of the operation asks for.

    It never raises, as that would cost all tests of a suite.
    """

    @functools.wraps(make)
    def made(operation: str) -> list[Any]:
        try:
            cases, suite = make(operation), active_suite()
            name, write = make.__name__, suite.write(operation)
            kept = cases_at_depth(name, cases, suite.resolved, write)
            suite.cases_left_out[operation, name] = len(cases) - len(kept)
            return kept
        except Exception as error:  # of whatever kind: the test that needs it says so
            return [Unmade(f"{operation}: {reason_of(error)}")]

    return made


@said_by_the_test
def unauthenticated_callers(operation: str) -> list[Any]:
    """Callers of an operation whom nothing may accept: without credentials, with made up, spent or
    revoked ones, and with those of another security scheme."""
    subject = _subject(operation)
    return [ANONYMOUS, IMPOSTOR, *map(impostor, subject.other_schemes), *subject.strangers]


@said_by_the_test
def unauthorized_callers(operation: str) -> list[Any]:
    """Known callers who may not do this: of another role, another tenant; each with why as its id."""
    return [pytest.param(name, id=why) for name, why in _subject(operation).outsiders]


@said_by_the_test
def privileged_fields(operation: str) -> list[Any]:
    """(field, column, value) of each field that a caller must have no say over."""
    return [*_subject(operation).forbidden_fields]


@said_by_the_test
def failing_writes(operation: str) -> list[Any]:
    """Each write of an operation, and its COMMIT: `insert orders`, `update products`, `commit`."""
    return [*map(Failure, (*writes_of(_subject(operation).write), COMMIT))]


@said_by_the_test
def faults(operation: str) -> list[Any]:
    """What may go wrong half-way: an error at each write and at COMMIT, the connection cut at two of
    them, and two errors after which trying again makes sense."""
    write = _subject(operation).write
    writes = [*writes_of(write), COMMIT]
    first = main_write(write) or writes[0]
    return [
        *(Failure(name) for name in writes),
        *(Failure(name, cut=True) for name in dict.fromkeys((first, COMMIT))),
        *(Failure(first, error, times=1) for error in ("serialization", "deadlock")),
    ]


def _subject(operation: str) -> Subject:
    suite = active_suite()
    return Subject(suite.write(operation), suite.resolved)


def bodies(operation: str, *, spec: str = "") -> SearchStrategy[Any]:
    """Valid bodies of an operation, drawn by Hypothesis; unique where the database demands it.

    With `spec` what an older document allows, one that the mapping is `compatible_with`.
    """
    from hypothesis import strategies

    return strategies.deferred(lambda: active_suite().payloads(operation, spec).bodies())


def example(operation: str) -> Body:
    """One small valid body of an operation, every required field and no other."""
    return active_suite().payloads(operation).example()


def complete(operation: str) -> Body:
    """A valid body of an operation with every field that a request may send."""
    return active_suite().payloads(operation).complete()


def another(operation: str) -> Body:
    """A whole valid body with other texts than those of `complete` and `example`.

    For rows that a test has made before its own request: an update must find something to change.
    Only texts without enum, format and pattern are others; what means something stays.
    """
    from .learn_body import Variation

    suite = active_suite()
    space = suite.payloads(operation)
    media, body = space.media(), space.complete()
    if media is None:
        return body
    return Variation(suite.resolved.document).reworded(body, space.complete(), media.schema)


@said_by_the_test
def edges(operation: str) -> list[Sample]:
    """Whole bodies of an operation, each with one field at an edge of what the spec allows.

    Fields that a test fills in, references and those of the mapping's `fill`, are no edges.
    """
    suite = active_suite()
    found = suite.payloads(operation).edges(skip=_filled_in(suite.write(operation)))
    return [Sample(one.name, one.body) for one in found]


@said_by_the_test
def examples(operation: str) -> list[Sample]:
    """The examples that the spec gives for the body of an operation."""
    found = active_suite().payloads(operation).examples()
    return [Sample(one.name, one.body) for one in found]


@said_by_the_test
def without_optional(operation: str) -> list[Sample]:
    """A whole body of an operation once for each optional field, without that field."""
    found = active_suite().payloads(operation).without()
    return [Sample(f"without {name}", body) for name, body in found]


@said_by_the_test
def overflows(operation: str) -> list[Sample]:
    """Small bodies of an operation, each with one value that the spec allows and no column holds.

    Fields that a test fills in get none: what it fills in would replace it.
    """
    suite = active_suite()
    write, space = suite.write(operation), suite.payloads(operation)
    return list(_overflows(space, _filled_in(write)))


def _overflows(space: PayloadSpace, skip: Collection[str]) -> Iterator[Sample]:
    from .payloads import CannotBreak

    filled = [pointer.split("/") for pointer in skip]
    for overflow in space.overflows():
        if any(_leads_to(steps, overflow.pointer.split("/")) for steps in filled):
            continue
        try:
            sent = overflow.of(json=space.example())
        except CannotBreak:
            continue
        if "json" in sent or "data" in sent:
            yield Sample(str(overflow), sent.get("json", sent.get("data")))


@said_by_the_test
def violations(operation: str) -> list[Violation]:
    """One breach of each constraint that the spec puts on a request."""
    return list(active_suite().payloads(operation).violations())


@said_by_the_test
def options(operation: str) -> list[Option]:
    """Each query, header and cookie parameter that a request of the operation may leave out."""
    return list(active_suite().payloads(operation).options())


@said_by_the_test
def refusals(operation: str) -> list[Violation]:
    """One violation of each rule: enough to see every shape that a refusal can have."""
    found = active_suite().payloads(operation).violations()
    return list({violation.rule: violation for violation in found}.values())


def findings(operation: str) -> tuple[str, ...]:
    """What to know of an operation's body: where spec and columns differ, what cannot be sent."""
    return active_suite().payloads(operation).findings


def params(operation: str, *, spec: str = "") -> dict[str, Any]:
    """Valid values of the required query parameters; with `spec` those of an older document."""
    return active_suite().payloads(operation, spec).parameter_example("query")


def headers(operation: str, *, spec: str = "") -> dict[str, str]:
    """Valid values of the required headers; with `spec` those of an older document."""
    given = active_suite().payloads(operation, spec).parameter_example("header")
    return {name: str(value) for name, value in given.items()}


def cookies(operation: str) -> dict[str, str]:
    """Valid values of the required cookies."""
    given = active_suite().payloads(operation).parameter_example("cookie")
    return {name: str(value) for name, value in given.items()}


def encoded(operation: str, body: Body) -> dict[str, Any]:
    """How a body travels in the media type of its operation: `data`, `files`, `content`, `headers`."""
    return active_suite().payloads(operation).request(body)


def filled(operation: str, field: str, *, spec: str = "") -> Any:
    """The value that the mapping's `fill` states for a request field, taken from the environment."""
    entry = active_suite().write(operation, spec).entry
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


def attempted(response: httpx.Response, field: str) -> Any:
    """The value that a request sent in a field of its body; where it sent none, one that nobody has."""
    try:
        value = json.loads(response.request.content)[field]
    except (ValueError, KeyError, TypeError):
        value = None
    named = isinstance(value, str | int) and not isinstance(value, bool) and value != ""
    return value if named else missing("")


def unique() -> str:
    """A text that nobody sent before."""
    return secrets.token_hex(12)


def unused_key(operation: str, parameter: str) -> Any:
    """A value of a path parameter that names no row yet: `PUT /lists/{name}` makes it."""
    return active_suite().payloads(operation).unused_key(parameter)


def payloads_of(write: Write, resolved: Resolved) -> PayloadSpace:
    """The payloads of one operation, held to what its columns can store."""
    from .payloads import payloads_for

    limits, unique_fields = column_limits(write, resolved)
    return payloads_for(
        resolved.document,
        write.operation,
        columns=limits,
        unique=unique_fields,
        orders=field_orders(write, resolved),
        hostile=active_profile().hostile,
        distinct=distinct_fields(write, resolved),
        updates=write.kind == "updates",
        lenient=resolved.mapping.leniency(write.entry),
        trims=any(pair.transform == "trimmed" for pair in write.fields),
        leave_out=resolved.mapping.left_out(write.entry),
    )


def _leads_to(steps: list[str], place: list[str]) -> bool:
    """Whether a pointer with `*` for each element leads to a place."""
    return len(steps) == len(place) and all(
        a in ("*", b) for a, b in zip(steps, place, strict=True)
    )


def look(write: Write, resolved: Resolved) -> Bodies:
    """What requests of an operation are like: whether any can be made, and where the spec allows
    what its columns cannot hold."""
    try:
        space = payloads_of(write, resolved)
        _make_one(space)
        if write.operation.request_body is None or not column_limits(write, resolved)[0]:
            return NOT_SEEN
        overflow = any(_overflows(space, _filled_in(write)))
        return Bodies(space.findings, overflow)
    except Exception as error:  # of whatever kind: it is about this operation alone
        return Bodies(unsendable=reason_of(error))


def _make_one(space: PayloadSpace) -> None:
    """Make each part of one valid request. Raises what keeps a part from being made."""
    space.example()
    space.complete()
    for location in ("query", "header", "cookie"):
        space.parameter_example(location)


def column_limits(write: Write, resolved: Resolved) -> tuple[Mapping[str, Any], list[str]]:
    """Field pointer -> what its column holds; and the fields whose column must be unique."""
    from .payloads import ColumnLimit

    schema, resource = resolved.schema, write.resource
    table = schema.table(resource.table) if schema and resource else None
    if resource is None:
        return {}, []
    prefix = resource_at(write)
    if table is None:
        return {}, [prefix + p.wire for p in write.fields if p.column in resource.unique]
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
