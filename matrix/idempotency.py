"""Does the same request sent again do its work once?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, not_applicable, not_mapped
from .subject import Subject


def judge(subject: Subject) -> Answer:
    entry = subject.write.entry
    if not subject.mapped:
        return not_mapped(subject)
    if subject.operation.method in ("POST", "PATCH") and (
        entry is None or entry.idempotency is None
    ):
        return not_applicable("neither HTTP nor the mapping promises that a repeat does nothing")
    return gap(
        "no test sends the same request twice",
        f'write one by hand: @covers("{subject.label}", "idempotency")',
    )


CONCERN = Concern(
    name="idempotency",
    order=6,
    weight=4,
    asks="Does the same request sent again do its work once?",
    judge=judge,
)
