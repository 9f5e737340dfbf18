"""Prefect's server: flows, runs, deployments; async FastAPI on SQLite or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import httpx

from ..application import Application, Instance, served

DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


class Prefect(Application):
    name = "prefect"
    framework = "FastAPI"
    engines = ("sqlite", "postgresql")
    ready = "/api/health"

    def environment(self, instance: Instance) -> dict[str, str]:
        driver = DRIVERS[instance.database.get_backend_name()]
        return {
            "PREFECT_HOME": str(instance.folder),
            "PREFECT_API_DATABASE_CONNECTION_URL": instance.database_url(driver),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "DO_NOT_TRACK": "1",
        }

    def command(self, instance: Instance) -> Sequence[str]:
        port = str(instance.port)
        return [
            *(instance.program("prefect"), "server", "start", "--no-ui"),
            *("--host", "127.0.0.1", "--port", port),
        ]

    def spec(self, client: httpx.Client, cache: Path) -> str:
        """Its document with the prefix that the server has and the document lacks."""
        document = json.loads(served(client, "/openapi.json"))
        return json.dumps({**document, "servers": [{"url": "/api"}]})


APPLICATION = Prefect()
