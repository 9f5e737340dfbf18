"""Do two requests at the same moment end as one after the other would?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, no_path, not_mapped, tests
from .meeting import needs_etag, sibling_update, unshared
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.mapped:
        return not_mapped(subject)
    if subject.unbound_path:
        return no_path(subject)
    if not subject.success:
        return gap(
            "the spec documents no 2xx answer",
            f"document the success of {subject.label} under `responses`",
        )
    entry = subject.write.entry
    updates = subject.write.kind == "updates" and subject.has_json_body
    return tests(
        "twice",
        "different_rows" if unshared(subject) else None,
        "scarce" if entry is not None and entry.scarce is not None else None,
        "two_updates" if updates else None,
        "stale_version" if updates and needs_etag(subject) else None,
        "against_update" if sibling_update(subject) is not None else None,
    )


CONCERN = Concern(
    name="concurrency",
    order=7,
    weight=4,
    asks="Do two requests at the same moment end as one after the other would?",
    judge=judge,
    needs_rows=True,
)
