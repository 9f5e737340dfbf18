"""Mapping, spec and schema laid side by side: what each write operation does to rows.

What the mapping leaves out is inferred: columns from the names of fields, keys and references from
the schema, path parameters from their names and the segments around them. What it says wrongly is
told in one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..spec.model import Document, Operation
from .check import EntryCheck, check_ignores, check_logins, check_tables
from .check_list import ListCheck
from .defaults import default_actor, guess_risk
from .entry import Change, OperationEntry
from .fields import Fields, steps_of
from .model import MappingFile
from .names import did_you_mean
from .older import entries_for
from .paths import Paths, parameters
from .pointer import join
from .problems import Problems
from .references import References
from .resolved import (
    FieldPair,
    Kind,
    PathBinding,
    Reference,
    Resolved,
    ResolvedResource,
    Write,
)
from .resources import resolve_resource, with_fields
from .schema import Schema
from .scope import Scope, Thing
from .shapes import ELEMENT, Shapes

__all__ = [
    "Change",
    "FieldPair",
    "Kind",
    "PathBinding",
    "Reference",
    "Resolved",
    "ResolvedResource",
    "Write",
    "resolve",
]


def resolve(
    mapping: MappingFile,
    document: Document,
    schema: Schema | None = None,
    older: Mapping[str, Document] | None = None,
) -> Resolved:
    """Resolve every write operation of the spec, and whatever else the mapping names.

    `older` are documents that are still promised, by their file names.

    Without a schema (nobody looked at the database) table and column names go unchecked, and
    references are those that the names of resources tell. Raises MappingError: one that tells all
    names that are wrong, with file, line and column of each.
    """
    problems = Problems(mapping.path, mapping.text)
    scope = Scope(mapping, Shapes(document), schema, problems)
    resources = {name: resolve_resource(scope, name) for name in mapping.resources}
    labels = {operation.label: operation for operation in document.operations}
    _check_labels(mapping, labels, problems)
    check_tables(scope)
    check_ignores(scope, ("ignores",), mapping.ignores)
    check_ignores(scope, ("writes_when_refused",), mapping.writes_when_refused)
    check_logins(scope, labels)
    step = _Step(scope, Fields(scope), resources)
    writes = {
        label: step.write(operation, mapping.operations.get(label))
        for label, operation in labels.items()
        if operation.is_write or label in mapping.operations
    }
    problems.raise_all()
    full = _with_all_fields(resources, writes.values())
    operations = {
        label: replace(write, resource=full[write.resource.name]) if write.resource else write
        for label, write in writes.items()
    }
    known = {
        name: _resolve_older(mapping, one, document, schema) for name, one in (older or {}).items()
    }
    return Resolved(operations, full, document, mapping, schema, known)


def _resolve_older(
    mapping: MappingFile, older: Document, newer: Document, schema: Schema | None
) -> Resolved:
    """An older document under the same mapping; what it did not have yet is no problem."""
    scope = Scope(mapping, Shapes(older), schema, Problems(mapping.path, mapping.text))
    resources = {name: resolve_resource(scope, name) for name in mapping.resources}
    step = _Step(scope, Fields(scope), resources)
    entries = entries_for(mapping, older, newer)
    writes = {
        operation.label: step.write(operation, entries.get(operation.label))
        for operation in older.write_operations
    }
    return Resolved(writes, resources, older, mapping, schema)


@dataclass(frozen=True, slots=True)
class _Step:
    """Resolves one operation after the other."""

    scope: Scope
    fields: Fields
    resources: Mapping[str, ResolvedResource]

    def write(self, operation: Operation, entry: OperationEntry | None) -> Write:
        shapes, actors = self.scope.shapes, self.scope.mapping.actors
        kind = entry.kind if entry else None
        resource = self.resources.get(entry.resource or "") if entry else None
        own = Thing(resource.name, resource.table, resource.key) if resource else None
        paths = Paths(self.scope, operation, entry or OperationEntry(), kind, own)
        bindings = paths.bind()
        new_key = paths.new_key(bindings)
        write = Write(
            operation=operation,
            entry=entry,
            kind=kind,
            resource=resource,
            path=tuple(binding for binding in bindings if binding != new_key),
            new_key=new_key,
            actor=default_actor(entry, actors),
            risk=guess_risk(operation, entry, kind),
        )
        if entry is None:
            return write
        body, answer = shapes.request(operation), shapes.answer(operation)
        if resource is not None:
            entry = self._with_envelopes(entry, resource.name, body, answer)
        check = EntryCheck(self.scope, operation, entry, body, answer)
        check.run()
        if entry.list_ is not None:
            ListCheck(check, entry.list_).run()
        named = parameters(operation.path)
        checks = tuple(check.bound(named, entry.returns) for check in entry.verify)
        entry = entry.model_copy(update={"verify": checks})
        return replace(
            write,
            entry=entry,
            fields=self._sent(entry, resource, body),
            claimed=self._claimed(entry, resource, answer),
            references=References(self.scope, self.fields, entry, body).find(),
            changes=entry.changes,
            elements=self._elements(entry, body),
            cascades=self._cascades(kind, resource),
        )

    def _sent(
        self, entry: OperationEntry, resource: ResolvedResource | None, body: Any
    ) -> tuple[FieldPair, ...]:
        if resource is None or body is None:
            return ()
        steps = steps_of(entry.sends, entry.for_each)
        return self.fields.sent(resource.name, self.scope.shapes.at(body, steps).schema)

    def _elements(self, entry: OperationEntry, body: Any) -> Mapping[str, tuple[FieldPair, ...]]:
        found = {}
        for change in entry.changes:
            resource = next((r for r in self.resources.values() if r.table == change.table), None)
            if change.kind == "inserts" and change.for_each and resource is not None:
                schema = self.scope.shapes.at(body, steps_of(None, change.for_each)).schema
                found[change.table] = self.fields.sent(resource.name, schema)
        return found

    def _claimed(
        self, entry: OperationEntry, resource: ResolvedResource | None, answer: Any
    ) -> tuple[FieldPair, ...]:
        if resource is None or answer is None or (entry.returns or "").startswith("$response.h"):
            return ()
        shapes = self.scope.shapes
        schema = shapes.at(answer, steps_of(entry.returns)).schema
        if entry.for_each is not None and schema is not None and shapes.of(schema).is_array:
            schema = shapes.at(schema, (ELEMENT,)).schema
        return self.fields.claimed(resource.name, schema)

    def _with_envelopes(
        self, entry: OperationEntry, name: str, body: Any, answer: Any
    ) -> OperationEntry:
        """`sends` and `returns`, where the body has but one field that is the resource."""
        found: dict[str, str] = {}
        if entry.sends is None and entry.for_each is None:
            wrapper = self.fields.envelope(name, body)
            if wrapper is not None:
                found["sends"] = f"$request.body#{join(wrapper)}"
        if entry.returns is None and entry.for_each is None:
            wrapper = self.fields.envelope(name, answer)
            if wrapper is not None:
                found["returns"] = f"$response.body#{join(wrapper)}"
        return entry.model_copy(update=found) if found else entry

    def _cascades(self, kind: Kind | None, resource: ResolvedResource | None) -> tuple[str, ...]:
        schema = self.scope.schema
        if kind != "deletes" or resource is None or resource.soft_delete or schema is None:
            return ()
        return schema.cascades(resource.table)


def _check_labels(mapping: MappingFile, labels: Iterable[str], problems: Problems) -> None:
    known = set(labels)
    for label in mapping.operations:
        if label not in known:
            pointer = join("operations", label)
            problems.add(
                pointer, f"the spec has no operation `{label}`", did_you_mean(label, known)
            )


def _with_all_fields(
    resources: Mapping[str, ResolvedResource], writes: Iterable[Write]
) -> dict[str, ResolvedResource]:
    pairs: dict[str, list[FieldPair]] = {name: [] for name in resources}
    for write in writes:
        if write.resource is not None:
            pairs[write.resource.name] += [*write.fields, *write.claimed]
    return {name: with_fields(one, pairs[name]) for name, one in resources.items()}
