"""The learned mapping beside what each request was seen to do to the whole database.

A truth file has operations by label; parameters may be called as one likes. Each names the tables
whose rows it changes: `inserts`, `updates` or `deletes`, or two of them: `inserts and updates`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml12

from gen_suite.mapping.resolve import Resolved
from gen_suite.mapping.resolved import Write

Truth = Mapping[str, Mapping[str, frozenset[str]]]
"""Operation without the names of its parameters -> table -> what happens to its rows."""


@dataclass(frozen=True)
class Agreement:
    """Tables of operations: how many the truth has, how many the mapping declares, and how well.

    `wrong` are tables that the mapping declares and the truth does not have, or has otherwise;
    `ignored` those that it leaves out of the comparison although the request writes them.
    """

    tables: int = 0
    declared: int = 0
    right: int = 0
    wrong: int = 0
    ignored: int = 0
    missing: tuple[str, ...] = ()
    mistaken: tuple[str, ...] = ()


def read_truth(file: Path) -> Truth:
    """The truth of a file; nothing where there is no file."""
    if not file.exists():
        return {}
    data: dict[str, dict[str, str]] = yaml12.parse_yaml(file.read_text(encoding="utf-8"))
    return {
        plain(label): {table: frozenset(kinds.split(" and ")) for table, kinds in tables.items()}
        for label, tables in data.items()
    }


def plain(label: str) -> str:
    """A label without the names of its parameters and without a slash at its end."""
    return re.sub(r"\{[^}]*\}", "{}", label).rstrip("/")


def declared(write: Write) -> dict[str, set[str]]:
    """Table -> what the mapping says that the operation does to its rows."""
    made: dict[str, set[str]] = {}
    if write.resource is not None and write.kind is not None:
        kind = {"creates": "inserts"}.get(write.kind, write.kind)
        made.setdefault(write.resource.table, set()).add("updates" if write.soft else kind)
    for change in write.changes:
        kind = next(name for name in ("inserts", "updates", "deletes") if getattr(change, name))
        made.setdefault(change.table, set()).add(kind)
    return made


def ignored(write: Write, resolved: Resolved) -> set[str]:
    """Tables whose changes the mapping takes for noise, for this operation or for all."""
    entry = write.entry.ignores if write.entry else ()
    return {text for text in (*entry, *resolved.mapping.ignores) if "." not in text}


def agreement(resolved: Resolved, truth: Truth) -> Agreement:
    """The mapping beside the truth, over the operations that the truth has."""
    rows = [
        _compared(
            label,
            declared(write),
            ignored(write, resolved),
            truth[plain(label)],
            write.cascades,
        )
        for label, write in resolved.operations.items()
        if plain(label) in truth
    ]
    return total(rows)


def _compared(
    label: str,
    said: Mapping[str, set[str]],
    noise: set[str],
    true: Mapping[str, frozenset[str]],
    cascades: Sequence[str] = (),
) -> Agreement:
    """`cascades` are tables whose rows may go too: right where they do, not wrong where they do not."""
    gone = {table for table in cascades if "deletes" in true.get(table, ())}
    right = gone | {table for table, kinds in true.items() if kinds & said.get(table, set())}
    left_out = {table for table in true if table in noise and table not in right}
    mistaken = {table for table, kinds in said.items() if not kinds & true.get(table, frozenset())}
    missing = true.keys() - right - left_out - mistaken
    return Agreement(
        tables=len(true),
        declared=len(said),
        right=len(right),
        wrong=len(mistaken),
        ignored=len(left_out),
        missing=tuple(f"{label}: {table}" for table in sorted(missing)),
        mistaken=tuple(f"{label}: {table}" for table in sorted(mistaken)),
    )


def total(rows: Iterable[Agreement]) -> Agreement:
    """Several operations as one."""
    kept = list(rows)
    return Agreement(
        tables=sum(row.tables for row in kept),
        declared=sum(row.declared for row in kept),
        right=sum(row.right for row in kept),
        wrong=sum(row.wrong for row in kept),
        ignored=sum(row.ignored for row in kept),
        missing=tuple(line for row in kept for line in row.missing),
        mistaken=tuple(line for row in kept for line in row.mistaken),
    )
