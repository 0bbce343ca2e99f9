"""Approvals: read one, vote."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from pydantic import Field

from adapters.postgres.register import ReasonedVote
from aims.approval import Verdict
from aims.casefile import CaseView
from aims.errors import NotFound
from aims.record import Declared, Digest, Record
from api.identity import Caller
from api.requests import LONGEST_REASON, VoteRequest
from api.routes.acting import WAITING, Act, CaseId, Joined

router = APIRouter(tags=["approvals"])


class Ballot(Declared):
    """A verdict on the content with the digest that the caller saw."""

    verdict: Verdict
    digest: Digest
    reason: str = Field(default="", max_length=LONGEST_REASON)


class ApprovalView(Record):
    """An approval as it stands, with the reasons that were given."""

    case: CaseView
    votes: list[ReasonedVote]


@router.get("/approvals/{case}")
async def read_approval(case: CaseId, services: Joined, *, _person: Caller) -> ApprovalView:
    """Return stages, groups, votes, deadline, and the digest of what is voted on."""
    return await _view(services, case)


@router.post("/approvals/{case}/votes", response_model=ApprovalView, responses=WAITING)
async def vote(case: CaseId, body: Ballot, *, act: Act) -> JSONResponse:
    """Vote on the stage that is open; answered when the vote is in the ledger."""
    view = await _view(act.services, case)
    request = VoteRequest(case=case, step=view.case.step, digest=body.digest, verdict=body.verdict, reason=body.reason)
    return await act.answered(
        body,
        lambda: act.services.entrance.vote(act.person, request, source=act.source),
        show=lambda: _view(act.services, case),
        status=200,
    )


async def _view(services: Joined, case: str) -> ApprovalView:
    view = await services.register.case(case)
    if view.process != "approval":
        raise NotFound(f"There is no approval {case}.")
    return ApprovalView(case=view, votes=await services.register.votes_with_reasons(case))
