"""Bulk requests: how many elements one may have."""

from __future__ import annotations

from typing import Any

from ..mapping.expression import parse
from ..spec.schema import keyword, properties
from .subject import Subject

FEW = 2
MANY = 20


def most_elements(subject: Subject) -> int:
    """The elements of a large bulk request: 20, or as many as it may have; 0 where it is none."""
    entry, document = subject.write.entry, subject.resolved.document
    if entry is None or not entry.for_each or not subject.has_json_body or subject.unwatched:
        return 0
    schema: Any = subject.body.schema if subject.body else None
    for step in parse(entry.for_each).steps:
        schema = properties(document, schema).get(step)
    most = keyword(document, schema, "maxItems", MANY)
    return min(most, MANY) if isinstance(most, int) else MANY
