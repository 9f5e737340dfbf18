"""Do sent, claimed and stored agree, and did nothing else change?"""

from __future__ import annotations

from collections.abc import Iterator

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
    return tests(*_tests(subject))


def _tests(subject: Subject) -> Iterator[str | None]:
    readable = subject.read_back is not None
    resource = subject.write.resource
    match subject.write.kind:
        case "creates":
            many = subject.write.entry is not None and subject.write.entry.for_each
            yield "stores_each" if many else "stores"
            yield "writes_beside" if subject.writes_much and not many else None
            if not many:
                yield "stores_edges" if subject.write.fields else None
                yield "applies_defaults" if subject.defaults else None
                yield "reads_back" if readable and subject.shows_key else None
        case "updates":
            yield "updates"
            yield "leaves_the_rest"
            yield "writes_beside" if subject.writes_much else None
            yield "updates_edges" if subject.write.fields else None
            yield "moves_timestamps" if resource and resource.timestamps.updated else None
            yield "reads_back" if readable and subject.shows_key else None
        case "deletes":
            yield "deletes_softly" if subject.write.soft else "deletes"
            yield "is_gone" if readable else None
        case _:
            yield "changes"


CONCERN = Concern(
    name="persistence",
    order=4,
    weight=5,
    asks="Is what was sent and claimed what is stored, and nothing else?",
    judge=judge,
)
