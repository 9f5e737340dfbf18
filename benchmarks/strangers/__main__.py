"""Runs gen-suite on applications from package registries and counts what came of it.

python -m benchmarks.strangers                        all of them, on their first engine
python -m benchmarks.strangers kinto prefect --keep DIR
python -m benchmarks.strangers helpdesk --faults      a service of tests/examples, and its faults
python -m benchmarks.strangers directus --engine mariadb --time-limit 600
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from .. import kept
from .application import applications
from .install import VARIABLE, cache_folder
from .run import Options, count_again, run

OUTPUT = Path(__file__).parent.parent / "strangers.json"


def main() -> int:
    known = applications()
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.strangers",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="APP", help=", ".join(known))
    parser.add_argument("--engine", help="one of the application's engines; its first by default")
    parser.add_argument("--cache", type=Path, help=f"installed applications (or {VARIABLE})")
    parser.add_argument(
        "--keep", type=Path, metavar="DIR", help="keep spec, mapping, suite, output"
    )
    parser.add_argument("--only", action="append", default=[], metavar="OPERATION")
    parser.add_argument("--time-limit", type=float, metavar="SECONDS", help="of pytest")
    parser.add_argument(
        "--faults", action="store_true", help="also run the suites of services with each fault"
    )
    parser.add_argument("--profile", default="dev", help="how much pytest draws")
    parser.add_argument(
        "--count", action="store_true", help="run nothing; count what --keep DIR has once more"
    )
    parser.add_argument("--output", type=Path, default=OUTPUT, metavar="FILE")
    options = parser.parse_args()
    if wrong := [name for name in options.names if name not in known]:
        parser.error(f"there is no application {wrong[0]}; there are {', '.join(known)}")
    with tempfile.TemporaryDirectory(prefix="gen-suite-strangers-") as temporary:
        asked = Options(
            cache=cache_folder(options.cache),
            folder=(options.keep or Path(temporary)).absolute(),
            keep=options.keep is not None,
            only=tuple(options.only),
            seconds=options.time_limit,
            profile=options.profile,
            faults=options.faults,
        )
        for name in options.names or known:
            application = known[name]
            engine = options.engine or application.engines[0]
            if engine not in application.engines:
                parser.error(f"{name} runs on {', '.join(application.engines)}")
            rows = kept.read(options.output)
            label = f"{name} {engine}"
            if options.count:
                row = {**rows.get(label, {}), **count_again(name, engine, asked)}
            else:
                row = run(application, engine, asked)
            if not options.only:
                kept.write(options.output, {**kept.read(options.output), label: row})
            print(f"{name} on {engine}", json.dumps(row, indent=1), sep="\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
