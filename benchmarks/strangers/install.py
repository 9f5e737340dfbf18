"""Puts an application into a folder of its own: a virtual environment, or `node_modules`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .application import Application

VARIABLE = "GEN_SUITE_STRANGERS"


def cache_folder(stated: Path | None) -> Path:
    """Where installed applications are kept: the option, else the variable, else the user's cache."""
    if stated is not None:
        return stated.absolute()
    default = Path.home() / ".cache" / "gen-suite" / "strangers"
    return Path(os.environ.get(VARIABLE, default)).absolute()


def install(application: Application, cache: Path) -> None:
    """Its packages from npm and PyPI, as far as they are not in the cache yet."""
    node = cache / application.name
    if not (node / "node_modules").exists():
        _install_node_packages(application, node)
    requirements = application.requirements
    environment = cache / "venvs" / application.name
    if requirements.exists() and not (environment / "bin").exists():
        _install_python_packages(requirements, environment)


def _install_python_packages(requirements: Path, environment: Path) -> None:
    python = str(environment / "bin" / "python")
    if shutil.which("uv"):
        _run(["uv", "venv", "-q", "--python", "3.11", str(environment)])
        _run(["uv", "pip", "install", "-q", "--python", python, "-r", str(requirements)])
    else:
        _run([sys.executable, "-m", "venv", str(environment)])
        _run([python, "-m", "pip", "install", "-q", "-r", str(requirements)])


def _install_node_packages(application: Application, folder: Path) -> None:
    stated = application.package_json
    if application.npm or (stated is not None and stated.exists()):
        folder.mkdir(parents=True, exist_ok=True)
    if application.npm:
        _run(["npm", "install", "--no-save", "--prefix", str(folder), *application.npm])
    elif stated is not None and stated.exists():
        shutil.copy(stated, folder)
        _run(["npm", "install", "--prefix", str(folder)])
        _run(["npm", "rebuild", "--prefix", str(folder)])  # native parts that `install` left out


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
