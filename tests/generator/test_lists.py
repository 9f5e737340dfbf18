"""What is emitted for lists of other kinds than the shop's."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from gen_suite.generator.plan import plan
from gen_suite.generator.render import render
from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.matrix.build import build
from gen_suite.spec.read import read_document

SPEC = """
openapi: 3.0.3
info: {{title: Coins, version: "1"}}
paths:
  /coins:
    post:
      requestBody: {{content: {{application/json: {{schema: {{$ref: '#/components/schemas/Coin'}}}}}}}}
      responses: {{"201": {{description: made}}}}
    get:
      parameters: [{parameters}]
      responses:
        "200":
          description: coins
          content: {{application/json: {{schema: {answer}}}}}
components:
  schemas:
    Coin: {{type: object, properties: {{id: {{type: integer, readOnly: true}}, mark: {{type: string}}}}}}
    Coins: {{type: array, items: {{$ref: '#/components/schemas/Coin'}}}}
"""
MAPPING = """
spec: coins.yaml
depth: thorough
actors: {ann: {id: 7, role: minter}}
resources: {coin: {table: coins, owner: owner_id, arrange: {mark: M}}}
operations:
  POST /coins: {creates: coin, list: {where: {owner_id: $actor.id}}}
"""


TABLES = "CREATE TABLE coins (id INTEGER PRIMARY KEY, mark TEXT UNIQUE, owner_id INTEGER);"


def emitted(
    folder: Path, answer: str, parameters: str, *, tables: str = TABLES, mapping: str = MAPPING
) -> tuple[str, tuple[str, ...]]:
    """The module of POST /coins, and the findings beside the matrix."""
    with sqlite3.connect(folder / "coins.db") as database:
        database.executescript(tables)
    (folder / "coins.yaml").write_text(SPEC.format(answer=answer, parameters=parameters))
    (folder / "gen-suite.yaml").write_text(mapping)
    read = read_mapping(folder / "gen-suite.yaml", env={})
    schema = reflect(f"sqlite:///{folder / 'coins.db'}")
    resolved = resolve(read, read_document(read.spec_path), schema)
    matrix = build(resolved)
    files = {file.path: file.text for file in render(plan(matrix, resolved), resolved)}
    return files["test_post_coins.py"], matrix.findings


BARE = """
@covers(LABEL, "contract")
@pytest.mark.usefixtures("several_coins")
def test_appears_once_in_its_list(api, database, actors):
    rows = database.rows("coins", owner_id=actors["ann"].id)

    listed = paginate(api, COIN_LIST, rows)

    assert listed.holds_once(rows)
"""
ROWS = """
@pytest.fixture
def several_coins(database, actors):
    return [
        database.arrange("coins", mark=f"M{number}", owner_id=actors["ann"].id)
        for number in range(5)
    ]
"""


def test_a_list_without_pages(tmp_path: Path) -> None:
    text, findings = emitted(tmp_path, "{$ref: '#/components/schemas/Coins'}", "")
    assert BARE in text
    assert ROWS in text
    assert 'COIN_LIST = Listing("/coins", key={"id": "id"})' in text
    assert "statements" not in text
    assert findings == (
        "POST /coins: GET /coins names no way to a next page; "
        "whether it ever leaves rows out is tested on one page only",
    )


def test_a_list_by_cursor_with_large_pages(tmp_path: Path) -> None:
    answer = (
        "{type: object, properties: {items: {$ref: '#/components/schemas/Coins'}, "
        "nextCursor: {type: string}}}"
    )
    parameters = (
        "{name: limit, in: query, schema: {type: integer, minimum: 10}}, "
        "{name: cursor, in: query, schema: {type: string}}"
    )
    text, findings = emitted(tmp_path, answer, parameters)
    assert '    cursor="cursor",\n    next="nextCursor",\n    least=10,\n' in text
    assert "for number in range(21)" in text
    assert "again = listed.again(pages=2)" in text
    assert "few = statements.of(COIN_LIST, rows=10)" in text
    assert "many = statements.of(COIN_LIST, rows=21)" in text
    assert findings == ()


def test_a_list_whose_rows_cannot_be_told_apart(tmp_path: Path) -> None:
    answer = "{type: array, items: {type: object, properties: {mark: {type: string}}}}"
    text, findings = emitted(tmp_path, answer, "")
    assert "Listing" not in text
    assert findings == (
        "POST /coins: its list is not tested: the elements of GET /coins do not show the key id",
    )


HOARD = """
CREATE TABLE owners (id INTEGER PRIMARY KEY);
CREATE TABLE hoards (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owners (id));
CREATE TABLE coins (
  id INTEGER PRIMARY KEY, mark TEXT,
  owner_id INTEGER NOT NULL REFERENCES owners (id),
  hoard_id INTEGER NOT NULL REFERENCES hoards (id){key}
);
"""


@pytest.mark.parametrize(("key", "shared"), [("", True), (", UNIQUE (hoard_id, owner_id)", False)])
def test_rows_of_a_list_share_a_parent_unless_a_key_keeps_them_apart(
    tmp_path: Path, key: str, shared: bool
) -> None:
    """One owner has one coin in each hoard."""
    hoard = "hoard: {table: hoards, owner: owner_id}"
    mapping = MAPPING.replace("resources: {", f"resources: {{{hoard}, ")
    answer = "{$ref: '#/components/schemas/Coins'}"
    tables = HOARD.format(key=key)
    module, _ = emitted(tmp_path, answer, "", tables=tables, mapping=mapping)
    several = module.partition("def several_coins(")[2].partition("for _ in range")[0]
    assert 'owner_id=actors["ann"].id' in several
    assert ('hoard_id=hoard["id"]' in several) is shared
