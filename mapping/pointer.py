"""JSON pointers, RFC 6901: `/items/0/name~1alias`."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from ..errors import MappingError

_INDEX = re.compile(r"0|[1-9][0-9]*")


class _Missing:
    """What a pointer leads to when there is nothing there; `None` would be a JSON null."""

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()


def tokens(pointer: str) -> tuple[str, ...]:
    """The unescaped steps of a pointer; the empty pointer is the whole document.

    Raises MappingError for a pointer that does not begin with a slash or escapes wrongly.
    """
    if not pointer:
        return ()
    if not pointer.startswith("/"):
        raise MappingError(f"`{pointer}` is no JSON pointer", hint=f"write `/{pointer}`")
    if re.search(r"~(?![01])", pointer):
        raise MappingError(
            f"`{pointer}` is no JSON pointer", hint="write `~0` for a tilde and `~1` for a slash"
        )
    return tuple(unescape(token) for token in pointer[1:].split("/"))


def join(*steps: str | int) -> str:
    """The pointer through the given steps: `join("paths", "/a")` is `/paths/~1a`."""
    return "".join(f"/{escape(str(step))}" for step in steps)


def escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")


def unescape(token: str) -> str:
    return token.replace("~1", "/").replace("~0", "~")


def walk(document: Any, pointer: str) -> Any:
    """The node a pointer leads to, MISSING when there is none."""
    node = document
    for token in tokens(pointer):
        if isinstance(node, Mapping):
            node = node.get(token, MISSING)
        elif isinstance(node, Sequence) and not isinstance(node, str | bytes):
            inside = _INDEX.fullmatch(token) and int(token) < len(node)
            node = node[int(token)] if inside else MISSING
        else:
            return MISSING
        if node is MISSING:
            return MISSING
    return node
