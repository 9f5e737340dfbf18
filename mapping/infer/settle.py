"""A proposal that surely can be read: what resolving refuses becomes a suggestion."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Sequence
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
from .guess import DOUBTED, THRESHOLD, Guess, Proposal, Tree, is_list
from .write import render

_ROUNDS = 8
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

    def resolved(candidate: Proposal) -> Resolved:
        return resolve(read_text(render(candidate, threshold), path), document, schema)

    return settled(proposal, resolved)


def settled(
    proposal: Proposal, resolved: Callable[[Proposal], Resolved]
) -> tuple[Proposal, Resolved]:
    """The proposal without the lines that `resolved`, which lays it beside spec and schema, refuses.

    What was seen, and cannot be said all the same, is left out with a remark: the rest stands. Where
    no line of the proposal is to blame, the entries named are left as the file has them. Raises
    MappingError when even then the file could not be read.
    """
    for _ in range(_ROUNDS):
        try:
            return proposal, resolved(proposal)
        except MappingProblems as error:
            lowered = _lowered(proposal, error.problems)
            if lowered.tree == proposal.tree:
                lowered = _without_entries(proposal, error.problems)
            if lowered.tree == proposal.tree:
                raise
            proposal = lowered
    raise MappingError("what is proposed contradicts itself", hint="please report it")


def read_text(text: str, path: Path) -> MappingFile:
    """The mapping of a text whose environment variables nobody may have set yet."""
    filled = dict(os.environ)
    for name, has_default in variables(text).items():
        if not has_default and not filled.get(name):
            # It may stand for anything: a URL reads as a token too.
            filled[name] = f"sqlite:///unset-{name.lower()}.db"
    return parse_mapping(text, path, env=filled)


def _lowered(proposal: Proposal, problems: Sequence[Problem]) -> Proposal:
    tree = proposal.tree
    for problem in problems:
        steps = tokens(problem.pointer)
        if Proposal(tree).at(*steps[:2]) is not None:
            tree = _lower(tree, steps, problem.message)
    sure = dict(proposal.guesses())
    lost = {
        place[:2]
        for place, guess in Proposal(tree).guesses()
        if guess != sure[place] and sure[place].confidence == 1
    }
    told = [
        f"left out, as it cannot be said: {' > '.join(tokens(problem.pointer))}: {problem.message}"
        for problem in problems
        if tokens(problem.pointer)[:2] in lost
    ]
    return replace(proposal, tree=tree, remarks=_added(proposal, told))


def _without_entries(proposal: Proposal, problems: Sequence[Problem]) -> Proposal:
    """The proposal without the resources and operations that the problems are in."""
    tree = {**proposal.tree}
    told = []
    for place in dict.fromkeys(tokens(problem.pointer)[:2] for problem in problems):
        if len(place) == 2 and not isinstance(proposal.at(*place), Guess | None):
            section, name = place
            tree[section] = {key: node for key, node in tree[section].items() if key != name}
            told.append(f"{section} > {name}: left as it is in the file")
    return replace(proposal, tree=tree, remarks=_added(proposal, told))


def _added(proposal: Proposal, told: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*proposal.remarks, *told]))


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
        return replace(node, confidence=min(node.confidence, DOUBTED), evidence=why)
    return {key: _doubt(inner, why) for key, inner in node.items()}
