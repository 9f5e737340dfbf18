"""A small shop: its spec, its tables, and what makes documents, mappings and schemas of texts."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from gen_suite.errors import MappingError
from gen_suite.mapping.model import MappingFile
from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import Resolved, resolve
from gen_suite.mapping.schema import Schema
from gen_suite.spec.model import Document
from gen_suite.spec.read import read_document

SPEC = """
openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /customers/{customerId}/orders:
    post:
      parameters: [{name: customerId, in: path, required: true, schema: {type: integer}}]
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewOrder'}}}}
      responses:
        "201": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
  /orders:
    post:
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/NewOrder'}}}}
      responses:
        "201": {description: ok, content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}}
  /orders/bulk:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              properties:
                orders: {type: array, items: {$ref: '#/components/schemas/NewOrder'}}
      responses:
        "201":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {type: array, items: {$ref: '#/components/schemas/Order'}}
  /orders/{id}:
    parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
    patch:
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {order: {$ref: '#/components/schemas/NewOrder'}}}
      responses:
        "200":
          description: ok
          content:
            application/json:
              schema:
                type: object
                properties:
                  data: {$ref: '#/components/schemas/Order'}
                  meta: {type: object, properties: {took: {type: number}}}
    delete:
      responses: {"204": {description: gone}}
  /orders/{id}/cancel:
    post:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      responses: {"200": {description: ok}}
  /orders/{orderId}/items/{line}:
    delete:
      parameters:
        - {name: orderId, in: path, required: true, schema: {type: integer}}
        - {name: line, in: path, required: true, schema: {type: integer}}
      responses: {"204": {description: gone}}
  /products/{sku}:
    put:
      parameters: [{name: sku, in: path, required: true, schema: {type: string}}]
      requestBody:
        content: {application/json: {schema: {type: object, properties: {name: {type: string}}}}}
      responses: {"200": {description: ok}}
  /transfers:
    post:
      requestBody:
        content:
          application/json:
            schema:
              type: object
              required: [fromWalletId, toWalletId]
              properties:
                fromWalletId: {type: integer}
                toWalletId: {type: integer}
                amount: {type: number}
      responses: {"200": {description: ok}}
  /products/{id}/tags:
    post:
      parameters: [{name: id, in: path, required: true, schema: {type: integer}}]
      requestBody:
        content:
          application/json:
            schema: {type: object, properties: {tagIds: {type: array, items: {type: integer}}}}
      responses: {"204": {description: ok}}
  /search:
    post: {responses: {"200": {description: ok}}}
  /login:
    post:
      requestBody:
        content: {application/json: {schema: {type: object, properties: {user: {type: string}}}}}
      responses: {"200": {description: ok}}
components:
  schemas:
    Base:
      type: object
      properties:
        id: {type: integer, readOnly: true}
        status: {type: string}
    NewOrder:
      allOf:
        - {$ref: '#/components/schemas/Base'}
        - type: object
          required: [customerId, items]
          properties:
            customerId: {type: integer}
            giftNote: {type: string}
            address-line1: {type: string}
            Email: {type: string}
            total: {type: number}
            coupon: {type: string}
            secret: {type: string, writeOnly: true}
            items:
              type: array
              items:
                type: object
                required: [productId]
                properties: {productId: {type: integer}, quantity: {type: integer}}
    Order:
      allOf:
        - {$ref: '#/components/schemas/NewOrder'}
        - type: object
          properties:
            orderId: {type: integer}
            createdAt: {type: string}
            customer: {type: object, properties: {name: {type: string}}}
"""

TABLES = """
CREATE TABLE tenants (id TEXT PRIMARY KEY);
CREATE TABLE customers (id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants(id),
  name TEXT);
CREATE TABLE products (id INTEGER PRIMARY KEY, tenant_id TEXT REFERENCES tenants(id),
  sku VARCHAR(16) NOT NULL, name TEXT, stock INTEGER NOT NULL DEFAULT 0 CHECK (stock >= 0),
  UNIQUE (tenant_id, sku));
CREATE TABLE orders (id INTEGER PRIMARY KEY, tenant_id TEXT NOT NULL REFERENCES tenants(id),
  customer_id INTEGER NOT NULL REFERENCES customers(id), gift_note VARCHAR(40),
  address_line_1 TEXT, email TEXT UNIQUE, status TEXT CHECK (status IN ('pending', 'cancelled')),
  total_cents INTEGER, secret TEXT, created_at TIMESTAMP, deleted_at TIMESTAMP);
CREATE TABLE order_items (order_id INTEGER NOT NULL REFERENCES orders(id) ON DELETE CASCADE,
  line INTEGER NOT NULL, product_id INTEGER NOT NULL REFERENCES products(id),
  quantity INTEGER, PRIMARY KEY (order_id, line));
CREATE TABLE shipments (id INTEGER PRIMARY KEY,
  order_id INTEGER REFERENCES orders(id) ON DELETE SET NULL);
CREATE TABLE tags (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE product_tags (product_id INTEGER NOT NULL REFERENCES products(id),
  tag_id INTEGER NOT NULL REFERENCES tags(id), PRIMARY KEY (product_id, tag_id));
CREATE TABLE wallets (id INTEGER PRIMARY KEY, user_id INTEGER, balance INTEGER);
CREATE TABLE audit_log (id INTEGER PRIMARY KEY, action TEXT, actor_id INTEGER);
"""

MAPPING = """
spec: openapi.yaml
actors:
  root: {id: 9, role: admin, tenant: acme}
  alice: {id: 1, role: customer, tenant: acme}
resources:
  order:
    table: orders
    fields: {total: {column: total_cents, as: cents}, coupon: null}
  customer: {table: customers}
  product: {table: products, arrange: {stock: 1000}}
  wallet: {table: wallets}
  item: {table: order_items}
"""


@pytest.fixture(scope="session")
def document(tmp_path_factory: pytest.TempPathFactory) -> Document:
    """The spec of the small shop."""
    path = tmp_path_factory.mktemp("spec") / "openapi.yaml"
    path.write_text(SPEC)
    return read_document(path)


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    """The tables of the small shop, reflected from a real SQLite file."""
    path = tmp_path_factory.mktemp("tables") / "small.db"
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        for statement in filter(str.strip, TABLES.split(";")):
            connection.exec_driver_sql(statement)
    engine.dispose()
    return reflect(f"sqlite:///{path}")


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., MappingFile]:
    """`read(text, **environment)`: the mapping of a text."""

    def make(text: str, **env: str) -> MappingFile:
        path = tmp_path / "gen-suite.yaml"
        path.write_text(textwrap.dedent(text))
        return read_mapping(path, env=env)

    return make


@pytest.fixture
def resolved(
    read: Callable[..., MappingFile], document: Document, schema: Schema
) -> Callable[..., Resolved]:
    """`resolved(operations)`: the small shop's mapping with these operations, resolved.

    `looked=False` leaves the database out.
    """

    def make(operations: str = "", *, text: str = MAPPING, looked: bool = True) -> Resolved:
        block = textwrap.indent(textwrap.dedent(operations), "  ")
        whole = f"{text}\noperations:\n{block}" if block.strip() else text
        return resolve(read(whole), document, schema if looked else None)

    return make


@pytest.fixture
def told(tmp_path: Path) -> Callable[[Callable[[], object]], str]:
    """`told(call)`: the whole message of the MappingError that a call raises, paths made short."""

    def catch(call: Callable[[], object]) -> str:
        with pytest.raises(MappingError) as caught:
            call()
        return str(caught.value).replace(f"{tmp_path}/", "")

    return catch
