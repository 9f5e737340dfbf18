"""Arranged rows: what the spec says of their fields holds for them, too."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.runtime.database import Database, open_database
from gen_suite.runtime.field_rules import FieldRules
from gen_suite.spec.read import read_document

TABLES = """
CREATE TABLE shelves (
    letter VARCHAR(5) PRIMARY KEY, floor INTEGER NOT NULL, weight NUMERIC(8, 2) NOT NULL,
    kind VARCHAR(20) NOT NULL, mail VARCHAR(60) NOT NULL, createdat VARCHAR(40) NOT NULL,
    labels TEXT NOT NULL, size TEXT NOT NULL, zip VARCHAR(10), closed_at TIMESTAMP,
    deleted_at TIMESTAMP, created_by INTEGER NOT NULL, opened DATE NOT NULL, loose VARCHAR(20));
CREATE TABLE loans (id INTEGER PRIMARY KEY, begins TIMESTAMP NOT NULL, day DATE NOT NULL);
"""
SPEC: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "t", "version": "1"},
    "paths": {
        "/shelves/{letter}": {
            "patch": {
                "parameters": [
                    {
                        "name": "letter",
                        "in": "path",
                        "required": True,
                        "schema": {"type": "string", "pattern": "^[A-Z]$"},
                    }
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "properties": {
                                    "zip": {
                                        "type": "string",
                                        "nullable": True,
                                        "pattern": "^[0-9]{5}$",
                                    },
                                    "floor": {"type": "integer", "minimum": 3, "maximum": 9},
                                },
                            }
                        }
                    }
                },
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {
                            "application/json": {"schema": {"$ref": "#/components/schemas/Shelf"}}
                        },
                    }
                },
            }
        }
    },
    "components": {
        "schemas": {
            "Shelf": {
                "type": "object",
                "properties": {
                    "letter": {"type": "string", "maxLength": 3},
                    "floor": {"type": "integer", "multipleOf": 2},
                    "weight": {"type": "number", "minimum": 12.5},
                    "kind": {"type": "string", "enum": ["oak", "pine"]},
                    "mail": {"type": "string", "format": "email"},
                    "createdat": {"type": "string", "format": "date-time"},
                    "labels": {"type": "array", "items": {"type": "string"}, "minItems": 1},
                    "size": {
                        "type": "object",
                        "required": ["wide"],
                        "properties": {"wide": {"type": "integer"}},
                    },
                    "closedAt": {"type": "string", "format": "date-time", "nullable": True},
                    "deletedAt": {"type": "string", "format": "date-time", "nullable": True},
                    "loose": {"type": "string", "nullable": True},
                },
            }
        }
    },
}
MAPPING = """
actors:
  ann: {id: 1, auth: {bearer: x}}
  ben: {id: 7, auth: {bearer: y}}
resources:
  shelf:
    table: shelves
    fields: {labels: labels, size: size}
    timestamps: {deleted: deleted_at}
operations:
  PATCH /shelves/{letter}: {updates: shelf}
"""
Open = Callable[..., Database]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    """`opened()`: the shelves, with what their fields ask of rows."""
    url = f"sqlite:///{tmp_path / 'here.db'}"
    target = f"spec: openapi.json\ntarget: {{database: '{url}', app: {{command: 'x {{port}}'}}}}\n"

    def open_(tables: str = TABLES, mapping: str = MAPPING) -> Database:
        sqlite3.connect(tmp_path / "here.db").executescript(tables)
        (tmp_path / "openapi.json").write_text(json.dumps(SPEC))
        (tmp_path / "gen-suite.yaml").write_text(target + mapping)
        read = read_mapping(tmp_path / "gen-suite.yaml", env={})
        resolved = resolve(read, read_document(read.spec_path), reflect(url))
        database = open_database(url, rules=FieldRules(resolved))
        database.install()
        return database

    return open_


def test_a_row_holds_what_the_spec_allows_its_fields(opened: Open) -> None:
    with opened() as database:
        row = database.arrange("shelves")
        assert re.fullmatch("[A-Z]", row["letter"])
        assert row["floor"] in (4, 6, 8)
        assert row["weight"] >= 12.5
        assert row["kind"] in ("oak", "pine")
        assert re.fullmatch(r"[^@ ]+@[^@ ]+", row["mail"])
        assert datetime.fromisoformat(row["createdat"])
        assert json.loads(row["labels"])
        assert isinstance(json.loads(row["size"])["wide"], int)


def test_what_an_update_may_clear_or_an_answer_shows_is_filled_but_no_state(opened: Open) -> None:
    with opened() as database:
        row = database.arrange("shelves")
        assert re.fullmatch("[0-9]{5}", row["zip"])
        assert row["loose"] is not None
        assert (row["closed_at"], row["deleted_at"]) == (None, None)
        assert database.arrange("shelves", letter="Z9", zip=None)["zip"] is None


def test_a_rule_of_the_database_that_wants_null_is_obeyed(opened: Open) -> None:
    strict = (
        "CREATE TRIGGER t BEFORE INSERT ON shelves WHEN NEW.zip IS NOT NULL"
        " BEGIN SELECT RAISE(ABORT, 'no zip'); END;"
    )
    with opened(TABLES + strict) as database:
        assert database.arrange("shelves")["zip"] is None


def test_somebody_else_than_the_caller_wrote_an_arranged_row(opened: Open) -> None:
    with opened() as database:
        assert database.arrange("shelves")["created_by"] == 7


def test_keys_of_one_letter_do_not_meet(opened: Open) -> None:
    with opened() as database:
        assert len({database.arrange("shelves")["letter"] for _ in range(5)}) == 5


def test_rows_of_one_table_lie_apart_in_time(opened: Open) -> None:
    with opened() as database:
        rows = [database.arrange("loans") for _ in range(3)]
        begins = [row["begins"] for row in rows]
        assert all(later - earlier > timedelta(days=1) for later, earlier in pairwise(begins))
        assert len({row["day"] for row in rows}) == 3
        mark = database.mark()
        database.arrange("loans")
        database.undo(mark)
        assert (rows[2]["day"] - database.arrange("loans")["day"]).days == 2
