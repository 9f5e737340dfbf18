"""The verdict: what a disagreement between sent, claimed and stored means, and which side is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .evidence import Evidence, Exchange


def verdict(evidence: Evidence, given: Iterable[Any] = ()) -> str:
    """One sentence on the last request of a failed test, or "" when nothing can be said.

    `given` are the values of the test's parameters, the violation that it sends among them.
    """
    if not evidence.exchanges:
        return ""
    told = next((told for trial in evidence.trials if (told := trial.verdict)), "")
    coerced = next((one for one in given if getattr(one, "coercible", None)), None)
    return told or _of_coerced(evidence, coerced) or _of_fault(evidence) or _of_answer(evidence)


def _of_coerced(evidence: Evidence, violation: Any) -> str:
    """What to do about a near miss that a reader may take on purpose."""
    exchange = evidence.exchanges[-1]
    if violation is None or exchange.response.status_code >= 300:
        return ""
    return (
        f"{exchange.operation} took what its spec refuses ({violation}): if your API coerces on "
        f"purpose, say `lenient: [{violation.coercible}]`"
    )


def _of_fault(evidence: Evidence) -> str:
    """What the answer to a request tells that was made to fail."""
    failures = [trial.failure for trial in evidence.trials if trial.failure and trial.shown.ok]
    if not failures:
        return ""
    exchange, failure = evidence.exchanges[-1], failures[-1]
    status = exchange.response.status_code
    before = [one for one in evidence.exchanges[:-1] if one.operation == exchange.operation]
    if any(one.response.is_error for one in before):
        return _of_retry(
            exchange, failure, written=bool(evidence.changes and not evidence.changes[-1].none())
        )
    if status < 400:
        known = all(trial.shown.known for trial in evidence.trials if trial.failure)
        doubt = "" if known else ", or this request makes no such write (the engine cannot tell)"
        return (
            f"{exchange.operation} claims success ({status}) in spite of a {failure}: it swallows "
            f"the error, or answers before it writes{doubt}"
        )
    if evidence.changes and not evidence.changes[-1].none():
        return (
            f"{exchange.operation} left rows behind after a {failure}: it commits before all of its "
            "work is done"
        )
    return ""


def _of_retry(exchange: Exchange, failure: str, *, written: bool) -> str:
    status = exchange.response.status_code
    if status >= 400:
        left = " what the first try left is in the way" if written else " something keeps it out"
        return f"{exchange.operation} cannot be tried again ({status}) after a {failure}:{left}"
    return ""


def _of_answer(evidence: Evidence) -> str:
    exchange = evidence.exchanges[-1]
    status = exchange.response.status_code
    if status >= 500:
        return f"{exchange.operation} broke ({status}): the application's log says where"
    if not evidence.changes:
        return ""
    changes = evidence.changes[-1]
    alone = len(evidence.exchanges) - evidence.watched_from <= 1
    if status >= 400 and not changes.none() and alone:
        return (
            f"{exchange.operation} refused the request ({status}) and wrote all the same: it writes "
            "before it checks, or does not roll back"
        )
    repeated = any(_same(exchange, one) for one in evidence.exchanges[:-1])
    if status < 300 and not len(changes) and exchange.request.method != "GET" and not repeated:
        return (
            f"{exchange.operation} claims success ({status}) and no row changed: never written, "
            "never committed, or rolled back"
        )
    return ""


def _same(one: Exchange, other: Exchange) -> bool:
    """Whether two requests are the same one, sent twice."""
    mine, yours = one.request, other.request
    return (mine.method, mine.url, mine.content, one.actor) == (
        yours.method,
        yours.url,
        yours.content,
        other.actor,
    )
