"""Kinto: JSON documents in buckets and collections; Pyramid on PostgreSQL."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx

from ..application import Application, Caller, Instance, served

INI = """\
[server:main]
use = egg:waitress#main
host = 127.0.0.1
port = {port}

[app:main]
use = egg:kinto
kinto.project_name = kinto
kinto.userid_hmac_secret = 7d9d5bb5f2e0a0f8d4f8bd8de1be2e46
kinto.bucket_create_principals = system.Authenticated
kinto.storage_backend = kinto.core.storage.postgresql
kinto.storage_url = {url}
kinto.cache_backend = kinto.core.cache.postgresql
kinto.cache_url = {url}
kinto.permission_backend = kinto.core.permission.postgresql
kinto.permission_url = {url}
multiauth.policies = account
multiauth.policy.account.use = kinto.plugins.accounts.authentication.AccountsAuthenticationPolicy
kinto.account_create_principals = system.Everyone
kinto.includes = kinto.plugins.accounts kinto.plugins.history
kinto.experimental_collection_schema_validation = true

[loggers]
keys = root
[handlers]
keys = console
[formatters]
keys = generic
[logger_root]
level = INFO
handlers = console
[handler_console]
class = StreamHandler
args = (sys.stderr,)
level = NOTSET
formatter = generic
[formatter_generic]
format = %(asctime)s %(levelname)-5.5s [%(name)s] %(message)s
"""
PASSWORDS = {"alice": "secret1", "bob": "secret2"}


class Kinto(Application):
    name = "kinto"
    framework = "Pyramid"
    engines = ("postgresql",)
    ready = "/v1/"

    def write_files(self, instance: Instance) -> None:
        text = INI.format(port=instance.port, url=instance.database_url("postgresql"))
        self._ini(instance).write_text(text, encoding="utf-8")

    def prepare(self, instance: Instance) -> Sequence[Sequence[str]]:
        return [[instance.program("kinto"), "migrate", "--ini", str(self._ini(instance))]]

    def command(self, instance: Instance) -> Sequence[str]:
        ini = str(self._ini(instance))
        return [instance.program("kinto"), "start", "--ini", ini, "--port", str(instance.port)]

    def fill(self, client: httpx.Client) -> None:
        for name, password in PASSWORDS.items():
            body = {"data": {"password": password}}
            client.put(f"/v1/accounts/{name}", json=body).raise_for_status()

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        return [
            Caller(
                f"{name}=KINTO_{name.upper()}:basic",
                {
                    f"KINTO_{name.upper()}_USER": name,
                    f"KINTO_{name.upper()}_PASSWORD": password,
                },
            )
            for name, password in PASSWORDS.items()
        ]

    def spec(self, client: httpx.Client, cache: Path) -> str:
        return served(client, "/v1/__api__")

    def _ini(self, instance: Instance) -> Path:
        return instance.folder / f"kinto-{instance.port}.ini"


APPLICATION = Kinto()
