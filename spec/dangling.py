"""References that lead nowhere, and the operations that cannot be used for them.

Most documents have none, which costs a look-up per distinct reference. Only with some at hand are
the references of each operation and of what it refers to gathered, each subtree once.
"""

from __future__ import annotations

from typing import Any

from .findings import Finding
from .follow import References
from .model import Operation
from .pointer import MISSING, join
from .refs import nearest, references, target


def find_dangling(
    raw: dict[str, Any], refs: set[str], follow: References
) -> tuple[dict[str, str], list[Finding]]:
    """The references of `refs` that lead nowhere, with the pointer of a place that has each.

    What only stands in examples, defaults and extensions is data and does not count.
    """
    suspects = {ref for ref in refs if follow.leads_nowhere(ref)}
    if not suspects:
        return {}, []
    places: dict[str, str] = {}
    for path, node, in_data in references(raw):
        ref = node["$ref"]
        if ref in suspects and not in_data:
            places.setdefault(ref, join(*path, "$ref"))
    findings = [
        Finding("warning", pointer, f"$ref {ref!r} leads nowhere", nearest(raw, ref))
        for ref, pointer in places.items()
    ]
    return places, findings


def without_dangling(
    raw: dict[str, Any], operations: tuple[Operation, ...], dangling: dict[str, str]
) -> tuple[tuple[Operation, ...], list[Finding]]:
    """The operations that reach no dangling reference, and a finding for each other one."""
    if not dangling:
        return operations, []
    reach = _reach(raw, dangling)
    kept: list[Operation] = []
    findings: list[Finding] = []
    for operation in operations:
        hit = next((reach[ref] for ref in _direct(_node(raw, operation)) if ref in reach), None)
        if hit is None:
            kept.append(operation)
            continue
        message = f"{operation.label} is left out: it needs $ref {hit!r}, which leads nowhere"
        findings.append(Finding("error", dangling[hit], message, nearest(raw, hit)))
    return tuple(kept), findings


def _node(raw: dict[str, Any], operation: Operation) -> Any:
    return target(raw, f"#{operation.pointer}")


def _reach(raw: dict[str, Any], dangling: dict[str, str]) -> dict[str, str]:
    """References from which a dangling one is reached, each with that one."""
    found = {ref: ref for ref in dangling}
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
