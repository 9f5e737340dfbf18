"""The shop's API: `uvicorn gen_suite.examples.shop.app:app`.

DATABASE_URL says where the rows are (made and filled by `python -m gen_suite.examples.shop.seed`),
SHOP_WORKER=1 starts the outbox worker, SHOP_BUGS=name,name makes it misbehave (see bugs.py).
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from pydantic.alias_generators import to_camel

from . import errors
from .routes import ROUTERS
from .worker import Worker


@asynccontextmanager
async def _lifespan(_app: FastAPI) -> AsyncIterator[None]:
    worker = Worker() if os.environ.get("SHOP_WORKER") == "1" else None
    if worker:
        worker.start()
    yield
    if worker:
        worker.stop()


def create_app() -> FastAPI:
    app = FastAPI(
        title="Shop",
        version="1.0.0",
        lifespan=_lifespan,
        generate_unique_id_function=lambda route: to_camel(route.name),
    )
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)

    @app.get("/health", include_in_schema=False)
    def health() -> dict[str, str]:
        return {"status": "ok"}

    return app


app = create_app()
