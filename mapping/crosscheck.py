"""What the mapping file says about itself: its names of actors and resources, its expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import MappingError
from .environment import shown
from .expression import SOURCES, Expression, read_value
from .listed import ListEntry
from .model import MappingFile, OperationEntry
from .names import did_you_mean
from .pointer import join
from .problems import Problems, Rank

ANY = frozenset({"request", "response", "actor", "item", "row", "resource"})
ARRANGED = frozenset({"actor", "resource"})
_ITEM_NEEDS = "`$item` is an element of `for_each`: name the array there"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands, and what it may speak of."""

    pointer: str
    value: Any
    sources: frozenset[str]
    relative: bool = False
    must: bool = False
    """Whether only an expression makes sense here, no literal."""


def crosscheck(mapping: MappingFile, written: Any, problems: Problems) -> None:
    """Add a problem for each name that the file uses and does not define, and each expression
    that cannot be read. `written` still has the names of parts that did not validate."""
    actors = {*mapping.actors, *_names(written, "actors")}
    resources = {*mapping.resources, *_names(written, "resources")}
    for label, entry in mapping.operations.items():
        if entry.as_ is not None and entry.as_ not in actors:
            _unknown(problems, join("operations", label, "as"), "actor", entry.as_, actors)
        if entry.kind and entry.resource and entry.resource not in resources:
            pointer = join("operations", label, entry.kind)
            _unknown(problems, pointer, "resource", entry.resource, resources)
    for name, resource in mapping.resources.items():
        reader = resource.stored_by.as_ if resource.stored_by else None
        if reader is not None and reader not in actors:
            _unknown(problems, join("resources", name, "stored_by", "as"), "actor", reader, actors)
    for place in _places(mapping):
        _check(place, resources, problems)


def _check(place: Place, resources: set[str], problems: Problems) -> None:
    try:
        value = read_value(place.value, relative=place.relative)
    except MappingError as error:
        problems.add_error(place.pointer, error)
        return
    if not isinstance(value, Expression):
        if place.must:
            hint = _example(place.sources)
            problems.add(place.pointer, f"`{shown(place.value)}` is no expression", hint)
        return
    if value.resource is not None and value.resource not in resources:
        choices = {*SOURCES, *resources}
        hint = did_you_mean(value.resource, choices, most=20)
        problems.add(place.pointer, f"`{value}`: nothing is called `{value.resource}`", hint)
    elif value.sign and not place.relative:
        problems.add(place.pointer, f"`{value}`: only `set` is relative to the row before")
    elif _kind(value) not in place.sources and value.constant is None:
        hint = _ITEM_NEEDS if value.source == "item" else _example(place.sources)
        problems.add(place.pointer, f"`{value}` cannot stand here", hint)


def _places(mapping: MappingFile) -> Iterator[Place]:
    for name, resource in mapping.resources.items():
        yield from _values(resource.arrange, ARRANGED, "resources", name, "arrange")
        if resource.stored_by and resource.stored_by.returns:
            pointer = join("resources", name, "stored_by", "returns")
            yield Place(pointer, resource.stored_by.returns, frozenset({"response"}), must=True)
    for name, table in mapping.tables.items():
        yield from _values(table.arrange, ARRANGED, "tables", name, "arrange")
    for name, actor in mapping.actors.items():
        if actor.login and actor.login.token:
            pointer = join("actors", name, "login", "token")
            yield Place(pointer, actor.login.token, frozenset({"response"}), must=True)
    for label, entry in mapping.operations.items():
        yield from _of_operation(entry, "operations", label)


def _of_operation(entry: OperationEntry, *at: str) -> Iterator[Place]:
    item = {"item"} if entry.for_each else set()
    ways: tuple[tuple[str, str | None, set[str]], ...] = (
        ("for_each", entry.for_each, {"request"}),
        ("sends", entry.sends, {"request"} | item),
        ("returns", entry.returns, {"response"}),
    )
    for name, text, sources in ways:
        if text is not None:
            yield Place(join(*at, name), text, frozenset(sources), must=True)
    if entry.list_ is not None:
        yield from _of_list(entry.list_, *at, "list")
    here = frozenset(ANY - {"item"} | item)
    yield from _values(entry.set_, here, *at, "set", relative=True)
    yield from _values(entry.values, here - {"row"}, *at, "values")
    yield from _values(entry.fill, ARRANGED | {"request"}, *at, "fill")
    for name, values in entry.arrange.items():
        yield from _values(values, ARRANGED, *at, "arrange", name)
    for place, situation in entry.situations:
        yield from _values(situation.fill, ARRANGED | {"request"}, *at, *place, "fill")
        for name, values in situation.arrange.items():
            yield from _values(values, ARRANGED, *at, *place, "arrange", name)
    for number, check in enumerate(entry.verify):
        for name in ("bind", "values"):
            yield from _values(getattr(check, name), here - {"item"}, *at, "verify", number, name)
    for number, change in enumerate(entry.changes):
        spot: tuple[str | int, ...] = (*at, "changes", number)
        if change.for_each is not None:
            bodies = frozenset({"request", "response"})
            yield Place(join(*spot, "for_each"), change.for_each, bodies, must=True)
        there = ANY if change.for_each else here
        yield from _values(change.where, there - {"row"}, *spot, "where")
        yield from _values(change.set_, there, *spot, "set", relative=True)
        yield from _values(change.values, there - {"row"}, *spot, "values")


def _of_list(entry: ListEntry, *at: str) -> Iterator[Place]:
    ways = {"rows": entry.rows, "total": entry.total, "next": entry.next}
    for name, text in ways.items():
        if text is not None:
            yield Place(join(*at, name), text, frozenset({"response"}), must=True)
    yield from _values(entry.where, frozenset({"actor", "request"}), *at, "where")


def _values(
    values: Mapping[str, Any], sources: frozenset[str], *at: str | int, relative: bool = False
) -> Iterator[Place]:
    for name, value in values.items():
        yield Place(join(*at, name), value, sources, relative)


def _kind(expression: Expression) -> str:
    """The word that `Place.sources` has for it."""
    return "resource" if expression.resource else expression.source.partition(".")[0]


def _example(sources: frozenset[str]) -> str:
    if sources == ARRANGED:
        return "a literal, `$actor.id` or a column of a resource, such as `$order.id`, can"
    if "request" in sources:
        return "a part of the request can, such as `$request.body#/items`"
    return "a part of the answer can, such as `$response.body#/data`"


def _unknown(problems: Problems, pointer: str, what: str, name: str, known: set[str]) -> None:
    message = f"unknown {what} `{shown(name)}`"
    problems.add(pointer, message, did_you_mean(name, known) or f"`{what}s` names none", Rank.NAME)


def _names(written: Any, key: str) -> tuple[str, ...]:
    part = written.get(key) if isinstance(written, dict) else None
    return tuple(part) if isinstance(part, dict) else ()
