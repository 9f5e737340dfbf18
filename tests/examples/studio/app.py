"""A studio that rents out rooms: keys are UUIDs, a member is addressed by a handle that may be NULL.

`python app.py` makes the tables and writes the document. STUDIO_BUG switches a fault on: `nulls`
(a PATCH clears what it does not name).
"""

from __future__ import annotations

import json
import os
import pathlib
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import sqlalchemy as sa
from fastapi import Depends, FastAPI, Header, HTTPException, Path
from pydantic import BaseModel, ConfigDict, Field

BUG = os.environ.get("STUDIO_BUG", "")
TOKENS = {"ann-token": 1, "ben-token": 2}
META = sa.MetaData()
MEMBERS = sa.Table(
    "members",
    META,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("handle", sa.String(30), unique=True),
    sa.Column("display_name", sa.String(40), nullable=False),
    sa.Column("bio", sa.String(80)),
    mysql_engine="InnoDB",
)
ROOMS = sa.Table(
    "rooms",
    META,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False),
    mysql_engine="InnoDB",
)
SESSIONS = sa.Table(
    "sessions",
    META,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("room_id", sa.ForeignKey("rooms.id"), nullable=False),
    sa.Column("member_number", sa.ForeignKey("members.number"), nullable=False),
    sa.Column("at", sa.DateTime, nullable=False),
    mysql_engine="InnoDB",
)
ENGINE = sa.create_engine(os.environ["DATABASE_URL"])
app = FastAPI(title="Studio", version="1")


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class NewSession(Model):
    room_id: UUID = Field(alias="roomId")
    member_number: str = Field(alias="memberNumber", pattern="^[0-9]{1,9}$")


class Session(Model):
    id: UUID
    room_id: UUID = Field(alias="roomId")
    member_number: str = Field(alias="memberNumber")


class Room(Model):
    id: UUID
    name: str


class NewName(Model):
    name: str = Field(min_length=1, max_length=40, pattern="^[a-zA-Z0-9 -]+$")


class Profile(Model):
    display_name: str | None = Field(None, alias="displayName", max_length=40)
    bio: str | None = Field(None, max_length=80)


class Member(Model):
    handle: str
    display_name: str = Field(alias="displayName")
    bio: str | None


def caller(authorization: Annotated[str, Header()] = "") -> int:
    number = TOKENS.get(authorization.removeprefix("Bearer "))
    if number is None:
        raise HTTPException(401, "who are you?")
    return number


Caller = Annotated[int, Depends(caller)]
RoomId = Annotated[UUID, Path(alias="roomId")]


@app.get("/health")
def health() -> dict[str, str]:
    return {}


@app.post("/sessions", status_code=201)
def create_session(sent: NewSession, me: Caller) -> Session:
    number = int(sent.member_number)
    with ENGINE.begin() as connection:
        if one(connection, ROOMS.c.id == sent.room_id) is None:
            raise HTTPException(404, "no such room")
        if one(connection, MEMBERS.c.number == number) is None:
            raise HTTPException(404, "no such member")
        made = {"id": uuid4(), "room_id": sent.room_id, "member_number": number}
        at = datetime.now(UTC).replace(tzinfo=None)
        connection.execute(SESSIONS.insert().values(**made, at=at))
    return Session(id=made["id"], roomId=sent.room_id, memberNumber=sent.member_number)


@app.get("/rooms/{roomId}")
def read_room(room_id: RoomId, me: Caller) -> Room:
    with ENGINE.begin() as connection:
        row = one(connection, ROOMS.c.id == room_id)
    if row is None:
        raise HTTPException(404, "no such room")
    return Room(**row._mapping)


@app.put("/rooms/{roomId}")
def rename_room(room_id: RoomId, sent: NewName, me: Caller) -> Room:
    with ENGINE.begin() as connection:
        done = connection.execute(
            ROOMS.update().where(ROOMS.c.id == room_id).values(name=sent.name)
        )
        if not done.rowcount and one(connection, ROOMS.c.id == room_id) is None:
            raise HTTPException(404, "no such room")
    return read_room(room_id, me)


@app.get("/members/{handle}")
def read_member(handle: str, me: Caller) -> Member:
    with ENGINE.begin() as connection:
        row = one(connection, MEMBERS.c.handle == handle)
    if row is None:
        raise HTTPException(404, "no such member")
    return Member(handle=row.handle, displayName=row.display_name, bio=row.bio)


@app.patch("/members/{handle}")
def update_member(handle: str, sent: Profile, me: Caller) -> Member:
    read_member(handle, me)
    values = sent.model_dump(exclude_unset=BUG != "nulls")
    if values.get("display_name", "") is None or (BUG == "nulls" and not values["display_name"]):
        del values["display_name"]
    if values:
        with ENGINE.begin() as connection:
            connection.execute(MEMBERS.update().where(MEMBERS.c.handle == handle).values(**values))
    return read_member(handle, me)


@app.delete("/members/{handle}", status_code=204)
def delete_member(handle: str, me: Caller) -> None:
    read_member(handle, me)
    with ENGINE.begin() as connection:
        connection.execute(MEMBERS.delete().where(MEMBERS.c.handle == handle))


def one(connection: sa.Connection, where: sa.ColumnElement[bool]) -> sa.Row | None:
    """The row that a condition picks, of the table of its column."""
    return connection.execute(sa.select(where.left.table).where(where)).one_or_none()


def document() -> dict:
    """The OpenAPI document, with the answers that the framework does not know of."""
    found = app.openapi()
    refused = {"type": "object", "required": ["detail"], "properties": {"detail": {}}}
    answer = {"description": "Why not.", "content": {"application/json": {"schema": refused}}}
    found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, methods in found["paths"].items():
        for operation in methods.values():
            if path == "/health":
                continue
            operation["parameters"] = [
                p for p in operation.get("parameters", []) if p["in"] != "header"
            ]
            operation["security"] = [{"token": []}]
            operation["responses"] |= {"401": answer, "404": answer, "422": answer}
    return found


if __name__ == "__main__":
    META.create_all(ENGINE)
    pathlib.Path("openapi.json").write_text(json.dumps(document(), indent=1))
