"""Reports are made later: the request is accepted, and the worker does the work."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import uuid4

from fastapi import Path, Response
from fastapi.responses import JSONResponse
from pydantic import AfterValidator, Field
from sqlalchemy import func, select

from ..auth import Anyone, Staff
from ..bugs import enabled
from ..database import read, write
from ..fields import MONTH, UUID, Body, Paging, View, page_of
from ..ledger import Report
from ..records import audit, find, publish
from ..tables import now
from ..web import BODY, GUARDED, PATH, answer, nothing, refuses, router, wire

routes = router("reports")
ReportId = Annotated[
    str,
    Path(alias="reportId", pattern=UUID, json_schema_extra={"format": "uuid"}),
    AfterValidator(str.lower),
]


_MONTH = r"^[0-9]{4}-[0-9]{2}$" if enabled("month_13_accepted") else MONTH


class NewReport(Body):
    kind: Literal["sales", "stock", "customers"]
    month: str = Field(pattern=_MONTH)
    file_format: Literal["csv", "pdf"] = Field(default="csv", alias="format")


class ReportView(View):
    id: str
    requested_by: int
    kind: str
    month: str
    file_format: str = Field(serialization_alias="format")
    status: str
    created_at: datetime
    finished_at: datetime | None


@routes.get("/reports", response_model=page_of(ReportView), responses=refuses(401, 422))
def list_reports(caller: Anyone, page: Paging) -> JSONResponse:
    with read() as session:
        rows = select(Report).where(Report.tenant_id == caller.tenant)
        found = page.of(session, rows, Report.id, ReportView)
        if enabled("total_of_everybody"):
            found["total"] = session.scalar(select(func.count()).select_from(Report))
        return answer(found)


@routes.get("/reports/{reportId}", response_model=ReportView, responses=refuses(401, PATH))
def get_report(caller: Anyone, report_id: ReportId) -> JSONResponse:
    with read() as session:
        return answer(wire(ReportView, find(session, Report, report_id, caller)))


@routes.post(
    "/reports", status_code=202, response_model=ReportView, responses=refuses(GUARDED, BODY)
)
def request_report(caller: Staff, body: NewReport) -> JSONResponse:
    with write() as session:
        report = Report(
            id=str(uuid4()),
            tenant_id=caller.tenant,
            requested_by=caller.id,
            created_at=now(),
            **body.model_dump(),
        )
        session.add(report)
        session.flush()
        audit(session, caller, "report.requested", report.id)
        if not enabled("job_dropped"):
            named = caller.id if enabled("message_of_wrong_thing") else report.id
            publish(session, caller, "report.requested", named)
        if enabled("job_enqueued_twice"):
            publish(session, caller, "report.requested", report.id)
        response = answer(wire(ReportView, report), 202, {"Location": f"/reports/{report.id}"})
        if enabled("wrong_media_type"):
            response.headers["Content-Type"] = "text/plain"
        return response


@routes.delete("/reports/{reportId}", status_code=204, responses=refuses(GUARDED, PATH))
def delete_report(caller: Staff, report_id: ReportId) -> Response:
    with write() as session:
        report = find(session, Report, report_id, caller)
        if not enabled("delete_leaves_row"):
            session.delete(report)
        audit(session, caller, "report.deleted", report_id)
        return nothing()
