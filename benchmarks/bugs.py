"""`make bugs`: every seeded bug of the shop against the suite that gen-suite emits for it.

For each engine the suite runs once without a bug, whole, and must pass; then once for each bug, the
tests of the operations that the bug is in, and a test of the bug's concern must fail. The table is
written to benchmarks/bugs.json; exit code 1 when a bug is missed or the clean run fails.

With `--learned` the mapping is not the one written by hand but what `init` and `learn` make of the
running shop; `--mapping FILE` takes any other. Their tables go to benchmarks/bugs-learned.json and
benchmarks/bugs-FILE.json. `--resume` keeps the rows that the table has; `--quick` runs only the tests
of a bug's concern, and no further than the first that notices it. All tests are emitted, whatever the
risk of an operation is; `--depth default` shows what the mapping's own depths would miss, and any other
depth what that one would; nothing is written then.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path
from queue import SimpleQueue

from gen_suite.cli.emit import emission
from gen_suite.cli.project import open_project
from gen_suite.examples.shop.bugs import BUGS, Bug
from gen_suite.generator.plan import plan
from gen_suite.mapping.depth import DEPTHS, Depth
from gen_suite.matrix.merging import read_results
from gen_suite.matrix.results import FILE, TestResult

from . import init
from .engines import fresh_database

OUTPUT = Path(__file__).parent / "bugs.json"
WORKERS = 2


@dataclass(frozen=True)
class Caught:
    """One bug on one engine: `by` are the failed tests of its concern, `others` those of others."""

    bug: str
    concern: str
    engine: str
    by: tuple[str, ...]
    others: tuple[str, ...]
    verdict: str
    seconds: float
    unseen: str = ""

    @property
    def ok(self) -> bool:
        return bool(self.by or self.unseen)


@dataclass(frozen=True)
class Workplace:
    """A folder with spec, mapping and suite, and a database that nothing else uses."""

    folder: Path
    url: str
    modules: dict[str, str]
    quick: bool = False

    def run(
        self, bug: Bug | None = None, concerns: Sequence[str] = (), options: Sequence[str] = ()
    ) -> tuple[TestResult, ...]:
        """The tests of the operations a bug is in, or all, of some concerns, or all; their results."""
        labels = tuple(self.modules) if bug is None else operations_of(bug, self.modules)
        command = [sys.executable, "-m", "pytest", "--allow-db", "-q", "--no-header", "--tb=no"]
        command += ["-p", "no:cacheprovider", "--rootdir", str(self.folder)]
        environment = {
            **os.environ,
            "DATABASE_URL": self.url,
            "SHOP_BUGS": bug.name if bug else "",
            "GEN_SUITE_PROFILE": PROFILES.get(bug.name, "dev") if bug else "dev",
        }
        if self.quick and bug is not None:
            environment["GEN_SUITE_STOP_AT_FIRST"] = "1"
            concerns = (bug.concern,)
        if concerns:
            command += ["-p", "benchmarks.only_concern"]
            environment["GEN_SUITE_ONLY_CONCERN"] = ",".join(concerns)
            environment["PYTHONPATH"] = str(Path(__file__).parents[1])
        (self.folder / FILE).unlink(missing_ok=True)
        done = subprocess.run(
            [*command, *options, *(f"tests/api/{self.modules[label]}" for label in labels)],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if not (self.folder / FILE).exists():
            raise RuntimeError(f"the suite did not run:\n{done.stdout}{done.stderr}")
        return read_results(self.folder / FILE).tests


PLACES = {
    "All": ("POST /customers", "PATCH /customers/{customerId}", "POST /payments", "POST /slots"),
    "All with a body": ("POST /customers", "PATCH /customers/{customerId}", "POST /payments"),
    "All with a key": ("POST /payments", "POST /transfers"),
    "All with Idempotency-Key": ("POST /payments", "POST /transfers"),
    "PUT, PATCH, DELETE with an unknown id": ("PUT /slots/{slotId}", "DELETE /slots/{slotId}"),
    "worker": ("POST /reports",),
}
"""Where a bug of many operations is looked for: one of each kind is enough."""


def operations_of(bug: Bug, labels: Iterable[str]) -> tuple[str, ...]:
    """The operations that the start of a bug's summary names: a label, "PUT addresses" or "All"."""
    where = bug.summary.partition(":")[0]
    if where in PLACES:
        return PLACES[where]
    if where in labels:
        return (where,)
    methods, _, word = where.rpartition(" ")
    wanted = {method.strip() for method in methods.split(",")}
    found = tuple(label for label in labels if _named(label, wanted, word))
    if not found:
        raise RuntimeError(f"{bug.name}: no operation is {where!r}")
    return found


