"""The application between two operations: is it still there, does it still know its callers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..errors import GenSuiteError, TargetError
from ..spec.model import Operation
from .actors import ANONYMOUS
from .learn_request import rows_of

if TYPE_CHECKING:
    from .session import Session

MOST_READS = 5
"""Operations that only read are asked until one answers; more are not tried."""
_TAIL = 15


@dataclass(frozen=True)
class Reading:
    """An operation that only reads, who asks, and what it answered at first."""

    operation: Operation
    actor: str
    status: int

    def __str__(self) -> str:
        return self.operation.label


def reads(operations: tuple[Operation, ...]) -> list[Operation]:
    """Operations that read and need no parameter, those that demand credentials first."""
    plain = [
        one
        for one in operations
        if one.method == "GET" and not any(parameter.required for parameter in one.parameters)
    ]
    return sorted(plain, key=lambda one: not one.security)[:MOST_READS]


@dataclass
class Watchman:
    """Asks one reading operation now and then; `reading` is None where none could be asked."""

    session: Session
    reading: Reading | None = None
    _written: dict[str, frozenset[str]] = field(default_factory=dict)
    """By label of a reading operation: what it wrote."""

    @property
    def noise(self) -> frozenset[str]:
        """What two reading operations both wrote: the last visit, a session, a log of requests. Of one
        alone what it wrote may be its very purpose: messages that are read now."""
        if len(self._written) < 2:
            return frozenset()
        return frozenset.intersection(*self._written.values())

    def meet(self) -> Iterator[str]:
        """Ask for each caller once, before anything is tried; yields what is wrong with credentials.

        TargetError when every caller is a stranger: nothing could be learned.
        """
        names = [*self.session.suite.mapping.actors]
        strangers = []
        for name in names or [""]:
            answered = list(self._answers(name, 1 if self.reading else 2))
            good = [one for one in answered if 200 <= one.status < 300]
            if good and self.reading is None:
                self.reading = good[0]
            if answered and all(one.status == 401 for one in answered):
                strangers.append((name, answered[0]))
        strangers = [(name, one) for name, one in strangers if name and one.operation.security]
        if strangers and len(strangers) == len(names):
            name, one = strangers[0]
            raise TargetError(
                f"no caller is known to the API: as {name} {one} answers 401, so nothing can be learned",
                hint="are the tokens still good, and sent as the API wants them? see `actors:`",
            )
        for name, one in strangers:
            if self.session.suite.mapping.actors[name].role != "none":
                yield f"actor {name}: {one} answers 401; are its credentials still good?"

    def _answers(self, actor: str, enough: int) -> Iterator[Reading]:
        """What an actor is answered, until so many operations let it in."""
        for operation in reads(self.session.suite.resolved.document.operations):
            reading = Reading(operation, actor, 0)
            status = self._ask(reading)
            if status is None:
                continue
            yield Reading(operation, actor, status)
            enough -= 200 <= status < 300
            if not enough:
                return

    def _ask(self, reading: Reading) -> int | None:
        """The status, None where no answer comes; what the request writes is taken back."""
        database = self.session.database()
        mark = database.mark()
        try:
            client, path = self.session.client(), reading.operation.path
            with database.watch() as changes:
                status = client.get(path, actor=reading.actor or ANONYMOUS).status_code
            if 200 <= status < 300 and len(self._written) < MOST_READS:
                names = [row.names for row in rows_of(changes)]
                self._written.setdefault(str(reading), frozenset().union(*names))
            return status
        except GenSuiteError:
            return None
        finally:
            database.undo(mark)

    def trouble(self) -> str:
        """What is wrong with the application now; "" where it answers as it did at first."""
        if self.reading is None:
            return ""
        status = self._ask(self.reading)
        if status is None:
            return "the application answers no more"
        if status == self.reading.status or (status < 500 and status != 401):
            return ""
        return f"{self.reading} answers {status}, and answered {self.reading.status} before"

    def log(self) -> str:
        """The last lines of the application's log since the session's last beginning."""
        self.session.collect_log()
        lines = self.session.evidence.app_log.splitlines()[-_TAIL:]
        return "\n".join(f"    {line}" for line in lines) or "    (it printed nothing)"
