"""Is every answer one that the spec documents?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, no_path, tests
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.operation.responses:
        return gap("the spec documents no answer", f"document the answers of {subject.label}")
    if subject.unbound_path:
        return no_path(subject)
    return tests(
        "answers_as_documented" if subject.operation.success else None,
        "documents_refusal" if subject.has_constraints else None,
        "documents_strangers" if subject.is_secured else None,
        "documents_outsiders" if subject.is_secured and subject.outsiders else None,
        "documents_missing" if subject.addresses_a_row else None,
        "location_leads_there" if subject.location else None,
    )


CONCERN = Concern(
    name="contract",
    order=8,
    weight=2,
    asks="Is every answer one that the spec documents?",
    judge=judge,
)