def _named(label: str, methods: set[str], word: str) -> bool:
    method, _, path = label.partition(" ")
    static = [part for part in path.split("/") if part and not part.startswith("{")]
    return method in methods and bool(static) and static[-1] == word


PROFILES = {"invisible_dropped": "hostile"}
"""Bugs that only show under another profile than `dev`."""

NO_SERVER = "SQLite runs inside the application: no server could count statements"
UNSEEN: dict[tuple[str, str], str] = {
    ("line2_crashes", "sqlite"): "text of any length is stored, whatever the column's type says",
    ("order_left_open", "sqlite"): "SQLite keeps rows that sort alike in one order on all pages",
    ("order_read_for_each", "sqlite"): NO_SERVER,
    ("items_read_for_each", "sqlite"): NO_SERVER,
    ("bulk_reads_for_each", "sqlite"): NO_SERVER,
    ("lost_connection_swallowed", "sqlite"): "no connection to cut: the application opens a file",
    ("retried_on_top", "sqlite"): "no error that passes: its triggers raise constraint errors only",
    ("deleted_comes_back", "sqlite"): "no pause points: which request goes first is its choice",
}
"""(bug, engine) -> why that engine cannot show that bug."""


def prepare(
    folder: Path,
    url: str,
    mapping: str = "",
    *,
    quick: bool = False,
    depth: Depth | None = "thorough",
) -> Workplace:
    """Spec, mapping (the shop's own if none is given) and suite in a folder, first rows in its database."""
    shop = files("gen_suite.examples.shop")
    for name in ("openapi.yaml", "openapi-1.yaml"):
        (folder / name).write_text((shop / name).read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "gen-suite.yaml").write_text(mapping or by_hand(), encoding="utf-8")
    environment = {**os.environ, "DATABASE_URL": url}
    seed = [sys.executable, "-m", "gen_suite.examples.shop.seed"]
    subprocess.run(seed, env=environment, check=True)
    os.environ["DATABASE_URL"] = url
    project = open_project(None, folder / "gen-suite.yaml", allow_db=True)
    emitted, suite = emission(project, depth=depth), project.mapping.suite_path
    emitted.write(emitted.changes(suite), suite)
    planned = plan(project.matrix(), project.resolved)
    modules = {module.subject.label: module.file for module in planned}
    return Workplace(folder, url, modules, quick)


def judge(bug: Bug, engine: str, tests: Iterable[TestResult], seconds: float) -> Caught:
    """Which tests noticed a bug: those of which a cell of its concern failed, and not another."""
    failed = [test for test in tests if test.outcome == "failed"]
    right = [test for test in failed if bug.concern in failed_concerns(test)]
    return Caught(
        bug=bug.name,
        concern=bug.concern,
        engine=engine,
        by=tuple(_short(test) for test in right),
        others=tuple(_short(test) for test in failed if test not in right),
        verdict=next((t.verdict or t.reason for t in right), ""),
        seconds=round(seconds, 1),
        unseen=UNSEEN.get((bug.name, engine), ""),
    )


def failed_concerns(test: TestResult) -> set[str]:
    """The concerns of the cells for which a test failed."""
    return {pair[1] for pair in test.covers if test.outcome_of(pair) == "failed"}


def _short(test: TestResult) -> str:
    return test.id.removeprefix("tests/api/")


def by_hand() -> str:
    """The shop's own mapping."""
    return (files("gen_suite.examples.shop") / "gen-suite.yaml").read_text(encoding="utf-8")


def learned() -> str:
    """The mapping that `init` and `learn` make of the running shop, by nobody corrected."""
    shop = init.apis()[0]
    with tempfile.TemporaryDirectory(prefix="gen-suite-bugs-") as folder:
        return init.measure(shop, Path(folder), learning=True).text


