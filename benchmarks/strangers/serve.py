"""Becomes the server of an application: what `target.app.command` of its mapping starts.

    python serve.py kinto --port 8000 --database postgresql://… --folder DIR --cache DIR

It runs as a script, so that no package path has to be set for it.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).parents[2])

import sqlalchemy as sa

from benchmarks.strangers.application import Application, Instance, applications


def environment(application: Application, instance: Instance) -> dict[str, str]:
    """This process's environment, the application's over it, its programs first in the path."""
    folders = (instance.environment / "bin", instance.node_programs)
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    return {**os.environ, **application.environment(instance), "PATH": path}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("application")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", type=sa.make_url, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    application = applications()[options.application]
    instance = Instance(
        application.name, options.cache, options.folder, options.database, options.port
    )
    application.write_files(instance)
    os.chdir(application.working_folder(instance))
    words = list(application.command(instance))
    os.execve(words[0], words, environment(application, instance))


if __name__ == "__main__":
    main()
