"""A lending library with the habits of a Django application: tables with the application's prefix,
snake case on the wire, slashes at the end, tokens in the Authorization header."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

DATABASE = Path(os.environ.get("DATABASE_URL", "sqlite:///library.db").partition(":///")[2])
BASE = "/api/v1"
Row = dict[str, Any]


class Refused(Exception):  # noqa: N818 - the framework's own word would be HTTPException
    def __init__(self, status: int, detail: str) -> None:
        self.status, self.detail = status, detail


@contextmanager
def transaction() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(DATABASE, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield connection
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    finally:
        connection.close()


def now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def one(db: sqlite3.Connection, table: str, key: Any, missing: int = 404) -> Row:
    row = db.execute(f"SELECT * FROM {table} WHERE id = ?", (key,)).fetchone()
    if row is None:
        raise Refused(missing, f"No {table.rpartition('_')[2][:-1]} has this id.")
    return dict(row)


def insert(db: sqlite3.Connection, table: str, **values: Any) -> Row:
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    cursor = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values()))
    return one(db, table, cursor.lastrowid)


def update(db: sqlite3.Connection, table: str, key: Any, **values: Any) -> Row:
    if values:
        names = ", ".join(f"{name} = ?" for name in values)
        db.execute(f"UPDATE {table} SET {names} WHERE id = ?", (*values.values(), key))
    return one(db, table, key)


def log(db: sqlite3.Connection, user: Row, action: str, what: str) -> None:
    insert(
        db, "django_admin_log",
        user_id=user["id"], action_flag=action, object_repr=what, action_time=now(),
    )  # fmt: skip


def author_view(row: Row) -> Row:
    return {"id": row["id"], "name": row["full_name"], "born_on": row["born_on"],
            "created": row["created"], "modified": row["modified"]}  # fmt: skip


def book_view(db: sqlite3.Connection, row: Row) -> Row:
    rows = db.execute("SELECT tag_id FROM library_books_tags WHERE book_id = ?", (row["id"],))
    return {
        "id": row["id"], "title": row["title"], "isbn": row["isbn"], "author": row["author_id"],
        "added_by": row["added_by_id"], "pages": row["page_count"],
        "published": row["publication_date"], "copies_available": row["copies_available"],
        "tags": [tag["tag_id"] for tag in rows], "created": row["created"],
        "modified": row["modified"],
    }  # fmt: skip


def loan_view(row: Row) -> Row:
    return {"id": row["id"], "book": row["book_id"], "borrower": row["borrower_id"],
            "borrowed_at": row["borrowed_at"], "due_on": row["due_on"],
            "returned_at": row["returned_at"]}  # fmt: skip


def member_view(row: Row) -> Row:
    return {"id": row["id"], "username": row["username"], "email": row["email"],
            "first_name": row["first_name"], "is_active": bool(row["is_active"]),
            "date_joined": row["date_joined"]}  # fmt: skip


def author_columns(body: Row) -> Row:
    names = {"name": "full_name", "born_on": "born_on"}
    return {names[name]: value for name, value in body.items() if name in names}


def book_columns(db: sqlite3.Connection, body: Row) -> Row:
    names = {"title": "title", "isbn": "isbn", "author": "author_id", "pages": "page_count",
             "published": "publication_date", "copies_available": "copies_available"}  # fmt: skip
    if "author" in body:
        one(db, "library_authors", body["author"], 400)
    return {names[name]: value for name, value in body.items() if name in names}


def set_tags(db: sqlite3.Connection, book: int, tags: list[int]) -> None:
    db.execute("DELETE FROM library_books_tags WHERE book_id = ?", (book,))
    for tag in dict.fromkeys(tags):
        one(db, "library_tags", tag, 400)
        insert(db, "library_books_tags", book_id=book, tag_id=tag)


# ---- what the routes do


def create_author(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    row = insert(db, "library_authors", created=now(), modified=now(), **author_columns(body))
    log(db, user, "addition", row["full_name"])
    return JSONResponse(author_view(row), 201)


def change_author(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    one(db, "library_authors", key)
    row = update(db, "library_authors", key, modified=now(), **author_columns(body))
    log(db, user, "change", row["full_name"])
    return JSONResponse(author_view(row))


def delete_author(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    row = one(db, "library_authors", key)
    db.execute("DELETE FROM library_authors WHERE id = ?", (key,))
    log(db, user, "deletion", row["full_name"])
    return Response(status_code=204)


def create_book(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    columns = book_columns(db, body)
    row = insert(
        db, "library_books", added_by_id=user["id"], created=now(), modified=now(), **columns
    )
    set_tags(db, row["id"], body.get("tags", []))
    log(db, user, "addition", row["title"])
    return JSONResponse(book_view(db, row), 201)


def change_book(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    one(db, "library_books", key)
    row = update(db, "library_books", key, modified=now(), **book_columns(db, body))
    log(db, user, "change", row["title"])
    return JSONResponse(book_view(db, row))


def delete_book(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    row = one(db, "library_books", key)
    db.execute("DELETE FROM library_books WHERE id = ?", (key,))
    log(db, user, "deletion", row["title"])
    return Response(status_code=204)


def borrow_book(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    book = one(db, "library_books", key)
    if book["copies_available"] < 1:
        raise Refused(409, "All copies are lent.")
    update(db, "library_books", key, copies_available=book["copies_available"] - 1)
    row = insert(
        db, "library_loans",
        book_id=key, borrower_id=user["id"], borrowed_at=now(), due_on=body["due_on"],
    )  # fmt: skip
    return JSONResponse(loan_view(row), 201)


def return_loan(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    loan = one(db, "library_loans", key)
    if loan["returned_at"] is not None:
        raise Refused(409, "It was returned before.")
    book = one(db, "library_books", loan["book_id"])
    update(db, "library_books", book["id"], copies_available=book["copies_available"] + 1)
    return JSONResponse(loan_view(update(db, "library_loans", key, returned_at=now())))


def create_member(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    hashed = "pbkdf2$" + hashlib.pbkdf2_hmac("sha256", body["password"].encode(), b"salt", 10).hex()
    row = insert(
        db, "accounts_users",
        username=body["username"], email=body["email"].lower(), password=hashed,
        first_name=body.get("first_name", ""), date_joined=now(),
    )  # fmt: skip
    log(db, user, "addition", row["username"])
    return JSONResponse(member_view(row), 201)


def change_member(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    one(db, "accounts_users", key)
    known = {name: body[name] for name in ("first_name", "is_active") if name in body}
    row = update(db, "accounts_users", key, **known)
    log(db, user, "change", row["username"])
    return JSONResponse(member_view(row))


def create_tag(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    return JSONResponse(insert(db, "library_tags", name=body["name"]), 201)


def delete_tag(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    one(db, "library_tags", key)
    db.execute("DELETE FROM library_tags WHERE id = ?", (key,))
    return Response(status_code=204)


def list_books(db: sqlite3.Connection, user: Row, key: int, body: Row) -> Response:
    rows = db.execute("SELECT * FROM library_books ORDER BY id").fetchall()
    return JSONResponse({"count": len(rows), "results": [book_view(db, dict(row)) for row in rows]})


Work = Callable[[sqlite3.Connection, Row, int, Row], Response]
STAFF_ONLY = frozenset([create_author, change_author, delete_author, create_member, change_member])


def caller(db: sqlite3.Connection, request: Request) -> Row:
    token = request.headers.get("Authorization", "").removeprefix("Token ")
    row = db.execute(
        "SELECT u.* FROM accounts_users u JOIN authtoken_tokens t ON t.user_id = u.id WHERE t.key = ?",
        (token,),
    ).fetchone()
    if row is None:
        raise Refused(401, "Invalid token.")
    return dict(row)


def endpoint(work: Work) -> Callable[[Request], Awaitable[Response]]:
    async def call(request: Request) -> Response:
        try:
            body = (
                await request.json()
                if request.method in ("POST", "PUT", "PATCH") and await request.body()
                else {}
            )
            with transaction() as db:
                user = caller(db, request)
                if work in STAFF_ONLY and not user["is_staff"]:
                    raise Refused(403, "You do not have permission.")
                return work(db, user, request.path_params.get("id", 0), body)
        except Refused as refused:
            return JSONResponse({"detail": refused.detail}, refused.status)
        except sqlite3.IntegrityError as error:
            return JSONResponse({"detail": str(error)}, 400)

    return call


ROUTES: tuple[tuple[str, str, Work], ...] = (
    ("POST", "/authors/", create_author),
    ("PUT", "/authors/{id:int}/", change_author),
    ("DELETE", "/authors/{id:int}/", delete_author),
    ("GET", "/books/", list_books),
    ("POST", "/books/", create_book),
    ("PATCH", "/books/{id:int}/", change_book),
    ("DELETE", "/books/{id:int}/", delete_book),
    ("POST", "/books/{id:int}/borrow/", borrow_book),
    ("POST", "/loans/{id:int}/return/", return_loan),
    ("POST", "/members/", create_member),
    ("PATCH", "/members/{id:int}/", change_member),
    ("POST", "/tags/", create_tag),
    ("DELETE", "/tags/{id:int}/", delete_tag),
)
app = Starlette(
    routes=[
        Route(f"{BASE}{path}", endpoint(work), methods=[method]) for method, path, work in ROUTES
    ]
)


def seed() -> None:
    """Make the database anew: `python app.py`."""
    DATABASE.unlink(missing_ok=True)
    connection = sqlite3.connect(DATABASE)
    connection.executescript((Path(__file__).parent / "schema.sql").read_text())
    connection.close()


if __name__ == "__main__":
    seed()
