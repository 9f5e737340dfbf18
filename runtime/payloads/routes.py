"""The way from a body to the place of a breach, laid where the body does not reach that far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .breach import Breach
from .errors import CannotBreak, NoPayload
from .node import Node
from .series import MISSING
from .walk import Walker, with_dependents

DROP: Any = type("Drop", (), {"__repr__": lambda self: "DROP", "__slots__": ()})()
_ROOT = "body"


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A value on the way: what it has to be, and the property or element to go on to.

    `chosen` is set where the value is one of the alternatives of `choice`.
    """

    node: Node
    key: str | int
    chosen: Node | None = None
    choice: Node | None = None


Route = tuple[Step, ...]


def applied(walker: Walker, route: Route, target: Node, breach: Breach, body: Any) -> Any:
    """The body with the breach at the route's end; it is changed in place where it can be.

    Raises: CannotBreak.
    """
    try:
        broken, passed = _applied(walker, route, target, breach, body, fresh=False)
        if _taken_for_another(walker, passed):
            broken, passed = _applied(walker, route, target, breach, broken, fresh=True)
            if _taken_for_another(walker, passed):
                raise CannotBreak(f"{breach.said}: another alternative allows it")
    except NoPayload as reason:
        raise CannotBreak(f"{breach.said}: {reason}") from None
    return broken


Passed = list[tuple[Step, Any]]


def _taken_for_another(walker: Walker, passed: Passed) -> bool:
    """Whether a choice on the way allows the value all the same, as another alternative."""
    return any(
        walker.judge.accepts(step.choice, container[key])
        for step, (container, key) in passed
        if step.choice is not None
    )


def _applied(
    walker: Walker, route: Route, target: Node, breach: Breach, body: Any, *, fresh: bool
) -> tuple[Any, Passed]:
    """`fresh` puts new values where the way goes through a choice."""
    holder: dict[Any, Any] = {_ROOT: body}
    container: Any = holder
    key: str | int = _ROOT
    passed: Passed = []
    for step in route:
        passed.append((step, (container, key)))
        _be(walker, container, key, step, fresh and step.choice is not None)
        container, key = container[key], step.key
        if isinstance(container, list):
            _reach(walker, container, int(key), step)
    standing = container.get(key, MISSING) if isinstance(container, dict) else container[key]
    added = standing is MISSING and isinstance(container, dict) and bool(route)
    if standing is MISSING and breach.rule in _NEEDS_VALUE:
        standing = walker.value(target)
    value = breach.change(standing)
    if value is not DROP:
        if added:
            _make_room(walker, container, str(key), route[-1])
        container[key] = value
    elif isinstance(container, dict):
        container.pop(key, None)
    return holder[_ROOT], passed


def _make_room(walker: Walker, members: dict[str, Any], name: str, step: Step) -> None:
    """A property is added: so are those it depends on, and another one goes where it is full."""
    node = step.chosen or step.node
    for other in with_dependents(node, {name: None}):
        if other != name and other not in members:
            members[other] = walker.value(walker.schemas.property(node, other))
    if node.max_properties is not None and len(members) >= node.max_properties:
        spare = [other for other in members if other not in node.required]
        if spare:
            del members[spare[-1]]


_NEEDS_VALUE = frozenset(
    {"uniqueItems", "maxItems", "minItems", "maxProperties", "minProperties", "order"}
)


def _be(walker: Walker, container: Any, key: str | int, step: Step, fresh: bool) -> None:
    """The value under the key is one that the route can go through."""
    value = container.get(key, MISSING) if isinstance(container, dict) else container[key]
    wanted = list if isinstance(step.key, int) else dict
    fits = isinstance(value, wanted) and not fresh
    if fits and step.chosen is not None:
        fits = walker.judge.accepts(step.chosen, value)
    if not fits:
        container[key] = walker.value(step.chosen or step.node)
    if not isinstance(container[key], wanted):
        raise CannotBreak(f"{key} cannot be {'an array' if wanted is list else 'an object'}")


def _reach(walker: Walker, array: list[Any], index: int, step: Step) -> None:
    node = step.chosen or step.node
    while len(array) <= index:
        array.append(walker.value(walker.schemas.item(node, len(array)), index=len(array)))
