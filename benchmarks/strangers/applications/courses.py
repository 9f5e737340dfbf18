"""The school of tests/examples: Django REST framework with drf-spectacular on MariaDB."""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from ..application import Caller, Instance, served
from ..service import Service

PEOPLE = ("tara", "tom", "sue", "sam")


class Courses(Service):
    name = "courses"
    framework = "Django REST framework"
    engines = ("mariadb",)
    catalogue = "academy/faults.py"
    ready = "/health/"

    def environment(self, instance: Instance) -> dict[str, str]:
        return {"DATABASE_URL": instance.database_url("mysql")}

    def prepare(self, instance: Instance) -> Sequence[Sequence[str]]:
        python = instance.program("python")
        return [[python, "manage.py", "migrate", "-v0"], [python, "manage.py", "seed"]]

    def command(self, instance: Instance) -> Sequence[str]:
        address = f"127.0.0.1:{instance.port}"
        words = [instance.program("waitress-serve"), "--listen", address]
        return [*words, "campus.wsgi:application"]

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        variables = {name: f"COURSES_{name.upper()}" for name in PEOPLE}
        return [
            Caller(f"{name}={variable}", {variable: f"Token {name}-token"})
            for name, variable in variables.items()
        ]

    def spec(self, client: httpx.Client, cache: object) -> str:
        return served(client, "/schema/")


APPLICATION = Courses()
