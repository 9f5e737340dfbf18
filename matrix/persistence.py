"""Do sent, claimed and stored agree, and did nothing else change?"""

from __future__ import annotations

from .concern import Answer, Concern, gap, no_path, not_mapped, tests
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.mapped:
        return not_mapped(subject)
    if subject.unbound_path:
        return no_path(subject)
    if subject.resolved.schema is None:
        return gap(
            "the database schema has not been looked at",
            "gen-suite generate --allow-db, once: it is kept in .gen-suite/schema.json",
        )
    readable = subject.read_back is not None
    match subject.write.kind:
        case "creates":
            many = subject.write.entry is not None and subject.write.entry.for_each
            shown = readable and subject.shows_key and not many
            return tests("stores_each" if many else "stores", "reads_back" if shown else None)
        case "updates":
            return tests("updates", "reads_back" if readable and subject.shows_key else None)
        case "deletes":
            softly = subject.write.resource and subject.write.resource.soft_delete
            return tests("deletes_softly" if softly else "deletes", "is_gone" if readable else None)
    return tests("changes")


CONCERN = Concern(
    name="persistence",
    order=4,
    weight=5,
    asks="Is what was sent and claimed what is stored, and nothing else?",
    judge=judge,
)
