"""A small service of this repository (tests/examples), in the ordinary style of its framework.

It has faults that a variable switches on, so that a suite can be asked what it would have caught.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from .application import Application, Instance

EXAMPLES = Path(__file__).parents[2] / "tests" / "examples"
_FAULT = re.compile(r"""^\s+"?(\w+)"?: ["']((?:POST|PUT|PATCH|DELETE) /\S*): (.+)["'],$""", re.M)


class Service(Application):
    """An application whose code lies in `tests/examples/<name>`."""

    catalogue: ClassVar[str]
    """Its file that lists the faults."""
    ready = "/health"

    @property
    def sources(self) -> Path:
        """The folder with its code."""
        return EXAMPLES / self.name

    @property
    def variable(self) -> str:
        """The environment variable that switches faults on."""
        return f"{self.name.upper()}_BUGS"

    @property
    def faults(self) -> Mapping[str, str]:
        """Name of a fault -> label of the operation that it is in."""
        text = (self.sources / self.catalogue).read_text(encoding="utf-8")
        return {name: operation for name, operation, _ in _FAULT.findall(text)}

    @property
    def requirements(self) -> Path:
        return self.sources / "requirements.txt"

    @property
    def package_json(self) -> Path:
        return self.sources / "package.json"

    def working_folder(self, instance: Instance) -> Path:
        return self.sources
