"""Requests that may be sent twice and act once.

A key belongs to one actor of one tenant. It is claimed in the transaction of the work itself: a
second request with the key waits for the first one's end, and work that fails leaves no key.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated

from fastapi import Header, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from .auth import Caller
from .bugs import enabled
from .database import is_taken
from .errors import Refusal, conflict
from .fields import KEY
from .ledger import IdempotencyKey
from .records import publish

_SHORTEST = 1 if enabled("short_key_accepted") else 8
_PATTERN = KEY
if enabled("empty_key_ignored"):
    _SHORTEST, _PATTERN = 0, r"^[A-Za-z0-9_-]*$"
_KEY = Header(alias="Idempotency-Key", min_length=_SHORTEST, max_length=64, pattern=_PATTERN)
OptionalKey = Annotated[str | None, _KEY]
RequiredKey = Annotated[str, _KEY]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do the work, or the answer it had."""

    row: IdempotencyKey | None
    replay: Response | None = None

    def keep(self, response: JSONResponse) -> JSONResponse:
        """Store the answer with the key."""
        if self.row is not None:
            self.row.status = response.status_code
            self.row.location = response.headers.get("location")
            self.row.body = bytes(response.body).decode()
        return response


def claim(
    session: Session, caller: Caller, key: str | None, operation: str, body: BaseModel
) -> Claim:
    """Claim `key` for this request; 422 when it was used for another one."""
    if not key or (enabled("key_ignored") and operation == "POST /payments"):
        return Claim(None)
    text = operation + json.dumps(body.model_dump(mode="json"), sort_keys=True)
    row = IdempotencyKey(
        tenant_id=caller.tenant,
        actor_id=0 if enabled("key_of_tenant") else caller.id,
        key=key[:8] if enabled("key_cut") else key,
        fingerprint=hashlib.sha256(text.encode()).hexdigest(),
    )
    if enabled("key_of_everybody"):
        known = session.scalar(select(IdempotencyKey).where(IdempotencyKey.key == key))
        if known is not None:
            return Claim(None, _replay(known, row.fingerprint))
    if enabled("key_saved_later") and operation == "POST /transfers":
        known = session.get(IdempotencyKey, (caller.tenant, caller.id, key))
        return Claim(row) if known is None else Claim(None, _replay(known, row.fingerprint))
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if not is_taken(error):
            raise
        earlier = session.get_one(IdempotencyKey, (row.tenant_id, row.actor_id, row.key))
        if enabled("replay_tells_again"):
            publish(session, caller, operation.partition("/")[2] + ".replayed", key)
        return Claim(None, _replay(earlier, row.fingerprint))
    if enabled("key_burned_by_failure"):
        session.commit()
    return Claim(row)


def _replay(earlier: IdempotencyKey, fingerprint: str) -> Response:
    if earlier.fingerprint != fingerprint and not enabled("other_body_accepted"):
        message = "The Idempotency-Key was used for another request."
        raise Refusal(422, "idempotency_key_reused", message)
    headers = {"Idempotency-Replayed": "true"}
    if earlier.location:
        headers["Location"] = earlier.location
    if enabled("key_burned_by_failure") and not earlier.status:
        raise conflict("in_progress", "The first request has not ended.")
    status = 200 if enabled("replay_as_200") else earlier.status
    body = "{}" if enabled("replay_empty") else earlier.body
    return Response(body, status, headers, "application/json")
