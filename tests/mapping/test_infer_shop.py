"""The shop's mapping by hand is the measuring stick; and a thousand operations take no time."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from types import ModuleType

import pytest

from gen_suite.mapping.infer.guess import Proposal
from gen_suite.mapping.infer.merge import merge
from gen_suite.mapping.infer.propose import propose
from gen_suite.mapping.infer.settle import settle
from gen_suite.mapping.infer.write import render
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.schema import Schema, Table
from gen_suite.spec.model import Document
from gen_suite.spec.read import read_document

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The measuring script, so that tests and `python -m benchmarks.init` agree."""
    monkeypatch.syspath_prepend(str(ROOT))
    return importlib.import_module("benchmarks.init")


def test_names_alone_tell_the_shop(bench: ModuleType, tmp_path: Path) -> None:
    shop = bench.apis()[0]
    measured = bench.measure(shop, tmp_path, learning=False)
    agreement = measured.agreement(learned=False)
    assert agreement.share >= 0.95, agreement.missing
    assert agreement.wrong == ()
    assert agreement.more == ()


def test_a_schema_without_foreign_keys_tells_nearly_as_much(
    bench: ModuleType, tmp_path: Path
) -> None:
    shop = bench.apis()[0]
    measured = bench.measure(shop, tmp_path, learning=False)
    url = f"sqlite:///{tmp_path / 'measured.db'}"
    document, full = read_document(shop.folder / "openapi.yaml"), reflect(url)
    bare = Schema({name: _without_keys(one) for name, one in full.tables.items()}, full.dialect)
    _, resolved = settle(propose(document, bare), document, bare, tmp_path / "x.yaml")
    agreement = bench.compare(bench.facts(resolved), measured.wanted, "tables")
    assert agreement.share >= 0.95, agreement.missing
    assert agreement.wrong == ()


def _without_keys(table: Table) -> Table:
    return Table(table.name, table.schema, table.columns, table.primary_key, (), table.unique)


@pytest.fixture
def big(bench: ModuleType, tmp_path: Path) -> tuple[Document, Schema]:
    """1,000 operations, 500 tables."""
    path = tmp_path / "openapi.json"
    path.write_text(json.dumps(bench.big_document()))
    document, schema = read_document(path), bench.big_schema()
    assert len(document.write_operations) == 1000
    assert len(schema.tables) == 500
    return document, schema


def test_a_thousand_operations(big: tuple[Document, Schema], tmp_path: Path) -> None:
    proposal, resolved = settle(propose(*big), *big, tmp_path / "x.yaml")
    text = render(proposal)
    assert len(resolved.operations) == 1000
    assert {one.table for one in resolved.resources.values()} == {
        name for name in big[1].tables if name.startswith("app_")
    }
    assert merge(text, proposal, base=text).text == text


def test_each_guess_has_evidence(big: tuple[Document, Schema]) -> None:
    proposal: Proposal = propose(*big)
    heads = ("table", "creates", "updates", "deletes")
    told = [guess for place, guess in proposal.guesses() if place[-1] in heads]
    assert len(told) == 1250
    assert all(guess.evidence and 0 < guess.confidence <= 1 for guess in told)
