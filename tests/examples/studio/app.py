"""A studio that rents out rooms: keys are UUIDs, a member is addressed by a handle that may be NULL.

Orders name each product once, an article moves with its slug, a board belongs to a member, a note
is changed with If-Match, payments count once for each key. `python app.py` makes the tables and
writes the document. STUDIO_KEYS says whose the keys are: caller, tenant or all. STUDIO_BUG switches
a fault on: `nulls` (a PATCH clears what it does not name), `stock` (only the first product of an
order is taken from stock).
"""

from __future__ import annotations

import json
import os
import pathlib
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

import sqlalchemy as sa
from fastapi import Depends, FastAPI, Header, HTTPException, Path, Response
from pydantic import BaseModel, ConfigDict, Field

BUG = os.environ.get("STUDIO_BUG", "")
KEYS = os.environ.get("STUDIO_KEYS", "tenant")
TOKENS = {"ann-token": (1, "north"), "ben-token": (2, "north"), "cleo-token": (3, "south")}
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
PRODUCTS = sa.Table(
    "products",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False),
    sa.Column("stock", sa.Integer, nullable=False),
    mysql_engine="InnoDB",
)
ORDERS = sa.Table(
    "orders", META, sa.Column("id", sa.Integer, primary_key=True), mysql_engine="InnoDB"
)
LINES = sa.Table(
    "order_lines",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("order_id", sa.ForeignKey("orders.id"), nullable=False),
    sa.Column("product_id", sa.ForeignKey("products.id"), nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.UniqueConstraint("order_id", "product_id"),
    mysql_engine="InnoDB",
)
CLUBS = sa.Table(
    "clubs",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False),
    mysql_engine="InnoDB",
)
INVITES = sa.Table(
    "invites",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("club_id", sa.ForeignKey("clubs.id"), nullable=False),
    sa.Column("email", sa.String(60), nullable=False),
    sa.UniqueConstraint("club_id", "email"),
    mysql_engine="InnoDB",
)
ARTICLES = sa.Table(
    "articles",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slug", sa.String(40), unique=True, nullable=False),
    sa.Column("title", sa.String(40), nullable=False),
    mysql_engine="InnoDB",
)
BOARDS = sa.Table(
    "boards",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("owner_id", sa.Integer, nullable=False),
    sa.Column("name", sa.String(40), nullable=False),
    mysql_engine="InnoDB",
)
NOTES = sa.Table(
    "notes",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("owner_id", sa.Integer, nullable=False),
    sa.Column("text", sa.String(40), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    mysql_engine="InnoDB",
)
PAYMENTS = sa.Table(
    "payments",
    META,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("payer_id", sa.Integer, nullable=False),
    sa.Column("amount", sa.Integer, nullable=False),
    sa.Column("key", sa.String(80), unique=True),
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


def caller(authorization: Annotated[str, Header()] = "") -> tuple[int, str]:
    """The number of who calls, and the tenant."""
    number = TOKENS.get(authorization.removeprefix("Bearer "))
    if number is None:
        raise HTTPException(401, "who are you?")
    return number


Caller = Annotated[tuple[int, str], Depends(caller)]
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


class Line(Model):
    product_id: int = Field(alias="productId")
    quantity: int = Field(ge=1, le=5)


class NewOrder(Model):
    lines: list[Line] = Field(min_length=1)


class Made(Model):
    id: int


class Invite(Model):
    club_id: int = Field(alias="clubId")
    email: str = Field(max_length=60, pattern="^[a-z0-9.]+@[a-z0-9.]+$")


class Invites(Model):
    invites: list[Invite] = Field(min_length=1, max_length=5)


class Article(Model):
    slug: str = Field(max_length=40, pattern="^[a-z0-9-]+$")
    title: str = Field(min_length=1, max_length=40)


class StoredArticle(Article):
    id: int


class NewText(Model):
    text: str = Field(min_length=1, max_length=40)


class Note(Model):
    id: int
    text: str


class NewPayment(Model):
    amount: int = Field(ge=1, le=1000)


class Payment(Model):
    id: int
    amount: int


@app.post("/orders", status_code=201)
def create_order(sent: NewOrder, me: Caller) -> Made:
    """An order names each product once."""
    with ENGINE.begin() as connection:
        number = connection.execute(ORDERS.insert().values()).inserted_primary_key[0]
        for place, line in enumerate(sent.lines):
            if one(connection, PRODUCTS.c.id == line.product_id) is None:
                raise HTTPException(404, "no such product")
            made = {"order_id": number, "product_id": line.product_id, "quantity": line.quantity}
            try:
                connection.execute(LINES.insert().values(**made))
            except sa.exc.IntegrityError:
                raise HTTPException(409, "a product twice") from None
            if BUG == "stock" and place:
                continue
            left = PRODUCTS.c.stock - line.quantity
            chosen = PRODUCTS.update().where(PRODUCTS.c.id == line.product_id)
            connection.execute(chosen.values(stock=left))
    return Made(id=number)


@app.post("/invites", status_code=201)
def create_invites(sent: Invites, me: Caller) -> dict[str, int]:
    """Nobody is invited to one club twice."""
    with ENGINE.begin() as connection:
        for invite in sent.invites:
            if one(connection, CLUBS.c.id == invite.club_id) is None:
                raise HTTPException(404, "no such club")
            made = {"club_id": invite.club_id, "email": invite.email}
            try:
                connection.execute(INVITES.insert().values(**made))
            except sa.exc.IntegrityError:
                raise HTTPException(409, "invited already") from None
    return {"count": len(sent.invites)}


@app.get("/articles/{slug}")
def read_article(slug: str, me: Caller) -> StoredArticle:
    with ENGINE.begin() as connection:
        row = one(connection, ARTICLES.c.slug == slug)
    if row is None:
        raise HTTPException(404, "no such article")
    return StoredArticle(id=row.id, slug=row.slug, title=row.title)


@app.put("/articles/{slug}")
def replace_article(slug: str, sent: Article, me: Caller) -> StoredArticle:
    try:
        with ENGINE.begin() as connection:
            row = one(connection, ARTICLES.c.slug == slug)
            if row is None:
                raise HTTPException(404, "no such article")
            chosen = ARTICLES.update().where(ARTICLES.c.id == row.id)
            connection.execute(chosen.values(**sent.model_dump()))
    except sa.exc.IntegrityError:
        raise HTTPException(409, "the slug is taken") from None
    return StoredArticle(id=row.id, **sent.model_dump())


@app.put("/boards/{boardId}")
def rename_board(
    board_id: Annotated[int, Path(alias="boardId")], sent: NewName, me: Caller
) -> Made:
    """A board is its owner's alone."""
    with ENGINE.begin() as connection:
        row = one(connection, BOARDS.c.id == board_id)
        if row is None:
            raise HTTPException(404, "no such board")
        if row.owner_id != me[0]:
            raise HTTPException(403, "not yours")
        connection.execute(BOARDS.update().where(BOARDS.c.id == board_id).values(name=sent.name))
    return Made(id=board_id)


NoteId = Annotated[int, Path(alias="noteId")]
Version = Annotated[str, Header(alias="If-Match")]


@app.get("/notes/{noteId}")
def read_note(note_id: NoteId, me: Caller, response: Response) -> Note:
    """A note is shown to its owner alone."""
    with ENGINE.begin() as connection:
        row = one(connection, NOTES.c.id == note_id)
    if row is None or row.owner_id != me[0]:
        raise HTTPException(404, "no such note")
    response.headers["ETag"] = f'"{row.version}"'
    return Note(id=row.id, text=row.text)


@app.put("/notes/{noteId}")
def replace_note(
    note_id: NoteId, sent: NewText, me: Caller, version: Version, response: Response
) -> Note:
    with ENGINE.begin() as connection:
        row = one(connection, NOTES.c.id == note_id)
        if row is None or row.owner_id != me[0]:
            raise HTTPException(404, "no such note")
        chosen = NOTES.update().where(NOTES.c.id == note_id)
        if version != "*":
            number = version.strip('"')
            chosen = chosen.where(NOTES.c.version == (int(number) if number.isdigit() else -1))
        values = {"text": sent.text, "version": NOTES.c.version + 1}
        if not connection.execute(chosen.values(values)).rowcount:
            raise HTTPException(412, "it has changed")
    return read_note(note_id, me, response)


@app.post("/payments", status_code=201)
def create_payment(
    sent: NewPayment,
    me: Caller,
    key: Annotated[str | None, Header(alias="Idempotency-Key", min_length=1, max_length=60)] = None,
) -> Payment:
    """A payment counts once for each key."""
    whose = {"caller": f"{me[0]} ", "tenant": f"{me[1]} ", "all": ""}[KEYS]
    known = f"{whose}{key}" if key else None
    made = {"payer_id": me[0], "amount": sent.amount, "key": known}
    try:
        with ENGINE.begin() as connection:
            done = connection.execute(PAYMENTS.insert().values(**made))
            return Payment(id=done.inserted_primary_key[0], amount=sent.amount)
    except sa.exc.IntegrityError:
        with ENGINE.begin() as connection:
            row = one(connection, PAYMENTS.c.key == known)
        if row.amount != sent.amount:
            raise HTTPException(409, "another request had this key") from None
        return Payment(id=row.id, amount=row.amount)


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
                p for p in operation.get("parameters", []) if p["name"] != "authorization"
            ]
            operation["security"] = [{"token": []}]
            operation["responses"] |= dict.fromkeys(("401", "404", "409", "422"), answer)
            if path in ("/boards/{boardId}", "/notes/{noteId}"):
                operation["responses"] |= {"403": answer, "412": answer}
    return found


if __name__ == "__main__":
    META.create_all(ENGINE)
    pathlib.Path("openapi.json").write_text(json.dumps(document(), indent=1))
