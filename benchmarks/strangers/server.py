"""A server of an application that the harness itself starts and stops, to fill it and to look at it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from .application import Application, Instance
from .serve import environment

SECONDS = 180.0
"""How long an application may take to answer, and its preparing commands to end."""


def serve_command(instance: Instance, python: str, port: str, database: str) -> list[str]:
    """The words that start it, also as `target.app.command` with placeholders for the last three."""
    script = str(Path(__file__).parent / "serve.py")
    folders = ["--folder", str(instance.folder), "--cache", str(instance.cache)]
    return [python, script, instance.name, "--port", port, "--database", database, *folders]


def prepare(application: Application, instance: Instance, log: Path) -> None:
    """Builds the schema of an empty database; RuntimeError with the log's name when that fails."""
    application.write_files(instance)
    for words in application.prepare(instance):
        with log.open("ab") as out:
            done = subprocess.run(
                words,
                cwd=application.working_folder(instance),
                env=environment(application, instance),
                stdout=out,
                stderr=subprocess.STDOUT,
                timeout=SECONDS,
                check=False,
            )
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)}: exit {done.returncode}, see {log}")


@contextmanager
def running(application: Application, instance: Instance, log: Path) -> Iterator[httpx.Client]:
    """A client of the application while it runs."""
    database = instance.database.render_as_string(hide_password=False)
    words = serve_command(instance, sys.executable, str(instance.port), database)
    with log.open("ab") as out:
        process = subprocess.Popen(
            words, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        with httpx.Client(base_url=instance.url, timeout=30, trust_env=False) as client:
            _wait(application, client, process, log)
            yield client
    finally:
        _stop(process)


def _wait(
    application: Application, client: httpx.Client, process: subprocess.Popen[bytes], log: Path
) -> None:
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{application.name} ended at its start, see {log}")
        try:
            if client.get(application.ready).status_code < 500:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise RuntimeError(f"{application.name} did not answer {application.ready}, see {log}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole process group; some applications do not listen to the first request."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(timeout=10)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue
