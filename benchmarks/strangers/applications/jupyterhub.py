"""JupyterHub: users, groups, tokens, servers; Tornado on SQLite."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from pathlib import Path

import httpx

from gen_suite.runtime.target import free_port

from ..application import Application, Caller, Instance

VERSION = "6.1.1"
SPEC = f"jupyterhub-{VERSION}/docs/source/_static/rest-api.yml"
CONFIGURATION = """\
c.JupyterHub.ip = '127.0.0.1'
c.JupyterHub.port = {public_port}
c.JupyterHub.hub_ip = '127.0.0.1'
c.JupyterHub.hub_port = {port}
c.ConfigurableHTTPProxy.api_url = 'http://127.0.0.1:{proxy_port}'
c.ConfigurableHTTPProxy.pid_file = '{folder}/proxy-{port}.pid'
c.JupyterHub.db_url = '{url}'
c.JupyterHub.cookie_secret_file = '{folder}/cookie_secret'
c.JupyterHub.authenticator_class = 'dummy'
c.DummyAuthenticator.password = 'secret'
c.Authenticator.allow_all = True
c.JupyterHub.allow_named_servers = True
c.Authenticator.admin_users = {{'admin'}}
c.Authenticator.allowed_users = {{'alice', 'bob'}}
c.JupyterHub.spawner_class = 'simple'
c.JupyterHub.load_roles = [
  {{'name': 'svc-admin', 'services': ['svc-admin'], 'scopes': ['admin:users', 'admin:servers',
    'tokens', 'admin:groups', 'list:services', 'read:hub', 'proxy', 'shares', 'self', 'read:roles']}},
  {{'name': 'svc-reader', 'services': ['svc-reader'], 'scopes': ['list:users', 'list:groups']}},
]
c.JupyterHub.services = [
  {{'name': 'svc-admin', 'api_token': 'admin-service-token-000000000001'}},
  {{'name': 'svc-reader', 'api_token': 'reader-service-token-00000000002'}},
]
"""


class Jupyterhub(Application):
    name = "jupyterhub"
    framework = "Tornado"
    engines = ("sqlite",)
    npm = ("configurable-http-proxy@5.0.1",)
    ready = "/hub/api"

    def write_files(self, instance: Instance) -> None:
        text = CONFIGURATION.format(
            port=instance.port,
            public_port=free_port(),
            proxy_port=free_port(),
            folder=instance.folder,
            url=instance.database_url("sqlite"),
        )
        self._configuration(instance).write_text(text, encoding="utf-8")

    def environment(self, instance: Instance) -> dict[str, str]:
        return {"CONFIGPROXY_AUTH_TOKEN": "0123456789abcdef"}

    def command(self, instance: Instance) -> Sequence[str]:
        return [instance.program("jupyterhub"), "-f", str(self._configuration(instance))]

    def callers(self, client: httpx.Client) -> Sequence[Caller]:
        return [
            Caller("admin=HUB_ADMIN:token", {"HUB_ADMIN": "admin-service-token-000000000001"}),
            Caller("reader=HUB_READER:token", {"HUB_READER": "reader-service-token-00000000002"}),
        ]

    def spec(self, client: httpx.Client, cache: Path) -> str:
        """The document in its source distribution: neither the wheel nor the hub has it."""
        kept = cache / "specs" / f"jupyterhub-{VERSION}.yaml"
        if not kept.exists():
            kept.parent.mkdir(parents=True, exist_ok=True)
            source = ["--no-binary", "jupyterhub", f"jupyterhub=={VERSION}"]
            pip = [found] if (found := shutil.which("pip")) else [sys.executable, "-m", "pip"]
            download = [*pip, "download", "-q", "--no-deps", "-d", str(kept.parent)]
            subprocess.run([*download, *source], check=True)
            with tarfile.open(kept.parent / f"jupyterhub-{VERSION}.tar.gz") as archive:
                member = archive.extractfile(SPEC)
                assert member is not None
                kept.write_bytes(member.read())
        return kept.read_text(encoding="utf-8")

    def _configuration(self, instance: Instance) -> Path:
        return instance.folder / f"jupyterhub-{instance.port}.py"


APPLICATION = Jupyterhub()
