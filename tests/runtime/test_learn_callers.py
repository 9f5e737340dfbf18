"""Who the callers are, where no users table or no foreign key tells: keys of accounts, and new rows."""

from __future__ import annotations

import base64
import json
import sqlite3
from pathlib import Path

import pytest

from gen_suite.mapping.infer.observed import RowSeen, Seen, Trial
from gen_suite.mapping.infer.seen_owners import callers_columns
from gen_suite.mapping.infer.settle import read_text
from gen_suite.mapping.model import Actor
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.runtime.database import open_database
from gen_suite.runtime.learn_callers import facts_from_rows, facts_of
from gen_suite.runtime.learn_rows import Rows
from gen_suite.spec.read import read_document

KEYS = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
    name TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts (id)
);
CREATE TABLE items (
    id INTEGER PRIMARY KEY, name TEXT, account_id TEXT NOT NULL REFERENCES accounts (id)
);
CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, tenant_id TEXT, created_by TEXT);
INSERT INTO accounts VALUES ('a-1', 'North');
INSERT INTO api_keys VALUES (1, 'k-ann', 'keeper', 'Ann', 'a-1');
"""


def _url(folder: Path, sql: str) -> str:
    with sqlite3.connect(folder / "callers.db") as database:
        database.executescript(sql)
    return f"sqlite:///{folder / 'callers.db'}"


def test_the_account_of_an_api_key_is_who_calls_and_whose_rows_are_kept_apart(
    tmp_path: Path,
) -> None:
    url = _url(tmp_path, KEYS)
    ann = Actor.model_validate({"auth": {"header": {"X-API-Key": "k-ann"}}})
    with open_database(url) as database:
        assert facts_of(ann, database, reflect(url)) == {
            "id": "a-1", "tenant": "a-1", "role": "keeper", "name": "Ann"
        }  # fmt: skip


@pytest.mark.parametrize(
    ("superuser", "unique", "role"),
    [(0, "UNIQUE", "teacher"), (1, "UNIQUE", "superuser"), (0, "", "user")],
)
def test_a_role_stands_beside_users_that_a_framework_made(
    tmp_path: Path, superuser: int, unique: str, role: str
) -> None:
    """Each user has one profile; of several rows none says what a user may."""
    url = _url(
        tmp_path,
        f"""
        CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, is_superuser BOOLEAN);
        CREATE TABLE tokens (key TEXT PRIMARY KEY, user_id INTEGER UNIQUE REFERENCES users (id));
        CREATE TABLE profiles (
            id INTEGER PRIMARY KEY, role TEXT, user_id INTEGER {unique} REFERENCES users (id));
        INSERT INTO users VALUES (7, 'tara', {superuser});
        INSERT INTO tokens VALUES ('k-tara', 7);
        INSERT INTO profiles VALUES (3, 'teacher', 7);
        """,
    )
    tara = Actor.model_validate({"auth": {"header": {"Authorization": "Token k-tara"}}})
    with open_database(url) as database:
        assert facts_of(tara, database, reflect(url)) == {"id": 7, "name": "tara", "role": role}


def test_new_rows_tell_whose_they_are_where_there_are_no_users(tmp_path: Path) -> None:
    """An identity provider keeps the users: only its ids are here. What was sent tells nothing."""
    url = _url(tmp_path, "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT, tenant_id TEXT, "
               "created_by TEXT)")  # fmt: skip
    row = {"id": 1, "text": "hello", "tenant_id": "t-9", "created_by": "auth0|7"}
    made = RowSeen("notes", "insert", {"id": 1}, None, row)
    trials = {
        "ann": Trial("ann", 201, body={"text": "hello"}, rows=(made,)),
        "ben": Trial("ben", 201, body={"text": "hello", "created_by": "auth0|7"}, rows=(made,)),
        "eve": Trial("eve", 201, rows=(made,), arranged={"note": {"tenant_id": "t-9"}}),
    }
    with open_database(url) as database:
        found = facts_from_rows(trials, database, reflect(url))
    assert found == {
        "ann": {"tenant": "t-9", "id": "auth0|7"},
        "ben": {"tenant": "t-9"},
        "eve": {"id": "auth0|7"},
    }


COURSES = """
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE courses (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, teacher_id INTEGER NOT NULL REFERENCES users (id)
);
CREATE TABLE lessons (
    id INTEGER PRIMARY KEY, title TEXT NOT NULL, course_id INTEGER NOT NULL REFERENCES courses (id)
);
INSERT INTO users VALUES (1, 'Tara'), (2, 'Tom');
"""


def test_the_parent_of_an_arranged_row_is_the_callers_own_too(tmp_path: Path) -> None:
    """`this is not your course`, says an API of a lesson whose course belongs to somebody else."""
    url = _url(tmp_path, COURSES)
    answer = {"responses": {"200": {"description": "ok"}}}
    paths = {"/lessons": {"get": answer}}
    head = {"openapi": "3.0.3", "info": {"title": "T", "version": "1"}}
    (tmp_path / "openapi.json").write_text(json.dumps({**head, "paths": paths}))
    document = read_document(tmp_path / "openapi.json")
    resolved = resolve(
        read_text("spec: openapi.json\n", tmp_path / "m.yaml"), document, reflect(url)
    )
    with open_database(url) as database:
        database.install()
        for caller in (1, 2):
            rows = Rows(database, resolved, {"id": caller}, callers={"courses": ("teacher_id",)})
            lesson = rows.of("lessons")
            [course] = database.rows("courses", id=lesson["course_id"])
            assert course["teacher_id"] == caller


PEOPLE = """
CREATE TABLE accounts (id TEXT PRIMARY KEY, username TEXT, password_hash TEXT);
CREATE TABLE wallets (id TEXT PRIMARY KEY, name TEXT, user TEXT NOT NULL, adminkey TEXT NOT NULL);
INSERT INTO accounts VALUES ('9f0c4e2a7b', 'ann', 'x'), ('1d8e6f3b5c', 'ben', 'y');
INSERT INTO wallets VALUES ('w-1', 'mine', '1d8e6f3b5c', 'k-ben');
"""


def _token(claims: dict[str, object]) -> str:
    middle = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"h.{middle}.s"


@pytest.mark.parametrize(
    "auth",
    [
        {"bearer": _token({"sub": "ben", "usr": "1d8e6f3b5c", "exp": 1})},
        {"bearer": _token({"sub": "ben"})},
        {"header": {"X-API-Key": "k-ben"}},
    ],
    ids=["the key in a claim", "the name in a claim", "a key in a row of theirs"],
)
def test_users_that_no_foreign_key_points_at(tmp_path: Path, auth: dict[str, object]) -> None:
    url = _url(tmp_path, PEOPLE)
    with open_database(url) as database:
        found = facts_of(Actor.model_validate({"auth": auth}), database, reflect(url))
    assert found == {"id": "1d8e6f3b5c", "name": "ben"}


def test_a_column_without_a_foreign_key_that_always_holds_the_callers_long_id(
    tmp_path: Path,
) -> None:
    schema = reflect(_url(tmp_path, PEOPLE))
    ids = {"ann": "9f0c4e2a7b", "ben": "1d8e6f3b5c"}

    def trial(caller: str, user: str) -> Trial:
        row = {"id": "w-9", "name": "new", "user": user, "adminkey": ids["ann"]}
        made = RowSeen("wallets", "insert", {"id": "w-9"}, None, row)
        return Trial(caller, 201, body={"name": "new"}, rows=(made,))

    def columns(*trials: Trial) -> dict[str, tuple[str, ...]]:
        facts = {name: {"id": one} for name, one in ids.items()}
        return callers_columns([Seen("POST /wallets", trials)], schema, facts)

    assert columns(trial("ann", ids["ann"]), trial("ben", ids["ben"])) == {"wallets": ("user",)}
    assert columns(trial("ann", ids["ann"]), trial("ben", ids["ann"])) == {}
