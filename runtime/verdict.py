"""The verdict: what a disagreement between sent, claimed and stored means, and which side is wrong."""

from __future__ import annotations

from .evidence import Evidence


def verdict(evidence: Evidence) -> str:
    """One sentence on the last request of a failed test, or "" when nothing can be said."""
    if not evidence.exchanges:
        return ""
    exchange = evidence.exchanges[-1]
    status = exchange.response.status_code
    if status >= 500:
        return f"{exchange.operation} broke ({status}): the application's log says where"
    if not evidence.changes:
        return ""
    changes = evidence.changes[-1]
    if status >= 400 and len(changes):
        return (
            f"{exchange.operation} refused the request ({status}) and wrote all the same: it writes "
            "before it checks, or does not roll back"
        )
    if status < 300 and not len(changes) and exchange.request.method != "GET":
        return (
            f"{exchange.operation} claims success ({status}) and no row changed: never written, "
            "never committed, or rolled back"
        )
    return ""
