"""The depths that `generate --depth` was told, kept beside the suite: its run and the reports read them.

`.emitted/depths.json` in the folder of the suite, to be committed with it: {operation: depth}. What the
mapping says needs no such file, and it is not there where nothing else was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from pathlib import Path

from ..errors import UsageError
from ..files import replace_text
from ..mapping.depth import DEPTHS, Depth, unknown_depth
from .emitted_file import read_object

FILE = Path(".emitted") / "depths.json"


def read_depths(suite: Path) -> Mapping[str, Depth]:
    """Operation -> the depth at which it was emitted, where that was asked for.

    Raises UsageError for a damaged file.
    """
    file = suite / FILE
    data = read_object(file, "depths")
    for depth in data.values():
        if depth not in DEPTHS:
            raise UsageError(f"{file}: {unknown_depth(depth)}", hint="gen-suite generate")
    return data


def write_depths(depths: Mapping[str, Depth], suite: Path) -> None:
    """Keep the depths; no file where none was asked for."""
    file = suite / FILE
    if depths:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_text(file, json.dumps(dict(sorted(depths.items())), indent=1) + "\n")
    else:
        file.unlink(missing_ok=True)


def depths_of_suite(
    suite: Path, labels: Collection[str], *, asked: Depth | None, emitted: Collection[str] = ()
) -> Mapping[str, Depth]:
    """The depths of a suite once those operations are emitted at the depth `asked` (None: as the mapping
    says); the others keep theirs. Without `emitted` all are."""
    emitted = emitted or labels
    kept = {} if set(labels) <= set(emitted) else read_depths(suite)
    others = {label: d for label, d in kept.items() if label not in emitted}
    return others | (dict.fromkeys(emitted, asked) if asked else {})
