"""Following internal references, with an error that says what was meant where one leads nowhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..errors import Location, SpecError
from .pointer import MISSING
from .refs import nearest, target


class References:
    """The references of one document; what they lead to is looked up once each."""

    def __init__(self, root: Any, path: Path) -> None:
        self._root, self._path = root, path
        self._targets: dict[str, Any] = {}

    def follow(self, node: Any) -> Any:
        """What `node` means: itself, or what its `$ref` leads to, through chains of them.

        Raises SpecError for a reference that leads nowhere or back to itself.
        """
        if type(node) is not dict or "$ref" not in node:
            return node
        passed: list[str] = []
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            ref = node["$ref"]
            if ref in passed:
                chain = " -> ".join([*passed, ref])
                raise SpecError(f"a $ref leads back to itself: {chain}", where=Location(self._path))
            passed.append(ref)
            node = self._targets.get(ref, MISSING)
            if node is MISSING:
                node = self._targets[ref] = self._target(ref)
        return node

    def leads_nowhere(self, ref: str) -> bool:
        return target(self._root, ref) is MISSING

    def _target(self, ref: str) -> Any:
        found = target(self._root, ref)
        if found is not MISSING:
            return found
        message, where = f"$ref {ref!r} leads nowhere", Location(self._path)
        raise SpecError(message, where=where, hint=nearest(self._root, ref))
