"""Does a failure half-way leave nothing behind?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, no_path, not_mapped, tests
from .subject import Subject
from .writes import writes_of


def judge(subject: Subject) -> Answer:
    if subject.unbound_path:
        return no_path(subject) if subject.mapped else not_mapped(subject)
    if not subject.success:
        return gap(
            "the spec documents no 2xx answer, so no clean request can be told",
            f"document the success of {subject.label} under `responses`",
        )
    if not subject.mapped:
        known = subject.resolved.mapping.target.database is not None
        return tests("leaves_nothing_of_whatever") if known else not_mapped(subject)
    many = bool(subject.write.entry and subject.write.entry.for_each)
    return tests(
        "leaves_nothing",
        "leaves_nothing_of_many" if many else None,
        "refuses_all_of_many" if many and subject.sends_unique else None,
        "refuses_half_way" if subject.write.entry and subject.write.entry.refuses else None,
        "one_transaction" if many or len(writes_of(subject.write)) > 1 else None,
        "survives_a_cut",
        "writes_once",
    )


CONCERN = Concern(
    name="rollback",
    order=5,
    weight=4,
    asks="Does a failure half-way leave nothing behind?",
    judge=judge,
    needs_rows=True,
)
