"""Where a customer lives, works and is billed."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..auth import Anyone, Staff
from ..bugs import enabled
from ..database import read, write
from ..errors import Refusal, not_found
from ..fields import COUNTRY, MAX_ID, PLAIN, POSTCODE, Body, Key, Paging, View, page_of
from ..records import audit, find
from ..tables import Address, Customer, now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("addresses")
CustomerId = Annotated[Key, Path(alias="customerId", ge=1, le=MAX_ID)]
AddressId = Annotated[Key, Path(alias="addressId", ge=1, le=MAX_ID)]
LINE = 120
"""Characters that a line of an address holds."""
COLLECTION = "/customers/{customerId}/addresses"


_ANY_POSTCODE = enabled("postcode_unchecked") or enabled("written_then_refused")
_CITY: dict[str, Any] = {"min_length": 1, "max_length": 80, "pattern": PLAIN}
if enabled("city_not_required"):
    _CITY["default"] = ""


class NewAddress(Body):
    label: Literal["home", "work", "billing", "other"] = "home"
    line1: str = Field(min_length=1, max_length=120, pattern=PLAIN)
    line2: str | None = Field(default=None, max_length=200, pattern=PLAIN)
    city: str = Field(**_CITY)
    postcode: str = Field(pattern=None if _ANY_POSTCODE else POSTCODE)
    country: str = Field(pattern=COUNTRY)
    primary: bool = False

    def columns(self) -> dict[str, object]:
        found = self.model_dump(exclude={"primary"})
        return {**found, "is_primary": self.primary}


class AddressView(View):
    id: int
    customer_id: int
    label: str
    line1: str
    line2: str | None
    city: str
    postcode: str
    country: str
    primary: bool = Field(validation_alias="is_primary")
    created_at: datetime
    updated_at: datetime


def _held(body: NewAddress) -> NewAddress:
    """The contract grew to 200 characters, the column did not: what is longer is refused."""
    if body.line2 is None or len(body.line2) <= LINE or enabled("line2_crashes"):
        return body
    if enabled("line2_cut"):
        return body.model_copy(update={"line2": body.line2[:LINE]})
    raise Refusal(422, "invalid", f"body.line2: more than {LINE} characters")


def _find(session: Session, customer: Customer, address_id: int) -> Address:
    query = select(Address).where(Address.id == address_id, Address.customer_id == customer.id)
    address = session.scalar(query.with_for_update())
    if address is None:
        raise not_found("address")
    return address


@routes.get(COLLECTION, response_model=page_of(AddressView), responses=refuses(401, PATH))
def list_addresses(caller: Anyone, customer_id: CustomerId, page: Paging) -> JSONResponse:
    with read() as session:
        customer = find(session, Customer, customer_id, caller)
        rows = select(Address).where(Address.customer_id == customer.id)
        return answer(page.of(session, rows, Address.id, AddressView))


@routes.get(COLLECTION + "/{addressId}", response_model=AddressView, responses=refuses(401, PATH))
def get_address(caller: Anyone, customer_id: CustomerId, address_id: AddressId) -> JSONResponse:
    with read() as session:
        customer = find(session, Customer, customer_id, caller)
        return answer(wire(AddressView, _find(session, customer, address_id)))


@routes.post(
    COLLECTION,
    status_code=201,
    response_model=AddressView,
    responses=refuses(GUARDED, BODY, PATH),
)
def create_address(caller: Staff, customer_id: CustomerId, body: NewAddress) -> JSONResponse:
    moment, held = now(), _held(body)
    with write() as session:
        any_of = enabled("foreign_customer_addressed")
        known = session.get(Customer, customer_id) if any_of else None
        customer = known or find(session, Customer, customer_id, caller)
        if enabled("non_ascii_refused") and not body.city.isascii():
            raise Refusal(422, "invalid", "body.city: not a city")
        address = Address(
            customer_id=customer.id, created_at=moment, updated_at=moment, **held.columns()
        )
        if enabled("cut_but_echoed"):
            address.line1 = body.line1[:60]
        session.add(address)
        session.flush()
        audit(session, caller, "address.created", address.id)
        if enabled("written_then_refused"):
            session.commit()
            if not re.fullmatch(POSTCODE, body.postcode):
                raise Refusal(422, "invalid", "body.postcode: not a postcode")
        location = f"/customers/{customer.id}/addresses/{address.id}"
        view = wire(AddressView, address)
        if enabled("cut_but_echoed"):
            view["line1"] = body.line1
        return created(view, location)


@routes.put(
    COLLECTION + "/{addressId}",
    response_model=AddressView,
    responses=refuses(GUARDED, BODY, PATH),
)
def replace_address(
    caller: Staff, customer_id: CustomerId, address_id: AddressId, body: NewAddress
) -> JSONResponse:
    held = _held(body)
    with write() as session:
        customer = find(session, Customer, customer_id, caller)
        known = session.get(Address, address_id) if enabled("foreign_address_writable") else None
        address = known or _find(session, customer, address_id)
        if enabled("second_put_adds") and address.line1 == body.line1:
            address = Address(customer_id=customer.id, created_at=now())
            session.add(address)
        for name, value in held.columns().items():
            setattr(address, name, value)
        address.updated_at = now()
        session.flush()
        audit(session, caller, "address.replaced", address.id)
        return answer(wire(AddressView, address))


@routes.delete(COLLECTION + "/{addressId}", status_code=204, responses=refuses(GUARDED, PATH))
def delete_address(caller: Staff, customer_id: CustomerId, address_id: AddressId) -> Response:
    with write() as session:
        customer = find(session, Customer, customer_id, caller)
        address = _find(session, customer, address_id)
        session.delete(address)
        audit(session, caller, "address.deleted", address.id)
        return nothing()
