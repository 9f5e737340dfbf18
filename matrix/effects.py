"""Do the effects outside the request's own rows come, once, and only when it succeeded?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, no_path, not_applicable, not_mapped, tests
from .meeting import later, message_tables, messages
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.mapped:
        return not_mapped(subject)
    if not message_tables(subject.resolved) and not later(subject):
        return not_applicable("the mapping names no row that something else acts on")
    if subject.unbound_path:
        return no_path(subject)
    if not subject.success:
        return gap(
            "the spec documents no 2xx answer",
            f"document the success of {subject.label} under `responses`",
        )
    afterwards = "worked_off" if later(subject) else None
    if not messages(subject):
        return tests("tells_nobody" if message_tables(subject.resolved) else None, afterwards)
    refuses = subject.write.entry is not None and bool(subject.write.entry.refuses)
    return tests(
        "tells_once",
        "keeps_still_when_refused" if refuses else "keeps_still_when_it_fails",
        "replays_in_silence" if subject.idempotency is not None else None,
        afterwards,
    )


CONCERN = Concern(
    name="effects",
    order=9,
    weight=3,
    asks="Do its effects elsewhere come, once, and only when it succeeded?",
    judge=judge,
    needs_rows=True,
)
