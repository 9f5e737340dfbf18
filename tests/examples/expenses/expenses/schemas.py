"""What requests and answers look like."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from .faults import fault

Amount = Annotated[Decimal, Field(gt=0, max_digits=9, decimal_places=2)]


Currency = Annotated[
    str,
    Field(max_length=8, json_schema_extra={"pattern": "^[A-Z]{3}$"})
    if fault("currency_unchecked")
    else Field(pattern="^[A-Z]{3}$"),
]


class Category(StrEnum):
    TRAVEL = "travel"
    MEALS = "meals"
    OTHER = "other"


class NewReport(BaseModel):
    model_config = ConfigDict(extra="allow" if fault("owner_from_body") else "ignore")
    purpose: str = Field(min_length=1, max_length=120)
    starts_on: date
    ends_on: date

    @model_validator(mode="after")
    def ordered(self) -> "NewReport":
        if self.ends_on < self.starts_on and not fault("period_unchecked"):
            raise ValueError("ends_on must not be before starts_on")
        return self


class ReportChange(BaseModel):
    purpose: str = Field(min_length=1, max_length=120)


class ReportOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    owner_id: UUID
    purpose: str
    starts_on: date
    ends_on: date
    status: str
    total: Decimal
    created_at: datetime
    submitted_at: datetime | None


class NewExpense(BaseModel):
    amount: Amount
    currency: Currency
    category: Category
    note: str | None = Field(default=None, max_length=200)
    spent_on: date


class ExpenseOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    report_id: UUID
    amount: Decimal
    currency: str
    category: Category
    note: str | None
    spent_on: date


class Problem(BaseModel):
    detail: str
