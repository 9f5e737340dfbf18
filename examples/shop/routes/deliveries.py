"""Delivery slots of limited capacity, and the deliveries booked in them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field, model_validator
from sqlalchemy import select, update

from ..auth import Admin, Anyone, Staff
from ..bugs import enabled
from ..database import read, write
from ..errors import conflict
from ..fields import MAX_ID, PLAIN, Body, Key, Paging, Ref, UtcMoment, View, Whole, page_of
from ..ledger import Delivery, Slot
from ..records import audit, find, publish, refer, remove, stale, unique
from ..tables import Order, now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("deliveries")
SlotId = Annotated[Key, Path(alias="slotId", ge=1, le=MAX_ID)]
DeliveryId = Annotated[Key, Path(alias="deliveryId", ge=1, le=MAX_ID)]


class SlotFields(Body):
    starts_at: UtcMoment
    ends_at: UtcMoment | None = None
    capacity: Whole = Field(ge=1, le=1000)
    note: str | None = Field(default=None, max_length=200, pattern=PLAIN)

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> Self:
        unchecked = enabled("slot_order_unchecked")
        if self.ends_at is not None and self.ends_at <= self.starts_at and not unchecked:
            raise ValueError("a slot ends after it starts")
        return self


class SlotView(View):
    id: int
    starts_at: datetime
    ends_at: datetime | None
    capacity: int
    booked: int
    note: str | None
    created_at: datetime


class NewDelivery(Body):
    order_id: Ref
    slot_id: Ref
    instructions: str | None = Field(default=None, max_length=500, pattern=PLAIN)


class DeliveryView(View):
    id: int
    order_id: int
    slot_id: int
    instructions: str | None
    created_at: datetime


@routes.get("/slots", response_model=page_of(SlotView), responses=refuses(401, 422))
def list_slots(caller: Anyone, page: Paging) -> JSONResponse:
    if enabled("page_repeats_one"):
        page = page.model_copy(update={"offset": max(page.offset - 1, 0)})
    with read() as session:
        rows = select(Slot).where(Slot.tenant_id == caller.tenant)
        return answer(page.of(session, rows, Slot.id, SlotView))


@routes.get("/slots/{slotId}", response_model=SlotView, responses=refuses(401, PATH))
def get_slot(caller: Anyone, slot_id: SlotId) -> JSONResponse:
    with read() as session:
        return answer(wire(SlotView, find(session, Slot, slot_id, caller)))


@routes.post("/slots", status_code=201, response_model=SlotView, responses=refuses(GUARDED, BODY))
def create_slot(caller: Admin, body: SlotFields) -> JSONResponse:
    with write() as session:
        slot = Slot(tenant_id=caller.tenant, created_at=now(), **body.model_dump())
        session.add(slot)
        session.flush()
        audit(session, caller, "slot.created", slot.id)
        status = 200 if enabled("created_as_200") else 201
        view = wire(SlotView, slot)
        if enabled("old_field_dropped"):
            del view["note"]
        return answer(view, status, {"Location": f"/slots/{slot.id}"})


@routes.put("/slots/{slotId}", response_model=SlotView, responses=refuses(GUARDED, BODY, PATH, 409))
def replace_slot(caller: Admin, slot_id: SlotId, body: SlotFields) -> JSONResponse:
    with write() as session:
        slot = find(session, Slot, slot_id, caller)
        if body.capacity < slot.booked:
            raise conflict("slot_booked", f"{slot.booked} deliveries are booked.")
        for name, value in body.model_dump().items():
            setattr(slot, name, value)
        if enabled("wrong_row_updated"):
            others = update(Slot).where(Slot.tenant_id == caller.tenant)
            session.execute(others.values(capacity=slot.capacity))
        audit(session, caller, "slot.replaced", slot.id)
        return answer(wire(SlotView, slot))


@routes.delete("/slots/{slotId}", status_code=204, responses=refuses(GUARDED, PATH, 409))
def delete_slot(caller: Admin, slot_id: SlotId) -> Response:
    with write() as session:
        slot = find(session, Slot, slot_id, caller)
        remove(session, slot, "slot_booked", "Deliveries are booked.")
        audit(session, caller, "slot.deleted", slot_id)
        return nothing()


@routes.get("/deliveries", response_model=page_of(DeliveryView), responses=refuses(401, 422))
def list_deliveries(caller: Anyone, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(Delivery).where(Delivery.tenant_id == caller.tenant)
        return answer(page.of(session, rows, Delivery.id, DeliveryView))


@routes.get("/deliveries/{deliveryId}", response_model=DeliveryView, responses=refuses(401, PATH))
def get_delivery(caller: Anyone, delivery_id: DeliveryId) -> JSONResponse:
    with read() as session:
        return answer(wire(DeliveryView, find(session, Delivery, delivery_id, caller)))


@routes.post(
    "/deliveries",
    status_code=201,
    response_model=DeliveryView,
    responses=refuses(GUARDED, BODY, 409),
)
def book_delivery(caller: Staff, body: NewDelivery) -> JSONResponse:
    """One place of the slot; an order is delivered once."""
    before = stale(Slot, body.slot_id, caller) if enabled("overbooked") else None
    with write() as session:
        order = refer(session, Order, body.order_id, caller, "orderId")
        slot = refer(session, Slot, body.slot_id, caller, "slotId")
        booked = (before or slot).booked
        if order.status == "cancelled":
            raise conflict("order_closed", "The order is cancelled.")
        if booked >= slot.capacity:
            raise conflict("slot_full", "The slot is full.")
        slot.booked = booked + 1
        if enabled("booked_by_failed_delivery"):
            session.commit()
        delivery = Delivery(tenant_id=caller.tenant, created_at=now(), **body.model_dump())
        taken = select(Delivery).where(Delivery.order_id == order.id)
        if enabled("booked_again") and (earlier := session.scalar(taken)):
            return created(wire(DeliveryView, earlier), f"/deliveries/{earlier.id}")
        with unique(session, "booked", "The order has a delivery."):
            session.add(delivery)
        audit(session, caller, "delivery.booked", delivery.id)
        publish(session, caller, "delivery.booked", delivery.id)
        return created(wire(DeliveryView, delivery), f"/deliveries/{delivery.id}")


@routes.delete("/deliveries/{deliveryId}", status_code=204, responses=refuses(GUARDED, PATH))
def cancel_delivery(caller: Staff, delivery_id: DeliveryId) -> Response:
    with write() as session:
        delivery = find(session, Delivery, delivery_id, caller)
        slot = find(session, Slot, delivery.slot_id, caller)
        session.delete(delivery)
        slot.booked -= 1
        if enabled("slot_goes_along") and slot.booked <= 0:
            session.flush()
            session.delete(slot)
        audit(session, caller, "delivery.cancelled", delivery_id)
        return nothing()
