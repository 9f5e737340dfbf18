"""A proposal as the text of gen-suite.yaml: each guess with its evidence, suggestions as comments."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .abbreviations import these
from .guess import THRESHOLD, Guess, Proposal, Tree, certainty, is_list

SCHEMA_FILE = ".gen-suite/gen-suite.schema.json"
"""The JSON Schema beside the mapping file, by which editors complete it."""
WIDTH = 100
STEP = 2
_PLAIN = re.compile(r"[A-Za-z_$][A-Za-z0-9_$.#/*+()<>=;-]*(?: [A-Za-z0-9_$./*+()<>=;{}-]+)*")
_SIGNED = re.compile(r"[+-](\$[A-Za-z0-9_.#/-]+|\d+)")
_WORDS = frozenset(["true", "false", "null", "yes", "no", "on", "off", "y", "n", "~"])
_FLOW = these(
    "timestamps arrange values set path allow fill list not_applicable ignores writes_when_refused"
)
"""Keys whose few values stand on one line."""
_BLANK = ("resources", "operations", "actors", "target")


def render(proposal: Proposal, threshold: float = THRESHOLD) -> str:
    """The whole file."""
    lines = list(head(threshold))
    for key, node in proposal.tree.items():
        if key in _BLANK:
            lines.append("")
        lines += section(proposal, key, node, threshold)
    return "\n".join(lines) + "\n"


def head(threshold: float) -> Iterator[str]:
    """The first lines: the JSON Schema for editors, and how to read the rest."""
    yield f"# yaml-language-server: $schema={SCHEMA_FILE}"
    yield "# Proposed by `gen-suite init`. Behind a guess stand how sure it is (0 to 1) and what it rests"
    yield f"# on; what is less sure than {threshold:g} is a comment. What you change or delete stays so."


def section(proposal: Proposal, key: str, node: Any, threshold: float) -> list[str]:
    """A top-level key with everything below it."""
    if isinstance(node, Guess):
        return [f"{key}: {scalar(node.value)}{remark(node)}"]
    lines = [f"{key}:"]
    lines += [_note(note, STEP) for note in proposal.notes.get((key,), ())]
    for name, entry in node.items():
        lines += entry_lines(proposal, (key, name), entry, threshold)
    lines += lone_notes(proposal, key, node)
    return lines


def lone_notes(proposal: Proposal, key: str, known: Mapping[str, Any]) -> Iterator[str]:
    """Notes about operations that have no entry."""
    for place, notes in proposal.notes.items():
        if len(place) == 2 and place[0] == key and place[1] not in known:
            for note in notes:
                yield _note(f"{place[1]}: {note}", STEP)


def entry_lines(
    proposal: Proposal, place: tuple[str, str], node: Any, threshold: float
) -> list[str]:
    """One resource, operation or actor; a comment as a whole when what it is about is not sure."""
    indent = " " * STEP
    if place in proposal.learned:
        return list(proposal.learned[place])
    if isinstance(node, Guess):
        return _leaf(place[1], node, STEP, threshold)
    if place[0] == "actors" and (line := _actor(place[1], node, threshold)):
        return line
    notes = [_note(note, 2 * STEP) for note in proposal.notes.get(place, ())]
    inner = _tree(node, 2 * STEP, threshold)
    lines = [f"{indent}{key_text(place[1])}:", *notes, *inner]
    alive = any(not line.lstrip().startswith("#") for line in inner)
    if certainty(node) >= threshold and (alive or not inner):
        return lines
    return [_commented(line) for line in lines]


def _actor(name: str, node: Tree, threshold: float) -> list[str]:
    """An actor on one line, where it fits."""
    if any(guess.confidence < threshold for guess in node.values()):
        return []
    told = remark(node["auth"]) if "auth" in node and node["auth"].confidence < 1 else ""
    line = f"{' ' * STEP}{key_text(name)}: {flow({key: one.value for key, one in node.items()})}"
    return _within(line, told) if len(line) <= WIDTH else []


def _tree(tree: Tree, indent: int, threshold: float) -> list[str]:
    lines: list[str] = []
    # Within an entry that is a comment as a whole nothing need be commented once more.
    limit = threshold if certainty(tree) >= threshold else 0.0
    for key, node in tree.items():
        if isinstance(node, Guess):
            lines += _leaf(key, node, indent, limit)
        elif is_list(node):
            lines += _listed(key, node, indent, limit)
        elif key in _FLOW:
            lines += _flowing(key, node, indent, limit)
        else:
            inner = _tree(node, indent + STEP, limit)
            alive = any(not line.lstrip().startswith("#") for line in inner)
            opening = f"{' ' * indent}{key_text(key)}:"
            lines += [opening if alive else _commented(opening), *inner]
    return lines


def _leaf(key: str, guess: Guess, indent: int, threshold: float) -> list[str]:
    lines = _within(f"{' ' * indent}{key_text(key)}: {scalar(guess.value)}", remark(guess))
    return lines if guess.confidence >= threshold else [_commented(line) for line in lines]


def _listed(key: str, tree: Tree, indent: int, threshold: float) -> list[str]:
    lines = []
    alive = False
    for row in tree.values():
        values = {name: one.value for name, one in row.items()}
        guess = min(row.values(), key=lambda one: one.confidence)
        first = next(iter(row.values()))
        told = remark(Guess(None, guess.confidence, first.evidence or guess.evidence, first.others))
        kept = certainty(row) >= threshold
        made = _row(values, told, indent + STEP)
        lines += made if kept else [_commented(one) for one in made]
        alive = alive or kept
    opening = f"{' ' * indent}{key}:"
    return [opening if alive else _commented(opening), *lines]


def _row(values: Mapping[str, Any], told: str, indent: int) -> list[str]:
    """An element of a list: on one line, or a line for each key where that would be too long."""
    line = f"{' ' * indent}- {flow(values)}"
    if len(line) + len(told) <= WIDTH:
        return [line + told]
    if len(line) <= WIDTH and len(told) > len("  # seen"):
        return _within(line, told)
    inner = " " * (indent + STEP)
    first, *others = (_pair(key, value, inner) for key, value in values.items())
    opening = f"{' ' * indent}- {first[0].lstrip()}"
    return [*_within(opening, told), *first[1:], *(line for pair in others for line in pair)]


def _pair(key: str, value: Any, indent: str) -> list[str]:
    """A key with its value; long text of plain words folded."""
    line = f"{indent}{key_text(key)}: {scalar(value)}"
    if len(line) <= WIDTH or not isinstance(value, str) or not _is_plain_words(value):
        return [line]
    deeper = indent + " " * STEP
    folded = textwrap.wrap(
        value, WIDTH, initial_indent=deeper, subsequent_indent=deeper,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
    return [f"{indent}{key_text(key)}: >-", *folded]


def _is_plain_words(text: str) -> bool:
    return text.isprintable() and text == " ".join(text.split())


def _flowing(key: str, tree: Tree, indent: int, threshold: float) -> list[str]:
    """`{a: 1, b: 2}` of what is sure, then the suggestions."""
    sure = {name: one for name, one in tree.items() if one.confidence >= threshold}
    lines = []
    if sure:
        told = remark(min(sure.values(), key=lambda one: one.confidence))
        text = flow({name: one.value for name, one in sure.items()})
        line = f"{' ' * indent}{key}: {text}"
        if len(line) <= WIDTH:
            lines += _within(line, told)
        else:
            lines.append(f"{' ' * indent}{key}:{told}")
            lines += [
                f"{' ' * (indent + STEP)}{key_text(name)}: {scalar(one.value)}"
                for name, one in sure.items()
            ]
    for name, one in tree.items():
        if one.confidence < threshold:
            text = f"{' ' * indent}{key}: {flow({name: one.value})}{remark(one)}"
            lines.append(_commented(text))
    return lines


def _within(line: str, told: str) -> list[str]:
    """The evidence behind the line, or above it where it is too much for one."""
    if len(line) + len(told) <= WIDTH or not told:
        return [line + told]
    indent = len(line) - len(line.lstrip())
    return [f"{' ' * indent}{told.strip()}", line]


def remark(guess: Guess) -> str:
    """The comment behind a value."""
    if not guess.evidence and not guess.others:
        return ""
    sure = "" if guess.confidence >= 1 else f"{guess.confidence:.2f} "
    others = f"; or {', '.join(guess.others)}" if guess.others else ""
    return f"  # {sure}{_one_line(guess.evidence + others)}"


def _note(text: str, indent: int) -> str:
    """A remark as a comment line of its own."""
    return f"{' ' * indent}# {_one_line(text)}"


def _commented(line: str) -> str:
    bare = line.lstrip()
    return line if bare.startswith("#") else f"{line[: len(line) - len(bare)]}# {bare}"


def _one_line(text: str) -> str:
    """A text that may hold what a spec says: a line break in it would end the comment."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def key_text(key: str) -> str:
    """A key as YAML: plain where it can be."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./{}$~-]*(?: /?[A-Za-z0-9_./{}$~,-]*)?", key)
    safe = plain and not key.endswith(" ") and key.lower() not in _WORDS
    return key if safe else _quoted(key)


def scalar(value: Any) -> str:
    """A value as YAML outside of braces."""
    if isinstance(value, Mapping | list | tuple):
        return flow(value)
    if isinstance(value, str) and "${" in value and re.fullmatch(r"[\w${}:/@.+-]+", value):
        return value if not value.startswith(("{", "-", ":")) else _quoted(value)
    return _text(value)


def flow(value: Any) -> str:
    """A value as YAML inside of braces or brackets."""
    if isinstance(value, Mapping):
        inner = ", ".join(f"{_flow_key(str(key))}: {flow(one)}" for key, one in value.items())
        return f"{{{inner}}}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(flow(one) for one in value)}]"
    return _text(value)


def _flow_key(key: str) -> str:
    return (
        key
        if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_./-]*", key) and key not in _WORDS
        else _quoted(key)
    )


def _text(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return json.dumps(value)
    text = str(value)
    if _SIGNED.fullmatch(text):
        return text
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS and not set("{},[]") & set(text):
        return text
    return _quoted(text)


def _quoted(text: str) -> str:
    """A text in quotes, on one line for every reader: YAML 1.1 breaks lines at U+0085 and U+2028."""
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(letter if letter.isprintable() else _escape(letter) for letter in quoted)


def _escape(letter: str) -> str:
    number = ord(letter)
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
