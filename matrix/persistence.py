"""Do sent, claimed and stored agree, and did nothing else change?"""

from __future__ import annotations

from collections.abc import Iterator

from .concern import CLOSES, Answer, Concern, gap, no_path, not_mapped, tests
from .replaced import reset_fields
from .subject import Subject


def judge(subject: Subject) -> Answer:
    if not subject.mapped:
        return not_mapped(subject)
    if subject.unbound_path:
        return no_path(subject)
    if subject.unwatched:
        return _read_by_request(subject)
    if subject.resolved.schema is None:
        return gap(
            "the database schema has not been looked at",
            "gen-suite generate --allow-db, once: it is kept in .gen-suite/schema.json",
        )
    return tests(*_tests(subject))


def _read_by_request(subject: Subject) -> Answer:
    """What reading the row by `stored_by` can show, where nobody looks at the database."""
    write = subject.write
    if write.resource is None or write.resource.stored_by is None:
        name = write.resource.name if write.resource else "<name>"
        return gap(
            "without a database, and no request shows what it stores",
            f"resources: {name}: {{stored_by: GET /...}}",
        )
    if write.entry and write.entry.for_each:
        return gap("without a database the rows of a bulk request are not seen", CLOSES)
    if write.kind == "creates":
        if not subject.shows_key:
            return gap("the answer does not tell the key of the new row", CLOSES)
        return tests("stores_unwatched", "stores_edges_unwatched" if write.fields else None)
    if write.kind == "deletes":
        return tests("deletes_softly_unwatched" if write.soft else "deletes_unwatched")
    return tests("updates_unwatched", "leaves_the_rest_unwatched")


def _unseen(subject: Subject) -> str:
    tables = list(dict.fromkeys(change.table for change in subject.write.changes))
    beside = f"the rows of {', '.join(tables)} that it writes, and " if tables else ""
    return f"{beside}whether other rows changed"


def _tests(subject: Subject) -> Iterator[str | None]:
    readable = subject.read_back is not None
    resource = subject.write.resource
    match subject.write.kind:
        case "creates":
            many = subject.write.entry is not None and subject.write.entry.for_each
            yield "stores_each" if many else "stores"
            yield _too_much(subject, "stores_each_whole" if many else "stores_whole")
            yield "writes_beside" if subject.writes_much and not many else None
            if not many:
                yield "stores_edges" if subject.write.fields else None
                yield "applies_defaults" if subject.defaults else None
                yield "reads_back" if readable and subject.shows_key else None
                yield "lists_as_stored" if subject.write.claimed and subject.listing else None
        case "updates":
            yield "updates"
            yield "leaves_the_rest"
            yield "replaces" if reset_fields(subject) else None
            yield "writes_beside" if subject.writes_much else None
            yield "updates_edges" if subject.write.fields else None
            yield _too_much(subject, "updates_whole")
            yield "moves_timestamps" if resource and resource.timestamps.updated else None
            yield "reads_back" if readable and subject.shows_key else None
        case "deletes":
            yield "deletes_softly" if subject.write.soft else "deletes"
            yield "is_gone" if readable else None
        case _:
            yield "changes"
    entry = subject.write.entry
    yield "passes_own_checks" if entry is not None and entry.verify else None


def _too_much(subject: Subject, test: str) -> str | None:
    return test if subject.bodies.overflow else None


CONCERN = Concern(
    name="persistence",
    order=4,
    weight=5,
    asks="Is what was sent and claimed what is stored, and nothing else?",
    judge=judge,
    unseen=_unseen,
)
