"""Is every answer one that the spec documents?"""

from __future__ import annotations

from collections.abc import Iterator

from .bulk import FEW, most_elements
from .concern import Answer, Concern, gap, no_path, tests
from .older import older_subjects
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
        "documents_outsiders" if subject.sends_credentials and subject.outsiders else None,
        "documents_missing" if subject.addresses_a_row else None,
        "location_leads_there" if subject.location else None,
        *_of_list(subject),
        "writes_at_a_price" if most_elements(subject) > FEW and subject.operation.success else None,
        "serves_older_clients" if any(older_subjects(subject)) else None,
    )


def _of_list(subject: Subject) -> Iterator[str]:
    """The tests of the list that shows what is created."""
    listing = subject.listing
    if subject.resolved.schema is None or listing is None:
        return
    yield "lists_once"
    if listing.size and (listing.most is None or listing.most > listing.least):
        yield "lists_at_a_price"


CONCERN = Concern(
    name="contract",
    order=8,
    weight=2,
    asks="Is every answer one that the spec documents?",
    judge=judge,
)
