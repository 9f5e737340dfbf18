"""Is everyone refused who may not do this, with the rows left as they were?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, no_path, not_applicable, tests
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.sends_credentials:
        return not_applicable("the spec demands no credentials")
    if subject.write.actor is None:
        return gap(
            "no actor is named, so nobody can be told from a stranger",
            "actors: {alice: {auth: {bearer: ${ALICE_TOKEN}}}}",
        )
    if subject.unbound_path:
        return no_path(subject)
    answer = tests(
        "refuses_strangers" if subject.is_secured else None,
        "refuses_others" if subject.outsiders else None,
        "refuses_role" if subject.wrong_role and not subject.unwatched else None,
        "refuses_foreign_rows" if subject.foreign_references else None,
        "refuses_other_parents" if subject.parents else None,
        "gives_no_say" if subject.forbidden_fields else None,
    )
    if not answer.tests:
        return gap(
            "the spec does not say that credentials are demanded, so nobody may be called a stranger",
            "security and securitySchemes in the spec",
        )
    return answer


CONCERN = Concern(
    name="auth",
    order=3,
    weight=5,
    asks="Is everyone refused who may not do this?",
    judge=judge,
    unseen=lambda subject: (
        "whether a refused request wrote rows, and privileged fields of the body"
    ),
)
