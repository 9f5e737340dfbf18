"""Do the effects outside the request's own rows come, once, and only when it succeeded?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, not_applicable, not_mapped
from .subject import Subject

CARRIERS = ("outbox", "job", "queue", "event", "message", "task")


def judge(subject: Subject) -> Answer:
    if not subject.mapped:
        return not_mapped(subject)
    tables = [change.table for change in subject.write.changes]
    if not any(word in table for table in tables for word in CARRIERS):
        return not_applicable("the mapping names no row that something else acts on")
    return gap(
        "no test waits for what comes of its rows",
        f'write one by hand: @covers("{subject.label}", "effects")',
    )


CONCERN = Concern(
    name="effects",
    order=9,
    weight=3,
    asks="Do its effects elsewhere come, once, and only when it succeeded?",
    judge=judge,
)
