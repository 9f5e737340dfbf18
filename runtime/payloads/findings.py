"""What a person should know of an operation's body: where contract and columns differ, what is never
sent and why, which unique fields have little room, which patterns cannot be held.
"""

from __future__ import annotations

from collections.abc import Iterator

from .columns import Scope, findings
from .ecma import compiled
from .errors import NoPayload
from .excess import spots
from .node import Node
from .unique import room_for
from .walk import Walker


def findings_of(walker: Walker, node: Node, scope: Scope | None) -> tuple[str, ...]:
    """One sentence each, every place once."""
    found: dict[str, None] = {}
    for spot in spots(walker, node, scope):
        if spot.scope.limit:
            found.update(dict.fromkeys(findings(spot.scope.pointer, spot.node, spot.scope.limit)))
        room = room_for(walker.tight(spot.node, spot.scope)) if spot.scope.unique else None
        if room is not None:
            said = f"{spot.scope.pointer}: has to be unique, but there are only {room:,} values"
            found[said] = None
    found.update(dict.fromkeys(_below(walker, node, "", set())))
    return tuple(found)


def _below(walker: Walker, node: Node, pointer: str, seen: set[Node]) -> Iterator[str]:
    """What concerns the schema alone; each node is told of once, where it is met first."""
    if node in seen:
        return
    seen.add(node)
    for pattern in node.patterns:
        if compiled(pattern) is None:
            yield f"{pointer or 'body'}: the pattern {pattern} cannot be read and is not held"
    if node.enum is not None:
        return
    if node.choices:
        for branch in walker.alternatives(node):
            yield from _below(walker, branch, pointer, seen)
        return
    start = f"{pointer}/" if pointer else ""
    if "array" in node.kinds():
        yield from _below(walker, walker.schemas.item(node, 0), f"{start}*", seen)
    for name, child in walker.schemas.writable(node).items():
        if walker.makes(child):
            yield from _below(walker, child, start + name, seen)
        elif child.types != ():
            yield f"{start}{name}: is never sent: {_reason(walker, child)}"


def _reason(walker: Walker, node: Node) -> str:
    try:
        walker.value(node)
    except NoPayload as reason:
        return str(reason)
    return "no value satisfies it"
