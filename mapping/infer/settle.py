"""A proposal that surely can be read: what resolving refuses becomes a suggestion."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...errors import MappingError
from ...spec.model import Document
from ..model import MappingFile
from ..pointer import tokens
from ..problems import MappingProblems, Problem
from ..read import parse_mapping
from ..resolve import resolve
from ..resolved import Resolved
from ..schema import Schema
from .guess import THRESHOLD, Guess, Proposal, Tree, is_list
from .write import render

_ROUNDS = 5
_REFERENCE = re.compile(r"(?<!\$)\$\{([A-Za-z_][A-Za-z0-9_]*)(:-)?")


def variables(text: str) -> dict[str, bool]:
    """The environment variables that a mapping file names: whether each has a default."""
    found: dict[str, bool] = {}
    for line in text.splitlines():
        if not line.lstrip().startswith("#"):
            for name, default in _REFERENCE.findall(line):
                found[name] = bool(default) and found.get(name, True)
    return found


def settle(
    proposal: Proposal,
    document: Document,
    schema: Schema | None,
    path: Path,
    *,
    threshold: float = THRESHOLD,
) -> tuple[Proposal, Resolved]:
    """The proposal without what contradicts spec or schema, and what it resolves to.

    Raises MappingError when even then the file could not be read.
    """
    for _ in range(_ROUNDS):
        text = render(proposal, threshold)
        try:
            mapping = read_text(text, path)
            return proposal, resolve(mapping, document, schema)
        except MappingProblems as error:
            lowered = _lowered(proposal, error.problems)
            if lowered == proposal:
                raise
            proposal = lowered
    raise MappingError(f"the proposal for {path} cannot be read", hint="please report it")


def read_text(text: str, path: Path) -> MappingFile:
    """The mapping of a text whose environment variables nobody may have set yet."""
    filled = dict(os.environ)
    for name, has_default in variables(text).items():
        if not has_default and not filled.get(name):
            # It may stand for anything: a URL reads as a token too.
            filled[name] = f"sqlite:///unset-{name.lower()}.db"
    return parse_mapping(text, path, env=filled)


def _lowered(proposal: Proposal, problems: Iterable[Problem]) -> Proposal:
    tree = proposal.tree
    for problem in problems:
        tree = _lower(tree, tokens(problem.pointer), problem.message)
    return replace(proposal, tree=tree)


def _lower(tree: Tree, steps: tuple[str, ...], why: str) -> Tree:
    """The tree with the guess at the end of the steps, or the nearest above, made a suggestion."""
    if not steps or steps[0] not in tree:
        return {key: _doubt(node, why) for key, node in tree.items()}
    node = tree[steps[0]]
    if isinstance(node, Guess):
        return {**tree, steps[0]: _doubt(node, why)}
    if is_list(tree):
        return {**tree, steps[0]: {key: _doubt(one, why) for key, one in node.items()}}
    return {**tree, steps[0]: _lower(node, steps[1:], why)}


def _doubt(node: Any, why: str) -> Any:
    if isinstance(node, Guess):
        return replace(node, confidence=min(node.confidence, 0.3), evidence=why)
    return {key: _doubt(inner, why) for key, inner in node.items()}
