"""A spec of 1,000 write operations and a schema of 500 tables, with the habits real ones have."""

from __future__ import annotations

from typing import Any

from gen_suite.mapping.schema import Column, ForeignKey, Schema, Table

RESOURCES = 250
TABLES = 500
WORDS = (
    "order", "customer", "invoice", "shipment", "product", "supplier", "payment", "contract",
    "ticket", "project", "employee", "vehicle", "booking", "course", "device", "article",
    "campaign", "warehouse", "account", "patient", "claim", "policy", "machine", "site", "event",
)  # fmt: skip
PARTS = ("", "line_", "group_", "plan_", "rule_", "note_", "batch_", "status_", "type_", "price_")


def _things() -> list[str]:
    return [f"{part}{word}" for part in PARTS for word in WORDS][:RESOURCES]


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def big_document() -> dict[str, Any]:
    """An OpenAPI document: POST, PUT, PATCH and DELETE of 250 things with 20 fields each."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {}
    things = _things()
    for number, thing in enumerate(things):
        parent = things[number - 1]
        names = [f"{thing}_name", "status", f"{parent}_id", "total_amount", "is_active"]
        names += [f"attribute_{n}" for n in range(14)]
        fields: dict[str, Any] = {_camel(name): {"type": "string"} for name in names}
        component = "".join(part.capitalize() for part in thing.split("_"))
        schemas[f"New{component}"] = {"type": "object", "properties": fields}
        shown = {**fields, "id": {"type": "integer"}}
        schemas[component] = {"type": "object", "properties": shown}
        paths |= _paths(thing, component)
    head = {"openapi": "3.0.3", "info": {"title": "Big", "version": "1"}}
    return {**head, "paths": paths, "components": {"schemas": schemas}}


def _paths(thing: str, component: str) -> dict[str, Any]:
    def content(name: str) -> dict[str, Any]:
        return {
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}"}}}
        }

    body, answer = content(f"New{component}"), {"description": "ok", **content(component)}
    path = "/" + thing.replace("_", "-") + "s"
    name = _camel(f"{thing}_id")
    parameter = {"name": name, "in": "path", "required": True, "schema": {"type": "integer"}}
    return {
        path: {"post": {"requestBody": body, "responses": {"201": answer}}},
        f"{path}/{{{name}}}": {
            "parameters": [parameter],
            "put": {"requestBody": body, "responses": {"200": answer}},
            "patch": {"requestBody": body, "responses": {"200": answer}},
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
    }


def big_schema() -> Schema:
    """500 tables: the 250 things with the application's prefix, and as many that no path names."""
    tables: dict[str, Table] = {}
    things = _things()
    for number in range(TABLES):
        thing = things[number % RESOURCES]
        own = number < RESOURCES
        name = f"app_{thing}s" if own else f"archive_{thing}_history"
        parent = things[number % RESOURCES - 1]
        names = ["id", f"{thing}_nm", "status", f"{parent}_id", "tot_amt", "is_active"]
        names += [f"attribute_{n}" for n in range(14)]
        keys = (ForeignKey((f"{parent}_id",), f"app_{parent}s", ("id",)),) if number else ()
        tables[name] = Table(
            name,
            columns={one: Column(one, "integer" if one == "id" else "text") for one in names},
            primary_key=("id",),
            foreign_keys=keys,
        )
    return Schema(tables, "sqlite")
