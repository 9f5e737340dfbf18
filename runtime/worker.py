"""The worker of the application: a process that runs only while a test waits for what it does."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..errors import TargetError
from ..machine import Limit, is_asleep, patience
from ..mapping.model import Target
from .keeper import Keeper
from .secrets import mask_text
from .target import child_environment, command_words

STOP_SECONDS = 10.0
START_SECONDS = 5.0
LOOK_SECONDS = 0.02
IDLE_LOOKS = 5
"""A process that sleeps at so many looks one after the other waits for work."""


@dataclass(frozen=True)
class Worker:
    """What `target.worker` names, for one database."""

    target: Target
    folder: Path
    database_url: str

    @contextmanager
    def running(self) -> Iterator[None]:
        """The worker runs during the block; at its end it is asked to stop and has done so.

        The block begins when the worker has come up, so that its start counts for no `within`. Without
        `target.worker` the application is its own worker. TargetError when it ends by itself.
        """
        if self.target.worker is None:
            yield
            return
        process = self._start()
        keeper = Keeper(process.pid)
        try:
            _await_idle(process)
            yield
            self._check(process)
        finally:
            process.terminate()
            try:
                process.communicate(timeout=patience(STOP_SECONDS))
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()
            keeper.dismiss()

    def _start(self) -> subprocess.Popen[bytes]:
        worker, app = self.target.worker, self.target.app
        assert worker is not None
        values = {"python": sys.executable, "database_url": self.database_url, "port": "0"}
        words = command_words(worker.command, values)
        env = {**(app.env if app else {}), **worker.env}
        try:
            return subprocess.Popen(
                words,
                cwd=self.folder / (app.cwd if app else "."),
                env=child_environment(env, values),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise TargetError(
                f"target.worker.command cannot be started: {words[0]}: {error.strerror}"
            ) from error

    def _check(self, process: subprocess.Popen[bytes]) -> None:
        if process.poll() is None:
            return
        said = process.communicate()[0].decode(errors="replace").splitlines()[-15:]
        tail = "\n".join(f"    {mask_text(line)}" for line in said) or "    (it printed nothing)"
        raise TargetError(
            f"target.worker ended with exit code {process.returncode}; its last lines:\n{tail}"
        )


def _await_idle(process: subprocess.Popen[bytes]) -> None:
    """Returns when the process has started and waits for work, has ended, or never comes to rest."""
    limit = Limit(START_SECONDS)
    asleep = 0
    while asleep < IDLE_LOOKS and process.poll() is None and not limit.is_over:
        time.sleep(LOOK_SECONDS)
        asleep = asleep + 1 if is_asleep(process.pid) else 0
