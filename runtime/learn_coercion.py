"""Values that an API takes for others: a number as text, a text with spaces around it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from ..errors import GenSuiteError
from ..mapping.infer.observed import Trial
from ..mapping.leniency import Leniency
from ..mapping.resolved import Write
from ..spec.model import Document, MediaType
from ..spec.schema import alternatives, keyword, properties
from .learn_request import Plan, Sender

MOST = 3
"""Fields of the API that are tried for one leniency."""
MOST_NULLS = 6
"""Frameworks read null as absent in some places and refuse it in others."""
_STORING: tuple[Leniency, ...] = ("numbers", "texts")
"""What is only seen where the value in the field's own type is stored."""


@dataclass
class Coercions:
    """What an API was seen to take for something else, by leniency: the field, and whether it did."""

    tried: dict[Leniency, dict[str, bool]] = field(default_factory=dict)

    def open(self, kind: Leniency) -> bool:
        """Whether another field may tell more."""
        told = list(self.tried.get(kind, {}).values())
        if kind == "nulls":
            return len(told) < MOST_NULLS and told.count(True) < 2
        return all(told) and len(told) < MOST

    def note(self, kind: Leniency, where: str, *, taken: bool) -> None:
        """That a field took the other value, or did not."""
        self.tried.setdefault(kind, {})[where] = taken

    @property
    def on_purpose(self) -> dict[Leniency, str]:
        """By leniency, the fields that show it. One field alone may have forgotten to look, but not
        where others of the API are as lenient in another way."""
        found = {}
        for kind, told in self.tried.items():
            taken = [where for where, took in told.items() if took]
            if taken and (kind == "nulls" or len(taken) == len(told)):
                found[kind] = taken
        several = {kind: taken for kind, taken in found.items() if len(taken) > 1}
        both = {"numbers", "texts"} <= found.keys()
        lenient = both or "numbers" in several
        return {
            kind: " and ".join(taken)
            for kind, taken in found.items()
            if kind in several or (lenient and kind != "nulls")
        }


def near_misses(sender: Sender, plan: Plan) -> Iterator[tuple[Leniency, str, Plan]]:
    """(leniency, field, plan) of requests that send what only a lenient API takes, one of each."""
    named = _named(sender.write)
    tried: set[Leniency] = set()
    for violation in sender.space.violations():
        kind, name = violation.coercible, violation.pointer.strip("/")
        stores = sender.write.kind in ("creates", "updates")
        if kind is None or kind in tried or name in named or not _holds(plan.body, name):
            continue
        if kind in _STORING and (not stores or isinstance(plan.body[name], bool)):
            continue
        try:
            sent = violation.of(json=plan.body).get("json")
        except GenSuiteError:
            continue
        if isinstance(sent, dict) and not (kind in _STORING and sent[name] is True):
            tried.add(kind)
            yield kind, name, replace(plan, body=sent)


def is_coerced(kind: Leniency, name: str, trial: Trial) -> bool:
    """The request succeeded, and some row holds the value in the field's own type."""
    if not trial.succeeded or kind not in _STORING:
        return trial.succeeded
    sent = trial.body[name]
    held = [value for row in trial.rows for value in row.row.values()]
    if kind == "texts":
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
