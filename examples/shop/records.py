"""Finding rows of the caller's tenant, and the records that every write leaves behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from .auth import Caller
from .bugs import enabled
from .database import is_taken, is_used, read
from .errors import Refusal, conflict, not_found, unknown_reference
from .ledger import AuditEntry, OutboxMessage
from .tables import Base, Customer, TenantRow

Row = TypeVar("Row", bound=TenantRow)


def look(session: Session, model: type[Row], key: object, caller: Caller) -> Row | None:
    """The row if it is the caller's tenant's; a write locks it until the transaction ends."""
    query = select(model).where(model.id == key, model.tenant_id == caller.tenant)
    if issubclass(model, Customer):
        query = query.where(Customer.deleted_at.is_(None))
    if session.info.get("writes"):
        # SQLite has no row locks and needs none: BEGIN IMMEDIATE lets one writer in.
        query = query.with_for_update()
    return session.scalar(query)


def find(session: Session, model: type[Row], key: object, caller: Caller) -> Row:
    """The row that the path names; 404 for everybody else's."""
    row = look(session, model, key, caller)
    if row is None and enabled("undocumented_status") and session.info.get("writes"):
        raise Refusal(410, "gone", "There is none.")
    if row is None:
        raise not_found(model.__name__.lower())
    return row


def refer(session: Session, model: type[Row], key: object, caller: Caller, field: str) -> Row:
    """The row that a property of the body names; 422 when there is none."""
    row = look(session, model, key, caller)
    if row is None and enabled(_FOREIGN.get(field, "")):
        row = session.get(model, key)
    if row is None:
        raise unknown_reference(field)
    return row


_FOREIGN = {
    "customerId": "foreign_customer_ordered",
    "productId": "foreign_product_ordered",
    "slotId": "foreign_slot_booked",
}


def first(session: Session, model: type[Row], caller: Caller) -> Row:
    """The oldest row of the caller's tenant; only bugs ask for it."""
    rows = select(model).where(model.tenant_id == caller.tenant).order_by(model.id)
    return session.scalars(rows.limit(1)).one()


def stale(model: type[Row], key: object, caller: Caller) -> Row | None:
    """The row as it is now, not as it will be when it is locked."""
    with read() as session:
        return look(session, model, key, caller)


@contextmanager
def unique(session: Session, code: str, message: str) -> Iterator[None]:
    """Answer 409 when what the block adds is there already."""
    try:
        yield
        session.flush()
    except IntegrityError as error:
        if not is_taken(error):
            raise
        raise conflict(code, message) from error


def remove(session: Session, row: Base, code: str, message: str) -> None:
    """Delete the row; 409 when other rows need it."""
    try:
        session.delete(row)
        session.flush()
    except IntegrityError as error:
        if not is_used(error):
            raise
        raise conflict(code, message) from error


def audit(session: Session, caller: Caller, action: str, entity_id: object) -> None:
    entry = AuditEntry(
        tenant_id=caller.tenant, actor_id=caller.id, action=action, entity_id=str(entity_id)
    )
    if enabled("audit_error_swallowed"):
        with suppress(DBAPIError), session.begin_nested():
            session.add(entry)
        return
    session.add(entry)


def publish(session: Session, caller: Caller, topic: str, entity_id: object) -> None:
    """Leave a message for the worker; it goes out if, and only if, the transaction commits."""
    message = OutboxMessage(tenant_id=caller.tenant, topic=topic, entity_id=str(entity_id))
    if enabled("message_done_already") and topic == "customer.created":
        message.status = "sent"
    session.add(message)
