"""What is for sale. Answers come in an envelope; unknown properties are ignored, not refused."""

from __future__ import annotations

import html
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from fastapi import Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, create_model, field_validator
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from ..auth import Admin, Anyone, Caller, Warehouse
from ..bugs import enabled
from ..database import read, write
from ..fields import (
    MAX_ID,
    PLAIN,
    SKU,
    Body,
    Cents,
    Day,
    Flag,
    Grams,
    Key,
    Money,
    Page,
    Patch,
    View,
    Whole,
    page_of,
)
from ..records import audit, find, first, remove, unique
from ..tables import Product, ProductTag, now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("products")
ProductId = Annotated[Key, Path(alias="productId", ge=1, le=MAX_ID)]
CENT = Decimal("0.01")


def columns(sent: dict[str, Any]) -> dict[str, Any]:
    """The price is kept in cents."""
    if "price" in sent:
        price = sent.pop("price")
        sent["price_cents"] = int(float(price) * 100 if enabled("price_truncated") else price * 100)
    return sent


_EXTRA: Literal["allow", "ignore"] = "allow" if enabled("tenant_from_body") else "ignore"
_MAX_STOCK = None if enabled("stock_maximum_unchecked") else 1_000_000


class ProductFields(Body):
    model_config = ConfigDict(extra="ignore")

    sku: str = Field(pattern=SKU)
    name: str = Field(min_length=1, max_length=120, pattern=PLAIN)
    description: str | None = Field(default=None, max_length=2000, pattern=PLAIN)
    price: Money = Field(ge=CENT, le=100_000)
    active: bool = True
    weight_kg: Grams | None = Field(default=None, gt=0, le=5000)
    available_from: Day | None = Field(default=None, json_schema_extra={"deprecated": True})

    @field_validator("price", mode="before")
    @classmethod
    def _price(cls, value: object) -> object:
        if isinstance(value, Decimal) and value < 100_000 and enabled("fractions_accepted"):
            return value.quantize(CENT)
        if isinstance(value, int) and enabled("whole_price_refused"):
            raise ValueError("not a price")
        return value


class NewProduct(ProductFields):
    model_config = ConfigDict(extra=_EXTRA)

    stock: Whole = Field(default=0, ge=0, le=_MAX_STOCK)


class ProductPatch(Patch):
    sku: str = Field(default="", pattern=SKU)
    name: str = Field(default="", min_length=1, max_length=120, pattern=PLAIN)
    description: str | None = Field(default=None, max_length=2000, pattern=PLAIN)
    price: Money = Field(default=CENT, ge=CENT, le=100_000)
    active: bool = True
    weight_kg: Grams | None = Field(default=None, gt=0, le=5000)
    available_from: Day | None = None


class NewProducts(Body):
    products: list[NewProduct] = Field(min_length=1, max_length=50)


class ProductView(View):
    id: int
    sku: str
    name: str
    description: str | None
    price: Cents = Field(validation_alias="price_cents")
    stock: int
    active: bool
    weight_kg: float | None
    available_from: date | None
    created_at: datetime
    updated_at: datetime


class ProductPage(Page):
    active: Flag | None = None
    q: str | None = Field(default=None, max_length=40, pattern=PLAIN)


ProductEnvelope = create_model("ProductEnvelope", data=(ProductView, ...))
ProductList = create_model("ProductList", data=(list[ProductView], ...))


def _one(product: Product) -> dict[str, Any]:
    return {"data": wire(ProductView, product)}


def _add(session: Session, caller: Caller, body: NewProduct) -> Product:
    moment = now()
    unknown = body.model_extra or {}
    product = Product(
        tenant_id=unknown.get("tenantId", caller.tenant),
        created_at=moment,
        updated_at=moment,
        **columns(body.model_dump(exclude=set(unknown))),
    )
    if enabled("old_field_alone_crashes") and body.available_from:
        assert body.description or body.weight_kg
    if enabled("markup_escaped") and product.description:
        product.description = html.escape(product.description, quote=False)
    if enabled("weight_rounded") and body.weight_kg is not None:
        product.weight_kg = round(body.weight_kg, 1)
    with unique(session, "sku_taken", f"There is a product {body.sku} already."):
        session.add(product)
    audit(session, caller, "product.created", product.id)
    return product


