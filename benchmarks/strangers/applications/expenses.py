"""The expense reports of tests/examples: async FastAPI with SQLModel on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from ..application import Caller, Instance, served
from ..service import Service

PEOPLE = ("eve", "max", "lia", "zoe")


class Expenses(Service):
    name = "expenses"
    framework = "FastAPI"
    engines = ("postgresql",)
    catalogue = "expenses/faults.py"

    def environment(self, instance: Instance) -> dict[str, str]:
        return {"DATABASE_URL": instance.database_url("postgresql")}

    def prepare(self, instance: Instance) -> Sequence[Sequence[str]]:
        return [[instance.program("python"), "-m", "expenses.seed"]]

    def command(self, instance: Instance) -> Sequence[str]:
        words = [instance.program("uvicorn"), "expenses.app:app", "--log-level", "warning"]
        return [*words, "--port", str(instance.port)]

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        variables = {name: f"EXPENSES_{name.upper()}" for name in PEOPLE}
        return [
            Caller(f"{name}={variable}", {variable: f"{name}-token"})
            for name, variable in variables.items()
        ]

    def spec(self, client: httpx.Client, cache: object) -> str:
        return served(client, "/openapi.json")


APPLICATION = Expenses()
