"""Values that an API takes for others: a number as text, a text with spaces around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..errors import GenSuiteError
from ..mapping.infer.observed import Trial
from ..mapping.resolved import Write
from ..spec.model import Document, MediaType
from ..spec.schema import alternatives, keyword, properties
from .learn_request import Plan, Sender

KINDS = {"a number": "text", "a number as text": "number"}
"""By what a violation of the contract sends: the type that the field has."""


def near_misses(sender: Sender, plan: Plan) -> Iterator[tuple[str, str, Plan]]:
    """(type, field, plan) of requests that send a number for a text and a text for a number, one each.

    Only an API that coerces on purpose accepts both.
    """
    named = _named(sender.write)
    tried: set[str] = set()
    for violation in sender.space.violations():
        kind = KINDS.get(violation.name.rpartition(": ")[2], "")
        name = violation.pointer.strip("/")
        if not kind or kind in tried or name in named or not _holds(plan.body, name):
            continue
        try:
            sent = violation.of(json=plan.body).get("json")
        except GenSuiteError:
            continue
        if isinstance(sent, dict):
            tried.add(kind)
            yield kind, name, replace(plan, body=sent)


def is_coerced(kind: str, name: str, trial: Trial) -> bool:
    """The request succeeded, and some row holds the value in the field's own type."""
    if not trial.succeeded:
        return False
    sent = trial.body[name]
    held = [value for row in trial.rows for value in row.row.values()]
    if kind == "text":
        return str(sent) in [value for value in held if isinstance(value, str)]
    numbers = [value for value in held if isinstance(value, int | float | Decimal)]
    return any(Decimal(str(value)) == Decimal(sent) for value in numbers if value is not True)


def padded(document: Document, sender: Sender, plan: Plan, trials: Iterable[Trial]) -> Plan | None:
    """The request with a space at both ends of each text that is stored as it was sent; None where
    it has no such text."""
    if not isinstance(plan.body, dict):
        return None
    free = _free_texts(document, sender.space.media(), plan.body)
    stored = [_as_sent(trial) for trial in trials]
    kept = set.intersection(*stored) if stored else set()
    texts = {
        name: f" {value} "
        for name, value in plan.body.items()
        if name in kept & free - _named(sender.write) and isinstance(value, str)
    }
    return replace(plan, body={**plan.body, **texts}) if texts else None


def _free_texts(document: Document, media: MediaType | None, body: Iterable[str]) -> set[str]:
    """The fields of which the spec allows texts with spaces around them."""
    fields = properties(document, media.schema) if media is not None else {}
    forms = ("enum", "const", "format", "pattern")

    def is_free(schema: Any) -> bool:
        inner = alternatives(document, schema) or (schema,)
        return not any(keyword(document, one, form) for one in (schema, *inner) for form in forms)

    return {name for name in body if name in fields and is_free(fields[name])}


def _as_sent(trial: Trial) -> set[str]:
    """The fields whose text stands in a row, letter by letter."""
    held = {value for row in trial.rows for value in row.row.values() if isinstance(value, str)}
    body = trial.body if isinstance(trial.body, dict) else {}
    return {name for name, value in body.items() if isinstance(value, str) and value in held}


def _named(write: Write) -> set[str]:
    """The fields that name rows, or whose value the mapping states."""
    stated = write.entry.fill if write.entry else {}
    return {one.pointer.strip("/") for one in write.references} | {p.strip("/") for p in stated}


def _holds(body: Any, name: str) -> bool:
    return isinstance(body, dict) and name in body
