"""What `init` and `learn` share: a proposal for a mapping file, merged, shown and written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import unified_diff
from pathlib import Path, PurePath
from typing import Any

import click

from ..errors import MappingError, UsageError
from ..files import LOCAL, local_folder, replace_text
from ..mapping.infer import THRESHOLD, Guess, Proposal
from ..mapping.infer.actors import NamedActor
from ..mapping.infer.adapt import adapted
from ..mapping.infer.carry import carried, still_guessed
from ..mapping.infer.confirm import confirm
from ..mapping.infer.exact import check_exact
from ..mapping.infer.merge import Merged, merge
from ..mapping.infer.observed import Observations
from ..mapping.infer.propose import Options, propose
from ..mapping.infer.settle import read_text, settle, settled, variables
from ..mapping.infer.write import SCHEMA_FILE, render
from ..mapping.json_schema import PUBLISHED
from ..mapping.kept_schema import write_schema
from ..mapping.read import parse_mapping
from ..mapping.resolve import resolve
from ..mapping.resolved import Resolved
from ..mapping.schema import Schema
from ..mapping.target import DatabaseUrl
from ..spec.model import Document
from ..spec.read import read_document
from ..spec.yaml import load_yaml
from .project import check_database, parse_url

BASE = Path(LOCAL) / "proposed.yaml"
"""The last proposal: by it `init` tells what a person changed from what it wrote itself."""
LOOSE = 0.3
"""Trying an operation may rest on weaker guesses than the file: a wrong one is seen then."""


@dataclass(frozen=True)
class Draft:
    """A proposal on its way into a file. `text` is the file's, "" if there is none yet."""

    path: Path
    text: str
    base: str
    document: Document
    schema: Schema | None
    proposal: Proposal
    threshold: float = THRESHOLD

    @property
    def folder(self) -> Path:
        return self.path.parent

    def merged(self, threshold: float | None = None) -> Merged:
        """The file as it will be. Raises MappingError if it would not say what is proposed."""
        limit = self.threshold if threshold is None else threshold
        made = self._made(limit)
        check_exact(made.text, self.proposal, self.path, before=self.text, threshold=limit)
        return made

    def _made(self, limit: float) -> Merged:
        if not self.text:
            return Merged(render(self.proposal, limit))
        return merge(self.text, self.proposal, base=self.base, file=self.path, threshold=limit)

    def resolved(self, threshold: float | None = None, *, filled: bool = True) -> Resolved:
        """What the file will mean. With `filled` environment variables must be set."""
        text = self.merged(threshold).text
        mapping = parse_mapping(text, self.path) if filled else read_text(text, self.path)
        return resolve(mapping, self.document, self.schema)

    def alone(self) -> Resolved:
        """What the proposal would mean without anything that a person wrote."""
        path, limit = self.path, self.threshold
        return settle(self.proposal, self.document, self.schema, path, threshold=limit)[1]

    def confirmed(self, observations: Observations, tried: Resolved) -> Draft:
        """The draft corrected by what was seen."""
        proposal = still_guessed(confirm(self.proposal, observations, tried))
        return replace(self, proposal=proposal).settled()

    def carrying(self) -> Draft:
        """With what was learned before, unless spec or schema have changed so that it is wrong now."""
        if not self.text.strip():
            return self
        proposal = carried(self.proposal, self.text, self.base, self.path)
        made = replace(self, proposal=proposal)
        try:
            made.resolved(filled=False)
        except MappingError:
            return self
        return made

    def settled(self) -> Draft:
        """Without guesses that contradict spec or schema."""
        proposal, _ = settled(
            self.proposal,
            lambda candidate: replace(self, proposal=candidate).resolved(filled=False),
        )
        return replace(self, proposal=proposal)

    def diff(self) -> str:
        name = self.path.name
        lines = self.text.splitlines(keepends=True), self.merged().text.splitlines(keepends=True)
        return "".join(unified_diff(*lines, f"a/{name}", f"b/{name}"))

    def write(self) -> Merged:
        """Write the mapping file, and beside it what later runs need. MappingError writes nothing."""
        made = self.merged()
        resolve(read_text(made.text, self.path), self.document, self.schema)
        kept = local_folder(self.folder) / PurePath(SCHEMA_FILE).name
        kept.parent.mkdir(parents=True, exist_ok=True)
        replace_text(self.path, made.text)
        replace_text(kept, PUBLISHED.read_text(encoding="utf-8"))
        replace_text(self.folder / BASE, render(self.proposal, self.threshold))
        if self.schema is not None:
            write_schema(self.schema, self.folder)
        return made

    def written(self) -> Draft:
        """The draft of a next step, this one being in the file."""
        made = self.write()
        return replace(self, text=made.text, base=render(self.proposal, self.threshold))


