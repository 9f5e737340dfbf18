"""The bundled shop: its mapping says nothing wrong, and leaves nothing out."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import gen_suite.examples.shop
from gen_suite.mapping.expression import Expression, read_value
from gen_suite.mapping.model import MappingFile
from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import PathBinding, Reference, Resolved, resolve
from gen_suite.spec.model import Document
from gen_suite.spec.read import read_document

FOLDER = Path(str(gen_suite.examples.shop.__file__)).parent
SEED = "gen_suite.examples.shop.seed"


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> MappingFile:
    database = tmp_path_factory.mktemp("shop") / "shop.db"
    env = {"DATABASE_URL": f"sqlite:///{database}"}
    subprocess.run([sys.executable, "-m", SEED], check=True, env=os.environ | env)
    return read_mapping(FOLDER / "gen-suite.yaml", env=env)


@pytest.fixture(scope="module")
def document(mapping: MappingFile) -> Document:
    return read_document(mapping.spec_path)


@pytest.fixture(scope="module")
def shop(mapping: MappingFile, document: Document) -> Resolved:
    assert mapping.target.database
    return resolve(mapping, document, reflect(mapping.target.database))


def test_every_write_operation_is_mapped(shop: Resolved) -> None:
    assert len(shop.operations) >= 50
    assert [label for label, write in shop.operations.items() if write.entry is None] == []
    assert {write.kind for write in shop.operations.values()} >= {"creates", "updates", "deletes"}


def test_every_path_parameter_is_bound(shop: Resolved) -> None:
    for label, write in shop.operations.items():
        wanted = {one.name for one in write.operation.parameters if one.location == "path"}
        assert {one.parameter for one in write.path} == wanted, label


def test_every_resource_knows_its_columns(shop: Resolved) -> None:
    assert shop.schema
    for write in shop.operations.values():
        if write.kind == "creates" and write.operation.request_body:
            assert write.claimed, write.operation.label
    for resource in shop.resources.values():
        columns = shop.schema.tables[resource.table].columns
        assert set(resource.wire_to_column.values()) <= set(columns)
        assert set(resource.key) <= set(columns)


def test_an_order(shop: Resolved) -> None:
    write = shop.operations["POST /orders"]
    assert write.actor == "alice"
    assert write.references == (
        Reference("customerId", "customer_id", "customers", "id", "customer", required=True),
        Reference("items/*/productId", "product_id", "products", "id", "product", required=True),
    )
    assert set(write.tables) >= {"orders", "order_items", "products", "audit_log"}


def test_a_nested_route(shop: Resolved) -> None:
    write = shop.operations["PUT /customers/{customerId}/addresses/{addressId}"]
    assert write.path == (
        PathBinding("customerId", "customer", "customers", "id", "customer_id"),
        PathBinding("addressId", "address", "addresses", "id"),
    )


def test_a_plus_without_quotes_is_a_difference(shop: Resolved) -> None:
    entry = shop.operations["PUT /documents/{documentId}"].entry
    assert entry
    version = read_value(entry.set_["version"], relative=True)
    assert isinstance(version, Expression)
    assert (version.sign, version.constant) == ("+", 1)


def test_without_a_database_it_resolves_too(mapping: MappingFile, document: Document) -> None:
    blind = resolve(mapping, document, None)
    assert blind.operations["POST /orders"].references
    assert len(blind.operations) >= 50


def test_no_credential_of_the_shop_is_shown(mapping: MappingFile) -> None:
    shown = repr(mapping)
    assert "alice" in shown
    assert "alice-secret" not in shown
    assert "warehouse-secret" not in shown
