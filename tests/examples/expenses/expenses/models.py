"""Tables."""

from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

from sqlalchemy import Column, DateTime, Numeric
from sqlmodel import Field, SQLModel


def now() -> datetime:
    return datetime.now(UTC)


def moment(nullable: bool = False) -> Column:
    return Column(DateTime(timezone=True), nullable=nullable)


class Company(SQLModel, table=True):
    __tablename__ = "company"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    name: str = Field(max_length=80, unique=True)


class Employee(SQLModel, table=True):
    __tablename__ = "employee"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    company_id: UUID = Field(foreign_key="company.id")
    email: str = Field(max_length=120, unique=True)
    role: str = Field(max_length=10, default="employee")
    token: str = Field(max_length=64, unique=True)


class Report(SQLModel, table=True):
    __tablename__ = "report"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    company_id: UUID = Field(foreign_key="company.id")
    owner_id: UUID = Field(foreign_key="employee.id")
    purpose: str = Field(max_length=120)
    starts_on: date
    ends_on: date
    status: str = Field(max_length=10, default="draft")
    total: Decimal = Field(
        default=Decimal("0.00"), sa_column=Column(Numeric(12, 2), nullable=False)
    )
    created_at: datetime = Field(default_factory=now, sa_column=moment())
    submitted_at: datetime | None = Field(default=None, sa_column=moment(nullable=True))


class Expense(SQLModel, table=True):
    __tablename__ = "expense"
    id: UUID = Field(default_factory=uuid4, primary_key=True)
    report_id: UUID = Field(foreign_key="report.id", ondelete="CASCADE")
    amount: Decimal = Field(sa_column=Column(Numeric(10, 2), nullable=False))
    currency: str = Field(max_length=8)
    category: str = Field(max_length=10)
    note: str | None = Field(default=None, max_length=200)
    spent_on: date


class Notification(SQLModel, table=True):
    __tablename__ = "notification"
    id: int | None = Field(default=None, primary_key=True)
    report_id: UUID = Field(index=True)
    kind: str = Field(max_length=20)
    created_at: datetime = Field(default_factory=now, sa_column=moment())