def make_draft(
    spec: Path, path: Path, schema: Schema | None, options: Options, threshold: float
) -> Draft:
    """Read the spec, propose, and adapt the proposal to the file if there is one."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    stated = read_text(text, path).allowed_refs if text.strip() else ()
    allowed = (*stated, *(path.parent / one for one in options.allow_refs))
    document = read_document(spec, allow_refs=allowed)
    kept = path.parent / BASE
    base = kept.read_text(encoding="utf-8") if kept.is_file() else ""
    proposal = propose(document, schema, options)
    if text.strip():
        written = load_yaml(text, path, error=MappingError)
        proposal = adapted(proposal, read_text(text, path), written)
    draft = Draft(path, text, base, document, schema, proposal, threshold)
    return draft.carrying().settled()


def options_for(
    spec: Path,
    path: Path,
    *,
    database: str | None = None,
    app: str | None = None,
    migrate: str | None = None,
    worker: str | None = None,
    actors: tuple[NamedActor, ...] = (),
    older: tuple[Path, ...] = (),
    allow_refs: tuple[Path, ...] = (),
) -> Options:
    """What the command line says, as the file is to say it."""
    return Options(
        spec=_beside(spec, path),
        compatible_with=tuple(_beside(one.absolute(), path) for one in older),
        allow_refs=tuple(_below(one.absolute(), path) for one in allow_refs),
        app=app_tree(app) if app else None,
        database=database_text(database, path.parent) if database else "",
        migrate=migrate or "",
        worker=worker or "",
        actors=actors,
    )


def _beside(file: Path, path: Path) -> str:
    """A file as the mapping file names it."""
    return Path(os.path.relpath(file, path.parent)).as_posix()


def _below(folder: Path, path: Path) -> str:
    """A folder as `allow_refs` names it: from the mapping file down, else in full."""
    near = Path(os.path.normpath(folder))
    inside = near.is_relative_to(path.parent.absolute())
    return _beside(near, path) if inside else near.as_posix()


def app_tree(text: str) -> dict[str, Any]:
    """`target.app` of `--app`: an address, `asgi:module:app`, `wsgi:module:app` or a command."""
    kind, _, rest = text.partition(":")
    if kind in ("http", "https"):
        return {"url": Guess(text, 1.0)}
    if kind in ("asgi", "wsgi") and rest:
        found: dict[str, Any] = {kind: Guess(rest, 1.0)}
    elif "{port}" in text:
        found = {"command": Guess(text, 1.0)}
    else:
        raise UsageError(
            f"--app {text!r} says not where the application is to listen",
            hint="write {port} into the command, as in 'uvicorn shop.app:app --port {port}'; or an "
            "address, asgi:module:app, wsgi:module:app",
        )
    environment = {"DATABASE_URL": "{database_url}"}
    return found | {"env": Guess(environment, 0.7, "if the application reads DATABASE_URL")}


def database_text(url: str, folder: Path) -> str:
    """`target.database`: never with a password, SQLite files relative to the mapping file."""
    parsed = parse_url(url)
    if parsed.password or DatabaseUrl(url).has_password:
        return "${DATABASE_URL}"
    if parsed.drivername.startswith("sqlite") and parsed.database:
        file = Path(parsed.database).absolute()
        near = Path(os.path.relpath(file, folder.absolute()))
        told = near if near.parts[:3] != ("..",) * 3 else file
        url = parsed.set(database=told.as_posix()).render_as_string()
    return f"${{DATABASE_URL:-{url}}}"


def absolute(url: str, folder: Path) -> str:
    """A database URL with a relative SQLite file taken from a folder."""
    return str(DatabaseUrl(url).relative_to(folder))


def look(url: str, schemas: tuple[str, ...], *, allowed: bool) -> Schema:
    """Reflect a database that may be touched."""
    from ..mapping.reflect import reflect

    check_database(allowed, url)
    return reflect(url, schemas)


def say_result(draft: Draft, made: Merged) -> None:
    """What was written, and what a person should look at."""
    here = Path.cwd()
    shown = draft.path.relative_to(here) if draft.path.is_relative_to(here) else draft.path
    click.echo(f"{shown}: {_counted(draft, made)}")
    for remark in draft.proposal.remarks:
        click.echo(f"  ! {remark}")
    for line in _unmapped(draft):
        click.echo(f"  ? {line}")


def _counted(draft: Draft, made: Merged) -> str:
    resolved = draft.resolved(filled=False)
    writes = [write for write in resolved.operations.values() if write.operation.is_write]
    mapped = [w for w in writes if w.entry is not None and not w.entry.refused]
    refused = [w for w in writes if w.entry is not None and w.entry.refused]
    text = f"{len(mapped)} of {len(writes)} write operations, {len(resolved.resources)} resources"
    learned = draft.proposal.learned
    weak = [
        one
        for place, one in draft.proposal.guesses()
        if one.confidence < draft.threshold and place[:2] not in learned
    ]
    parts = [text]
    parts += [f"{len(refused)} refused every request"] if refused else []
    parts += [f"{len(weak)} suggestions below {draft.threshold:g} as comments"] if weak else []
    if draft.text:
        parts.append(f"{len(made.added)} added, {len(made.renewed)} renewed")
        parts += [f"{len(made.kept)} left as you wrote them"] if made.kept else []
        parts += [f"{len(learned)} left as learned"] if learned else []
    return "; ".join(parts)


def _unmapped(draft: Draft) -> Iterable[str]:
    for place, notes in draft.proposal.notes.items():
        if place[0] == "operations" and len(place) == 2:
            yield from (f"{place[1]}: {note}" for note in notes)


def unset_variables(text: str) -> list[str]:
    """Environment variables that the file needs and nobody has set."""
    named = variables(text)
    return [name for name, default in named.items() if not default and not os.environ.get(name)]
