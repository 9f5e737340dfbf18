"""Does the same request sent again do its work once?"""

from __future__ import annotations

from collections.abc import Iterator

from .concern import Answer, Concern, gap, no_path, not_applicable, not_mapped, tests
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
    if subject.idempotency is not None:
        return tests(*_keyed(subject))
    match subject.operation.method:
        case "PUT":
            return tests("puts_twice")
        case "DELETE":
            return tests("deletes_twice")
        case "POST":
            return tests("records_a_repeat")
    return not_applicable("neither HTTP nor the mapping promises that a repeat does nothing")


def _keyed(subject: Subject) -> Iterator[str]:
    stated = subject.idempotency
    yield from ("replays", "replays_at_once", "retries_after_failure")
    if subject.write.entry is not None and subject.write.entry.refuses:
        yield "retries_after_refusal"
    if subject.write.kind != "creates" or stated is None:
        return
    yield "keeps_callers_apart"
    if stated.natural:
        return
    if stated.scope != "caller":
        yield "shares_keys"
    yield from ("tells_alike_keys_apart", "survives_odd_keys")
    if stated.header:
        yield "keeps_routes_apart"
    if subject.has_json_body:
        yield "refuses_another_body"


CONCERN = Concern(
    name="idempotency",
    order=6,
    weight=4,
    asks="Does the same request sent again do its work once?",
    judge=judge,
    needs_rows=True,
)
