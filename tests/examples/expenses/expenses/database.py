"""The connection."""

import os
from collections.abc import AsyncIterator

from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel.ext.asyncio.session import AsyncSession


def url() -> str:
    _scheme, rest = os.environ["DATABASE_URL"].split("://", 1)
    return f"postgresql+asyncpg://{rest}"


engine = create_async_engine(url())
sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)


async def session() -> AsyncIterator[AsyncSession]:
    async with sessions() as opened:
        yield opened
