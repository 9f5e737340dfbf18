"""Do two requests at the same moment end as one after the other would?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, not_mapped
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.mapped:
        return not_mapped(subject)
    return gap(
        "no test sends two of them at the same moment",
        f'write one by hand: @covers("{subject.label}", "concurrency")',
    )


CONCERN = Concern(
    name="concurrency",
    order=7,
    weight=4,
    asks="Do two requests at the same moment end as one after the other would?",
    judge=judge,
)
