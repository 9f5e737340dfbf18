"""Older documents laid beside the same mapping."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gen_suite.mapping.older import read_older
from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.resolve import Resolved, resolve
from gen_suite.spec.read import read_document

NEW = """
openapi: 3.0.3
info: {title: Coins, version: "2"}
paths:
  /purses/{purseId}/coins/{coinId}:
    parameters:
      - {name: purseId, in: path, required: true, schema: {type: integer}}
      - {name: coinId, in: path, required: true, schema: {type: integer}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {mark: {type: string}, kind: {type: string}}}}}}
      responses: {"200": {description: ok}}
"""
OLD = """
openapi: 3.0.3
info: {title: Coins, version: "1"}
paths:
  /purses/{purse}/coins/{coin}:
    parameters:
      - {name: purse, in: path, required: true, schema: {type: integer}}
      - {name: coin, in: path, required: true, schema: {type: integer}}
    put:
      requestBody: {content: {application/json: {schema: {type: object, properties: {mark: {type: string}}}}}}
      responses: {"200": {description: ok}}
"""
MAPPING = """
spec: new.yaml
compatible_with: old.yaml
resources: {coin: {table: coins}, purse: {table: purses}}
operations:
  PUT /purses/{purseId}/coins/{coinId}:
    updates: coin
    path: {purseId: purse.id, coinId: coin.id}
    fill: {kind: gold, mark: M}
"""


def laid_out(folder: Path) -> Resolved:
    for name, text in (("new", NEW), ("old", OLD), ("gen-suite", MAPPING)):
        (folder / f"{name}.yaml").write_text(text)
    mapping = read_mapping(folder / "gen-suite.yaml", env={})
    return resolve(mapping, read_document(mapping.spec_path), None, read_older(mapping))


def test_an_older_operation_has_the_entry_of_today_under_its_own_names(tmp_path: Path) -> None:
    older = laid_out(tmp_path).older["old.yaml"]
    write = older.operations["PUT /purses/{purse}/coins/{coin}"]
    assert write.entry is not None
    assert [(one.parameter, one.resource) for one in write.path] == [
        ("purse", "purse"),
        ("coin", "coin"),
    ]
    assert write.entry.fill == {"mark": "M"}
    assert [pair.wire for pair in write.fields] == ["mark"]


def test_a_file_that_is_not_there(tmp_path: Path, told: Callable[..., str]) -> None:
    laid_out(tmp_path)
    (tmp_path / "gen-suite.yaml").write_text("spec: new.yaml\ncompatible_with: [old.yml]\n")
    mapping = read_mapping(tmp_path / "gen-suite.yaml", env={})
    message = "gen-suite.yaml:2:19: there is no file `old.yml`\n  did you mean `old.yaml`?"
    assert told(lambda: read_older(mapping)) == message
