"""Addresses that want to hear of events. Their secret goes in and never comes out."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field, ValidatorFunctionWrapHandler, WrapValidator
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask

from ..auth import Admin, Caller
from ..bugs import enabled
from ..database import read, write
from ..errors import Refusal
from ..fields import MAX_ID, PLAIN, URL, Body, Key, Paging, Patch, View, page_of
from ..ledger import Webhook
from ..records import audit, find, look, stale
from ..tables import now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("webhooks")
WebhookId = Annotated[Key, Path(alias="webhookId", ge=1, le=MAX_ID)]
Event = Literal["order.created", "order.cancelled", "order.shipped", "payment.created"]


def _known(events: object, check: ValidatorFunctionWrapHandler) -> object:
    """What Literal does anyway."""
    if enabled("event_unchecked") and isinstance(events, list):
        return [str(event) for event in events]
    return check(events)


def _different(events: list[Event]) -> list[Event]:
    if len(set(events)) < len(events) and not enabled("same_event_twice_accepted"):
        raise ValueError("name each event once")
    return events


_MIN_SECRET = 0 if enabled("secret_minimum_unchecked") else 16
Events = Annotated[
    list[Event],
    Field(min_length=1, json_schema_extra={"uniqueItems": True}),
    AfterValidator(_different),
    WrapValidator(_known),
]


class NewWebhook(Body):
    url: str = Field(max_length=300, pattern=URL, json_schema_extra={"format": "uri"})
    events: Events
    secret: str = Field(min_length=_MIN_SECRET, max_length=64, pattern=PLAIN)
    active: bool = True


class WebhookPatch(Patch):
    url: str = Field(default="", max_length=300, pattern=URL, json_schema_extra={"format": "uri"})
    events: Events = Field(default=[])
    secret: str = Field(default="", min_length=16, max_length=64, pattern=PLAIN)
    active: bool = True


class WebhookView(View):
    id: int
    url: str
    events: list[str]
    active: bool
    created_at: datetime
    updated_at: datetime


@routes.get("/webhooks", response_model=page_of(WebhookView), responses=refuses(401, 403, 422))
def list_webhooks(caller: Admin, page: Paging) -> JSONResponse:
    if enabled("page_skips_one"):
        page = page.model_copy(update={"offset": page.offset + page.offset // page.limit})
    with read() as session:
        rows = select(Webhook).where(Webhook.tenant_id == caller.tenant)
        return answer(page.of(session, rows, Webhook.id, WebhookView))


@routes.get("/webhooks/{webhookId}", response_model=WebhookView, responses=refuses(401, 403, PATH))
def get_webhook(caller: Admin, webhook_id: WebhookId) -> JSONResponse:
    with read() as session:
        return answer(wire(WebhookView, find(session, Webhook, webhook_id, caller)))


@routes.post(
    "/webhooks", status_code=201, response_model=WebhookView, responses=refuses(GUARDED, BODY)
)
def create_webhook(caller: Admin, body: NewWebhook) -> JSONResponse:
    moment = now() + timedelta(hours=1 if enabled("created_in_local_time") else 0)
    with write() as session:
        webhook = Webhook(
            tenant_id=caller.tenant, created_at=moment, updated_at=moment, **body.model_dump()
        )
        if enabled("port_refused") and re.search(r":[0-9]", body.url):
            raise Refusal(422, "invalid", "body.url: not a URL")
        session.add(webhook)
        session.flush()
        audit(session, caller, "webhook.created", webhook.id)
        view = wire(WebhookView, webhook)
        if enabled("secret_answered"):
            view["secret"] = webhook.secret
        if enabled("not_committed"):
            session.rollback()
        return created(view, f"/webhooks/{view['id']}")


@routes.patch(
    "/webhooks/{webhookId}", response_model=WebhookView, responses=refuses(GUARDED, BODY, PATH)
)
def update_webhook(caller: Admin, webhook_id: WebhookId, body: WebhookPatch) -> JSONResponse:
    before = stale(Webhook, webhook_id, caller) if enabled("deleted_comes_back") else None
    with write() as session:
        values = {**body.sent(), "updated_at": now()}
        if before is not None:
            _put_back(session, before, values)
        webhook = find(session, Webhook, webhook_id, caller)
        for name, value in values.items():
            setattr(webhook, name, value)
        audit(session, caller, "webhook.updated", webhook.id)
        return answer(wire(WebhookView, webhook))


def _put_back(session: Session, before: Webhook, values: dict[str, Any]) -> None:
    session.execute(update(Webhook).where(Webhook.id == before.id).values(values))
    if session.get(Webhook, before.id) is None:
        old = {column.key: getattr(before, column.key) for column in Webhook.__table__.columns}
        session.add(Webhook(**{**old, **values}))
        session.flush()


@routes.delete("/webhooks/{webhookId}", status_code=204, responses=refuses(GUARDED, PATH))
def delete_webhook(caller: Admin, webhook_id: WebhookId) -> Response:
    if enabled("delete_answered_first"):
        with read() as session:
            find(session, Webhook, webhook_id, caller)
        return Response(status_code=204, background=BackgroundTask(_delete, caller, webhook_id))
    _delete(caller, webhook_id)
    return nothing()


def _delete(caller: Caller, webhook_id: int) -> None:
    with write() as session:
        if enabled("foreign_webhook_deleted") and not look(session, Webhook, webhook_id, caller):
            session.execute(delete(Webhook).where(Webhook.id == webhook_id))
            session.commit()
        webhook = find(session, Webhook, webhook_id, caller)
        session.delete(webhook)
        if enabled("delete_too_wide"):
            session.execute(delete(Webhook).where(Webhook.tenant_id == caller.tenant))
        audit(session, caller, "webhook.deleted", webhook.id)
