"""The optional properties of a body, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .examples import fitting
from .node import Node
from .routes import Route, Step
from .walk import Walker


def unsure(node: Node, route: Route) -> bool:
    """Whether only the judge can tell what leaving a property out does."""
    nodes = [node, *(step.node for step in route)]
    return any(n.judged or n.choices or n.dependent for n in nodes) or any(s.chosen for s in route)


def optional_in(
    walker: Walker, node: Node, body: Any, route: Route, depth: int
) -> Iterator[tuple[str, Route]]:
    """(pointer, route) of each optional property that the body has, down to three levels."""
    if not isinstance(body, dict) or depth > 3:
        return
    chosen = fitting(walker, node, body) if node.choices else None
    node = chosen or node
    required = set(walker.schemas.required(node))
    for name in body:
        here = (*route, Step(node, name, chosen))
        if name not in required and name in node.properties and len(body) > node.min_properties:
            yield "/".join(str(step.key) for step in here), here
        yield from optional_in(
            walker, walker.schemas.property(node, name), body[name], here, depth + 1
        )
