"""Older documents that are still promised: their operations, and what the spec took from them."""

from __future__ import annotations

from collections.abc import Iterator

from ..mapping.resolve import Resolved
from ..spec import promises
from ..spec.promises import shape_of
from .subject import Subject


def older_subjects(subject: Subject) -> Iterator[tuple[str, Subject]]:
    """(file name, the same operation as it was then) for each older document that can be tested."""
    wanted = subject.operation.method, shape_of(subject.operation.path)
    for name, resolved in subject.resolved.older.items():
        for write in resolved.operations.values():
            then = Subject(write, resolved)
            found = then.operation.method, shape_of(then.operation.path)
            if found == wanted and then.operation.success and not then.unbound_path:
                yield name, then


def untested(resolved: Resolved) -> Iterator[str]:
    """Operations of older documents for which no test can be made: nothing tells what their path names."""
    for name, older in resolved.older.items():
        for write in older.operations.values():
            then = Subject(write, older)
            if then.unbound_path:
                yield f"{name}: {then.label} is not tested: nothing tells {then.unbound_path[0]}"


def broken_promises(resolved: Resolved) -> Iterator[str]:
    """What clients of older documents can no longer rely on, by the documents alone."""
    for name, older in resolved.older.items():
        for told in promises.broken_promises(older.document, resolved.document):
            yield f"{name}: {told}"
