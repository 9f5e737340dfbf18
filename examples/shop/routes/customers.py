"""The tenant's customers. Deleting one keeps the row, and its e-mail address stays taken."""

from __future__ import annotations

import logging
import re
from contextlib import nullcontext
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Header, Path, Query, Response
from fastapi.responses import JSONResponse
from pydantic import ConfigDict, Field, ValidatorFunctionWrapHandler, field_validator
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from ..auth import Anyone, Caller, Staff
from ..bugs import enabled
from ..database import read, write
from ..errors import Refusal, conflict
from ..fields import (
    MAX_ID,
    PHONE,
    PLAIN,
    VAT_ID,
    Body,
    Day,
    Email,
    Key,
    Money,
    Paging,
    Patch,
    View,
    page_of,
)
from ..records import audit, find, publish, stale, unique
from ..tables import Customer, now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

logger = logging.getLogger(__name__)
routes = router("customers")
CustomerId = Annotated[Key, Path(alias="customerId", ge=1, le=MAX_ID)]
Kind = Literal["person", "company"]


_UNKNOWN: Literal["allow", "ignore", "forbid"] = "forbid"
if enabled("unknown_property_accepted") or enabled("id_from_body"):
    _UNKNOWN = "allow" if enabled("id_from_body") else "ignore"


class NewCustomer(Body):
    model_config = ConfigDict(extra=_UNKNOWN)

    email: Email
    name: str = Field(min_length=1, max_length=80, pattern=PLAIN)
    kind: Kind = "person"
    phone: str | None = Field(default=None, pattern=PHONE)
    vat_id: str | None = Field(default=None, pattern=VAT_ID)
    birth_date: Day | None = None
    newsletter: bool = False
    credit_limit: Money | None = Field(default=None, ge=0, le=100_000)
    notes: str = Field(default="", max_length=1000, pattern=PLAIN)


class CustomerPatch(Patch):
    email: Email = ""
    name: str = Field(default="", min_length=1, max_length=80, pattern=PLAIN)
    kind: Kind = "person"
    phone: str | None = Field(default=None, pattern=PHONE)
    vat_id: str | None = Field(default=None, pattern=VAT_ID)
    birth_date: Day | None = None
    newsletter: bool = False
    credit_limit: Money | None = Field(default=None, ge=0, le=100_000)
    notes: str = Field(default="", max_length=1000, pattern=PLAIN)

    @field_validator("name", mode="wrap")
    @classmethod
    def _name(cls, value: object, check: ValidatorFunctionWrapHandler) -> object:
        return "" if value is None and enabled("null_as_absent") else check(value)


class CustomerView(View):
    id: int
    email: str
    name: str
    kind: str
    phone: str | None
    vat_id: str | None
    birth_date: date | None
    newsletter: bool
    credit_limit: float | None
    notes: str
    created_at: datetime
    updated_at: datetime


def _checked(body: NewCustomer) -> dict[str, Any]:
    """The columns of a new customer."""
    fields = body.model_dump(exclude=set(body.model_extra or ()))
    if enabled("id_from_body"):
        fields |= {name: value for name, value in (body.model_extra or {}).items() if name == "id"}
    if enabled("plus_in_email_refused") and "+" in body.email:
        raise Refusal(422, "invalid", "body.email: not an e-mail address")
    if enabled("long_name_refused") and len(body.name) > 40:
        raise Refusal(422, "invalid", "body.name: too long")
    if enabled("zero_credit_refused") and not (body.credit_limit or body.credit_limit is None):
        raise Refusal(422, "invalid", "body.creditLimit: missing")
    if enabled("name_capitalised"):
        fields["name"] = body.name.title()
    if enabled("invisible_dropped"):
        fields["notes"] = re.sub("[\u200b\u202e]", "", body.notes)
    if enabled("wrong_default") and "newsletter" not in body.model_fields_set:
        fields["newsletter"] = True
    return fields


def _changes(body: CustomerPatch) -> dict[str, Any]:
    """The columns that a patch names."""
    sent = body.sent()
    if enabled("patch_resets_rest"):
        rest = body.model_dump(exclude={"email", "name"})
        sent = {**rest, **sent}
    if enabled("null_as_absent") and not sent.get("name", "-"):
        del sent["name"]
    if enabled("falsy_not_stored"):
        sent = {name: value for name, value in sent.items() if value or value is None}
    return sent


def _refuse_taken(caller: Caller, email: str) -> None:
    """What two requests at once both pass; the database's word is needed."""
    same = select(Customer).where(Customer.tenant_id == caller.tenant, Customer.email == email)
    with read() as session:
        if session.scalar(same):
            raise conflict("email_taken", "A customer has this e-mail address.")


