"""Does a valid request get the documented success, and do rows come with it?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, no_path, tests
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.success:
        return gap(
            "the spec documents no 2xx answer",
            f"document the success of {subject.label} under `responses`",
        )
    if subject.unbound_path:
        return no_path(subject)
    return tests(
        "succeeds",
        "accepts_own_values" if subject.keeps_unique_values else None,
        "accepts_examples" if subject.has_examples else None,
        "needs_no_optional_field" if subject.has_json_body and subject.optional_fields else None,
        "accepts_optional_parameters" if subject.operation.options else None,
        "accepts_edge_values" if subject.has_json_body else None,
    )


CONCERN = Concern(
    name="success",
    order=1,
    weight=3,
    asks="Does every valid request get the documented success?",
    judge=judge,
)
