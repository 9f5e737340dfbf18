"""Without a database: which rows requests can make, and what reading rows by request cannot show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ..mapping.expression import Expression, is_expression, read_value
from ..mapping.resolve import Resolved, Write
from .concern import CLOSES, Answer, Concern, gap
from .subject import Subject

NO_DATABASE = "without a database only the rows that `stored_by` reads are seen"
_ABSENT = object()


def judged(subject: Subject, concern: Concern, answer: Answer) -> Answer:
    """What a concern's answer is worth where nobody looks at the database."""
    if not answer.tests or not subject.unwatched:
        return answer
    if concern.needs_rows:
        return gap(NO_DATABASE, CLOSES)
    if reason := unmade(subject):
        return gap(reason, CLOSES)
    unseen = concern.unseen(subject) if concern.unseen else ""
    return replace(answer, unseen=unseen, closes=CLOSES if unseen else answer.closes)


def unmade(subject: Subject) -> str:
    """Why the rows that an operation needs cannot be made by requests, "" when they can."""
    return _unmade(subject.write, subject.resolved, frozenset())


def maker(resolved: Resolved, resource: str, actor: str | None = None) -> Write | str:
    """The operation by which a row of a resource is made, as `actor`; or why there is none."""
    return _maker(resolved, resource, actor, frozenset())


def sent_for(write: Write, arrange: Mapping[str, Any]) -> dict[str, Any] | str:
    """Request field -> value that gives a created row these column values; or what cannot be."""
    sent: dict[str, Any] = {}
    entry = write.entry
    fields = {pair.column: pair for pair in write.fields}
    for column, value in arrange.items():
        stated = entry.values.get(column, _ABSENT) if entry else _ABSENT
        if value is None or value == stated or is_expression(value):
            continue
        pair = fields.get(column)
        if (
            pair is None
            or pair.transform in ("hashed", "computed", "json_member")
            or "." in (pair.transform or "")
        ):
            return f"{column}: {value}"
        sent[pair.wire] = _hundredth(value) if pair.transform == "cents" else value
    return sent


def _hundredth(value: Any) -> Any:
    return value // 100 if value % 100 == 0 else value / 100


def _unmade(write: Write, resolved: Resolved, seen: frozenset[str]) -> str:
    entry = write.entry
    if entry is not None:
        for name, values in entry.arrange.items():
            if values:
                listed = ", ".join(f"{column}: {value}" for column, value in values.items())
                return f"no request makes a row of {name} with {listed}"
    if write.kind is None:
        return "nothing undoes what it writes, and no row is named that it is about"
    if _is_callers_own(write):
        return "no path names the row that it is about"
    for resource, table in _needed(write):
        if resource is None:
            return f"no request makes a row of {table}"
        found = _maker(resolved, resource, None, seen)
        if isinstance(found, str):
            return found
    return ""


def _is_callers_own(write: Write) -> bool:
    if write.kind in (None, "creates") or write.resource is None:
        return False
    return not any(binding.table == write.resource.table for binding in write.path)


def _needed(write: Write) -> Iterator[tuple[str | None, str]]:
    """(resource, table) of each row that a request names."""
    yield from ((binding.resource, binding.table) for binding in write.path)
    yield from ((one.resource, one.table) for one in write.references if not one.fixed)
    for value in write.entry.fill.values() if write.entry else ():
        read = read_value(value)
        if isinstance(read, Expression) and read.resource:
            yield read.resource, read.resource


def _maker(resolved: Resolved, name: str, actor: str | None, seen: frozenset[str]) -> Write | str:
    if name in seen:
        return f"a row of {name} needs another one of {name}"
    why = f"no request makes a row of {name}: no operation `creates: {name}` and answers its key"
    for write in resolved.operations.values():
        resource, entry = write.resource, write.entry
        if write.kind != "creates" or resource is None or resource.name != name:
            continue
        shown = {pair.column for pair in write.claimed}
        if entry is None or entry.for_each or not shown.issuperset(resource.key):
            continue
        arranged = sent_for(write, resource.arrange)
        if isinstance(arranged, str):
            why = f"no request makes a row of {name} with {arranged}"
            continue
        caller = actor or write.actor
        role = resolved.mapping.actors[caller].role if caller else None
        if entry.allow.role and role not in entry.allow.role:
            why = f"{caller} may not make a row of {name}"
            continue
        if reason := _unmade(write, resolved, seen | {name}):
            why = reason
            continue
        return replace(write, actor=caller)
    return why
