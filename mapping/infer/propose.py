"""The mapping file proposed from a spec and a schema: pure, no file and no database is touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...spec.model import Document
from ..depth import BY_RISK
from ..schema import Schema
from ..shapes import Shapes
from .actors import NamedActor, actors, login_note
from .assemble import Assembly
from .guess import Guess, Proposal, Tree
from .things import Deed, Things

READY = ("health", "healthz", "ready", "readyz", "ping", "status", "livez", "alive")


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line knows and neither spec nor schema tells.

    `spec` is the path as the file is to name it; `app` one of `{"url": …}`, `{"command": …}`,
    `{"asgi": …}`, `{"wsgi": …}`; `database` the text of `target.database`.
    """

    spec: str = "openapi.yaml"
    suite: str = "tests/api"
    app: Tree | None = None
    database: str = ""
    migrate: str = ""
    worker: str = ""
    actors: tuple[NamedActor, ...] = ()
    compatible_with: tuple[str, ...] = ()
    allow_refs: tuple[str, ...] = ()


def propose(
    document: Document, schema: Schema | None = None, options: Options | None = None
) -> Proposal:
    """Guess the mapping; every guess with its evidence and how sure it is.

    Without a schema tables are called what they usually are, and nothing can be checked.
    """
    options = options or Options(spec=document.path.name)
    shapes = Shapes(document)
    things = Things(document, schema, shapes)
    deeds = things.deeds(document.write_operations)
    assembly = Assembly(shapes, schema, things, tuple(deeds))
    tree: dict[str, object] = {
        "spec": Guess(options.spec, 1.0),
        **_listed("compatible_with", options.compatible_with),
        **_listed("allow_refs", options.allow_refs),
        "suite": Guess(options.suite, 1.0),
        "depth": Guess(dict(BY_RISK), 1.0, "how much is emitted, by risk"),
        "target": _target(document, options),
        "actors": actors(document, options.actors),
        "resources": assembly.resources(),
        "operations": assembly.operations(),
    }
    notes = dict(assembly.notes())
    if tree["actors"] and (told := login_note(document)):
        notes["actors",] = (told,)
    return Proposal(
        {key: node for key, node in tree.items() if node or (key == "operations" and notes)},
        notes,
        tuple(_remarks(document, schema, deeds)),
    )


def _listed(key: str, said: Sequence[str]) -> Tree:
    """What the command line named, under a key of its own; left out where that is nothing."""
    return {key: Guess(list(said), 1.0)} if said else {}


def _target(document: Document, options: Options) -> Tree:
    found: dict[str, object] = {}
    app = options.app or _running(document)
    if app:
        ready = _ready(document)
        if ready and "url" not in app:
            app = {**app, "ready": ready}
        found["app"] = app
    if options.worker:
        found["worker"] = {"command": Guess(options.worker, 1.0)}
    if options.database:
        found["database"] = Guess(options.database, 1.0)
    if options.migrate:
        found["migrate"] = Guess(options.migrate, 1.0)
    found["environment"] = Guess("test", 1.0)
    return found


def _running(document: Document) -> Tree | None:
    """A server of the spec on this machine may be running already."""
    servers = document.raw.get("servers")
    for server in servers if isinstance(servers, list) else ():
        url = server.get("url") if isinstance(server, dict) else None
        if isinstance(url, str) and url.startswith(("http://localhost", "http://127.0.0.1")):
            root = "/".join(url.split("/")[:3])
            return {"url": Guess(root, 0.5, "a server of the spec; does it run on this database?")}
    return None


def _ready(document: Document) -> Guess | None:
    for operation in document.operations:
        last = operation.path.rstrip("/").rpartition("/")[2].lower()
        if operation.method == "GET" and last in READY and not any(operation.security):
            return Guess(document.base_path + operation.path, 0.9, "named so, and open to all")
    return None


def _remarks(document: Document, schema: Schema | None, deeds: Sequence[Deed]) -> list[str]:
    """What a person should know of the whole."""
    found = []
    if schema is None:
        found.append("no database was looked at, so tables are guessed from names: --database URL")
        return found
    if not schema.tables:
        found.append("the database has no tables: run its migrations, then `gen-suite init` again")
    elif not any(table.foreign_keys for table in schema.tables.values()):
        found.append(
            "the schema has no foreign keys: which fields refer to which rows is told by their "
            "names alone; `gen-suite learn` finds the others"
        )
    for deed in deeds:
        if deed.match and deed.match.others:
            both = ", ".join(f"`{name}`" for name in (deed.match.table, *deed.match.others))
            found.append(f"{deed.operation.label}: {both} are equally likely; keep one")
    return found
