"""The help desk of tests/examples: Flask-smorest with JWT login on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from ..application import Caller, Instance, served
from ..service import Service

PEOPLE = {"ann": "acme", "ben": "acme", "cat": "acme", "gus": "globex"}


class Helpdesk(Service):
    name = "helpdesk"
    framework = "Flask-smorest"
    engines = ("postgresql",)
    catalogue = "faults.py"

    def environment(self, instance: Instance) -> dict[str, str]:
        return {"DATABASE_URL": instance.database_url("postgresql+psycopg")}

    def prepare(self, instance: Instance) -> Sequence[Sequence[str]]:
        return [[instance.program("flask"), "--app", "helpdesk", "init-db"]]

    def command(self, instance: Instance) -> Sequence[str]:
        address = f"127.0.0.1:{instance.port}"
        words = [instance.program("waitress-serve"), "--listen", address]
        return [*words, "--call", "helpdesk:create_app"]

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        made = []
        for name, organisation in PEOPLE.items():
            body = {"email": f"{name}@{organisation}.example", "password": f"{name}-secret"}
            answer = client.post("/auth/login", json=body).raise_for_status()
            variable = f"HELPDESK_{name.upper()}"
            made.append(Caller(f"{name}={variable}", {variable: answer.json()["access_token"]}))
        return made

    def spec(self, client: httpx.Client, cache: object) -> str:
        return served(client, "/openapi.json")


APPLICATION = Helpdesk()
