"""Elements of one array that become rows of one table, which a UNIQUE constraint keeps apart.

Within one body they share their parent, so that `UNIQUE (booking_id, email)` leaves their e-mails to differ.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from .node import same

if TYPE_CHECKING:
    from .columns import Scope

Key = Callable[[Any], Hashable]


def keys_of(scope: Scope | None) -> tuple[Key, ...]:
    """For each constraint what no two elements may share; `scope` is that of the elements."""
    return tuple(partial(_key, names) for names in scope.distinct) if scope else ()


def are_distinct(scope: Scope | None, elements: Iterable[Any]) -> bool:
    """Whether the elements differ as the constraints of their table demand."""
    found = list(elements)
    return all(len({key(one) for one in found}) == len(found) for key in keys_of(scope))


def _key(names: tuple[str, ...], element: Any) -> Hashable:
    """What others may not share. A null differs from all, as it does to databases; texts that differ in
    case alone do not, as many columns call them equal."""
    if not isinstance(element, dict) or any(element.get(name) is None for name in names):
        return object()
    return same([_folded(element.get(name)) for name in names])


def _folded(value: Any) -> Any:
    return value.strip().casefold() if isinstance(value, str) else value
