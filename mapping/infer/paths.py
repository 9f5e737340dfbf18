"""Path parameters that resolving would not bind, or would bind to another row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..names import singular, snake, words
from ..schema import Table
from ..scope import bare, stem
from .guess import Guess
from .likeness import likeness
from .tables import points_at

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
            guess = _own(assembly, own, step.parameter, len(steps))
        else:
            guess = _parent(assembly, own, step.parameter, step.word)
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


def _parent(assembly: Assembly, own: Table, parameter: str, word: str) -> Guess | None:
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
        if _is_found(assembly, noun, match.table):
            return None
        parent = schema.tables[match.table]
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
