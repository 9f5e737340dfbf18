"""Who is calling, and whether that role may.

Two ways in: a bearer token that `POST /login` hands out, and an API key for machines. Only hashes
of them are stored.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from sqlalchemy import Select, select, true

from .bugs import enabled
from .database import read
from .errors import Refusal
from .tables import ApiKey, LoginSession, User, now

_BEARER = HTTPBearer(auto_error=False, scheme_name="bearerAuth")
_API_KEY = APIKeyHeader(name="X-API-Key", auto_error=False, scheme_name="apiKey")


@dataclass(frozen=True, slots=True)
class Caller:
    id: int
    tenant: str
    role: str
    token_hash: str


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def hash_password(password: str, salt: str | None = None) -> str:
    """Salted; with few rounds, as the shop is made to be started often."""
    salt = secrets.token_hex(8) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), 1000).hex()
    return f"{salt}${digest}"


def password_matches(password: str, stored: str) -> bool:
    salt, _, _ = stored.partition("$")
    return hmac.compare_digest(hash_password(password, salt), stored)


def unauthenticated(message: str = "Say who you are.") -> Refusal:
    headers = {} if enabled("no_challenge") else {"WWW-Authenticate": "Bearer"}
    return Refusal(401, "unauthenticated", message, headers)


def caller(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    api_key: Annotated[str | None, Depends(_API_KEY)],
) -> Caller:
    """The caller of the request; 401 when there is none."""
    stranger = bearer is None and api_key is None
    if stranger and enabled("reports_open") and request.url.path.startswith("/reports"):
        return Caller(1, "acme", "admin", "")
    if bearer is not None:
        return _known(hash_token(bearer.credentials), by_session)
    if api_key is not None:
        return _known(hash_token(api_key), by_key)
    raise unauthenticated()


def by_session(token_hash: str) -> Select[User]:
    return (
        select(User)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(
            LoginSession.token_hash == token_hash,
            true() if enabled("expired_session_accepted") else LoginSession.expires_at > now(),
        )
    )


def by_key(token_hash: str) -> Select[User]:
    return (
        select(User)
        .join(ApiKey, ApiKey.user_id == User.id)
        .where(
            true() if enabled("any_key_accepted") else ApiKey.key_hash == token_hash,
            true() if enabled("revoked_key_accepted") else ApiKey.revoked.is_(False),
        )
    )


def _known(token_hash: str, query: Callable[[str], Select[User]]) -> Caller:
    with read() as session:
        active = true() if enabled("former_user_accepted") else User.active.is_(True)
        user = session.scalar(query(token_hash).where(active))
        if user is None and enabled("any_token_accepted"):
            user = session.scalar(select(User).order_by(User.id).limit(1))
    if user is None:
        raise unauthenticated("These credentials are not good.")
    return Caller(user.id, user.tenant_id, user.role, token_hash)


def allow(*roles: str) -> Callable[[Caller], Caller]:
    """A dependency that lets these roles pass."""

    def check(caller: Annotated[Caller, Depends(caller)]) -> Caller:
        if caller.role not in roles:
            raise Refusal(403, "forbidden", "Your role may not do this.")
        return caller

    return check


Anyone = Annotated[Caller, Depends(caller)]
Admin = Annotated[Caller, Depends(allow("admin"))]
Staff = Annotated[Caller, Depends(allow("admin", "staff"))]
Service = Annotated[Caller, Depends(allow("service"))]
Warehouse = Annotated[Caller, Depends(allow("admin", "service"))]
