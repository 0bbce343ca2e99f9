"""Health: is the process alive, do its dependencies answer, what do the counters say."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from temporalio.service import RPCError

from adapters.faults import Fault
from adapters.postgres.pool import translate_faults
from api.routes.acting import Joined
from api.services import Services

router = APIRouter(tags=["health"])

_PATIENCE_SECONDS = 3


@router.get("/healthz")
async def healthy() -> dict[str, str]:
    """Say that the process is alive."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "A dependency does not answer"}})
async def ready(services: Joined) -> JSONResponse:
    """Say which dependencies answer; 503 when one does not."""
    checks: dict[str, Callable[[Services], Awaitable[None]]] = {"database": _database, "temporal": _temporal}
    found = {name: await _checked(check, services) for name, check in checks.items()}
    return JSONResponse({"checks": found}, status_code=200 if set(found.values()) == {"ok"} else 503)


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics() -> Response:
    """Return the counters in Prometheus form."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def _checked(check: Callable[[Services], Awaitable[None]], services: Services) -> str:
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await check(services)
    except (Fault, RPCError, TimeoutError) as problem:
        return f"failed: {type(problem).__name__}"
    return "ok"


async def _database(services: Services) -> None:
    with translate_faults():
        await services.pool.fetchval("SELECT 1")


async def _temporal(services: Services) -> None:
    await services.client.service_client.check_health()
