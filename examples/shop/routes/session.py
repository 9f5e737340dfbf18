"""Logging in and out."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import uuid4

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import delete, select

from ..auth import Anyone, Caller, hash_token, password_matches, unauthenticated
from ..database import write
from ..fields import PLAIN, Body, Email, View
from ..records import audit
from ..tables import LoginSession, User, now
from ..web import BODY, answer, nothing, refuses, router, wire

routes = router("session")
LIFETIME = timedelta(hours=12)


class Credentials(Body):
    email: Email
    password: str = Field(min_length=1, max_length=72, pattern=PLAIN)


class SessionView(View):
    token: str
    user_id: int
    expires_at: datetime


@routes.post("/login", response_model=SessionView, responses=refuses(401, 503, BODY))
def login(body: Credentials) -> JSONResponse:
    with write() as session:
        user = session.scalar(select(User).where(User.email == body.email).with_for_update())
        if (
            user is None
            or not user.active
            or not password_matches(body.password, user.password_hash)
        ):
            raise unauthenticated("E-mail and password do not match.")
        token = secrets.token_urlsafe(32)
        started = now()
        session.add(
            LoginSession(
                id=str(uuid4()),
                user_id=user.id,
                token_hash=hash_token(token),
                created_at=started,
                expires_at=started + LIFETIME,
            )
        )
        user.last_login_at = started
        audit(session, Caller(user.id, user.tenant_id, user.role, ""), "session.started", user.id)
        found = {"token": token, "user_id": user.id, "expires_at": started + LIFETIME}
        return answer(wire(SessionView, found))


@routes.delete("/session", status_code=204, responses=refuses(401, 503))
def logout(caller: Anyone) -> Response:
    with write() as session:
        own = delete(LoginSession).where(LoginSession.token_hash == caller.token_hash)
        # Of two at once one ends it; API keys have no session.
        if session.execute(own.returning(LoginSession.id)).all():
            audit(session, caller, "session.ended", caller.id)
        return nothing()
