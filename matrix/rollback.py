"""Does a failure half-way leave nothing behind?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, not_mapped
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.mapped:
        return not_mapped(subject)
    return gap(
        "no test makes one of its writes fail",
        f'write one by hand: @covers("{subject.label}", "rollback")',
    )


CONCERN = Concern(
    name="rollback",
    order=5,
    weight=4,
    asks="Does a failure half-way leave nothing behind?",
    judge=judge,
)
