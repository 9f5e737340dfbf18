"""Path parameters that resolving would not bind, or would bind to another row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...spec.schema import type_of
from ..names import singular, snake, words
from ..schema import Table
from ..scope import bare, stem
from .guess import Guess
from .likeness import likeness
from .tables import points_at

_ATTRIBUTES = ("name", "key", "code", "slug", "ref", "number")
"""Last words of parameters that name a thing by another column than its key."""

if TYPE_CHECKING:
    from .assemble import Assembly
    from .things import Deed


def path_guesses(assembly: Assembly, deed: Deed) -> dict[str, Guess]:
    """`path:` of an operation; what names tell is left out."""
    if assembly.schema is None or deed.table is None:
        return {}
    own = assembly.schema.tables[deed.table]
    found: dict[str, Guess] = {}
    steps = [step for step in deed.route.steps if step.parameter]
    for number, step in enumerate(steps):
        addressed = number == len(steps) - 1 and deed.route.names_a_row and deed.kind != "creates"
        if addressed:
            guess = _named_text(assembly, deed, own, step.parameter)
            guess = guess or _own(assembly, own, step.parameter, len(steps))
        else:
            guess = _parent(assembly, deed, own, step.parameter, step.word)
        if guess is not None:
            found[step.parameter] = guess
    return found


def _own(assembly: Assembly, own: Table, parameter: str, count: int) -> Guess | None:
    """The addressed row's key, unless another column is plainly meant."""
    name = assembly.names[own.qualified]
    if len(own.primary_key) == 1 and count == 1:
        return None
    if snake(parameter) in own.columns and snake(parameter) != "id":
        return None
    if len(own.primary_key) < 2:
        return None
    column, sure = _nearest(own, own.primary_key, parameter, name)
    if column == own.primary_key[-1]:
        return None  # the last part of the key is what resolving takes
    return Guess(f"{name}.{column}", sure, "part of the key") if column else None


def _named_text(assembly: Assembly, deed: Deed, table: Table, parameter: str) -> Guess | None:
    """The unique text that a parameter is named for where the key is a number: `{pool_name}` is the
    `pool` of a pool, `{connection_id}` the `conn_id` of a connection, `{dag_run_id}` a `run_id`."""
    said = words(parameter)
    numeric = [name for name in table.primary_key if table.columns[name].type == "integer"]
    if (
        len(table.primary_key) != 1
        or not numeric
        or len(said) < 2
        or snake(parameter) in table.columns
    ):
        return None
    if not _is_text(assembly, deed, parameter):
        return None
    name = assembly.names.get(table.qualified, table.qualified)
    around = (*words(name), *words(bare(table.qualified)))
    scored = []
    for column in dict.fromkeys(one for columns in table.unique for one in columns):
        told = words(column)
        if table.columns[column].type != "text" or table.foreign_key(column) or not told:
            continue
        alike = likeness(said, told, around) if said[-1] == told[-1] else 0.0
        if said[-1] in _ATTRIBUTES:
            alike = max(alike, likeness(said[:-1], told, around) * 0.9)
        scored.append((round(alike, 2), column))
    best = max(scored, default=(0.0, ""))
    # `{variable_key}` is the `key` of a variable: that is what resolving takes.
    plain = best[1] == said[-1] and "_".join(said[:-1]) == singular(name)
    if best[0] < 0.6 or plain:
        return None
    return Guess(f"{name}.{best[1]}", best[0], "unique, named like it, and a text as it is")


def _is_text(assembly: Assembly, deed: Deed, parameter: str) -> bool:
    schemas = [one.schema for one in deed.operation.parameters if one.name == parameter]
    return any(type_of(assembly.shapes.document, schema) == "string" for schema in schemas)


def _parent(assembly: Assembly, deed: Deed, own: Table, parameter: str, word: str) -> Guess | None:
    schema, things = assembly.schema, assembly.things
    assert schema is not None
    assert things.tables is not None
    name = assembly.names[own.qualified]
    for noun in (stem(parameter), word):
        if not noun:
            continue
        match = next(iter(things.tables.named(noun)), None)
        if match is None or match.score < 0.6:
            continue
        parent = schema.tables[match.table]
        if (named := _named_text(assembly, deed, parent, parameter)) is not None:
            return named
        if _is_found(assembly, noun, match.table):
            return None
        column = points_at(own, match.table)
        if len(parent.primary_key) >= 1:
            target = parent.primary_key[-1]
            owner = assembly.names.get(match.table, match.table)
            sure = 0.9 if column else 0.7
            return Guess(f"{owner}.{target}", sure, f"`{noun}` is `{match.table}`")
    column, sure = _nearest(own, tuple(own.primary_key), parameter, name)
    return Guess(f"{name}.{column}", sure, "part of the key") if column and sure >= 0.5 else None


def _is_found(assembly: Assembly, noun: str, table: str) -> bool:
    """Resolving finds the parent by the noun itself."""
    one = singular(noun)
    name = assembly.names.get(table)
    return one in (singular(name or ""), singular(bare(table)))


def _nearest(own: Table, columns: tuple[str, ...], parameter: str, name: str) -> tuple[str, float]:
    scored = [
        (likeness(words(parameter), words(column), words(name)), column) for column in columns
    ]
    best = max(scored, default=(0.0, ""))
    return (best[1], round(best[0], 2)) if best[0] >= 0.4 else ("", 0.0)