def run_engine(
    engine: str,
    bugs: Sequence[Bug],
    mapping: str,
    *,
    quick: bool = False,
    depth: Depth | None = "thorough",
) -> Iterator[Caught]:
    """The clean run and each bug on one engine; RuntimeError when the clean run fails."""
    with ExitStack() as stack:
        free: SimpleQueue[Workplace] = SimpleQueue()
        for _ in range(WORKERS):
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(prefix="gen-suite-bugs-"))
            )
            url = stack.enter_context(fresh_database(engine, folder))
            free.put(prepare(folder, url, mapping, quick=quick, depth=depth))

        def one(bug: Bug) -> Caught:
            place = free.get()
            try:
                start = time.perf_counter()
                return judge(bug, engine, place.run(bug), time.perf_counter() - start)
            finally:
                free.put(place)

        with ThreadPoolExecutor(WORKERS) as pool:
            yield from pool.map(one, bugs)


def clean_run(engine: str, mapping: str, depth: Depth | None = "thorough") -> list[str]:
    """The failed tests of the whole suite without a bug: there should be none."""
    with tempfile.TemporaryDirectory(prefix="gen-suite-bugs-") as name:
        folder = Path(name)
        with fresh_database(engine, folder) as url:
            tests = prepare(folder, url, mapping, depth=depth).run()
    print(f"{engine}: {len(tests)} tests without a bug", flush=True)
    return [f"{_short(test)}: {test.reason}" for test in tests if test.outcome == "failed"]


def chosen(names: Sequence[str], concerns: Sequence[str]) -> list[Bug]:
    """The bugs asked for: all when nothing is."""
    return [
        bug
        for bug in BUGS.values()
        if (not names or bug.name in names) and (not concerns or bug.concern in concerns)
    ]


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", default="sqlite", help="comma-separated")
    parser.add_argument("--concerns", default="", help="comma-separated; all by default")
    parser.add_argument("--no-clean", action="store_true", help="leave the clean run out")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--mapping", type=Path, help="another mapping of the shop than its own")
    which.add_argument("--learned", action="store_true", help="the mapping that `learn` makes")
    parser.add_argument("--resume", action="store_true", help="keep the rows that the table has")
    parser.add_argument("--quick", action="store_true", help="only the tests of the bug's concern")
    parser.add_argument("--depth", choices=("default", *DEPTHS), default="thorough")
    parser.add_argument("bugs", nargs="*")
    return parser.parse_args()


def _mapping(options: argparse.Namespace) -> tuple[str, Path]:
    """The text of the mapping, and the file of its table."""
    if not (options.learned or options.mapping):
        return by_hand(), OUTPUT
    for name, value in init.apis()[0].variables.items():
        os.environ.setdefault(name, value)
    if options.learned:
        return learned(), OUTPUT.with_name("bugs-learned.json")
    text = options.mapping.read_text(encoding="utf-8")
    return text, OUTPUT.with_name(f"bugs-{options.mapping.stem}.json")


def _known(options: argparse.Namespace, output: Path) -> list[Caught]:
    if not options.resume or not output.exists():
        return []
    rows = json.loads(output.read_text(encoding="utf-8"))
    return [Caught(**{**row, "by": (*row["by"],), "others": (*row["others"],)}) for row in rows]


def _write(table: Sequence[Caught], output: Path) -> None:
    output.write_text(json.dumps([asdict(c) for c in table], indent=1) + "\n", encoding="utf-8")


def main() -> int:
    """Run, print a line a bug, write the table."""
    options = _arguments()
    mapping, output = _mapping(options)
    table = _known(options, output)
    whole = options.depth == "thorough"
    depth = None if options.depth == "default" else options.depth
    keep = whole and (options.resume or not (options.bugs or options.concerns))
    broken: list[str] = []
    for engine in options.engines.split(","):
        if not options.no_clean:
            broken += clean_run(engine, mapping, depth)
        done = {row.bug for row in table if row.engine == engine}
        bugs = chosen(options.bugs, [c for c in options.concerns.split(",") if c])
        left = [bug for bug in bugs if bug.name not in done]
        for caught in run_engine(engine, left, mapping, quick=options.quick, depth=depth):
            table.append(caught)
            _say(caught)
            if keep:
                _write(table, output)
    missed = [f"{caught.engine}: {caught.bug}" for caught in table if not caught.ok]
    print(f"{len(table) - len(missed)} of {len(table)} seen to; clean run: {len(broken)} failed")
    for line in (*broken, *missed):
        print(f"  {line}")
    return 1 if broken or missed else 0


def _say(caught: Caught) -> None:
    sign = "caught" if caught.by else "unseen" if caught.unseen else "MISSED"
    print(
        f"{caught.engine:<11}{sign:<8}{caught.concern:<12}{caught.bug:<34}{len(caught.by):>3} "
        f"{caught.seconds:>5} s  {caught.verdict[:90]}",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
