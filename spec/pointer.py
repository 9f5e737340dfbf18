"""JSON pointers (RFC 6901) and the fragments of references that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote

MISSING: Any = object()
"""What `get` answers where nothing is; a document may hold None."""


def escape(token: str) -> str:
    """One token as it stands in a pointer."""
    return token.replace("~", "~0").replace("/", "~1") if "~" in token or "/" in token else token


def join(*tokens: str | int) -> str:
    """A pointer of unescaped tokens."""
    return "".join(f"/{escape(str(token))}" for token in tokens)


def split(pointer: str) -> list[str]:
    """The unescaped tokens of a pointer; a leading `#` is passed over."""
    pointer = pointer.removeprefix("#")
    if not pointer.strip("/"):
        return []
    parts = pointer.removeprefix("/").split("/")
    return [part.replace("~1", "/").replace("~0", "~") if "~" in part else part for part in parts]


def fragment_tokens(fragment: str) -> Iterable[list[str]]:
    """The ways to read a fragment: percent-decoded as the standard says, then as written."""
    if "%" in fragment:
        yield split(unquote(fragment))
    yield split(fragment)


def step(node: Any, token: str) -> Any:
    """The member or element `token` of `node`, or MISSING."""
    if isinstance(node, dict):
        return node.get(token, MISSING)
    if isinstance(node, list) and token.isascii() and token.isdigit():
        index = int(token) if len(token) < 10 else len(node)
        return node[index] if index < len(node) else MISSING
    return MISSING


def get(root: Any, pointer: str) -> Any:
    """The node that `pointer` names below `root`, or MISSING; references are not followed."""
    node = root
    for token in split(pointer):
        node = step(node, token)
        if node is MISSING:
            return MISSING
    return node
