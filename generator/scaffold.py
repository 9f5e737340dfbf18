"""The entry of one operation in the mapping file, guessed where a name tells, asked for where not."""

from __future__ import annotations

from dataclasses import dataclass

from ..mapping.infer.write import key_text, scalar
from ..mapping.names import plural, same_thing, singular, snake
from ..mapping.resolve import Resolved
from ..spec.model import Operation

VERBS = {"POST": "creates", "PUT": "updates", "PATCH": "updates", "DELETE": "deletes"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines of YAML for `operations:` and `resources:`; `questions` are what nothing tells."""

    operation: str
    verb: str
    resource: str
    table: str | None
    questions: tuple[str, ...]

    @property
    def known(self) -> bool:
        """The resource stands in the mapping already."""
        return self.table is None


def guess(operation: Operation, resolved: Resolved) -> Entry:
    """What the names of an operation tell of the rows it writes."""
    segments = [part for part in operation.path.split("/") if part]
    words = [part for part in segments if not part.startswith("{")]
    is_action = operation.method == "POST" and len(segments) > 1 and segments[-2].startswith("{")
    named = words[-1] if words else "resource"
    known = _resource_named(named, resolved)
    if is_action and known is None and len(words) > 1:
        named, verb = words[-2], "updates"
        known = _resource_named(named, resolved)
    else:
        verb = VERBS[operation.method]
    if known is not None:
        return Entry(operation.label, verb, known, None, _questions(operation, verb))
    name = snake(singular(named))
    return Entry(operation.label, verb, name, _table(named, resolved), _questions(operation, verb))


def _resource_named(word: str, resolved: Resolved) -> str | None:
    return next(
        (
            name
            for name, resource in resolved.resources.items()
            if same_thing(word, name) or same_thing(word, resource.table)
        ),
        None,
    )


def _table(word: str, resolved: Resolved) -> str:
    tables = resolved.schema.tables if resolved.schema else {}
    return next((name for name in tables if same_thing(word, name)), snake(plural(word)))


def _questions(operation: Operation, verb: str) -> tuple[str, ...]:
    asked = ["which rows beside its own does it write? an audit row, an outbox row?"]
    if operation.security and all(operation.security):
        asked.append("which roles may call it, and on whose rows?")
    if verb == "creates":
        asked.append("may it be repeated? then by which header")
    return tuple(asked)


def yaml_entry(entry: Entry) -> str:
    """The lines that go under `operations:`, with what is to be decided as comments."""
    lines = [f"  {key_text(entry.operation)}:", f"    {entry.verb}: {scalar(entry.resource)}"]
    hints = {
        "which rows": "    # changes: [{inserts: audit_log, values: {actor_id: $actor.id}}]",
        "which roles": "    # allow: {role: [admin], tenant: own}",
        "may it be": "    # idempotency: {header: Idempotency-Key}",
    }
    for question in entry.questions:
        lines.append(f"    # decide: {question}")
        lines += [hint for start, hint in hints.items() if question.startswith(start)]
    return "\n".join(lines) + "\n"


def with_entry(text: str, entry: Entry) -> str:
    """The text of a mapping file with the entry added; everything that stood there stays."""
    text = text if text.endswith("\n") or not text else text + "\n"
    if not entry.known:
        resource = f"  {key_text(entry.resource)}:\n    table: {scalar(entry.table)}\n"
        text = _insert(text, "resources", resource)
    return _insert(text, "operations", yaml_entry(entry))


def _insert(text: str, section: str, lines: str) -> str:
    """Add lines at the end of a top-level section, made if it is missing."""
    kept = text.splitlines(keepends=True)
    start = next((n for n, line in enumerate(kept) if line.startswith(f"{section}:")), None)
    if start is None:
        return f"{text}{section}:\n{lines}"
    if kept[start].partition(":")[2].strip().rstrip("{}"):
        from ..errors import UsageError

        raise UsageError(
            f"`{section}:` of the mapping stands on one line, so nothing can be added below it",
            hint=f"add it by hand:\n{lines}",
        )
    kept[start] = f"{section}:\n"
    end = start + 1
    for number in range(start + 1, len(kept)):
        if kept[number].strip() and not kept[number].startswith((" ", "#", "\t")):
            break
        if kept[number].strip() and kept[number].startswith(" "):
            end = number + 1
    return "".join([*kept[:end], lines, *kept[end:]])
