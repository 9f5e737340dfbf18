"""`python -m expenses.seed`: the tables, two companies, four employees (token: name, dash, token)."""

import asyncio
from datetime import date

from sqlmodel import SQLModel

from .database import engine, sessions
from .models import Company, Employee, Report


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(SQLModel.metadata.create_all)
    async with sessions() as db:
        acme, globex = Company(name="Acme"), Company(name="Globex")
        db.add_all([acme, globex])
        await db.flush()
        people = {
            name: Employee(
                company_id=company.id, email=f"{name}@{company.name.lower()}.example", role=role,
                token=f"{name}-token",
            )
            for name, company, role in [
                ("eve", acme, "employee"), ("max", acme, "manager"), ("lia", acme, "employee"),
                ("zoe", globex, "employee"),
            ]
        }  # fmt: skip
        db.add_all(people.values())
        await db.flush()
        db.add(
            Report(
                company_id=acme.id,
                owner_id=people["eve"].id,
                purpose="Fair in Lyon",
                starts_on=date(2027, 3, 1),
                ends_on=date(2027, 3, 4),
            )
        )
        await db.commit()
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(main())
