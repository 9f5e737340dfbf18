"""Orders take stock when they are placed and give it back when they are cancelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import (
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..auth import Anyone, Caller, Service, Staff, allow
from ..bugs import enabled
from ..database import read, write
from ..errors import Refusal, conflict
from ..fields import MAX_ID, PLAIN, Body, Day, Key, Page, Patch, Ref, View, Whole, page_of
from ..idempotency import OptionalKey, claim
from ..records import audit, find, first, publish, refer, stale
from ..tables import Customer, Order, OrderItem, Product, now
from ..web import BODY, GUARDED, PATH, answer, created, refuses, router, wire

routes = router("orders")
OrderId = Annotated[Key, Path(alias="orderId", ge=1, le=MAX_ID)]


_MAX_ITEMS = None if enabled("too_many_items_accepted") else 20
_BUYERS = ("admin", "staff", "viewer") if enabled("viewer_may_order") else ("admin", "staff")
Buyer = Annotated[Caller, Depends(allow(*_BUYERS))]


class NewItem(Body):
    product_id: Ref
    quantity: Whole = Field(ge=1, le=100)

    @field_validator("quantity", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        if isinstance(value, str) and value.isdecimal() and enabled("text_as_number_accepted"):
            return int(value)
        return value


class NewOrder(Body):
    model_config = ConfigDict(extra="allow" if enabled("total_from_body") else "forbid")

    customer_id: Ref
    items: list[NewItem] = Field(min_length=1, max_length=_MAX_ITEMS)
    note: str | None = Field(default=None, max_length=500, pattern=PLAIN)
    gift: bool = False
    deliver_on: Day | None = None

    @field_validator("deliver_on", mode="wrap")
    @classmethod
    def _day(cls, value: object, check: ValidatorFunctionWrapHandler) -> object:
        try:
            return check(value)
        except ValidationError:
            if enabled("impossible_day_as_null"):
                return None
            raise


class OrderPatch(Patch):
    model_config = ConfigDict(extra="allow" if enabled("status_from_body") else "forbid")

    note: str | None = Field(default=None, max_length=500, pattern=PLAIN)
    gift: bool = False
    deliver_on: Day | None = None


class ItemView(View):
    line: int
    product_id: int
    quantity: int
    unit_price: int = Field(validation_alias="unit_price_cents")


class OrderSummary(View):
    id: int
    customer_id: int
    placed_by: int
    status: str
    total: int = Field(validation_alias="total_cents")
    paid: int = Field(validation_alias="paid_cents")
    note: str | None
    gift: bool
    deliver_on: date | None
    created_at: datetime
    updated_at: datetime
    cancelled_at: datetime | None


class WrongSummary(OrderSummary):
    paid: int = 7


class OrderView(OrderSummary):
    items: list[ItemView]


class OrderPage(Page):
    status: Literal["pending", "paid", "shipped", "cancelled"] | None = None
    customer_id: Annotated[Key | None, Field(alias="customerId", ge=1, le=MAX_ID)] = None


def items_of(session: Session, order: Order) -> list[OrderItem]:
    rows = select(OrderItem).where(OrderItem.order_id == order.id)
    return list(session.scalars(rows.order_by(OrderItem.line)))


def _view(session: Session, order: Order) -> dict[str, Any]:
    session.flush()
    items = [wire(ItemView, item) for item in items_of(session, order)]
    return {**wire(OrderSummary, order), "items": items}


def _new_view(session: Session, order: Order) -> dict[str, Any]:
    view = _view(session, order)
    if enabled("time_without_zone"):
        view |= {name: view[name].removesuffix("Z") for name in ("createdAt", "updatedAt")}
    if enabled("item_field_missing"):
        for item in view["items"]:
            del item["unitPrice"]
    return view


@routes.get("/orders", response_model=page_of(OrderSummary), responses=refuses(401, 422))
def list_orders(caller: Anyone, page: Annotated[OrderPage, Query()]) -> JSONResponse:
    with read() as session:
        rows = select(Order).where(Order.tenant_id == caller.tenant)
        if page.status:
            rows = rows.where(Order.status == page.status)
        if page.customer_id:
            rows = rows.where(Order.customer_id == page.customer_id)
        if enabled("items_read_for_each"):
            for order in session.scalars(rows.order_by(Order.id).limit(page.limit)):
                items_of(session, order)
        shown = WrongSummary if enabled("list_differs") else OrderSummary
        return answer(page.of(session, rows, Order.id, shown))


@routes.get("/orders/{orderId}", response_model=OrderView, responses=refuses(401, PATH))
def get_order(caller: Anyone, order_id: OrderId) -> JSONResponse:
    with read() as session:
        return answer(_view(session, find(session, Order, order_id, caller)))


def _take_stock(
    session: Session, caller: Caller, items: list[NewItem], before: dict[int, Product]
) -> dict[int, Product]:
    """Lock the products, always in the same order, and take what is ordered."""
    wanted: Counter[int] = Counter()
    for item in items:
        wanted[item.product_id] += item.quantity
    products: dict[int, Product] = {}
    for product_id, quantity in sorted(wanted.items()):
        product = refer(session, Product, product_id, caller, "productId")
        product.stock = before.get(product_id, product).stock
        if not product.active:
            raise conflict("product_inactive", f"Product {product_id} is not for sale.")
        if product.stock < quantity:
            raise conflict("out_of_stock", f"Of product {product_id} {product.stock} are left.")
        if enabled("stock_of_another"):
            first(session, Product, caller).stock -= quantity
        elif not enabled("stock_not_taken"):
            product.stock -= quantity
        if enabled("stock_taken_line_by_line"):
            session.commit()
        products[product_id] = product
    return products


def _new_order(
    caller: Caller, body: NewOrder, products: dict[int, Product], moment: datetime
) -> Order:
    counted = [1 if enabled("total_without_quantity") else item.quantity for item in body.items]
    total = sum(
        products[item.product_id].price_cents * quantity
        for item, quantity in zip(body.items, counted, strict=True)
    )
    return Order(
        tenant_id=caller.tenant,
        placed_by=caller.id,
        status="pending",
        total_cents=(body.model_extra or {}).get("total", total),
        created_at=moment,
        updated_at=moment,
        **body.model_dump(exclude={"items", *(body.model_extra or ())}),
    )


def _new_items(
    order: Order, body: NewOrder, products: dict[int, Product], elsewhere: int | None
) -> Iterator[OrderItem]:
    for line, item in enumerate(body.items, start=1):
        if enabled("last_item_lost") and line == len(body.items) > 1:
            break
        price = products[item.product_id].price_cents
        held = item.model_dump()
        if elsewhere:
            held["product_id"] = elsewhere
        yield OrderItem(order_id=order.id, line=line, unit_price_cents=price, **held)


@routes.post(
    "/orders", status_code=201, response_model=OrderView, responses=refuses(GUARDED, BODY, 409)
)
def create_order(caller: Buyer, body: NewOrder, key: OptionalKey = None) -> Response:
    moment = now()
    if enabled("order_without_note_crashes"):
        body.note = body.note.strip()  # type: ignore[union-attr]
    before = {}
    if enabled("oversold"):
        read_before = (stale(Product, item.product_id, caller) for item in body.items)
        before = {product.id: product for product in read_before if product}
    if enabled("old_request_refused") and "gift" not in body.model_fields_set:
        raise Refusal(422, "gift_missing", "Say whether it is a gift.")
    with write() as session:
        claimed = claim(session, caller, key, "POST /orders", body)
        if claimed.replay:
            return claimed.replay
        refer(session, Customer, body.customer_id, caller, "customerId")
        products = _take_stock(session, caller, body.items, before)
        if enabled("stock_taken_by_failed_order"):
            session.commit()
        order = _new_order(caller, body, products, moment)
        session.add(order)
        session.flush()
        if enabled("order_without_items"):
            session.commit()
        elsewhere = first(session, Product, caller).id if enabled("item_of_another") else None
        session.add_all(_new_items(order, body, products, elsewhere))
        audit(session, caller, "order.created", order.id)
        publish(session, caller, "order.created", order.id)
        return claimed.keep(created(_new_view(session, order), f"/orders/{order.id}"))


@routes.patch(
    "/orders/{orderId}", response_model=OrderView, responses=refuses(GUARDED, BODY, PATH, 409)
)
def update_order(caller: Staff, order_id: OrderId, body: OrderPatch) -> JSONResponse:
    with write() as session:
        order = find(session, Order, order_id, caller)
        if order.status != "pending":
            raise conflict("order_closed", f"The order is {order.status}.")
        for name, value in body.sent().items():
            if value is None and enabled("null_not_stored"):
                continue
            setattr(order, name, value)
        if enabled("emoji_dropped") and body.note:
            order.note = "".join(char for char in body.note if ord(char) <= 0xFFFF)
        if enabled("day_shifted") and body.deliver_on:
            order.deliver_on = body.deliver_on - timedelta(days=1)
        order.updated_at = now()
        if not enabled("audit_missing"):
            audit(session, caller, "order.updated", order.id)
        return answer(_view(session, order))


@routes.post(
    "/orders/{orderId}/cancel", response_model=OrderView, responses=refuses(GUARDED, PATH, 409)
)
def cancel_order(caller: Staff, order_id: OrderId) -> JSONResponse:
    before = stale(Order, order_id, caller) if enabled("cancelled_twice") else None
    with write() as session:
        order = find(session, Order, order_id, caller)
        if enabled("message_though_refused"):
            publish(session, caller, "order.cancelled", order.id)
            session.commit()
        if (before or order).status != "pending" or order.paid_cents:
            if enabled("refused_cancel_gives_back"):
                _give_stock_back(session, caller, order)
                session.commit()
            raise conflict("not_cancellable", f"The order is {order.status}.")
        order.status = "cancelled"
        order.cancelled_at = order.updated_at = now()
        if enabled("cancel_by_halves"):
            session.commit()
        _give_stock_back(session, caller, order)
        audit(session, caller, "order.cancelled", order.id)
        if not enabled("message_though_refused"):
            publish(session, caller, "order.cancelled", order.id)
        view = _view(session, order)
        if enabled("status_in_capitals"):
            view["status"] = view["status"].upper()
        return answer(view)


def _give_stock_back(session: Session, caller: Caller, order: Order) -> None:
    if enabled("stock_not_given_back"):
        return
    for item in sorted(items_of(session, order), key=lambda item: item.product_id):
        find(session, Product, item.product_id, caller).stock += item.quantity


@routes.post(
    "/orders/{orderId}/ship", response_model=OrderView, responses=refuses(GUARDED, PATH, 409)
)
def ship_order(caller: Service, order_id: OrderId) -> JSONResponse:
    """The warehouse tells that a paid order has left."""
    before = stale(Order, order_id, caller) if enabled("shipped_twice") else None
    with write() as session:
        order = find(session, Order, order_id, caller)
        if (before or order).status != "paid":
            raise conflict("not_paid", f"The order is {order.status}.")
        order.status = "shipped"
        order.updated_at = now()
        audit(session, caller, "order.shipped", order.id)
        topic = "order.cancelled" if enabled("wrong_topic") else "order.shipped"
        publish(session, caller, topic, order.id)
        return answer(_view(session, order))
