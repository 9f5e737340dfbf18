"""A proposal that surely can be read: what resolving refuses becomes a suggestion."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
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
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)")


class Filled(dict[str, str]):
    """An environment in which each variable a text names is set: to read it before anybody did."""

    @classmethod
    def for_text(cls, text: str, env: Mapping[str, str] | None = None) -> Filled:
        known = os.environ if env is None else env
        named = _REFERENCE.findall(text)
        return cls({name: known.get(name) or f"unset-{name.lower()}" for name in named})


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
    """The mapping of a text whose environment variables nobody has set yet."""
    database = "sqlite:///unset.db"
    filled = Filled.for_text(text)
    if filled.get("DATABASE_URL", "").startswith("unset-"):
        filled["DATABASE_URL"] = database
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
