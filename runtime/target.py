"""The system under test: its application, started or found, and the address it answers at."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from ..errors import TargetError
from ..machine import Limit, patience
from ..mapping.model import App
from .keeper import Keeper
from .secrets import mask_text

if TYPE_CHECKING:
    import httpx

LOG_LINES = 15
REQUEST_SECONDS = 60.0
"""How long an answer may take: far more than any that comes at all."""
READY_SECONDS = 10.0
STOP_SECONDS = 5.0


class RunningApp(Protocol):
    """An application that answers."""

    url: str

    def client(self) -> httpx.Client: ...

    def restart(self) -> bool: ...

    def ending(self, position: int = 0) -> str: ...

    def await_end(self, seconds: float) -> None: ...

    def log_since(self, position: int) -> str: ...

    def log_position(self) -> int: ...

    def stop(self, seconds: float | None = None) -> None: ...


def start_app(app: App, *, folder: Path, database_url: str) -> RunningApp:
    """Start what `target.app` names, and wait until it answers; TargetError with its log if not."""
    if app.url:
        return RemoteApp(app.url)
    return ProcessApp.start(app, folder=folder, database_url=database_url)


def app_command(app: App) -> str:
    """The command line of `target.app`; `asgi:` and `wsgi:` get a real server of their own."""
    if app.asgi:
        return f"{{python}} -m uvicorn {app.asgi} --port {{port}} --log-level warning"
    if app.wsgi:
        return f"{{python}} -m gen_suite.runtime.wsgi {app.wsgi} {{port}}"
    return app.command or ""


class RemoteApp:
    """An application that somebody else started."""

    def __init__(self, url: str) -> None:
        self.url = url

    def client(self) -> httpx.Client:
        """A client that opens a connection for each request.

        Servers close one without a word after an error nobody handled (uvicorn does), and whoever
        sends on it next is reset.
        """
        import httpx

        limits = httpx.Limits(max_keepalive_connections=0)
        return httpx.Client(
            base_url=self.url,
            timeout=REQUEST_SECONDS,
            limits=limits,
            trust_env=not is_local(self.url),
        )

    def log_since(self, position: int) -> str:
        return ""

    def log_position(self) -> int:
        return 0

    def restart(self) -> bool:
        """Ends and starts it, where it was started here; whether it was."""
        return False

    def ending(self, position: int = 0) -> str:
        """How it ended by itself, with what it logged last since `position`; "" while it runs."""
        return ""

    def await_end(self, seconds: float) -> None:
        """Returns when it has ended by itself, or after so many seconds."""

    def stop(self, seconds: float | None = None) -> None:
        pass


class ProcessApp(RemoteApp):
    """An application run as a child process on a free port, its output kept in a file."""

    def __init__(
        self, url: str, spawn: Callable[[], subprocess.Popen[bytes]], app: App, log: Path
    ) -> None:
        super().__init__(url)
        self.log = log
        self._spawn, self._stated = spawn, app
        self.process = spawn()
        self._keeper = Keeper(self.process.pid)

    @classmethod
    def start(cls, app: App, *, folder: Path, database_url: str) -> ProcessApp:
        port = free_port()
        values = {"port": str(port), "database_url": database_url, "python": sys.executable}
        words = command_words(app_command(app), values)
        log = Path(tempfile.mkstemp(prefix="gen-suite-app-", suffix=".log")[1])

        def spawn() -> subprocess.Popen[bytes]:
            with log.open("ab") as out:
                return subprocess.Popen(
                    words,
                    cwd=folder / app.cwd,
                    env=child_environment(app.env, values),
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )

        try:
            running = cls(f"http://127.0.0.1:{port}", spawn, app, log)
        except OSError as error:
            raise TargetError(
                f"target.app.command cannot be started: {words[0]}: {error.strerror}",
                hint="check target.app.command and target.app.cwd in the mapping",
            ) from error
        running.await_start()
        return running

    def await_start(self) -> None:
        """Returns when it answers; what does not is ended."""
        try:
            self.wait_until_ready(self._stated.ready, self._stated.timeout)
        except BaseException:
            self.stop()
            raise

    def restart(self) -> bool:
        self._end()
        self.process = self._spawn()
        self._keeper = Keeper(self.process.pid)
        self.await_start()
        return True

    def await_end(self, seconds: float) -> None:
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=seconds)

    def ending(self, position: int = 0) -> str:
        if self.process.poll() is None:
            return ""
        lines = self.log_since(position).splitlines()[-LOG_LINES:]
        tail = "\n".join(f"    {line}" for line in lines) or "    (it printed nothing)"
        return (
            f"the application ended with {_how(self.process.returncode)}; its last lines:\n{tail}"
        )

    def wait_until_ready(self, ready: str | None, timeout: float) -> None:
        """Ask `ready`, "/" by default, until it answers below 500; `timeout` in seconds."""
        import httpx

        ready = ready or "/"
        limit = Limit(timeout)
        with httpx.Client(base_url=self.url, timeout=READY_SECONDS, trust_env=False) as client:
            while not limit.is_over:
                if (code := self.process.poll()) is not None:
                    raise self._not_up(f"the application stopped with {_how(code)}")
                try:
                    if client.get(ready).status_code < 500:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.03)
        raise self._not_up(f"the application did not answer {ready} within {timeout:g} s")

    def _not_up(self, what: str) -> TargetError:
        lines = self.log_since(0).splitlines()[-LOG_LINES:]
        tail = "\n".join(f"    {line}" for line in lines) or "    (it printed nothing)"
        return TargetError(
            f"{what}; its last lines:\n{tail}", hint="try target.app.command by hand"
        )

    def log_position(self) -> int:
        return self.log.stat().st_size

    def log_since(self, position: int) -> str:
        with self.log.open("rb") as file:
            file.seek(position)
            return mask_text(file.read().decode(errors="replace"))

    def stop(self, seconds: float | None = None) -> None:
        """Ask the whole process group to end, then make it, after so many seconds; remove its log."""
        self._end(seconds)
        self.log.unlink(missing_ok=True)

    def _end(self, seconds: float | None = None) -> None:
        if self.process.poll() is None:
            _signal_group(self.process, signal.SIGTERM)
            try:
                self.process.wait(patience(STOP_SECONDS) if seconds is None else seconds)
            except subprocess.TimeoutExpired:
                _signal_group(self.process, signal.SIGKILL)
                self.process.wait()
        self._keeper.dismiss()


def _how(code: int) -> str:
    """An exit code in words: negative ones are signals."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except ProcessLookupError:
        return


def command_words(command: str, values: Mapping[str, str]) -> list[str]:
    """The words of a command line of the mapping, with {python}, {port} and {database_url} filled in."""
    return [_filled(word, values) for word in shlex.split(command)]


def child_environment(extra: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """This process's environment and the mapping's `env` over it."""
    return {**os.environ, **{name: _filled(value, values) for name, value in extra.items()}}


def _filled(text: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def is_local(url: str) -> bool:
    """Whether an address is one of this machine: no proxy of the environment (`HTTP_PROXY`) leads there."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def free_port() -> int:
    """A port of the loopback address that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
