"""The HTTP interface: REST under `/v1`, Slack under `/slack`, health beside them."""

import time
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from api import errors
from api.limits import BodyLimit
from api.routes import approvals, assignments, evidence, health, ledger, policies, systems, tasks
from api.services import Services
from api.slack.router import build_router
from api.slack.service import SlackDesk

DESCRIPTION = """Governance of AI systems as durable processes.

Every POST that starts or decides something takes an `Idempotency-Key`; the same key again returns the first answer.
Errors are RFC 9457 problems whose `detail` says what to do.
"""


def build_app(opening: AbstractAsyncContextManager[Services]) -> FastAPI:
    """Return the app; the services open when it starts and close when it stops."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with opening as services:
            app.state.services = services
            if services.slack:
                app.include_router(build_router(_slack_desk(services)))
            yield

    app = FastAPI(title="AIMS", version="1", description=DESCRIPTION, lifespan=lifespan, docs_url="/docs")
    app.add_middleware(BodyLimit)
    errors.install(app)
    for module in (systems, approvals, assignments, tasks, evidence, policies, ledger):
        app.include_router(module.router, prefix="/v1", responses=errors.PROBLEMS)
    app.include_router(health.router)
    return app


def _slack_desk(services: Services) -> SlackDesk:
    workspace = services.slack
    if workspace is None:
        raise RuntimeError("There is no Slack workspace to serve.")
    return SlackDesk(
        entrance=services.entrance,
        register=services.register,
        people=services.people,
        policies=services.policies,
        messenger=workspace.messenger,
        directory=workspace.directory,
        replays=services.replays,
        signing_secret=workspace.signing_secret,
        clock=time.time,
    )
