"""AI systems: start, list, read, withdraw, decommission."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from pydantic import Field

from adapters.postgres.register import SystemFilter
from aims.casefile import CaseView
from aims.classification import RiskClass
from aims.record import Declared, PersonId, Record, SystemKey
from aims.systems import Stage, SystemProfile, Tier
from api.identity import Caller
from api.requests import LONGEST_REASON, NewSystem
from api.routes.acting import WAITING, Act, Joined

router = APIRouter(tags=["systems"])


class SystemView(SystemProfile):
    """A system as registered, with its open cases and where to look."""

    open_cases: list[CaseView] = Field(default_factory=list)
    links: dict[str, str] = Field(default_factory=dict)


class RegisterQuery(Declared):
    """Which systems to list, and which page of them."""

    stage: Stage | None = None
    tier: Tier | None = None
    risk_class: RiskClass | None = Field(default=None, alias="class")
    owner: PersonId | None = None
    overdue: bool = False
    q: str = Field(default="", max_length=100, pattern=r"^[^\x00]*$")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: SystemKey | None = None


class SystemPage(Record):
    """A page of the register; `next` is the cursor of the following page, if there is one."""

    items: list[SystemProfile]
    next: str | None = None


class Timeline(Record):
    """The ledger entries of a system, oldest first."""

    items: list[dict[str, Any]]


class Reasoned(Declared):
    """Why somebody asks for something."""

    reason: str = Field(min_length=1, max_length=LONGEST_REASON)


@router.post("/systems", status_code=201, response_model=SystemView, responses=WAITING)
async def start_system(body: NewSystem, act: Act) -> JSONResponse:
    """Start the life cycle of an AI system; the answers that are missing count as unknown."""
    return await act.answered(
        body,
        lambda: act.services.entrance.start(act.person, body, source=act.source),
        show=lambda: _view(act.services, body.key),
        status=201,
    )


@router.get("/systems")
async def list_systems(services: Joined, _person: Caller, *, wanted: Annotated[RegisterQuery, Query()]) -> SystemPage:
    """List the register by key."""
    chosen = SystemFilter(**wanted.model_dump(exclude={"limit", "cursor"}))
    found = await services.register.systems(chosen, wanted.cursor, limit=wanted.limit + 1)
    more = len(found) > wanted.limit
    return SystemPage(items=found[: wanted.limit], next=found[wanted.limit - 1].key if more else None)


@router.get("/systems/{key}")
async def read_system(key: SystemKey, services: Joined, *, _person: Caller) -> SystemView:
    """Return the case view of a system."""
    return await _view(services, key)


@router.get("/systems/{key}/timeline")
async def read_timeline(key: SystemKey, services: Joined, *, _person: Caller) -> Timeline:
    """Return the ledger entries of a system, oldest first."""
    await services.register.profile(key)
    return Timeline(items=[json.loads(payload) for payload in await services.register.timeline(key)])


@router.post("/systems/{key}/withdrawal", response_model=SystemView, responses=WAITING)
async def withdraw(key: SystemKey, body: Reasoned, *, act: Act) -> JSONResponse:
    """Withdraw a request that is not decided yet; only its requester can."""
    return await act.answered(
        body,
        lambda: act.services.entrance.withdraw(act.person, key, reason=body.reason, source=act.source),
        show=lambda: _view(act.services, key),
        status=200,
    )


@router.post("/systems/{key}/decommissioning", response_model=SystemView, responses=WAITING)
async def decommission(key: SystemKey, body: Reasoned, *, act: Act) -> JSONResponse:
    """Ask for the end of a system in operation or suspended; its owner or requester can."""
    return await act.answered(
        body,
        lambda: act.services.entrance.decommission(act.person, key, reason=body.reason, source=act.source),
        show=lambda: _view(act.services, key),
        status=200,
    )


async def _view(services: Joined, key: SystemKey) -> SystemView:
    profile = await services.register.profile(key)
    cases = [case for case in await services.register.cases_of(key) if case.open]
    links = {"timeline": f"/v1/systems/{key}/timeline", "evidence": f"/v1/systems/{key}/evidence"}
    return SystemView(**profile.model_dump(), open_cases=cases, links=links)
