"""What an operation is when the mapping does not say: who calls it, how bad a fault would be."""

from __future__ import annotations

from collections.abc import Mapping

from ..spec.model import Operation
from .entry import OperationEntry, Risk
from .model import Actor
from .names import singular, words
from .resolved import Kind

HIGH = frozenset(
    [
        *("payment", "pay", "refund", "transfer", "wallet", "invoice", "charge", "payout"),
        *("billing", "checkout", "credit", "debit", "balance", "withdrawal", "withdraw", "deposit"),
        *("money", "bank", "card", "transaction", "ledger", "settlement"),
        *("password", "login", "logout", "token", "secret", "credential", "session", "signin"),
        *("signup", "mfa", "otp", "permission", "role", "grant", "impersonate"),
    ]
)
"""Words of money and of credentials, in the singular."""

READING = frozenset(
    [
        *("search", "query", "filter", "count", "lookup", "find", "preview", "estimate"),
        *("paginate", "autocomplete", "suggest", "aggregate"),
    ]
)
"""Words of operations that write nothing, whatever their method."""


def default_actor(entry: OperationEntry | None, actors: Mapping[str, Actor]) -> str | None:
    """`as`, else the first actor of an allowed role, else the first; None when nobody may call."""
    if entry is None:
        return next(iter(actors), None)
    if entry.as_ is not None:
        return entry.as_
    allowed = entry.allow.role
    return next((name for name, one in actors.items() if not allowed or _has(one, allowed)), None)


def guess_risk(operation: Operation, entry: OperationEntry | None, kind: Kind | None) -> Risk:
    """`risk`, else high for money, credentials and deletes, medium for writes, else low."""
    if entry is not None and entry.risk is not None:
        return entry.risk
    said = {singular(word) for word in (*words(operation.path), *words(operation.operation_id))}
    if entry is not None and entry.resource:
        said |= {singular(word) for word in words(entry.resource)}
    if operation.method == "DELETE" or kind == "deletes" or said & HIGH:
        return "high"
    if kind is not None or (entry is not None and entry.changes):
        return "medium"
    unmapped_write = entry is None and operation.is_write and not said & READING
    return "medium" if unmapped_write else "low"


def _has(actor: Actor, roles: tuple[str, ...]) -> bool:
    held = actor.role if isinstance(actor.role, list) else [actor.role]
    return any(str(role) in roles for role in held)
