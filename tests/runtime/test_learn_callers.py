"""Who the callers are, where no users table or no foreign key tells: keys of accounts, and new rows."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from gen_suite.mapping.infer.observed import RowSeen, Trial
from gen_suite.mapping.model import Actor
from gen_suite.mapping.reflect import reflect
from gen_suite.runtime.database import open_database
from gen_suite.runtime.learn_callers import facts_from_rows, facts_of

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
