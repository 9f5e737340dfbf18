"""What an application says about itself: how it is installed, started, filled and called."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx
import sqlalchemy as sa


@dataclass(frozen=True)
class Instance:
    """One running copy of an application.

    `cache` has the installed applications, `folder` the files that this copy keeps by itself,
    `database` is the address as SQLAlchemy writes it.
    """

    name: str
    cache: Path
    folder: Path
    database: sa.URL
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> Path:
        """Its virtual environment."""
        return self.cache / "venvs" / self.name

    @property
    def node_modules(self) -> Path:
        """The folder with its npm packages."""
        return self.cache / self.name / "node_modules"

    @property
    def node_programs(self) -> Path:
        """The folder with the commands of its npm packages."""
        return self.node_modules / ".bin"

    def program(self, name: str) -> str:
        """The path of a command of its virtual environment."""
        return str(self.environment / "bin" / name)

    def database_url(self, driver: str) -> str:
        """The address with another driver, `postgresql` or `sqlite+aiosqlite`."""
        return self.database.set(drivername=driver).render_as_string(hide_password=False)


@dataclass(frozen=True)
class Caller:
    """A value of `init --actor NAME=VARIABLE[:SCHEME]` and the variables that it needs."""

    option: str
    variables: Mapping[str, str]


class Application:
    """An application that nobody here wrote; its module says what differs from this."""

    name: ClassVar[str]
    framework: ClassVar[str]
    engines: ClassVar[tuple[str, ...]]
    npm: ClassVar[tuple[str, ...]] = ()
    """Packages from npm, with their versions."""
    ready: ClassVar[str] = "/"
    """A path that answers below 500 once it is up."""
    database_file: ClassVar[str] = "application.db"
    """How its SQLite file must be called."""

    @property
    def requirements(self) -> Path:
        """The file with its packages from PyPI; there may be none."""
        return Path(__file__).parent / "requirements" / f"{self.name}.txt"

    @property
    def package_json(self) -> Path | None:
        """The file with its packages from npm, where `npm` does not name them."""
        return None

    def write_files(self, instance: Instance) -> None:
        """Its configuration files, before it is started; called at each start."""

    def environment(self, instance: Instance) -> dict[str, str]:
        """Environment variables of all its commands."""
        return {}

    def prepare(self, instance: Instance) -> Sequence[Sequence[str]]:
        """Commands that build the schema of an empty database."""
        return ()

    def command(self, instance: Instance) -> Sequence[str]:
        """The command that starts it and stays."""
        raise NotImplementedError

    def working_folder(self, instance: Instance) -> Path:
        return instance.folder

    def fill(self, client: httpx.Client) -> None:
        """Requests to the running application that make its first users and rows."""

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        """Who may call, the most mighty first, with tokens asked from the running application."""
        return ()

    def spec(self, client: httpx.Client, cache: Path) -> str:
        """The text of its OpenAPI document."""
        raise NotImplementedError


def served(client: httpx.Client, path: str, token: str = "") -> str:
    """The spec that the running application serves."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    answer = client.get(path, headers=headers)
    answer.raise_for_status()
    return answer.text


def applications() -> dict[str, Application]:
    """All of them by name, from the modules of `applications/`."""
    from . import applications as package

    made = {}
    for module in pkgutil.iter_modules(package.__path__):
        kind = importlib.import_module(f"{package.__name__}.{module.name}").APPLICATION
        made[kind.name] = kind
    return made