@routes.get("/products", response_model=page_of(ProductView), responses=refuses(401, 422))
def list_products(caller: Anyone, page: Annotated[ProductPage, Query()]) -> JSONResponse:
    with read() as session:
        rows = select(Product).where(Product.tenant_id == caller.tenant)
        if page.active is not None:
            rows = rows.where(Product.active.is_(page.active))
        if page.q:
            rows = rows.where(Product.name.icontains(page.q, autoescape=True))
        return answer(page.of(session, rows, Product.id, ProductView))


@routes.get("/products/{productId}", response_model=ProductEnvelope, responses=refuses(401, PATH))
def get_product(caller: Anyone, product_id: ProductId) -> JSONResponse:
    with read() as session:
        product = find(session, Product, product_id, caller)
        if enabled("read_of_another"):
            product = first(session, Product, caller)
        return answer(_one(product))


@routes.post(
    "/products",
    status_code=201,
    response_model=ProductEnvelope,
    responses=refuses(GUARDED, BODY, 409),
)
def create_product(caller: Warehouse, body: NewProduct) -> JSONResponse:
    with write() as session:
        product = _add(session, caller, body)
        view = _one(product)
        if enabled("weight_rounded"):
            view["data"]["weightKg"] = body.weight_kg and float(body.weight_kg)
        prefix = "/product" if enabled("location_wrong") else "/products"
        return created(view, f"{prefix}/{product.id}")


@routes.post(
    "/products/bulk",
    status_code=201,
    response_model=ProductList,
    responses=refuses(GUARDED, BODY, 409),
)
def create_products(caller: Warehouse, body: NewProducts) -> JSONResponse:
    """All of them or none."""
    with write() as session:
        if enabled("bulk_of_one_crashes"):
            _first, _second, *_rest = body.products
        products = []
        for product in body.products:
            if enabled("bulk_reads_for_each"):
                session.scalar(select(Product.id).where(Product.sku == product.sku))
            products.append(_add(session, caller, product))
            if enabled("bulk_last_lost") and product is body.products[-1]:
                lost = wire(ProductView, products.pop())
                session.execute(delete(Product).where(Product.id == lost["id"]))
                views = [wire(ProductView, kept) for kept in products]
                return answer({"data": [*views, lost]}, 201)
            if enabled("bulk_by_halves"):
                session.commit()
        return answer({"data": [wire(ProductView, product) for product in products]}, 201)


def _change(caller: Caller, product_id: int, fields: dict[str, Any], action: str) -> JSONResponse:
    with write() as session:
        product = find(session, Product, product_id, caller)
        with unique(session, "sku_taken", "There is a product with this sku already."):
            for name, value in columns(fields).items():
                setattr(product, name, value)
            product.updated_at = now()
        audit(session, caller, action, product.id)
        if enabled("update_too_wide") and action == "product.updated" and "active" in fields:
            wide = update(Product).where(Product.tenant_id == caller.tenant)
            session.execute(wide.values(active=product.active))
        if enabled("envelope_missing") and action == "product.updated":
            return answer(wire(ProductView, product))
        return answer(_one(product))


@routes.put(
    "/products/{productId}",
    response_model=ProductEnvelope,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def replace_product(caller: Admin, product_id: ProductId, body: ProductFields) -> JSONResponse:
    """Everything but the stock, which only stock movements change."""
    return _change(caller, product_id, body.model_dump(), "product.replaced")


@routes.patch(
    "/products/{productId}",
    response_model=ProductEnvelope,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def update_product(caller: Admin, product_id: ProductId, body: ProductPatch) -> JSONResponse:
    return _change(caller, product_id, body.sent(), "product.updated")


@routes.delete("/products/{productId}", status_code=204, responses=refuses(GUARDED, PATH, 409))
def delete_product(caller: Admin, product_id: ProductId) -> Response:
    """Tags and stock movements go along; a product that was ever ordered stays."""
    with write() as session:
        product = find(session, Product, product_id, caller)
        if enabled("other_tags_go"):
            session.execute(delete(ProductTag))
        remove(session, product, "product_ordered", "Orders name this product.")
        audit(session, caller, "product.deleted", product_id)
        return nothing()
