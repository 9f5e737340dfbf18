"""Directus: collections, users, roles, files; Express on SQLite, PostgreSQL or MariaDB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from ..application import Application, Caller, Instance, served

ADMIN_TOKEN = "admin-static-token"
EDITOR_TOKEN = "editor-static-token"


class Directus(Application):
    name = "directus"
    framework = "Express"
    engines = ("mariadb", "sqlite", "postgresql")
    npm = ("directus@11.3.5", "sqlite3@5.1.7")
    ready = "/server/health"

    def environment(self, instance: Instance) -> dict[str, str]:
        return {
            "HOST": "127.0.0.1",
            "PORT": str(instance.port),
            "PUBLIC_URL": instance.url,
            "KEY": "a-key-of-some-letters",
            "SECRET": "a-secret-of-some-letters",
            "ADMIN_EMAIL": "admin@example.com",
            "ADMIN_PASSWORD": "adminpass1",
            "ADMIN_TOKEN": ADMIN_TOKEN,
            "TELEMETRY": "false",
            "CACHE_ENABLED": "false",
            "RATE_LIMITER_ENABLED": "false",
            "PRESSURE_LIMITER_ENABLED": "false",  # else 503 on a machine that has other work
            "WEBSOCKETS_ENABLED": "false",
            "STORAGE_LOCATIONS": "local",
            "STORAGE_LOCAL_ROOT": str(instance.folder / "uploads"),
            "EXTENSIONS_PATH": str(instance.folder / "extensions"),
            **_database(instance.database),
        }

    def write_files(self, instance: Instance) -> None:
        for folder in ("uploads", "extensions"):
            (instance.folder / folder).mkdir(exist_ok=True)

    def prepare(self, instance: Instance) -> Sequence[Sequence[str]]:
        return [[self._directus(instance), "bootstrap"]]

    def command(self, instance: Instance) -> Sequence[str]:
        return [self._directus(instance), "start"]

    def fill(self, client: httpx.Client) -> None:
        """A collection of articles, and an editor who may create and read them."""
        client.headers["Authorization"] = f"Bearer {ADMIN_TOKEN}"
        key = {"is_primary_key": True, "has_auto_increment": True}
        fields: list[dict[str, Any]] = [
            {"field": "id", "type": "integer", "meta": {"hidden": True}, "schema": key},
            {"field": "title", "type": "string", "schema": {"is_nullable": False}},
            {"field": "status", "type": "string", "schema": {"default_value": "draft"}},
        ]
        articles = {"collection": "articles", "schema": {}, "meta": {}, "fields": fields}
        _made(client, "/collections", articles)
        rights = {"name": "editor", "app_access": False, "admin_access": False}
        policy = _made(client, "/policies", rights)["id"]
        role = _made(client, "/roles", {"name": "editor", "policies": [{"policy": policy}]})["id"]
        for action in ("create", "read"):
            right = {"policy": policy, "collection": "articles", "action": action, "fields": ["*"]}
            _made(client, "/permissions", right)
        user = {"email": "ed@example.com", "password": "secret1234", "role": role}
        _made(client, "/users", {**user, "token": EDITOR_TOKEN})

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        return [
            Caller("admin=DIRECTUS_ADMIN:Auth", {"DIRECTUS_ADMIN": f"Bearer {ADMIN_TOKEN}"}),
            Caller("editor=DIRECTUS_EDITOR:Auth", {"DIRECTUS_EDITOR": f"Bearer {EDITOR_TOKEN}"}),
        ]

    def spec(self, client: httpx.Client, cache: Path) -> str:
        return served(client, "/server/specs/oas", ADMIN_TOKEN)

    def _directus(self, instance: Instance) -> str:
        return str(instance.node_programs / "directus")


def _made(client: httpx.Client, path: str, body: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(path, json=body)
    answer.raise_for_status()
    row: dict[str, Any] = answer.json()["data"]
    return row


def _database(url: Any) -> dict[str, str]:
    """Its address in the words of its configuration."""
    if url.get_backend_name() == "sqlite":
        return {"DB_CLIENT": "sqlite3", "DB_FILENAME": url.database}
    client = {"postgresql": "pg", "mysql": "mysql", "mariadb": "mysql"}[url.get_backend_name()]
    return {
        "DB_CLIENT": client,
        "DB_HOST": url.host,
        "DB_PORT": str(url.port),
        "DB_DATABASE": url.database,
        "DB_USER": url.username or "",
        "DB_PASSWORD": url.password or "",
    }


APPLICATION = Directus()
