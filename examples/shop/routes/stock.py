"""A product's tags and the movements of its stock."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, field_validator
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from ..auth import Anyone, Staff, Warehouse
from ..bugs import enabled
from ..database import is_busy, read, write
from ..errors import Refusal, conflict, not_found
from ..fields import MAX_ID, TAG, Body, Key, Paging, View, Whole, page_of
from ..records import audit, find, stale, unique
from ..tables import Product, ProductTag, StockMovement, now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("stock")
ProductId = Annotated[Key, Path(alias="productId", ge=1, le=MAX_ID)]
MovementId = Annotated[Key, Path(alias="movementId", ge=1, le=MAX_ID)]
MAX_STOCK = 2_000_000
TAGS = "/products/{productId}/tags"
MOVEMENTS = "/products/{productId}/stock-movements"
TagName = Annotated[str, Path(min_length=1, max_length=30, pattern=TAG)]


class NewTag(Body):
    model_config = ConfigDict(extra="allow" if enabled("refused_tag_stays") else "forbid")

    tag: str = Field(min_length=1, max_length=30, pattern=TAG)


class TagView(View):
    product_id: int
    tag: str
    created_at: datetime


class NewMovement(Body):
    delta: Whole = Field(ge=-1000, le=1000)
    reason: Literal["delivery", "count", "damage"]

    @field_validator("delta", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        return 1 if value is True and enabled("true_as_number_accepted") else value


class MovementView(View):
    id: int
    product_id: int
    delta: int
    reason: str
    stock_after: int
    created_at: datetime


@routes.get(TAGS, response_model=page_of(TagView), responses=refuses(401, PATH))
def list_tags(caller: Anyone, product_id: ProductId, page: Paging) -> JSONResponse:
    with read() as session:
        product = find(session, Product, product_id, caller)
        rows = select(ProductTag).where(ProductTag.product_id == product.id)
        return answer(page.of(session, rows, ProductTag.tag, TagView))


@routes.get(TAGS + "/{tag}", response_model=TagView, responses=refuses(401, PATH))
def get_tag(caller: Anyone, product_id: ProductId, tag: TagName) -> JSONResponse:
    with read() as session:
        product = find(session, Product, product_id, caller)
        found = session.get(ProductTag, (product.id, tag))
        if found is None:
            raise not_found("tag")
        return answer(wire(TagView, found))


@routes.post(
    TAGS, status_code=201, response_model=TagView, responses=refuses(GUARDED, BODY, PATH, 409)
)
def add_tag(caller: Staff, product_id: ProductId, body: NewTag) -> JSONResponse:
    with write() as session:
        product = find(session, Product, product_id, caller)
        tag = ProductTag(product_id=product.id, tag=body.tag, created_at=now())
        if enabled("second_tag_crashes"):
            session.add(tag)
            session.flush()
        with unique(session, "tag_there", "The product has this tag."):
            session.add(tag)
        audit(session, caller, "tag.added", product.id)
        if body.model_extra:
            session.commit()
            raise Refusal(422, "invalid", "body: a property that nobody knows")
        return created(wire(TagView, tag), f"/products/{product.id}/tags/{tag.tag}")


@routes.delete(TAGS + "/{tag}", status_code=204, responses=refuses(GUARDED, PATH))
def remove_tag(caller: Staff, product_id: ProductId, tag: TagName) -> Response:
    with write() as session:
        product = find(session, Product, product_id, caller)
        found = session.get(ProductTag, (product.id, tag), with_for_update=True)
        if found is None:
            raise not_found("tag")
        session.delete(found)
        audit(session, caller, "tag.removed", product.id)
        return nothing()


@routes.get(MOVEMENTS, response_model=page_of(MovementView), responses=refuses(401, PATH))
def list_stock_movements(caller: Anyone, product_id: ProductId, page: Paging) -> JSONResponse:
    with read() as session:
        product = find(session, Product, product_id, caller)
        rows = select(StockMovement).where(StockMovement.product_id == product.id)
        return answer(page.of(session, rows, StockMovement.id, MovementView))


@routes.get(MOVEMENTS + "/{movementId}", response_model=MovementView, responses=refuses(401, PATH))
def get_stock_movement(
    caller: Anyone, product_id: ProductId, movement_id: MovementId
) -> JSONResponse:
    with read() as session:
        product = find(session, Product, product_id, caller)
        found = session.get(StockMovement, movement_id)
        if found is None or found.product_id != product.id:
            raise not_found("stock movement")
        return answer(wire(MovementView, found))


@routes.post(
    MOVEMENTS,
    status_code=201,
    response_model=MovementView,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def move_stock(caller: Warehouse, product_id: ProductId, body: NewMovement) -> JSONResponse:
    before = stale(Product, product_id, caller) if enabled("movement_lost") else None
    with write() as session:
        product = find(session, Product, product_id, caller)
        after = (before or product).stock + body.delta
        if not 0 <= after <= MAX_STOCK:
            raise conflict("stock_out_of_range", f"The stock would be {after}.")
        product.stock = after
        movement = StockMovement(
            product_id=product.id,
            delta=body.delta,
            reason=body.reason,
            stock_after=after,
            created_at=now(),
        )
        session.add(movement)
        try:
            session.flush()
        except DBAPIError as error:
            if not (enabled("retried_on_top") and is_busy(error)):
                raise
            session.rollback()
            find(session, Product, product_id, caller).stock = after
            session.commit()
            return move_stock(caller, product_id, body)
        audit(session, caller, "stock.moved", product.id)
        location = f"/products/{product.id}/stock-movements/{movement.id}"
        return created(wire(MovementView, movement), location)
