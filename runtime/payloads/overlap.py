"""Whether values made of one alternative can be taken for another's: what `oneOf` must not happen."""

from __future__ import annotations

from .node import Node, same
from .schemas import Schemas


def disjoint(schemas: Schemas, node: Node) -> bool:
    """Whether no value made of one branch of the node's first choice satisfies another one.

    True only where that can be seen; a validator has to tell the rest.
    """
    branches = schemas.branches(node)
    return all(
        _apart(schemas, left, right) for left in branches for right in branches if left is not right
    )


def _apart(schemas: Schemas, made: Node, other: Node) -> bool:
    """Whether values made of `made` break `other`; undeclared properties are never made."""
    kinds, others = set(made.kinds()), set(other.kinds())
    if not kinds & others and not {"integer", "number"} <= kinds | others:
        return other.types is not None
    if kinds != {"object"} or other.types is None:
        return False
    known = schemas.writable(made)
    if other.required - known.keys():
        return True
    if other.closed and made.required - other.properties.keys():
        return True
    shared = [name for name in made.required if name in other.properties and name in known]
    return any(_enums_apart(known[name], schemas.property(other, name)) for name in shared)


def _enums_apart(left: Node, right: Node) -> bool:
    if left.enum is None or right.enum is None:
        return False
    return not {same(value) for value in left.enum} & {same(value) for value in right.enum}
