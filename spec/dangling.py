"""References that lead nowhere, and the operations that cannot be used for them.

Most documents have none, which costs a look-up per distinct reference. Only with some at hand are
the references of each operation and of what it refers to gathered, each subtree once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .findings import Finding
from .follow import References
from .model import Operation
from .pointer import MISSING, join
from .refs import nearest, references, target


@dataclass(frozen=True, slots=True)
class Dangling:
    """A reference that leads nowhere: a place that has it, and what may have been meant."""

    ref: str
    pointer: str
    hint: str


def find_dangling(raw: dict[str, Any], refs: set[str], follow: References) -> dict[str, Dangling]:
    """Those of `refs` that lead nowhere, by their text.

    What only stands in examples, defaults and extensions is data and does not count.
    """
    suspects = {ref for ref in refs if follow.leads_nowhere(ref)}
    found: dict[str, Dangling] = {}
    for path, node, in_data in references(raw) if suspects else ():
        ref = node["$ref"]
        if ref in suspects and not in_data and ref not in found:
            found[ref] = Dangling(ref, join(*path, "$ref"), nearest(raw, ref))
    return found


def without_dangling(
    raw: dict[str, Any], operations: tuple[Operation, ...], dangling: dict[str, Dangling]
) -> tuple[tuple[Operation, ...], list[Finding]]:
    """The operations that reach no dangling reference, and what to say of the references."""
    reach = _reach(raw, dangling) if dangling else {}
    kept: list[Operation] = []
    findings: list[Finding] = []
    for operation in operations:
        refs = _direct(_node(raw, operation)) if dangling else set()
        hit = next((reach[ref] for ref in refs if ref in reach), None)
        if hit is None:
            kept.append(operation)
            continue
        message = f"{operation.label} is left out: it needs $ref {hit.ref!r}, which leads nowhere"
        findings.append(Finding("error", hit.pointer, message, hit.hint))
    needed = {finding.pointer for finding in findings}
    for one in dangling.values():
        if one.pointer not in needed:
            message = f"$ref {one.ref!r} leads nowhere"
            findings.append(Finding("warning", one.pointer, message, one.hint))
    return tuple(kept), findings


def _node(raw: dict[str, Any], operation: Operation) -> Any:
    return target(raw, f"#{operation.pointer}")


def _reach(raw: dict[str, Any], dangling: dict[str, Dangling]) -> dict[str, Dangling]:
    """References from which a dangling one is reached, each with that one."""
    found = dict(dangling)
    direct: dict[str, set[str]] = {}
    waiting = list(_direct(raw))
    while waiting:
        ref = waiting.pop()
        if ref not in direct:
            node = target(raw, ref)
            direct[ref] = _direct(node) if node is not MISSING else set()
            waiting.extend(direct[ref])
    users: dict[str, list[str]] = {}
    for ref, below in direct.items():
        for used in below:
            users.setdefault(used, []).append(ref)
    queue = list(found)
    while queue:
        ref = queue.pop()
        for user in users.get(ref, ()):
            if user not in found:
                found[user] = found[ref]
                queue.append(user)
    return found


def _direct(node: Any) -> set[str]:
    return {holder["$ref"] for _, holder, in_data in references(node) if not in_data}
