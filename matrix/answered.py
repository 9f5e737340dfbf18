"""The answers that a run saw, beside those that the spec documents."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..mapping.resolved import Resolved
from ..spec.model import Operation
from ..spec.statuses import CONVENTIONAL, is_documented
from .results import Answer


@dataclass(frozen=True, slots=True)
class Documented:
    """What the spec says of one operation: all statuses, those of success, types of its body."""

    statuses: tuple[str, ...]
    success: tuple[str, ...]
    media_types: tuple[str, ...]


def documented_answers(resolved: Resolved) -> Mapping[str, Documented]:
    """What the spec documents of each write operation, by label."""
    return {label: _documented(w.operation) for label, w in resolved.operations.items()}


def _documented(operation: Operation) -> Documented:
    content = operation.request_body.content if operation.request_body else {}
    types = (name.partition(";")[0].strip().lower() for name in content)
    return Documented(operation.statuses, operation.success, tuple(dict.fromkeys(types)))


def undocumented_statuses(
    documented: Mapping[str, Documented], answers: Iterable[Answer]
) -> dict[int, list[str]]:
    """Status -> the operations that answered with it, though their spec does not name it.

    Only refusals that any API may give: each other undocumented status fails a contract test.
    """
    found: dict[int, dict[str, None]] = defaultdict(dict)
    for label, status, _ in sorted(answers, key=lambda answer: (answer[1], answer[0])):
        known = documented.get(label)
        if known and status in CONVENTIONAL and not is_documented(status, known.statuses):
            found[status][label] = None
    return {status: list(labels) for status, labels in found.items()}


def undocumented_findings(
    documented: Mapping[str, Documented], answers: Iterable[Answer]
) -> tuple[str, ...]:
    """One sentence for each undocumented status, with its operations."""
    return tuple(
        f"{status} is answered and not documented ({len(labels)}): {', '.join(labels)}"
        for status, labels in undocumented_statuses(documented, answers).items()
    )


def not_seen(label: str, known: Documented, answers: Iterable[Answer]) -> Iterator[str]:
    """What the spec documents of an operation and no test of a run saw or sent.

    Each success that is no class of statuses, each media type of the body that is no wildcard.
    """
    own = [(status, sent) for operation, status, sent in answers if operation == label]
    if not own:
        return
    statuses = {str(status) for status, _ in own}
    types = {sent for _, sent in own}
    missing = [s for s in known.success if s.isdigit() and s not in statuses]
    if missing and len(known.success) > 1:
        yield f"no test saw {' or '.join(missing)}, which the spec documents as success"
    unsent = [name for name in known.media_types if "*" not in name and name not in types]
    if unsent and len(known.media_types) > 1:
        yield f"no test sent {' or '.join(unsent)}, which the spec documents for the body"
