"""The outbox worker: a thread that sends waiting messages and finishes the reports they ask for.

It is off unless SHOP_WORKER=1, because it writes some time after the request that caused it.
By itself it runs as `python -m gen_suite.examples.shop.worker`, until it is asked to end.
"""

from __future__ import annotations

import logging
import signal
import threading

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from .bugs import enabled
from .database import write
from .ledger import OutboxMessage, Report
from .tables import now

log = logging.getLogger("uvicorn.error")


class Worker(threading.Thread):
    """Works off the outbox every `interval` seconds until stopped."""

    def __init__(self, interval: float = 0.1) -> None:
        super().__init__(name="outbox", daemon=True)
        self._interval = interval
        self._stopped = threading.Event()

    def run(self) -> None:
        while not self._stopped.wait(self._interval):
            try:
                while send_next():
                    pass
            except DBAPIError as error:
                log.warning("the outbox waits: %s", error)

    def stop(self) -> None:
        self._stopped.set()
        self.join(timeout=5)


def send_next() -> bool:
    """Send the oldest waiting message; False when there is none."""
    with write() as session:
        waiting = select(OutboxMessage).where(OutboxMessage.status == "pending")
        message = session.scalar(
            waiting.order_by(OutboxMessage.id).limit(1).with_for_update(skip_locked=True)
        )
        if message is None:
            return False
        _handle(session, message)
        message.attempts += 1
        if not enabled("worker_repeats") or message.attempts > 3:
            message.status = "sent"
        message.sent_at = now()
    if enabled("worker_steps_back"):
        with write() as session:
            session.execute(update(Report).values(status="queued"))
    return True


def _handle(session: Session, message: OutboxMessage) -> None:
    if message.topic == "report.requested" and not enabled("worker_forgets"):
        report = session.get(Report, message.entity_id)
        if report is not None:
            report.status = "done"
            report.finished_at = now()
            if enabled("worker_rewrites"):
                report.month = "2000-01"


def main() -> None:
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: ended.set())
    worker = Worker()
    worker.start()
    ended.wait()
    worker.stop()


if __name__ == "__main__":
    main()
