"""What went wrong when operations were tried, and what to do about it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from ..leniency import Leniency
from ..resolved import Resolved, Write
from .observed import Observations, Seen
from .routes import route

_MESSAGES = ("message", "msg", "title", "detail", "details", "error", "errors", "reason")
"""Keys of error answers that hold text for people, in RFC 9457 and in what frameworks answer."""


TAKEN: Mapping[Leniency, str] = {
    "numbers": "a text for a number",
    "texts": "a number for a text",
    "times": "a moment without its zone",
    "nulls": "null for a field that may be left out",
}


def remarks(
    observations: Observations, resolved: Resolved, refusal_noise: tuple[str, ...] = ()
) -> Iterator[str]:
    """What a person should know of a run as a whole. `refusal_noise` is what refused requests write."""
    operations = observations.operations
    tried = {label: seen for label, seen in operations.items() if not seen.skipped}
    broken = [label for label, seen in tried.items() if seen.refused and seen.refused.status >= 500]
    if tried and len(broken) == len(tried):
        yield (
            "the API answers every request with a server error: look at its log and at "
            "`target.app.env`; nothing could be learned"
        )
    elif tried and not any(seen.trials for seen in tried.values()):
        status = next((s.refused.status for s in tried.values() if s.refused), 0)
        hint = "do the actors' credentials hold?" if status in (401, 403) else "see the notes"
        yield f"no operation accepted a request (first answer: {status}); {hint}"
    nothing = [
        label
        for label, seen in tried.items()
        if seen.trials
        and any(trial.body != {} for trial in seen.trials)
        and silent(seen, resolved.operations[label])
    ]
    if len(nothing) >= 3 and len(nothing) == sum(bool(seen.trials) for seen in tried.values()):
        yield (
            "operations succeeded, but none wrote to the database that was watched: does the "
            "application use another one? `target.app.env` tells it"
        )
        nothing = []
    for label in nothing:
        yield f"{label}: succeeded and wrote nothing; does it write elsewhere, or later?"
    for name in observations.noise:
        yield f"requests that only read write `{name}` too: it stands in `ignores` at the top"
    for name in refusal_noise:
        yield f"refused requests write `{name}` too: it stands in `writes_when_refused` at the top"
    for label, seen in operations.items():
        if seen.left_out:
            fields = ", ".join(f"`{name}`" for name in seen.left_out)
            said = f" ({seen.said})" if seen.said else ""
            yield f"{label} refuses optional fields{said}: {fields} are not sent, `leave_out` says so"
    options = Counter(name for seen in operations.values() for name in seen.refused_options)
    for name in options:
        yield (
            f"the optional parameter `{name}` is refused with a value that the spec allows: it is not "
            "sent, `leave_out` says so"
        )
    for kind, where in observations.coerces.items():
        yield (
            f"{where} took {TAKEN[kind]}: `lenient: [{kind}]` says so of the whole API; without that "
            "line each such field is a failure"
        )
    skipped = [label for label, seen in operations.items() if seen.skipped]
    if skipped:
        yield f"{len(skipped)} operations were left out, as they look dangerous; --yes tries them"
    yield from observations.remarks


def trouble(seen: Seen) -> str:
    """Why nothing could be learned of one operation; "" where something was."""
    if seen.skipped or seen.unsent:
        return f"not tried: {seen.skipped or seen.unsent}"
    if seen.refused is None:
        return "not tried"
    status = seen.refused.status
    if status >= 500:
        told = f" ({seen.said})" if seen.said else ""
        return f"answered {status} to every request{told}: look at the application's log"
    if status in (401, 403):
        return f"no actor may call it ({status}): name one that may, `--actor NAME=VARIABLE`"
    said = f": {seen.said}" if seen.said else ""
    return (
        f"refused every request ({status}{said}): state what its rows or fields need, "
        "`arrange:` or `fill:`, and learn again"
    )


def refusal(seen: Seen) -> str:
    """`refused:` of an operation of which no request got through: status and message of the API; or
    what became of the application after one did."""
    if seen.spoils:
        return f"{seen.trials[0].status}, and then {seen.spoils}"
    if seen.trials or seen.skipped:
        return ""
    if seen.refused is None:
        return f"not sent: {seen.unsent}" if seen.unsent else ""
    return f"{seen.refused.status}: {seen.said}" if seen.said else str(seen.refused.status)


def silent(seen: Seen, write: Write) -> str:
    """That an operation succeeded and wrote nothing, as a question; "" where it did, or only reads."""
    wrote = any(trial.rows for trial in (*seen.trials, *seen.late))
    if wrote or route(write.operation).may_only_read:
        return ""
    return (
        f"it answered {seen.trials[0].status} and wrote nothing: later, elsewhere, or is it broken? "
        "state what it writes, or `not_applicable`"
    )


def unseen(seen: Seen) -> str:
    """Why an update that was accepted shows nothing: it had no field in it."""
    said = f" ({seen.said})" if seen.said else ""
    return (
        f"not seen: it refused every field{said} and accepted the empty body only, which changes "
        "nothing; state what it needs, `arrange:` or `fill:`, and learn again"
    )


def told(answer: Any) -> str:
    """What an answer says is wrong, on one line: its messages, or all of it; "" where it is empty."""
    if answer in (None, "", {}, []):
        return ""
    messages = dict.fromkeys(_messages(answer))
    text = "; ".join(messages) or json.dumps(answer, ensure_ascii=False, default=str)
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())


def _messages(node: Any) -> Iterator[str]:
    """The texts under keys that hold messages, each with the field that it is about."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, list):
        for inner in node:
            yield from _messages(inner)
    elif isinstance(node, Mapping):
        place = _field(node)
        for key in _MESSAGES:
            for text in _messages(node[key]) if key in node else ():
                yield f"{place}: {text}" if place else text


def _field(node: Mapping[str, Any]) -> str:
    """`starts_at` of `loc: [body, starts_at]`; "" where the whole body is meant."""
    loc = node.get("loc")
    steps = loc[1:] if isinstance(loc, list) else [node["field"]] if "field" in node else []
    return ".".join(str(step) for step in steps if isinstance(step, str | int))
