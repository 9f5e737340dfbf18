"""What an answer means for its request: done, or refused for the request, its caller, a missing row.

An API may refuse with any status that HTTP has for it, documented or not; what the spec says about
such an answer is the business of `conforms`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..spec.model import Operation
from ..spec.statuses import REFUSED_REQUEST
from .client import OPERATION
from .database.changes import Check
from .suite import active_suite

if TYPE_CHECKING:
    import httpx

    from ..mapping.resolved import Write
    from .payloads import Violation


def succeeded(response: httpx.Response) -> Check:
    """Whether the request was done: any 2xx, or a redirect that spec or mapping call its success."""
    if response.is_success:
        return Check(True)
    write, status = _write(response), response.status_code
    named = write.entry is not None and status in write.entry.success
    done = named or str(status) in write.operation.success
    return _check(response, done, "is no success")


def rejected(
    response: httpx.Response, violation: Violation | None = None, *, also: int | None = None
) -> Check:
    """Whether the request was refused for what is wrong with it, not for its caller or other rows.

    A violation of a path parameter may also be answered 404 or 405, of a header 412 or 428, of a field
    that names another row 404 or 409. `also` is one more status that fits here.
    """
    fitting = REFUSED_REQUEST if also is None else REFUSED_REQUEST | {also}
    if violation is not None:
        fitting |= _fitting(violation, _write(response))
    return _check(response, response.status_code in fitting, "does not refuse what was wrong")


def unauthenticated(response: httpx.Response) -> Check:
    """Whether a caller without good credentials was turned away: 401, or 403.

    A token that cannot even be read may also be called a bad request: 400, or 422 as
    flask-jwt-extended has it.
    """
    fitting = {401, 403}
    if "authorization" in response.request.headers:
        fitting |= {400, 422}
    return _check(
        response, response.status_code in fitting, "does not turn away a caller nobody knows"
    )


def forbidden(response: httpx.Response) -> Check:
    """Whether a known caller was turned away: 403, or 404 that hides what is not theirs.

    Where the body names rows, also a refusal of those: 400, 409 or 422. 401 where the spec has no
    other word for it.
    """
    write = _write(response)
    fitting = {403, 404}
    if write.references:
        fitting |= {400, 409, 422}
    if "401" in write.operation.responses and not fitting & _numbers(write.operation):
        fitting.add(401)
    return _check(
        response, response.status_code in fitting, "does not turn away who may not do this"
    )


def _fitting(violation: Violation, write: Write) -> frozenset[int]:
    if violation.place == "path":
        return frozenset({404, 405})
    if violation.place == "header":
        return frozenset({412, 428})
    named = {reference.pointer.rpartition("/")[2] for reference in write.references}
    names_a_row = violation.place == "body" and violation.pointer.rpartition("/")[2] in named
    return frozenset({404, 409}) if names_a_row else frozenset()


def _check(response: httpx.Response, holds: bool, otherwise: str) -> Check:
    label = response.extensions[OPERATION]
    return Check(holds, f"{label} answered {response.status_code}, which {otherwise}")


def _write(response: httpx.Response) -> Write:
    return active_suite().write(response.extensions[OPERATION])


def _numbers(operation: Operation) -> set[int]:
    return {int(status) for status in operation.responses if status.isdigit()}
