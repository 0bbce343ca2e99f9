"""Assignments: read the form that is owed, submit it."""

from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from aims.casefile import CaseView
from aims.errors import NotFound
from aims.record import Declared, Record
from api.identity import Caller
from api.requests import SubmissionRequest
from api.routes.acting import WAITING, Act, CaseId, Joined

router = APIRouter(tags=["assignments"])


class Submission(Declared):
    """The content of a form, by field id."""

    content: dict[str, Any]


class AssignmentView(Record):
    """An assignment with its form and, once submitted, its content."""

    case: CaseView
    content: dict[str, Any] | None = None


@router.get("/assignments/{case}")
async def read_assignment(case: CaseId, services: Joined, *, _person: Caller) -> AssignmentView:
    """Return what is owed, by whom, until when."""
    return await _view(services, case)


@router.post("/assignments/{case}/submission", response_model=AssignmentView, responses=WAITING)
async def submit(case: CaseId, body: Submission, *, act: Act) -> JSONResponse:
    """Submit the form; answered when the submission is in the ledger."""
    await _view(act.services, case)
    request = SubmissionRequest(case=case, content=body.content)
    return await act.answered(
        body,
        lambda: act.services.entrance.submit(act.person, request, source=act.source),
        show=lambda: _view(act.services, case),
        status=200,
    )


async def _view(services: Joined, case: str) -> AssignmentView:
    view = await services.register.case(case)
    if view.form is None:
        raise NotFound(f"There is no assignment {case}.")
    return AssignmentView(case=view, content=await services.register.submission(case))
