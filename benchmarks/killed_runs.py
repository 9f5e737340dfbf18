"""kill -9 at random moments of a run of the shop's whole suite, then `gen-suite restore`.

After each the hash of every table must be what it was before the run, and the command must have left
nothing of its own behind. One line a kill; exit code 1 when a hash differs.

    python -m benchmarks.killed_runs --engines sqlite,postgresql,mariadb --times 20
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from gen_suite.runtime.database import open_database

from .bugs import Workplace, prepare
from .engines import fresh_database

EARLIEST, LATEST = 0.2, 8.0


def killed_runs(engine: str, times: int, rng: random.Random) -> Iterator[bool]:
    """Whether the database was as before, after each of so many killed runs."""
    with tempfile.TemporaryDirectory(prefix="gen-suite-killed-") as name:
        folder = Path(name)
        with fresh_database(engine, folder) as url:
            place = prepare(folder, url)
            before = _hash(url)
            for number in range(times):
                after = rng.uniform(EARLIEST, LATEST)
                module = rng.choice(sorted(set(place.modules.values())))
                _kill(place, module, after)
                said = _restore(place)
                same = _hash(url) == before
                print(
                    f"{engine:<11}{number + 1:>3}  killed in {module} after {after:4.1f} s: "
                    f"{'equal' if same else 'DIFFERENT'}  ({said})",
                    flush=True,
                )
                yield same


def _kill(place: Workplace, module: str, after: float) -> None:
    """Start the suite at a module of it, kill pytest so many seconds after the first test began."""
    modules = sorted(set(place.modules.values()))
    start = modules.index(module)
    command = [sys.executable, "-m", "pytest", "--allow-db", "-v", "-p", "no:cacheprovider"]
    command += [f"tests/api/{each}" for each in [*modules[start:], *modules[:start]]]
    environment = {**os.environ, "DATABASE_URL": place.url, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        command, cwd=place.folder, env=environment, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stdout is not None
        for line in run.stdout:
            if "PASSED" in line or "SKIPPED" in line:
                break
        time.sleep(after)
        if run.poll() is not None:
            raise RuntimeError("the suite had ended before it could be killed")
        run.send_signal(signal.SIGKILL)


def _restore(place: Workplace) -> str:
    """What `gen-suite restore` says."""
    done = subprocess.run(
        [sys.executable, "-m", "gen_suite", "restore", "--allow-db"],
        cwd=place.folder,
        env={**os.environ, "DATABASE_URL": place.url},
        capture_output=True,
        text=True,
        check=False,
    )
    return " ".join((done.stdout + done.stderr).split())


def _hash(url: str) -> dict[str, str]:
    with open_database(url) as database:
        return dict(database.hash())


def main() -> int:
    """Run and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", default="sqlite", help="comma-separated")
    parser.add_argument("--times", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    bad = 0
    for engine in options.engines.split(","):
        equal = list(killed_runs(engine, options.times, random.Random(options.seed)))
        print(f"{engine}: {sum(equal)} of {len(equal)} equal after the kill")
        bad += len(equal) - sum(equal)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
