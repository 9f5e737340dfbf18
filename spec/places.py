"""Where a node of a document stands: file, line, column, also in files that were brought in."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import GenSuiteError, Location
from .pointer import MISSING, fragment_tokens, join, split, step
from .position import Locator
from .refs import FILES, is_reference
from .text import read_text


class Places:
    """Locations in the files of one document; each is read once, when first asked for."""

    def __init__(self, path: Path, files: Mapping[str, Path], source: Any) -> None:
        self._path, self._files, self._source = path, files, source
        self._locators: dict[Path, Locator | None] = {}

    def location(self, pointer: str) -> Location:
        """The place of the node, or of the nearest one above it that the file has."""
        tokens = _through_references(self._source, split(pointer))
        file = self._path
        if len(tokens) > 1 and tokens[0] == FILES and tokens[1] in self._files:
            file, tokens = self._files[tokens[1]], tokens[2:]
        locator = self._locator(file)
        return Location(file, *locator.nearest(join(*tokens))) if locator else Location(file)

    def know(self, file: Path, text: str) -> None:
        """Spare reading `file` again."""
        self._locators[file] = Locator(text)

    def _locator(self, file: Path) -> Locator | None:
        if file not in self._locators:
            try:
                self._locators[file] = Locator(read_text(file))
            except GenSuiteError:
                self._locators[file] = None
        return self._locators[file]


def _through_references(root: Any, tokens: list[str]) -> list[str]:
    """The same node's tokens with references on the way replaced by what they lead to."""
    node, passed = root, list[str]()
    for position, token in enumerate(tokens):
        hops = 0
        while is_reference(node) and token not in node and hops < 50:
            hops += 1
            node, passed = _jump(root, node["$ref"])
        node = step(node, token)
        if node is MISSING:
            return passed + tokens[position:]
        passed.append(token)
    return passed


def _jump(root: Any, ref: str) -> tuple[Any, list[str]]:
    for tokens in fragment_tokens(ref.removeprefix("#")):
        node = root
        for token in tokens:
            node = step(node, token)
        if node is not MISSING:
            return node, tokens
    return MISSING, []
