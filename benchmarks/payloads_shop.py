"""The bundled shop, asked with every payload: it takes the valid ones and refuses the violations.

Each request gets rows of its own, arranged as the shop's mapping says, and is undone after.

    python -m benchmarks.payloads_shop
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from gen_suite.mapping.read import read_mapping
from gen_suite.mapping.reflect import reflect
from gen_suite.mapping.resolve import resolve
from gen_suite.mapping.resolved import Resolved, Write
from gen_suite.runtime.database import Database, Row, open_database
from gen_suite.runtime.payloads import CannotBreak, PayloadSpace
from gen_suite.runtime.requests import payloads_of
from gen_suite.spec.read import read_document

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "examples" / "shop"
DRAWS = 5
# Rows that a JSON column or a text key needs more of than "anything goes".
SPECIAL = {"webhooks": {"events": ["order.created"]}}


def rows(command: str) -> list[dict[str, Any]]:
    """Two rows; the shop runs in a process of its own, as it keeps its engine for good."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.payloads_shop"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    told = (
        json.loads(done.stdout.splitlines()[-1]) if done.stdout else {"error": done.stderr[-800:]}
    )
    return [
        _row("payloads: valid ones that the shop takes", told, "taken", "not taken", command),
        _row("payloads: violations that the shop refuses", told, "refused", "not refused", command),
    ]


def _row(name: str, told: dict[str, Any], good: str, bad: str, command: str) -> dict[str, Any]:
    count = told.get(good, 0) + told.get(bad, 0)
    ratio = told.get(good, 0) / count if count else 0.0
    detail = {"requests": count, bad: told.get("why", {}).get(bad, told.get("error", []))}
    return {"name": name, "ratio": round(ratio, 4), "goal": 1.0, "met": count > 0 and ratio == 1.0,
            "command": command, "detail": detail}  # fmt: skip


@dataclass
class Arranged:
    """The rows of one request."""

    write: Write
    resolved: Resolved
    database: Database
    keys: dict[str, Any]
    made: dict[str, Row] = field(default_factory=dict)

    def row(self, table: str, name: str | None = None) -> Row:
        """The row of a table, arranged with its parents; resources that share a table have two."""
        first = self.resolved.resource_of(table)
        key = name if name and first and name != first.name else table
        if key not in self.made:
            self.made[key] = self.database.arrange(table, **self._columns(table, name))
        return self.made[key]

    def _columns(self, table: str, name: str | None) -> dict[str, Any]:
        resource = self.resolved.resources.get(name) if name else self.resolved.resource_of(table)
        known = self.resolved.schema.tables[table]
        columns: dict[str, Any] = dict(SPECIAL.get(table, {}))
        if "tenant_id" in known.columns:
            columns["tenant_id"] = "acme"
        if resource is not None:
            actor = self.resolved.mapping.actors[self.write.actor or "alice"]
            if resource.owner:
                columns[resource.owner] = actor.id
            columns |= resource.arrange
            if self.write.entry:
                columns |= self.write.entry.arrange.get(resource.name, {})
        extra = self.resolved.mapping.tables.get(table)
        columns |= extra.arrange if extra else {}
        for key in known.foreign_keys:
            column = key.columns[0]
            if column not in columns and key.table not in ("tenants", "users", table):
                columns[column] = self.row(key.table)[key.target_columns[0]]
        if table in self.keys:
            columns["id"] = self.keys[table]
        return columns


