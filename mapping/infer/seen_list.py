"""The rule by which a list shows some rows of a tenant and leaves others out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..schema import Table
from .guess import Guess, Tree
from .observed import Listed
from .seen_values import equal


def list_rule(listed: Listed | None, table: Table, facts: Mapping[str, Mapping[str, Any]]) -> Tree:
    """`list: {where: …}`: the one column whose value all rows that came share, and no other has.

    Empty where all rows came, or none; and where more than one column could be the reason, unless
    one of them says whose row it is.
    """
    if listed is None or not (listed.shown and listed.hidden):
        return {}
    caller = facts.get(listed.actor, {})
    told = list(_telling(listed, table))
    own = [
        name for name, value in told if table.foreign_key(name) and equal(value, caller.get("id"))
    ]
    if own:
        return {"where": Guess({own[0]: "$actor.id"}, 1.0, "seen: the list shows no others")}
    if len(told) == 1:
        return {"where": Guess(dict(told), 1.0, "seen: the list shows no others")}
    return {}


def _telling(listed: Listed, table: Table) -> Iterator[tuple[str, Any]]:
    for name, column in table.columns.items():
        if name in table.primary_key or column.type in ("json", "binary", "datetime"):
            continue
        value = listed.shown[0].get(name)
        same = all(row.get(name) == value for row in listed.shown)
        if same and value is not None and all(row.get(name) != value for row in listed.hidden):
            yield name, value