@routes.get("/customers", response_model=page_of(CustomerView), responses=refuses(401, 422))
def list_customers(caller: Anyone, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(Customer).where(
            Customer.tenant_id == caller.tenant, Customer.deleted_at.is_(None)
        )
        return answer(page.of(session, rows, Customer.id, CustomerView))


@routes.get("/customers/{customerId}", response_model=CustomerView, responses=refuses(401, PATH))
def get_customer(caller: Anyone, customer_id: CustomerId) -> JSONResponse:
    with read() as session:
        view = wire(CustomerView, find(session, Customer, customer_id, caller))
        if enabled("read_differs"):
            view["phone"] = view["phone"] and view["phone"][:-1]
        return answer(view)


@routes.post(
    "/customers",
    status_code=201,
    response_model=CustomerView,
    responses=refuses(GUARDED, BODY, 409),
)
def create_customer(
    caller: Staff,
    body: NewCustomer,
    source: Annotated[Literal["counter", "phone", "import"], Query()] = "counter",
    request_id: Annotated[UUID | None, Header(alias="X-Request-Id")] = None,
) -> JSONResponse:
    moment = now()
    logger.debug("a customer from %s, request %s", source, request_id)
    if source == "import" and enabled("import_crashes"):
        raise NotImplementedError(source)
    fields = _checked(body)
    racy = enabled("email_race_crashes")
    if racy:
        _refuse_taken(caller, body.email)
    with write() as session:
        customer = Customer(tenant_id=caller.tenant, created_at=moment, updated_at=moment, **fields)
        try:
            taken = "A customer has this e-mail address."
            with nullcontext() if racy else unique(session, "email_taken", taken):
                session.add(customer)
                session.flush()
        except (DBAPIError, Refusal):
            if not enabled("error_as_success"):
                raise
            session.rollback()
            return created({**body.model_dump(mode="json", by_alias=True), "id": 0}, "/customers")
        audit(session, caller, "customer.created", customer.id)
        publish(session, caller, "customer.created", customer.id)
        view = wire(CustomerView, customer)
        if enabled("null_for_empty"):
            view["notes"] = view["notes"] or None
        if enabled("location_missing"):
            return answer(view, 201)
        return created(view, f"/customers/{customer.id}")


@routes.put(
    "/customers/{customerId}",
    response_model=CustomerView,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def replace_customer(caller: Staff, customer_id: CustomerId, body: NewCustomer) -> JSONResponse:
    with write() as session:
        customer = find(session, Customer, customer_id, caller)
        if customer.email == body.email and enabled("own_email_taken"):
            raise conflict("email_taken", "A customer has this e-mail address.")
        fields = body.sent() if enabled("put_keeps_rest") else body.model_dump()
        if enabled("columns_swapped"):
            fields["phone"], fields["vat_id"] = fields["vat_id"], fields["phone"]
        with unique(session, "email_taken", "A customer has this e-mail address."):
            for name, value in fields.items():
                setattr(customer, name, value)
            customer.updated_at = now()
            if enabled("created_at_moves"):
                customer.created_at = now()
        audit(session, caller, "customer.replaced", customer.id)
        return answer(wire(CustomerView, customer))


@routes.patch(
    "/customers/{customerId}",
    response_model=CustomerView,
    responses=refuses(GUARDED, BODY, PATH, 409),
)
def update_customer(caller: Staff, customer_id: CustomerId, body: CustomerPatch) -> JSONResponse:
    before = stale(Customer, customer_id, caller) if enabled("patch_writes_all") else None
    with write() as session:
        known = session.get(Customer, customer_id) if enabled("foreign_customer_writable") else None
        customer = known or find(session, Customer, customer_id, caller)
        rest = {name: getattr(before, name) for name in CustomerPatch.model_fields if before}
        with unique(session, "email_taken", "A customer has this e-mail address."):
            for name, value in {**rest, **_changes(body)}.items():
                setattr(customer, name, value)
            customer.updated_at = now()
        audit(session, caller, "customer.updated", customer.id)
        if enabled("message_undeclared"):
            publish(session, caller, "customer.updated", customer.id)
        return answer(wire(CustomerView, customer))


@routes.delete("/customers/{customerId}", status_code=204, responses=refuses(GUARDED, PATH))
def delete_customer(caller: Staff, customer_id: CustomerId) -> Response:
    with write() as session:
        if enabled("second_delete_crashes"):
            customer = session.get_one(Customer, customer_id)
            assert customer.deleted_at is None, "deleted already"
        customer = find(session, Customer, customer_id, caller)
        if enabled("hard_delete"):
            session.delete(customer)
        customer.deleted_at = customer.updated_at = now()
        if enabled("deleted_at_wrong"):
            customer.deleted_at = customer.created_at
        audit(session, caller, "customer.deleted", customer.id)
        return nothing()
