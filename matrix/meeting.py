"""What an operation meets: requests of its own kind, an update of its row, those it leaves messages for."""

from __future__ import annotations

from ..mapping.model import Change
from ..mapping.resolve import Reference, Resolved
from .subject import Subject

CARRIERS = ("outbox", "job", "queue", "event", "message", "task")
"""Words in the names of tables whose rows something else acts on."""


def unshared(subject: Subject) -> tuple[Reference, ...]:
    """Fields of the body that name a row which no second request may name: an order's delivery."""
    write, schema = subject.write, subject.resolved.schema
    table = schema.table(write.resource.table) if schema and write.resource else None
    if write.resource is None or table is None or write.kind != "creates":
        return ()
    plain = [r for r in write.references if r.resource and "/" not in r.pointer]
    columns = {reference.column: reference for reference in reversed(plain)}
    shared = {write.resource.tenant, *(binding.through for binding in write.path)}
    found = []
    for alone in (*table.unique, table.primary_key):
        rest = [column for column in alone if column not in shared]
        if rest and all(column in columns for column in rest):
            found.append(columns[rest[0]])
    return tuple(dict.fromkeys(found)) if subject.has_json_body else ()


def sibling_update(subject: Subject) -> Subject | None:
    """The PATCH or PUT of the row that an operation deletes, where the mapping has one."""
    if subject.write.kind != "deletes":
        return None
    for method in ("PATCH", "PUT"):
        other = subject.resolved.operations.get(f"{method} {subject.operation.path}")
        mapped = other is not None and other.kind == "updates" and other.entry is not None
        if other and mapped and other.actor == subject.write.actor:
            return Subject(other, subject.resolved)
    return None


def needs_etag(subject: Subject) -> bool:
    """An If-Match is demanded, and a GET of the same path tells what it must be."""
    headers = {p.name.lower() for p in subject.operation.parameters if p.location == "header"}
    return "if-match" in headers and subject.read_back is not None


def messages(subject: Subject) -> tuple[Change, ...]:
    """The rows it leaves for something else to act on: an outbox, a job."""
    return tuple(change for change in subject.write.changes if _is_message(change))


def message_tables(resolved: Resolved) -> tuple[str, ...]:
    """All tables by which this API leaves such rows, whatever the operation."""
    writes = resolved.operations.values()
    named = (change.table for write in writes for change in write.changes if _is_message(change))
    return tuple(dict.fromkeys(named))


def later(subject: Subject) -> tuple[Change, ...]:
    """The changes that come after the answer."""
    return tuple(change for change in subject.write.changes if change.within is not None)


def _is_message(change: Change) -> bool:
    carried = any(word in change.table for word in CARRIERS)
    return change.kind == "inserts" and change.within is None and carried
