"""Documents are changed by their owner, who must have seen the version that is changed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import uuid4

from fastapi import Header, Path, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..auth import Anyone, Caller, Staff
from ..bugs import enabled
from ..database import read, write
from ..errors import Refusal, conflict
from ..fields import PLAIN, UUID, Body, Paging, Patch, View, page_of
from ..ledger import Document
from ..records import audit, find, stale
from ..tables import now
from ..web import BODY, GUARDED, PATH, answer, created, nothing, refuses, router, wire

routes = router("documents")
DocumentId = Annotated[
    str,
    Path(alias="documentId", pattern=UUID, json_schema_extra={"format": "uuid"}),
    AfterValidator(str.lower),
]
IfMatch = Annotated[str | None, Header(alias="If-Match")]


class NewDocument(Body):
    title: str = Field(min_length=1, max_length=120, pattern=PLAIN)
    body: str = Field(default="", max_length=5000, pattern=PLAIN)


class DocumentPatch(Patch):
    title: str = Field(default="", min_length=1, max_length=120, pattern=PLAIN)
    body: str = Field(default="", max_length=5000, pattern=PLAIN)


class DocumentView(View):
    id: str
    owner_id: int
    title: str
    body: str
    published: bool
    version: int
    created_at: datetime
    updated_at: datetime


def _etag(document: Document) -> str:
    return f'"{document.version}"'


def _answer(document: Document, changed: bool = False) -> JSONResponse:
    if changed and enabled("etag_missing"):
        return answer(wire(DocumentView, document))
    return answer(wire(DocumentView, document), headers={"ETag": _etag(document)})


def _find_own(
    session: Session, document_id: str, caller: Caller, *, unchecked: bool = False
) -> Document:
    document = find(session, Document, document_id, caller)
    if document.owner_id != caller.id and not unchecked:
        raise Refusal(403, "not_owner", "Only its owner may change a document.")
    return document


def _check_version(document: Document, if_match: str | None) -> None:
    """RFC 9110, 13.1.1: any of the named versions, compared strongly, or `*`."""
    if if_match is None:
        raise Refusal(428, "if_match_missing", "Say in If-Match which version you change.")
    named = {tag.strip() for tag in if_match.split(",")}
    if named.isdisjoint({"*", _etag(document)}):
        raise Refusal(412, "version_differs", f"The document's version is {_etag(document)}.")


def _text(document: NewDocument) -> str:
    return document.body.strip() if enabled("text_normalised") else document.body


def _changed(document: Document) -> None:
    document.version += 1
    document.updated_at = now()


@routes.get("/documents", response_model=page_of(DocumentView), responses=refuses(401, 422))
def list_documents(caller: Anyone, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(Document).where(Document.tenant_id == caller.tenant)
        found = page.of(session, rows, Document.id, DocumentView)
        if enabled("total_of_page"):
            found["total"] = len(found["data"])
        return answer(found)


@routes.get("/documents/{documentId}", response_model=DocumentView, responses=refuses(401, PATH))
def get_document(caller: Anyone, document_id: DocumentId) -> JSONResponse:
    with read() as session:
        return _answer(find(session, Document, document_id, caller))


@routes.post(
    "/documents", status_code=201, response_model=DocumentView, responses=refuses(GUARDED, BODY)
)
def create_document(caller: Staff, body: NewDocument) -> JSONResponse:
    moment = now()
    with write() as session:
        document = Document(
            id=str(uuid4()),
            tenant_id=caller.tenant,
            owner_id=caller.id,
            created_at=moment,
            updated_at=moment,
            title=body.title,
            body=_text(body),
        )
        session.add(document)
        session.flush()
        audit(session, caller, "document.created", document.id)
        location = f"/documents/{document.id}"
        return created(wire(DocumentView, document), location, ETag=_etag(document))


@routes.put(
    "/documents/{documentId}",
    response_model=DocumentView,
    responses=refuses(GUARDED, BODY, PATH, 412, 428),
)
def replace_document(
    caller: Staff, document_id: DocumentId, body: NewDocument, if_match: IfMatch = None
) -> JSONResponse:
    before = stale(Document, document_id, caller) if enabled("lost_update") else None
    with write() as session:
        document = _find_own(session, document_id, caller)
        _check_version(before or document, if_match)
        document.title, document.body = body.title, _text(body)
        version = document.version
        _changed(document)
        if enabled("version_stays"):
            document.version = version
        audit(session, caller, "document.replaced", document.id)
        return _answer(document, changed=True)


@routes.patch(
    "/documents/{documentId}",
    response_model=DocumentView,
    responses=refuses(GUARDED, BODY, PATH, 412, 428),
)
def update_document(
    caller: Staff, document_id: DocumentId, body: DocumentPatch, if_match: IfMatch = None
) -> JSONResponse:
    with write() as session:
        unchecked = enabled("document_owner_unchecked")
        document = _find_own(session, document_id, caller, unchecked=unchecked)
        if not enabled("if_match_ignored"):
            _check_version(document, if_match)
        for name, value in body.sent().items():
            setattr(document, name, value)
        _changed(document)
        audit(session, caller, "document.updated", document.id)
        return _answer(document, changed=True)


@routes.post(
    "/documents/{documentId}/publish",
    response_model=DocumentView,
    responses=refuses(GUARDED, PATH, 409),
)
def publish_document(caller: Staff, document_id: DocumentId) -> JSONResponse:
    with write() as session:
        document = _find_own(session, document_id, caller)
        if document.published:
            raise conflict("published", "The document is published already.")
        document.published = True
        _changed(document)
        audit(session, caller, "document.published", document.id)
        return _answer(document)


@routes.delete(
    "/documents/{documentId}", status_code=204, responses=refuses(GUARDED, PATH, 412, 428)
)
def delete_document(caller: Staff, document_id: DocumentId, if_match: IfMatch = None) -> Response:
    with write() as session:
        document = _find_own(session, document_id, caller)
        _check_version(document, if_match)
        session.delete(document)
        audit(session, caller, "document.deleted", document.id)
        return nothing()
