"""What an earlier `learn` saw stays when a later proposal only guesses about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .guess import SEEN, Guess, Proposal, is_seen
from .spots import spots

SECTIONS = ("resources", "operations")


def carried(proposal: Proposal, text: str, base: str, file: Path) -> Proposal:
    """The proposal with those entries of the file that were learned, and that nobody changed since.

    `base` is what an earlier run wrote. Raises MappingError for a text that is no YAML.
    """
    return replace(proposal, learned=dict(_learned(proposal, text, base, file)))


def still_guessed(proposal: Proposal) -> Proposal:
    """After learning: only what was not seen this time is taken from the file."""
    kept = {
        place: lines
        for place, lines in proposal.learned.items()
        if not is_seen(proposal.at(*place) or {})
    }
    return replace(proposal, learned=kept)


def _learned(
    proposal: Proposal, text: str, base: str, file: Path
) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    here, before = spots(text, file), spots(base, file) if base else {}
    lines, old = text.splitlines(), base.splitlines()
    for key in SECTIONS:
        if key not in here or key not in before:
            continue
        for name, entry in proposal.tree.get(key, {}).items():
            mine, theirs = here[key].children.get(name), before[key].children.get(name)
            if mine is None or theirs is None or isinstance(entry, Guess) or is_seen(entry):
                continue
            found = lines[mine.start : mine.end]
            if found == old[theirs.start : theirs.end] and says_seen(found):
                yield (key, name), tuple(found)


def says_seen(lines: list[str]) -> bool:
    """Some line says that it was no guess."""
    return any(line.partition("  # ")[2].startswith(SEEN) for line in lines) or any(
        line.strip() == f"# {SEEN}" for line in lines
    )
