"""Is every request that breaks the contract refused, without a row being written?"""

from __future__ import annotations

from .concern import Answer, Concern, no_path, not_applicable, tests
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.has_constraints:
        return not_applicable("the spec states nothing that a request could break")
    if subject.unbound_path:
        return no_path(subject)
    readable = subject.attempted_key is not None
    return tests("rejects", "leaves_no_key" if readable else None)


CONCERN = Concern(
    name="validation",
    order=2,
    weight=2,
    asks="Is every broken constraint refused, with no row written?",
    judge=judge,
    unseen=lambda subject: (
        "whether a refused request wrote rows"
        + ("" if subject.write.kind in (None, "creates") else " beside the one it is about")
    ),
)
