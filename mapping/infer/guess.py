"""Guesses: a value for a place in the mapping file, what it rests on, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

THRESHOLD = 0.6
"""A guess less sure than this becomes a suggestion: a comment that changes nothing."""
DOUBTED = 0.2
"""How sure a guess is that something contradicts: less than what operations are tried with."""


@dataclass(frozen=True, slots=True)
class Guess:
    """A value as the mapping file would hold it.

    `confidence` goes from 0 to 1; what was seen to happen is 1. `others` are values nearly as
    likely, which a person should look at.
    """

    value: Any
    confidence: float
    evidence: str = ""
    others: tuple[str, ...] = ()

    def least(self, other: float) -> float:
        """No surer than something it rests on."""
        return min(self.confidence, other)


Tree = Mapping[str, Any]
"""Part of the mapping file: keys lead to further trees, or to a Guess."""


@dataclass(frozen=True)
class Proposal:
    """A whole mapping file, proposed.

    `notes` are remarks by the steps of the place they belong to (`("operations", "POST /login")`);
    `remarks` are about the whole: what could not be found, and what to do about it. `learned` has
    the lines of entries that an earlier run saw to be so: no guess replaces them.
    """

    tree: Tree
    notes: Mapping[tuple[str, ...], tuple[str, ...]] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
    learned: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def at(self, *steps: str) -> Any:
        """The tree or Guess at a place; None when there is none."""
        node: Any = self.tree
        for step in steps:
            node = node.get(step) if isinstance(node, Mapping) else None
        return node

    def guesses(self) -> Iterator[tuple[tuple[str, ...], Guess]]:
        """Every guess with its place."""
        yield from _walk(self.tree, ())

    def sure(self, threshold: float = THRESHOLD) -> dict[str, Any]:
        """The mapping file as plain data: the guesses that are sure enough."""
        return plain(self.tree, threshold)


SEEN = "seen"
"""Begins the evidence of what was no guess."""


def is_seen(tree: Tree) -> bool:
    """Something of an entry was seen to happen."""
    return any(guess.evidence.startswith(SEEN) for _, guess in _walk(tree, ()))


def plain(tree: Tree, threshold: float) -> dict[str, Any]:
    """The guesses of a tree that are sure enough, as plain data; empty branches are left out."""
    found: dict[str, Any] = {}
    for key, node in tree.items():
        if isinstance(node, Guess):
            if node.confidence >= threshold:
                found[key] = node.value
        elif certainty(node) < threshold:
            continue
        elif is_list(node):
            listed = [plain(row, threshold) for row in node.values() if certainty(row) >= threshold]
            found |= {key: listed} if listed else {}
        elif inner := plain(node, threshold):
            found[key] = inner
    return found


VERBS = ("creates", "updates", "deletes")
"""Keys that say what an operation does to the row that it is about."""
HEADS = ("table", *VERBS, "inserts")
"""Keys without which the rest of an entry means nothing."""


def certainty(tree: Tree) -> float:
    """How sure an entry is as a whole: as sure as what it is about."""
    heads = [tree[key] for key in (*HEADS, "refused") if key in tree]
    return max((one.confidence for one in heads if isinstance(one, Guess)), default=1.0)


def is_list(tree: Tree) -> bool:
    """A list is kept as a tree whose keys are its indexes."""
    return bool(tree) and all(key.isdigit() for key in tree)


def rows(items: Sequence[Tree]) -> dict[str, Tree]:
    """A list as a tree."""
    return {str(number): item for number, item in enumerate(items)}


def _walk(tree: Tree, before: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Guess]]:
    for key, node in tree.items():
        if isinstance(node, Guess):
            yield (*before, key), node
        else:
            yield from _walk(node, (*before, key))
