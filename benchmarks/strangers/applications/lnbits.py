"""LNbits: accounts, wallets and payments; FastAPI on SQLite, with a wallet that pays nobody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import httpx

from ..application import Application, Caller, Instance, served

ADMIN = ("superadmin", "superpass1")
USERS = (("alice", "secret1234"), ("bob", "secret1234"))


class Lnbits(Application):
    name = "lnbits"
    framework = "FastAPI"
    engines = ("sqlite",)
    ready = "/openapi.json"
    database_file = "database.sqlite3"

    def environment(self, instance: Instance) -> dict[str, str]:
        data = str(Path(instance.database.database or "").parent)
        return {
            "LNBITS_DATA_FOLDER": data,
            "LNBITS_EXTENSIONS_PATH": str(instance.folder),
            "LNBITS_BACKEND_WALLET_CLASS": "FakeWallet",
            "LNBITS_ADMIN_UI": "true",
            "LNBITS_RATE_LIMIT_NO": "1000000",
            "LNBITS_EXTENSIONS_DEFAULT_INSTALL": "",
            "AUTH_SECRET_KEY": "a-secret-of-sixteen-letters",
            "HOST": "127.0.0.1",
            "PORT": str(instance.port),
        }

    def command(self, instance: Instance) -> Sequence[str]:
        return [instance.program("lnbits"), "--host", "127.0.0.1", "--port", str(instance.port)]

    def working_folder(self, instance: Instance) -> Path:
        """Where its package lies: it opens `lnbits/static` relative to the working folder."""
        return next((instance.environment / "lib").glob("python3*/site-packages"))

    def fill(self, client: httpx.Client) -> None:
        name, password = ADMIN
        first = {"username": name, "password": password, "password_repeat": password}
        client.put("/api/v1/auth/first_install", json=first).raise_for_status()
        for name, password in USERS:
            user = {"username": name, "password": password, "password_repeat": password}
            client.post("/api/v1/auth/register", json=user).raise_for_status()

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        """Each user with the token of a login and the key of the first wallet, and a caller who has
        one wallet's key for invoices, nothing else."""
        made, reading = [], ""
        for name, password in (ADMIN, *USERS):
            answer = client.post("/api/v1/auth", json={"username": name, "password": password})
            answer.raise_for_status()
            token, variable = answer.json()["access_token"], f"LNBITS_{name.upper()}"
            made.append(Caller(f"{name}={variable}:OAuth2PasswordBearer", {variable: token}))
            user = client.get("/api/v1/auth", headers={"Authorization": f"Bearer {token}"})
            wallet = user.raise_for_status().json()["wallets"][0]
            key = f"{variable}_KEY"
            made.append(Caller(f"{name}={key}:APIKeyHeader", {key: wallet["adminkey"]}))
            reading = wallet["inkey"]
        name = "LNBITS_READING"
        return [*made, Caller(f"reading={name}:APIKeyHeader", {name: reading})]

    def spec(self, client: httpx.Client, cache: Path) -> str:
        return served(client, "/openapi.json")


APPLICATION = Lnbits()
