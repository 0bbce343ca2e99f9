"""What the caller owes: votes and forms, due first."""

from fastapi import APIRouter

from aims.casefile import CaseView
from aims.record import Record
from api.identity import Caller
from api.routes.acting import Joined

router = APIRouter(tags=["tasks"])


class Tasks(Record):
    """Open cases in which the caller owes something, the most urgent first."""

    items: list[CaseView]


@router.get("/tasks")
async def list_tasks(services: Joined, person: Caller) -> Tasks:
    """List what the caller owes now."""
    return Tasks(items=await services.register.owed(person.id))