class Shop:
    """The application, its database, and what it answered."""

    def __init__(self, url: str) -> None:
        from starlette.testclient import TestClient

        from gen_suite.examples.shop.app import app

        self.client = TestClient(app, raise_server_exceptions=False)
        self.database = open_database(url)
        self.database.install()
        mapping = read_mapping(SHOP / "gen-suite.yaml")
        document = read_document(SHOP / "openapi.yaml")
        self.resolved = resolve(mapping, document, reflect(url))
        self.counts: Counter[str] = Counter()
        self.why: dict[str, list[str]] = {"not taken": [], "not refused": []}

    def ask(self, write: Write) -> None:
        """Every payload of one operation."""
        space = payloads_of(write, self.resolved)
        for body in valid_bodies(space):
            status = self._sent(write, space, body, None)
            self._told("taken" if 200 <= status < 300 else "not taken", write, status, body)
        for violation in space.violations():
            status = self._sent(write, space, space.example(), violation)
            good = status in (400, 404, 415, 422, 428)
            self._told("refused" if good else "not refused", write, status, str(violation))

    def _told(self, what: str, write: Write, status: int, subject: Any) -> None:
        self.counts[what] += 1
        if what in self.why:
            self.why[what].append(f"{write.operation.label} {status}: {subject}")

    def _sent(self, write: Write, space: PayloadSpace, body: Any, violation: Any) -> int:
        mark = self.database.mark()
        try:
            path, arranged = self._arranged(write, space)
            body = self._filled(write, arranged, body)
            given = {"path": path, "headers": self._headers(write, space, arranged)}
            given["params"] = space.parameter_example("query")
            if violation is not None:
                request = violation.of(**({"json": body} if space.media() else {}), **given)
            else:
                request = _joined(given, space.request(body))
            return self._status(write, request)
        finally:
            self.database.undo(mark)

    def _status(self, write: Write, request: dict[str, Any]) -> int:
        address = write.operation.path
        for name, value in request.pop("path").items():
            address = address.replace("{" + name + "}", str(value))
        response = self.client.request(write.operation.method, address, **request)
        return int(response.status_code)

    def _arranged(self, write: Write, space: PayloadSpace) -> tuple[dict[str, Any], Arranged]:
        tables = self.resolved.schema.tables
        example = space.parameter_example("path")
        keys = {
            bound.table: example[bound.parameter]
            for bound in write.path
            if bound.column == "id" and tables[bound.table].columns["id"].type == "text"
        }
        arranged = Arranged(write, self.resolved, self.database, keys)
        rows = {b.parameter: arranged.row(b.table, b.resource)[b.column] for b in write.path}
        return {**example, **rows}, arranged

    def _filled(self, write: Write, arranged: Arranged, body: Any) -> Any:
        for reference in write.references:
            if not reference.fixed:
                value = arranged.row(reference.table, reference.resource)[reference.target_column]
                put(body, reference.pointer.split("/"), value)
        for name, told in (write.entry.fill if write.entry else {}).items():
            value = told.get_secret_value() if hasattr(told, "get_secret_value") else told
            if isinstance(value, str) and value.startswith("$"):
                resource, _, column = value[1:].partition(".")
                value = arranged.row(self.resolved.resources[resource].table, resource)[column]
            body[name] = value
        return body

    def _headers(self, write: Write, space: PayloadSpace, arranged: Arranged) -> dict[str, Any]:
        auth = self.resolved.mapping.actors[write.actor or "alice"].auth
        shown = auth.reveal() if auth else {}
        headers = dict(shown.get("header", {}))
        if "bearer" in shown:
            headers["Authorization"] = f"Bearer {shown['bearer']}"
        headers |= space.parameter_example("header")
        if "If-Match" in headers and write.resource:
            row = arranged.row(write.resource.table, write.resource.name)
            headers["If-Match"] = f'"{row["version"]}"'
        return headers


def _joined(given: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
    return {**given, **sent, "headers": {**given["headers"], **sent.get("headers", {})}}


def put(body: Any, steps: list[str], value: Any) -> None:
    """The value at a pointer, where the body reaches that far."""
    if isinstance(body, list):
        for part in body:
            put(part, steps[1:], value)
    elif isinstance(body, dict) and steps[0] in body:
        if len(steps) == 1:
            body[steps[0]] = value
        else:
            put(body[steps[0]], steps[1:], value)


def valid_bodies(space: PayloadSpace) -> list[Any]:
    """The example, the whole body, one field less, one field at an edge, the document's own, some drawn."""
    if space.media() is None:
        return [None]
    bodies = [space.example(), space.complete()]
    bodies += [body for _, body in space.without()]
    bodies += [edge.body for edge in space.edges()[1:]]
    bodies += [example.body for example in space.examples()]

    @settings(max_examples=DRAWS, database=None, deadline=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(space.bodies())
    def collect(body: Any) -> None:
        bodies.append(body)

    collect()
    return bodies


def main() -> None:
    """Ask the shop and print the counts as JSON."""
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/shop.db"
        os.environ["DATABASE_URL"] = url
        from gen_suite.examples.shop import seed

        seed.main()
        shop = Shop(url)
        for write in shop.resolved.operations.values():
            try:
                shop.ask(write)
            except CannotBreak as reason:
                shop.why["not refused"].append(f"{write.operation.label}: {reason}")
        shop.database.close()
    print(json.dumps({**shop.counts, "why": shop.why}))


if __name__ == "__main__":
    main()
