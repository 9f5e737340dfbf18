"""The people (and the one machine) that use the shop; only admins may change them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import delete, select

from ..auth import Admin, Anyone, Caller, allow, hash_password
from ..bugs import enabled
from ..database import read, write
from ..errors import conflict
from ..fields import MAX_ID, PLAIN, Body, Email, Key, Paging, Patch, View, page_of
from ..records import audit, find, remove, unique
from ..tables import LoginSession, User, now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("users")
UserId = Annotated[Key, Path(alias="userId", ge=1, le=MAX_ID)]
Role = Literal["admin", "staff", "viewer"]
_EDITORS = ("admin", "staff") if enabled("staff_may_change_users") else ("admin",)
UserAdmin = Annotated[Caller, Depends(allow(*_EDITORS))]


class NewUser(Body):
    email: Email
    name: str = Field(min_length=1, max_length=80, pattern=PLAIN)
    role: Role
    password: str = Field(min_length=8, max_length=72, pattern=PLAIN)
    active: bool = True


class UserPatch(Patch):
    name: str = Field(default="", min_length=1, max_length=80, pattern=PLAIN)
    role: Role = "viewer"
    active: bool = True


class Password(Body):
    password: str = Field(min_length=8, max_length=72, pattern=PLAIN)


class UserView(View):
    id: int
    email: str
    name: str
    role: str
    active: bool
    last_login_at: datetime | None
    created_at: datetime
    updated_at: datetime


def _view(user: User) -> dict[str, Any]:
    view = wire(UserView, user)
    if enabled("password_hash_answered"):
        view["passwordHash"] = user.password_hash
    return view


@routes.get("/users", response_model=page_of(UserView), responses=refuses(401, 422))
def list_users(caller: Anyone, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(User).where(User.tenant_id == caller.tenant)
        found = page.of(session, rows, User.id, UserView)
        if enabled("last_page_lost") and page.offset and len(found["data"]) < page.limit:
            found["data"] = []
        return answer(found)


@routes.get("/users/{userId}", response_model=UserView, responses=refuses(401, PATH))
def get_user(caller: Anyone, user_id: UserId) -> JSONResponse:
    with read() as session:
        return answer(wire(UserView, find(session, User, user_id, caller)))


@routes.post(
    "/users", status_code=201, response_model=UserView, responses=refuses(GUARDED, BODY, 409)
)
def create_user(caller: Admin, body: NewUser) -> JSONResponse:
    fields = body.model_dump(exclude={"password"})
    moment = now()
    with write() as session:
        user = User(
            tenant_id=caller.tenant,
            password_hash=hash_password(body.password),
            created_at=moment,
            updated_at=moment,
            **fields,
        )
        with unique(session, "email_taken", "Somebody has this e-mail address."):
            session.add(user)
        audit(session, caller, "user.created", user.id)
        return created(_view(user), f"/users/{user.id}")


@routes.patch("/users/{userId}", response_model=UserView, responses=refuses(GUARDED, BODY, PATH))
def update_user(caller: UserAdmin, user_id: UserId, body: UserPatch) -> JSONResponse:
    with write() as session:
        user = find(session, User, user_id, caller)
        for name, value in body.sent().items():
            setattr(user, name, value)
        user.updated_at = now()
        audit(session, caller, "user.updated", user.id)
        return answer(_view(user))


@routes.put("/users/{userId}/password", status_code=204, responses=refuses(GUARDED, BODY, PATH))
def set_password(caller: Admin, user_id: UserId, body: Password) -> Response:
    """A new password ends the sessions that the old one opened."""
    with write() as session:
        user = find(session, User, user_id, caller)
        user.password_hash = hash_password(body.password)
        user.updated_at = now()
        if not enabled("sessions_survive_password"):
            session.execute(delete(LoginSession).where(LoginSession.user_id == user.id))
        audit(session, caller, "user.password_set", user.id)
        return nothing()


@routes.delete("/users/{userId}", status_code=204, responses=refuses(GUARDED, PATH, 409))
def delete_user(caller: Admin, user_id: UserId) -> Response:
    """The user's sessions and keys go along; orders, wallets and documents keep the user here."""
    with write() as session:
        user = find(session, User, user_id, caller)
        if user.id == caller.id:
            raise conflict("own_account", "You cannot delete yourself.")
        remove(session, user, "user_in_use", "Other records name this user.")
        audit(session, caller, "user.deleted", user_id)
        return nothing()
