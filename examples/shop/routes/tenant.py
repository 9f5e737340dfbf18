"""The caller's own tenant, and the records the shop keeps of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Path
from fastapi.responses import JSONResponse
from pydantic import Field
from sqlalchemy import select

from ..auth import Admin, Anyone
from ..bugs import enabled
from ..database import read, write
from ..fields import MAX_ID, PLAIN, Body, Email, Key, Paging, View, page_of
from ..ledger import AuditEntry, OutboxMessage
from ..records import audit, find
from ..tables import Tenant, now
from ..web import BODY, GUARDED, PATH, answer, refuses, router, wire

routes = router("tenant")


class TenantSettings(Body):
    name: str = Field(min_length=1, max_length=80, pattern=PLAIN)
    support_email: Email | None = Field(...)


class TenantView(View):
    id: str
    name: str
    support_email: str | None
    created_at: datetime
    updated_at: datetime


class AuditView(View):
    id: int
    actor_id: int
    action: str
    entity_id: str
    created_at: datetime


class MessageView(View):
    id: int
    topic: str
    entity_id: str
    status: str
    attempts: int
    created_at: datetime
    sent_at: datetime | None


@routes.get("/tenant", response_model=TenantView, responses=refuses(401))
def get_tenant(caller: Anyone) -> JSONResponse:
    with read() as session:
        return answer(wire(TenantView, session.get_one(Tenant, caller.tenant)))


@routes.put("/tenant", response_model=TenantView, responses=refuses(GUARDED, BODY))
def replace_tenant(caller: Admin, body: TenantSettings) -> JSONResponse:
    with write() as session:
        tenant = session.get_one(Tenant, caller.tenant, with_for_update=True)
        tenant.name, tenant.support_email = body.name, body.support_email
        tenant.updated_at = now()
        actor = replace(caller, id=0) if enabled("audit_actor_wrong") else caller
        audit(session, actor, "tenant.replaced", tenant.id)
        return answer(wire(TenantView, tenant))


@routes.get("/audit", response_model=page_of(AuditView), responses=refuses(401, 403, 422))
def list_audit(caller: Admin, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(AuditEntry).where(AuditEntry.tenant_id == caller.tenant)
        return answer(page.of(session, rows, AuditEntry.id, AuditView))


@routes.get("/audit/{entryId}", response_model=AuditView, responses=refuses(401, 403, PATH))
def get_audit_entry(
    caller: Admin, entry_id: Annotated[Key, Path(alias="entryId", ge=1, le=MAX_ID)]
) -> JSONResponse:
    with read() as session:
        return answer(wire(AuditView, find(session, AuditEntry, entry_id, caller)))


@routes.get("/outbox", response_model=page_of(MessageView), responses=refuses(401, 403, 422))
def list_outbox(caller: Admin, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(OutboxMessage).where(OutboxMessage.tenant_id == caller.tenant)
        return answer(page.of(session, rows, OutboxMessage.id, MessageView))


@routes.get("/outbox/{messageId}", response_model=MessageView, responses=refuses(401, 403, PATH))
def get_message(
    caller: Admin, message_id: Annotated[Key, Path(alias="messageId", ge=1, le=MAX_ID)]
) -> JSONResponse:
    with read() as session:
        return answer(wire(MessageView, find(session, OutboxMessage, message_id, caller)))
