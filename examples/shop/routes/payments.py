"""Money for orders, and money back."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import select

from ..auth import Anyone, Caller, Staff, allow
from ..bugs import enabled
from ..database import read, write
from ..errors import conflict, not_found
from ..fields import MAX_ID, PLAIN, UUID, Amount, Body, Key, Paging, Ref, View, page_of
from ..idempotency import OptionalKey, RequiredKey, claim
from ..ledger import Payment, Refund
from ..records import audit, find, publish, refer, stale
from ..tables import Order, now
from ..web import BODY, GUARDED, PATH, answer, created, refuses, router, wire

routes = router("payments")
PaymentId = Annotated[Key, Path(alias="paymentId", ge=1, le=MAX_ID)]
RefundId = Annotated[Key, Path(alias="refundId", ge=1, le=MAX_ID)]
REFUNDS = "/payments/{paymentId}/refunds"


_MAX_REASON = None if enabled("long_text_cut") else 200
_PAYERS = (
    ("admin", "staff", "viewer", "service") if enabled("service_may_pay") else ("admin", "staff")
)
Payer = Annotated[Caller, Depends(allow(*_PAYERS))]


class NewPayment(Body):
    order_id: Ref
    amount: Amount
    method: Literal["card", "transfer", "cash"]
    reference: str | None = Field(default=None, pattern=UUID, json_schema_extra={"format": "uuid"})


class PaymentView(View):
    id: int
    order_id: int
    amount: int = Field(validation_alias="amount_cents")
    refunded: int = Field(validation_alias="refunded_cents")
    method: str
    reference: str | None
    created_at: datetime
    updated_at: datetime


class NewRefund(Body):
    amount: Amount
    reason: str = Field(min_length=1, max_length=_MAX_REASON, pattern=PLAIN)


class RefundView(View):
    id: int
    payment_id: int
    amount: int = Field(validation_alias="amount_cents")
    reason: str
    created_at: datetime


@routes.get("/payments", response_model=page_of(PaymentView), responses=refuses(401, 422))
def list_payments(caller: Anyone, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(Payment).where(Payment.tenant_id == caller.tenant)
        if enabled("order_read_for_each"):
            for payment in session.scalars(rows.order_by(Payment.id).limit(page.limit)):
                session.get(Order, payment.order_id)
        return answer(page.of(session, rows, Payment.id, PaymentView))


@routes.get("/payments/{paymentId}", response_model=PaymentView, responses=refuses(401, PATH))
def get_payment(caller: Anyone, payment_id: PaymentId) -> JSONResponse:
    with read() as session:
        return answer(wire(PaymentView, find(session, Payment, payment_id, caller)))


@routes.post(
    "/payments",
    status_code=201,
    response_model=PaymentView,
    responses=refuses(GUARDED, BODY, 409),
)
def create_payment(caller: Payer, body: NewPayment, key: RequiredKey) -> Response:
    """Pay for an order, wholly or in part; the payment that completes it makes it paid."""
    moment = now()
    before = stale(Order, body.order_id, caller) if enabled("paid_too_much") else None
    with write() as session:
        claimed = claim(session, caller, key, "POST /payments", body)
        if claimed.replay:
            return claimed.replay
        order = refer(session, Order, body.order_id, caller, "orderId")
        open_cents = order.total_cents - (before or order).paid_cents
        if order.status != "pending":
            raise conflict("order_closed", f"The order is {order.status}.")
        if body.amount > open_cents:
            raise conflict("too_much", "The amount is more than what is open.")
        if enabled("message_before_work"):
            publish(session, caller, "payment.created", order.id)
            session.commit()
        payment = Payment(
            tenant_id=caller.tenant,
            order_id=order.id,
            amount_cents=body.amount,
            method=body.method,
            reference=body.reference,
            created_at=moment,
            updated_at=moment,
        )
        session.add(payment)
        order.paid_cents = order.total_cents - open_cents + body.amount
        if order.paid_cents == order.total_cents:
            order.status = "paid"
        order.updated_at = moment
        session.flush()
        audit(session, caller, "payment.created", payment.id)
        if not enabled("message_before_work"):
            publish(session, caller, "payment.created", payment.id)
        view = wire(PaymentView, payment)
        if enabled("field_missing"):
            del view["refunded"]
        return claimed.keep(created(view, f"/payments/{payment.id}"))


@routes.get(REFUNDS, response_model=page_of(RefundView), responses=refuses(401, PATH))
def list_refunds(caller: Anyone, payment_id: PaymentId, page: Paging) -> JSONResponse:
    with read() as session:
        payment = find(session, Payment, payment_id, caller)
        rows = select(Refund).where(Refund.payment_id == payment.id)
        return answer(page.of(session, rows, Refund.id, RefundView))


@routes.get(REFUNDS + "/{refundId}", response_model=RefundView, responses=refuses(401, PATH))
def get_refund(caller: Anyone, payment_id: PaymentId, refund_id: RefundId) -> JSONResponse:
    with read() as session:
        refund = find(session, Refund, refund_id, caller)
        if refund.payment_id != payment_id:
            raise not_found("refund")
        return answer(wire(RefundView, refund))


@routes.post(
    REFUNDS,
    status_code=201,
    response_model=RefundView,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def create_refund(
    caller: Staff, payment_id: PaymentId, body: NewRefund, key: OptionalKey = None
) -> Response:
    moment = now()
    before = stale(Payment, payment_id, caller) if enabled("refunded_too_much") else None
    with write() as session:
        operation = f"POST /payments/{payment_id}/refunds"
        claimed = claim(session, caller, key, operation, body)
        if claimed.replay:
            return claimed.replay
        payment = find(session, Payment, payment_id, caller)
        refunded = (before or payment).refunded_cents
        if body.amount > payment.amount_cents - refunded:
            raise conflict("too_much", "The amount is more than what is left of the payment.")
        refund = Refund(
            tenant_id=caller.tenant,
            payment_id=payment.id,
            amount_cents=body.amount,
            reason=body.reason[:200],
            created_at=moment,
        )
        session.add(refund)
        if enabled("refund_by_halves"):
            session.commit()
        if not enabled("refund_not_counted"):
            payment.refunded_cents = refunded + body.amount
        payment.updated_at = moment
        session.flush()
        audit(session, caller, "refund.created", refund.id)
        publish(session, caller, "refund.created", refund.id)
        location = f"/payments/{payment.id}/refunds/{refund.id}"
        return claimed.keep(created(wire(RefundView, refund), location))
