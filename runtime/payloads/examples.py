"""What the document itself gives as examples and defaults, as payloads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .columns import Scope
from .faults import faults
from .node import Node, copied, same
from .orders import in_order
from .unique import unique_value
from .walk import Walker

if TYPE_CHECKING:
    from ...spec.model import MediaType


@dataclass(frozen=True, slots=True)
class Example:
    """A body of the document's own; `name` is the document's, or says where it comes from."""

    name: str
    body: Any


def told_examples(
    walker: Walker, media: MediaType, node: Node, scope: Scope | None
) -> tuple[tuple[Example, ...], tuple[str, ...]]:
    """The examples that are valid, and what is wrong with the others."""
    judge = walker.judge
    kept: dict[str, Example] = {}
    wrong: list[str] = []
    for name, told in _told(walker, media, node, scope):
        body = writable_part(walker, node, copied(told))
        complaint = judge.complaint(node, body)
        if complaint:
            wrong.append(f"example {name} is not valid: {complaint}")
        elif same(body) not in kept:
            kept[same(body)] = Example(name, with_unique(walker, node, scope, body))
    return tuple(kept.values()), tuple(wrong)


def _told(
    walker: Walker, media: MediaType, node: Node, scope: Scope | None
) -> Iterator[tuple[str, Any]]:
    for name, value in media.examples.items():
        found = walker.schemas.document.follow(value) if isinstance(value, dict) else value
        if isinstance(found, Mapping) and "value" in found and found.keys() <= _OBJECT:
            found = found["value"]
        yield str(name), found
    for index, value in enumerate(node.examples):
        yield f"of the schema{f' {index + 1}' if index else ''}", value
    for value in node.default:
        yield "default of the schema", value
    if isinstance(base := _example(walker, node, scope), dict):
        for name, pick in (
            ("of the properties", "examples"),
            ("defaults of the properties", "default"),
        ):
            told = _from_properties(walker, node, pick)
            if told:
                yield name, in_order(walker, node, scope, {**base, **told}, fixed=told)


_OBJECT = {"value", "summary", "description", "dataValue", "externalValue"}


def _example(walker: Walker, node: Node, scope: Scope | None) -> Any:
    return walker.value(node, scope)


def _from_properties(walker: Walker, node: Node, pick: str) -> dict[str, Any]:
    """What the properties give one by one, the valid ones."""
    found = {}
    for name, child in walker.schemas.writable(node).items():
        for value in getattr(child, pick)[:1]:
            if not faults(child, value) and walker.judge.accepts(child, value):
                found[name] = copied(value)
    return found


def writable_part(walker: Walker, node: Node, body: Any) -> Any:
    """The body without read-only properties: examples often show what comes back."""
    if isinstance(body, list):
        return [writable_part(walker, walker.schemas.item(node, 0), part) for part in body]
    node = fitting(walker, node, body)
    if not isinstance(body, dict):
        return body
    hidden = node.properties.keys() - walker.schemas.writable(node).keys()
    return {
        name: writable_part(walker, walker.schemas.property(node, name), part)
        for name, part in body.items()
        if name not in hidden
    }


def fitting(walker: Walker, node: Node, body: Any) -> Node:
    """The alternative that the body is, where the node has some."""
    if not node.choices:
        return node
    branches = walker.schemas.branches(node)
    return next((branch for branch in branches if walker.judge.accepts(branch, body)), node)


def with_unique(walker: Walker, node: Node, scope: Scope | None, body: Any) -> Any:
    """The body with fresh values where they have to be unique."""
    if scope is None:
        return body
    if scope.unique:
        return unique_value(walker.tight(node, scope), body, scope.key)
    node = fitting(walker, node, body)
    if isinstance(body, list) and (inner := scope.child("*")):
        return [with_unique(walker, walker.schemas.item(node, 0), inner, part) for part in body]
    if isinstance(body, dict):
        return {
            name: with_unique(walker, walker.schemas.property(node, name), scope.child(name), part)
            for name, part in body.items()
        }
    return body
