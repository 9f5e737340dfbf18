"""Fields that the document itself marks as unique: `x-unique: true`, an extension that people use."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from . import media
from .errors import NoPayload
from .node import Node
from .walk import Walker

if TYPE_CHECKING:
    from ...spec.model import Document, Operation

MARK = "x-unique"


def marked_fields(document: Document, walker: Walker, operation: Operation) -> Iterator[str]:
    """The pointers of the fields of an operation's body that its document marks."""
    if not _mentions(document):
        return
    try:
        found = media.chosen(operation)
    except NoPayload:
        return
    if found is not None and found.schema is not None:
        yield from marked(walker, walker.schemas.node(found.schema))


@lru_cache(maxsize=8)
def _mentions(document: Document) -> bool:
    """Whether a document has the mark anywhere: most have not, and need not be walked."""
    open_: list[Any] = [document.raw]
    while open_:
        part = open_.pop()
        if isinstance(part, dict):
            if MARK in part:
                return True
            open_ += part.values()
        elif isinstance(part, list):
            open_ += part
    return False


def marked(
    walker: Walker, node: Node, pointer: str = "", seen: tuple[Node, ...] = ()
) -> Iterator[str]:
    """The pointers of marked fields: `email`, `items/*/sku`; recursion ends where it begins."""
    if node in seen:
        return
    if node.unique and pointer:
        yield pointer
    inside, start = (*seen, node), f"{pointer}/" if pointer else ""
    if node.choices:
        for branch in walker.alternatives(node):
            yield from marked(walker, branch, pointer, inside)
        return
    if "array" in node.kinds():
        yield from marked(walker, walker.schemas.item(node, 0), f"{start}*", inside)
    for name, child in walker.schemas.writable(node).items():
        yield from marked(walker, child, start + name, inside)
