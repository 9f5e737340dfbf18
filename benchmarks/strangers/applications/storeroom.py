"""The storeroom of tests/examples: Express with a specification written by hand, on SQLite."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

import httpx

from ..application import Caller, Instance
from ..service import Service

KEYS = {"keeper": "north-keeper-key", "viewer": "north-viewer-key", "stranger": "south-keeper-key"}


class Storeroom(Service):
    name = "storeroom"
    framework = "Express"
    engines = ("sqlite",)
    catalogue = "faults.js"

    def environment(self, instance: Instance) -> dict[str, str]:
        return {
            "DATABASE_URL": instance.database_url("sqlite"),
            "PORT": str(instance.port),
            "NODE_PATH": str(instance.node_modules),
        }

    def prepare(self, instance: Instance) -> Sequence[Sequence[str]]:
        return [[self._node, "seed.js"]]

    def command(self, instance: Instance) -> Sequence[str]:
        return [self._node, "server.js"]

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        variables = {name: f"STOREROOM_{name.upper()}" for name in KEYS}
        return [
            Caller(f"{name}={variable}", {variable: KEYS[name]})
            for name, variable in variables.items()
        ]

    def spec(self, client: httpx.Client, cache: object) -> str:
        return (self.sources / "openapi.yaml").read_text(encoding="utf-8")

    @property
    def _node(self) -> str:
        return shutil.which("node") or "node"


APPLICATION = Storeroom()
