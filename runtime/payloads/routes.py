"""The way from a body to the place of a breach, laid where the body does not reach that far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .breaches import Breach
from .errors import CannotBreak, NoPayload
from .node import Node
from .series import MISSING
from .walk import Walker

DROP: Any = type("Drop", (), {"__repr__": lambda self: "DROP", "__slots__": ()})()
_ROOT = "body"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A value on the way: what it has to be, and the property or element to go on to.

    `chosen` is set where the value is one of several alternatives.
    """

    node: Node
    key: str | int
    chosen: Node | None = None


Route = tuple[Step, ...]


def applied(walker: Walker, route: Route, target: Node, breach: Breach, body: Any) -> Any:
    """The body with the breach at the route's end; it is changed in place where it can be.

    Raises: CannotBreak.
    """
    holder: dict[Any, Any] = {_ROOT: body}
    container: Any = holder
    key: str | int = _ROOT
    for step in route:
        _be(walker, container, key, step)
        container, key = container[key], step.key
        if isinstance(container, list):
            _reach(walker, container, int(key), step)
    try:
        standing = container.get(key, MISSING) if isinstance(container, dict) else container[key]
        if standing is MISSING and breach.rule in _NEEDS_VALUE:
            standing = walker.value(target)
        value = breach.change(standing)
    except NoPayload as reason:
        raise CannotBreak(f"{breach.said}: {reason}") from None
    if value is not DROP:
        container[key] = value
    elif isinstance(container, dict):
        container.pop(key, None)
    return holder[_ROOT]


_NEEDS_VALUE = frozenset({"uniqueItems", "maxItems", "minItems", "maxProperties", "minProperties"})


def _be(walker: Walker, container: Any, key: str | int, step: Step) -> None:
    """The value under the key is one that the route can go through."""
    value = container.get(key, MISSING) if isinstance(container, dict) else container[key]
    wanted = list if isinstance(step.key, int) else dict
    node = step.chosen or step.node
    fits = isinstance(value, wanted)
    if fits and step.chosen is not None:
        fits = walker.judge.accepts(step.chosen, value)
    if not fits:
        try:
            container[key] = walker.value(node)
        except NoPayload as reason:
            raise CannotBreak(f"there is no value for {key}: {reason}") from None
    if not isinstance(container[key], wanted):
        raise CannotBreak(f"{key} cannot be {'an array' if wanted is list else 'an object'}")


def _reach(walker: Walker, array: list[Any], index: int, step: Step) -> None:
    node = step.chosen or step.node
    while len(array) <= index:
        array.append(walker.value(walker.schemas.item(node, len(array)), index=len(array)))
