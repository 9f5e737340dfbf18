"""How far two mappings agree, fact by fact: what `learn` confirmed, and how good guesses are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from ..resolved import Resolved, Write

Group = Literal["tables", "columns", "transforms", "changes", "rules"]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What a fact is about: an operation or a table, an aspect of it, a field."""

    group: Group
    about: str
    aspect: str
    field: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.about, self.aspect, self.field) if part)


Facts = Mapping[Place, str]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What one mapping says of what another says."""

    right: tuple[Place, ...]
    missing: tuple[Place, ...]
    wrong: tuple[tuple[Place, str, str], ...]
    """(place, what is said, what should be): said otherwise."""
    more: tuple[tuple[Place, str], ...]
    """Said beyond what the other says."""

    @property
    def share(self) -> float:
        """How much of what should be said is; 1 where nothing should."""
        whole = len(self.right) + len(self.missing) + len(self.wrong)
        return len(self.right) / whole if whole else 1.0


def facts(resolved: Resolved) -> Facts:
    """Everything that a mapping says of tables and columns, whatever it leaves to inference."""
    found: dict[Place, str] = {}
    for label, write in resolved.operations.items():
        found.update(_of_write(label, write))
    for resource in resolved.resources.values():
        stamps = resource.timestamps
        told = {
            "tenant": resource.tenant, "owner": resource.owner, "version": resource.version,
            "created": stamps.created, "updated": stamps.updated, "deleted": stamps.deleted,
            "key": ", ".join(resource.key),
        }  # fmt: skip
        for aspect, column in told.items():
            if column:
                found.setdefault(Place("columns", resource.table, aspect), column)
    return found


def _of_write(label: str, write: Write) -> Iterator[tuple[Place, str]]:
    if write.resource is not None:
        yield Place("tables", label, write.kind or ""), write.resource.table
    for aspect, pairs in (("sends", write.fields), ("answers", write.claimed)):
        for pair in pairs:
            yield Place("columns", label, aspect, pair.wire), pair.column
            if pair.transform:
                yield Place("transforms", label, aspect, pair.wire), pair.transform
    for binding in write.path:
        where = f"{binding.table}.{binding.column}"
        yield Place("columns", label, "path", binding.parameter), where
    for reference in write.references:
        where = f"{reference.table}.{reference.target_column}"
        yield Place("columns", label, "refers to", reference.pointer), where
    for change in write.changes:
        yield Place("changes", label, change.kind, change.table), change.table
    yield from _rules(label, write)


def _rules(label: str, write: Write) -> Iterator[tuple[Place, str]]:
    """`values`, `set` and `allow`, each value as text; of a table with several changes no values."""
    tables = [change.table for change in write.changes]
    for change in write.changes:
        if tables.count(change.table) == 1:
            aspect = f"{change.kind} {change.table}"
            for column, value in {**change.values, **change.set_}.items():
                yield Place("rules", label, aspect, column), str(value)
    entry = write.entry
    if entry is None:
        return
    for aspect, told in (("values", entry.values), ("set", entry.set_)):
        for column, value in told.items():
            yield Place("rules", label, aspect, column), str(value)
    if entry.allow is not None:
        if entry.allow.role:
            yield Place("rules", label, "allow", "role"), ", ".join(sorted(entry.allow.role))
        for name in ("tenant", "owner"):
            if value := getattr(entry.allow, name):
                yield Place("rules", label, "allow", name), value


def compare(said: Facts, wanted: Facts, *groups: Group) -> Agreement:
    """What `said` has right of `wanted`, of the groups named."""
    asked = {place: value for place, value in wanted.items() if place.group in groups}
    given = {place: value for place, value in said.items() if place.group in groups}
    return Agreement(
        right=tuple(place for place, value in asked.items() if given.get(place) == value),
        missing=tuple(place for place in asked if place not in given),
        wrong=tuple(
            (place, given[place], value)
            for place, value in asked.items()
            if place in given and given[place] != value
        ),
        more=tuple((place, value) for place, value in given.items() if place not in asked),
    )
