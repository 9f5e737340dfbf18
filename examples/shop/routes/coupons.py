"""Coupons, wrapped in {"coupon": ...} both ways, and their redemptions."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field, create_model, field_validator
from sqlalchemy import select

from ..auth import Admin, Anyone, Caller, Staff, allow
from ..bugs import enabled
from ..database import read, write
from ..errors import Refusal, conflict, not_found
from ..fields import (
    CODE,
    MAX_ID,
    Body,
    Day,
    Halves,
    Key,
    Moment,
    Paging,
    Ref,
    View,
    Whole,
    page_of,
)
from ..ledger import Coupon, Redemption
from ..records import audit, find, refer, remove, stale, unique
from ..tables import Order, now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("coupons")
CouponId = Annotated[Key, Path(alias="couponId", ge=1, le=MAX_ID)]
REDEMPTIONS = "/coupons/{couponId}/redemptions"


_AUTHORS = ("admin", "staff") if enabled("forbidden_after_writing") else ("admin",)
Author = Annotated[Caller, Depends(allow(*_AUTHORS))]


class CouponFields(Body):
    code: str = Field(pattern=CODE)
    percent: Halves = Field(gt=0, le=100)
    max_uses: Whole | None = Field(default=None, ge=1, le=1_000_000)
    starts_at: Moment
    ends_on: Day | None = None
    active: bool = True

    @field_validator("starts_at", mode="before")
    @classmethod
    def _offset(cls, value: object) -> object:
        if enabled("offset_refused") and not str(value).endswith("Z"):
            raise ValueError("not in UTC")
        if enabled("offset_lost") and isinstance(value, str):
            return re.sub(r"[+-][0-9]{2}:[0-9]{2}$", "Z", value)
        return value


class NewCoupon(Body):
    coupon: CouponFields


class CouponView(View):
    id: int
    code: str
    percent: float
    max_uses: int | None
    used: int
    starts_at: datetime
    ends_on: date | None
    active: bool
    created_at: datetime
    updated_at: datetime


class NewRedemption(Body):
    order_id: Ref


class RedemptionView(View):
    coupon_id: int
    order_id: int
    created_at: datetime


CouponEnvelope = create_model("CouponEnvelope", coupon=(CouponView, ...))


def _one(coupon: Coupon) -> dict[str, Any]:
    return {"coupon": wire(CouponView, coupon)}


@routes.get("/coupons", response_model=page_of(CouponView), responses=refuses(401, 422))
def list_coupons(caller: Anyone, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(Coupon).where(Coupon.tenant_id == caller.tenant)
        key = Coupon.active if enabled("order_left_open") else Coupon.id
        return answer(page.of(session, rows, key, CouponView))


@routes.get("/coupons/{couponId}", response_model=CouponEnvelope, responses=refuses(401, PATH))
def get_coupon(caller: Anyone, coupon_id: CouponId) -> JSONResponse:
    with read() as session:
        return answer(_one(find(session, Coupon, coupon_id, caller)))


@routes.post(
    "/coupons",
    status_code=201,
    response_model=CouponEnvelope,
    responses=refuses(GUARDED, BODY, 409),
)
def create_coupon(caller: Author, body: NewCoupon) -> JSONResponse:
    moment = now()
    with write() as session:
        if enabled("audit_before_work"):
            audit(session, caller, "coupon.created", body.coupon.code)
            session.commit()
        coupon = Coupon(
            tenant_id=caller.tenant,
            created_at=moment,
            updated_at=moment,
            **body.coupon.model_dump(),
        )
        with unique(session, "code_taken", "There is a coupon with this code."):
            session.add(coupon)
        if not enabled("audit_before_work"):
            audit(session, caller, "coupon.created", coupon.id)
        if enabled("forbidden_after_writing") and caller.role != "admin":
            session.commit()
            raise Refusal(403, "forbidden", "Your role may not do this.")
        shown: int | None = coupon.id
        if enabled("location_of_another"):
            shown = session.scalars(
                select(Coupon.id).where(Coupon.tenant_id == caller.tenant)
            ).first()
        return created(_one(coupon), f"/coupons/{shown}")


@routes.put(
    "/coupons/{couponId}",
    response_model=CouponEnvelope,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def replace_coupon(caller: Admin, coupon_id: CouponId, body: NewCoupon) -> JSONResponse:
    with write() as session:
        coupon = find(session, Coupon, coupon_id, caller)
        with unique(session, "code_taken", "There is a coupon with this code."):
            for name, value in body.coupon.model_dump().items():
                setattr(coupon, name, value)
            coupon.updated_at = now()
        audit(session, caller, "coupon.replaced", coupon.id)
        return answer(_one(coupon))


@routes.delete("/coupons/{couponId}", status_code=204, responses=refuses(GUARDED, PATH, 409))
def delete_coupon(caller: Admin, coupon_id: CouponId) -> Response:
    with write() as session:
        coupon = find(session, Coupon, coupon_id, caller)
        remove(session, coupon, "coupon_used", "The coupon was redeemed.")
        audit(session, caller, "coupon.deleted", coupon_id)
        return nothing()


@routes.get(REDEMPTIONS, response_model=page_of(RedemptionView), responses=refuses(401, PATH))
def list_redemptions(caller: Anyone, coupon_id: CouponId, page: Paging) -> JSONResponse:
    with read() as session:
        coupon = find(session, Coupon, coupon_id, caller)
        rows = select(Redemption).where(Redemption.coupon_id == coupon.id)
        return answer(page.of(session, rows, Redemption.order_id, RedemptionView))


@routes.get(REDEMPTIONS + "/{orderId}", response_model=RedemptionView, responses=refuses(401, PATH))
def get_redemption(
    caller: Anyone,
    coupon_id: CouponId,
    order_id: Annotated[Key, Path(alias="orderId", ge=1, le=MAX_ID)],
) -> JSONResponse:
    with read() as session:
        coupon = find(session, Coupon, coupon_id, caller)
        found = session.get(Redemption, (coupon.id, order_id))
        if found is None:
            raise not_found("redemption")
        return answer(wire(RedemptionView, found))


@routes.post(
    REDEMPTIONS,
    status_code=201,
    response_model=RedemptionView,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def redeem_coupon(caller: Staff, coupon_id: CouponId, body: NewRedemption) -> JSONResponse:
    before = stale(Coupon, coupon_id, caller) if enabled("coupon_overused") else None
    with write() as session:
        coupon = find(session, Coupon, coupon_id, caller)
        used = (before or coupon).used
        order = refer(session, Order, body.order_id, caller, "orderId")
        if not coupon.active:
            raise conflict("coupon_inactive", "The coupon is not active.")
        if coupon.max_uses is not None and used >= coupon.max_uses:
            raise conflict("coupon_used_up", "The coupon is used up.")
        location = f"/coupons/{coupon.id}/redemptions/{order.id}"
        if enabled("redeemed_again") and (
            earlier := session.get(Redemption, (coupon.id, order.id))
        ):
            coupon.used += 1
            return created(wire(RedemptionView, earlier), location)
        redemption = Redemption(coupon_id=coupon.id, order_id=order.id, created_at=now())
        with unique(session, "redeemed", "The order has this coupon."):
            session.add(redemption)
        coupon.used = used + 1
        coupon.updated_at = now()
        audit(session, caller, "coupon.redeemed", coupon.id)
        return created(wire(RedemptionView, redemption), location)
