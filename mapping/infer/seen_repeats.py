"""What tells a repeated request from a new one, where no header does: fields under a unique key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..schema import Table
from .guess import Guess
from .observed import Trial
from .seen_rows import Own, Sample
from .seen_values import equal

Facts = Mapping[str, Mapping[str, Any]]


def repeat_key(own: Own, table: Table, repeated: Trial | None, facts: Facts) -> Guess | None:
    """`idempotency` of an operation whose repetition wrote nothing.

    A unique key of the new row says what the repetition was known by, if each of its columns comes
    from the request or the caller. With the caller in it, and a success both times, it is a key that
    the client chose; without, it is what the request is about. A unique value alone, an e-mail
    address say, is neither: who sends it again need not mean the same.
    """
    if own.kind != "creates" or own.many or repeated is None or repeated.rows:
        return None
    for columns in sorted([table.primary_key, *table.unique], key=len):
        fields = {column: _field(column, own) for column in columns}
        sent = [name for name in fields.values() if name]
        others = [column for column, name in fields.items() if not name]
        if not sent or not all(_from_path(c, own) or _of_caller(c, own, facts) for c in others):
            continue
        personal = [column for column in others if not _from_path(column, own)]
        if personal and repeated.succeeded and len(sent) == 1:
            return Guess({"field": sent[0]}, 1.0, "seen: sent again, it wrote nothing")
        referring = all(table.foreign_key(column) for column, name in fields.items() if name)
        if not personal and (others or referring):
            return Guess({"natural": sent}, 1.0, "seen: sent again, it wrote nothing")
    return None


def _field(column: str, own: Own) -> str:
    """The field of the request whose value the column has in every row; "" if there is none."""
    told = [_fields_with(sample, column) for sample in own.samples]
    common = set.intersection(*told) if told else set()
    return min(common, default="")


def _fields_with(sample: Sample, column: str) -> set[str]:
    value = sample.row.row.get(column)
    return {
        name
        for name, sent in sample.sent.items()
        if sent is not None and not isinstance(sent, dict | list | bool) and equal(sent, value)
    }


def _from_path(column: str, own: Own) -> bool:
    return all(
        any(equal(sample.row.row.get(column), value) for value in sample.trial.path.values())
        for sample in own.samples
    )


def _of_caller(column: str, own: Own, facts: Facts) -> bool:
    return all(
        any(
            equal(sample.row.row.get(column), facts.get(sample.trial.actor, {}).get(fact))
            for fact in ("id", "tenant")
        )
        for sample in own.samples
    )
