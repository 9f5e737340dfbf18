"""The routes."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import BackgroundTasks, Depends, FastAPI, HTTPException, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from .database import session, sessions
from .faults import fault
from .models import Employee, Expense, Notification, Report, now
from .schemas import ExpenseOut, NewExpense, NewReport, Problem, ReportChange, ReportOut

app = FastAPI(title="expenses", version="1.0.0")
bearer = HTTPBearer(auto_error=False)
Session = Annotated[AsyncSession, Depends(session)]
NOT_THERE = {404: {"model": Problem}}
REFUSED = {401: {"model": Problem}, 403: {"model": Problem}}
CONFLICT = {409: {"model": Problem}}


async def caller(
    db: Session, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)]
) -> Employee:
    token = credentials.credentials if credentials else ""
    employee = (await db.exec(select(Employee).where(Employee.token == token))).first()
    if employee is None:
        raise HTTPException(401, "a token is needed", {"WWW-Authenticate": "Bearer"})
    return employee


Caller = Annotated[Employee, Depends(caller)]


async def report_of(
    db: AsyncSession,
    report_id: UUID,
    employee: Employee,
    *,
    lock: bool = False,
    any_company: bool = False,
) -> Report:
    query = select(Report).where(Report.id == report_id)
    if not any_company:
        query = query.where(Report.company_id == employee.company_id)
    report = (await db.exec(query.with_for_update() if lock else query)).first()
    if report is None:
        raise HTTPException(404, "no such report")
    return report


def demand_owner(report: Report, employee: Employee) -> None:
    if report.owner_id != employee.id:
        raise HTTPException(403, "this is not your report")


def demand_draft(report: Report) -> None:
    if report.status != "draft":
        raise HTTPException(409, f"the report is {report.status}")


async def tell(report_id: UUID, kind: str) -> None:
    """Runs after the answer."""
    await asyncio.sleep(0.2)
    async with sessions() as db:
        for _ in range(2 if fault("told_twice") else 1):
            db.add(Notification(report_id=report_id, kind=kind))
        await db.commit()


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/reports", responses=REFUSED)
async def reports(
    db: Session, employee: Caller, limit: int = 50, offset: int = 0
) -> list[ReportOut]:
    query = select(Report).where(Report.company_id == employee.company_id)
    rows = await db.exec(query.order_by(Report.created_at, Report.id).limit(limit).offset(offset))
    return [ReportOut.model_validate(row) for row in rows]


@app.post("/reports", status_code=201, responses=REFUSED)
async def create_report(body: NewReport, db: Session, employee: Caller) -> ReportOut:
    report = Report(
        company_id=employee.company_id,
        owner_id=employee.id,
        purpose=body.purpose,
        starts_on=body.starts_on,
        ends_on=body.ends_on,
    )
    if fault("owner_from_body") and (body.model_extra or {}).get("owner_id"):
        report.owner_id = UUID(body.model_extra["owner_id"])
    db.add(report)
    await db.commit()
    return ReportOut.model_validate(report)


@app.get("/reports/{report_id}", responses={**REFUSED, **NOT_THERE})
async def read_report(report_id: UUID, db: Session, employee: Caller) -> ReportOut:
    return ReportOut.model_validate(await report_of(db, report_id, employee))


@app.patch("/reports/{report_id}", responses={**REFUSED, **NOT_THERE, **CONFLICT})
async def change_report(
    report_id: UUID, body: ReportChange, db: Session, employee: Caller
) -> ReportOut:
    everywhere = fault("other_company")
    report = await report_of(db, report_id, employee, lock=True, any_company=everywhere)
    if not everywhere:
        demand_owner(report, employee)
    demand_draft(report)
    report.purpose = body.purpose.upper() if fault("purpose_upper") else body.purpose
    db.add(report)
    await db.commit()
    return ReportOut.model_validate(report)


@app.delete("/reports/{report_id}", status_code=204, responses={**REFUSED, **NOT_THERE, **CONFLICT})
async def delete_report(report_id: UUID, db: Session, employee: Caller) -> Response:
    report = await report_of(db, report_id, employee, lock=True)
    if not fault("others_reports"):
        demand_owner(report, employee)
    demand_draft(report)
    await db.delete(report)
    await db.commit()
    return Response(status_code=204)


@app.post(
    "/reports/{report_id}/expenses",
    status_code=201,
    responses={**REFUSED, **NOT_THERE, **CONFLICT},
)
async def add_expense(
    report_id: UUID, body: NewExpense, db: Session, employee: Caller
) -> ExpenseOut:
    report = await report_of(db, report_id, employee, lock=not fault("total_lost"))
    demand_owner(report, employee)
    demand_draft(report)
    values = body.model_dump()
    if fault("amount_float"):
        values["amount"] = int(float(body.amount) * 100) / 100
    expense = Expense(report_id=report.id, **values)
    db.add(expense)
    await db.flush()
    if fault("committed_early"):
        await db.commit()
    if not fault("total_forgotten"):
        report.total += expense.amount if not fault("amount_float") else body.amount
        db.add(report)
    await db.commit()
    return ExpenseOut.model_validate(expense)


@app.delete(
    "/reports/{report_id}/expenses/{expense_id}",
    status_code=204,
    responses={**REFUSED, **NOT_THERE, **CONFLICT},
)
async def remove_expense(
    report_id: UUID, expense_id: UUID, db: Session, employee: Caller
) -> Response:
    report = await report_of(db, report_id, employee, lock=True)
    demand_owner(report, employee)
    demand_draft(report)
    expense = await db.get(Expense, expense_id)
    if expense is None or expense.report_id != report.id:
        raise HTTPException(404, "no such expense")
    if not fault("expense_stays"):
        report.total -= expense.amount
        await db.delete(expense)
    db.add(report)
    await db.commit()
    return Response(status_code=204)


@app.post("/reports/{report_id}/submit", responses={**REFUSED, **NOT_THERE, **CONFLICT})
async def submit(
    report_id: UUID, db: Session, employee: Caller, later: BackgroundTasks
) -> ReportOut:
    """Hands a report in; the managers are told afterwards."""
    report = await report_of(db, report_id, employee, lock=True)
    demand_owner(report, employee)
    if not fault("submitted_twice"):
        demand_draft(report)
    report.status = "submitted"
    report.submitted_at = now()
    db.add(report)
    await db.commit()
    if not fault("nobody_told"):
        later.add_task(tell, report.id, "submitted")
    return ReportOut.model_validate(report)


@app.post("/reports/{report_id}/approve", responses={**REFUSED, **NOT_THERE, **CONFLICT})
async def approve(report_id: UUID, db: Session, employee: Caller) -> ReportOut:
    """Approves what was submitted; for managers."""
    report = await report_of(db, report_id, employee, lock=True)
    if employee.role != "manager" and not fault("approve_own"):
        raise HTTPException(403, "managers approve")
    if report.status != "submitted":
        raise HTTPException(409, f"the report is {report.status}")
    report.status = "approved"
    db.add(report)
    await db.commit()
    return ReportOut.model_validate(report)
