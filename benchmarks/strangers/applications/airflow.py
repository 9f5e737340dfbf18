"""Airflow's API server: variables, connections, pools, runs; FastAPI on SQLite, PostgreSQL or MariaDB."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import httpx

from ..application import Application, Caller, Instance, served

PASSWORDS = {"admin": "adminpass1", "alice": "secret1234", "vi": "secret1234"}
ROLES = "admin:admin,alice:user,vi:viewer"
DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg2", "mysql": "mysql+pymysql"}


class Airflow(Application):
    name = "airflow"
    framework = "FastAPI"
    engines = ("sqlite",)
    ready = "/api/v2/monitor/health"

    def write_files(self, instance: Instance) -> None:
        (instance.folder / "dags").mkdir(exist_ok=True)
        passwords = instance.folder / "simple_auth_manager_passwords.json.generated"
        passwords.write_text(json.dumps(PASSWORDS), encoding="utf-8")

    def environment(self, instance: Instance) -> dict[str, str]:
        driver = DRIVERS[instance.database.get_backend_name()]
        return {
            "AIRFLOW_HOME": str(instance.folder),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ROLES,
            "AIRFLOW__CORE__FERNET_KEY": "81HqDtbqAywKSOumSha3BhWNOdQ26slT6K0YaZeZyPs=",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": instance.database_url(driver),
            "AIRFLOW__API__HOST": "127.0.0.1",
            "AIRFLOW__API__PORT": str(instance.port),
            "AIRFLOW__API_AUTH__JWT_SECRET": "a-secret-for-signing-tokens-that-is-long-enough-" * 2,
            "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        }

    def prepare(self, instance: Instance) -> Sequence[Sequence[str]]:
        return [[instance.program("airflow"), "db", "migrate"]]

    def command(self, instance: Instance) -> Sequence[str]:
        port = str(instance.port)
        return [
            *(instance.program("airflow"), "api-server", "--workers", "1"),
            *("--host", "127.0.0.1", "--port", port),
        ]

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        made = []
        for name, password in PASSWORDS.items():
            answer = client.post("/auth/token", json={"username": name, "password": password})
            answer.raise_for_status()
            variable = f"AIRFLOW_{name.upper()}"
            made.append(Caller(f"{name}={variable}", {variable: answer.json()["access_token"]}))
        return made

    def spec(self, client: httpx.Client, cache: Path) -> str:
        return served(client, "/openapi.json")


APPLICATION = Airflow()
