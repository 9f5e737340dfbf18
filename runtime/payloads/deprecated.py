"""Bodies of clients that were never changed: each deprecated field alone, without the other optional ones.

A body that has every field has what replaced the deprecated one as well, and hides that it no longer works.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from .columns import Scope
from .errors import NoPayload
from .examples import Example, fitting
from .node import Node
from .orders import keeps_order
from .walk import Walker

Keys = tuple[str | int, ...]
DEEPEST = 4


def deprecated_alone(
    walker: Walker,
    node: Node,
    scope: Scope | None,
    whole: Any,
    smallest: Callable[[], Any],
    skip: Collection[str],
) -> Iterator[Example]:
    """The smallest body with each deprecated field that `whole` has; none of those that `skip` names.

    Also of the first element of a list. Lists in which `skip` names a field are always there.
    """
    lists = {tuple(pointer.partition("/*/")[0].split("/")) for pointer in skip if "/*/" in pointer}
    for keys in _deprecated(walker, node, whole, frozenset(skip), ()):
        try:
            body = smallest()
            for place in lists:
                body = _laid(walker, node, scope, body, place)
            body = _laid(walker, node, scope, body, keys)
        except NoPayload:
            continue
        if keeps_order(scope, body) and walker.judge.accepts(node, body):
            yield Example(f"{'/'.join(map(str, keys))}: deprecated, alone", body)


def _deprecated(
    walker: Walker, node: Node, value: Any, skip: frozenset[str], keys: Keys
) -> Iterator[Keys]:
    if len(keys) > DEEPEST or "/".join("*" if isinstance(k, int) else k for k in keys) in skip:
        return
    node = fitting(walker, node, value) if node.choices else node
    if isinstance(value, dict):
        for name, part in value.items():
            here, child = (*keys, name), walker.schemas.property(node, name)
            if name not in node.required and _is_deprecated(node, name, child):
                yield here
            yield from _deprecated(walker, child, part, skip, here)
    elif isinstance(value, list) and value:
        yield from _deprecated(walker, walker.schemas.item(node, 0), value[0], skip, (*keys, 0))


def _is_deprecated(node: Node, name: str, child: Node) -> bool:
    """The field is marked where it stands, or by the schema that it has."""
    schemas = (node.properties.get(name), child.raw)
    return any(isinstance(one, Mapping) and one.get("deprecated") is True for one in schemas)


def _laid(walker: Walker, node: Node, scope: Scope | None, value: Any, keys: Keys) -> Any:
    """The value with something at that place: what is there, else a value that may be there."""
    if not keys:
        return value
    key, rest = keys[0], keys[1:]
    node = fitting(walker, node, value) if node.choices else node
    if isinstance(key, int):
        child, below = walker.schemas.item(node, 0), scope.child("*") if scope else None
        elements = value if value else [walker.value(child, below)]
        return [_laid(walker, child, below, elements[0], rest), *elements[1:]]
    child, below = walker.schemas.property(node, key), scope.child(key) if scope else None
    standing = value[key] if key in value else walker.value(child, below, full=not rest)
    return {**value, key: _laid(walker, child, below, standing, rest)}
