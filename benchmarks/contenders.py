"""The two sides behind one face: cases are started, ask for decisions, and end."""

import asyncio
import time
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol, TypeVar

import asyncpg
from temporalio.client import Client

from adapters.postgres.evidence import NewEvidence
from aims.acts import Channel
from aims.approval import Verdict
from aims.casefile import CaseView
from aims.classification import Answer
from aims.errors import NotFound
from aims.people import Person
from api.requests import NewSystem, Source, SubmissionRequest, Taken, VoteRequest
from api.services import Services
from benchmarks.bare import TASK_QUEUE, BareCase, Plan
from benchmarks.stack import BARE, GOVERNED
from workflows import ids

T = TypeVar("T")

REQUESTER, OWNER, UPLOADER = "p-1001", "p-1002", "p-1008"
PATIENCE = timedelta(seconds=60)
LOOK = timedelta(milliseconds=50)
ROWS = "SELECT count(*) FROM bare_row WHERE case_id = $1"
FORMS: dict[str, dict[str, Any]] = {
    "risk-assessment": {
        "likelihood": 3,
        "impact": 4,
        "residual_likelihood": 2,
        "residual_impact": 2,
        "main_risks": "Wrong answers to customers.",
        "controls": "A person reads what is sent.",
    },
    "deployment-checklist": {"oversight": "Two trained people.", "rollback": "tested"},
    "periodic-review": {"conclusion": "continue", "findings": "Metrics and incidents were looked at."},
}

Decision = Callable[[], Awaitable[None]]


class Contender(Protocol):
    """One side of the comparison. `program` is its worker, `measured` the turn whose decisions are timed."""

    name: str
    program: str
    client: Client
    measured: int

    @property
    def turns(self) -> int:
        """How many decisions a case waits for."""

    def query(self, key: str) -> str:
        """Return the visibility query that lists every run of a case."""

    async def start(self, key: str) -> None:
        """Start a case."""

    async def asked(self, key: str, turn: int) -> Decision:
        """Wait until a case asks for its decision of that number; the result takes it, and returns when answered."""

    async def finished(self, key: str) -> None:
        """Wait until a case is through."""


@dataclass
class Governed:
    """Limited tier, from the signed request into operation, through the entrance that the api uses."""

    services: Services
    people: dict[str, Person]
    client: Client
    name: str = "governed"
    program: str = GOVERNED
    turns: int = 4
    measured: int = 1

    def query(self, key: str) -> str:
        """Find everything of one AI system."""
        return f"AimsSystem = '{key}'"

    async def start(self, key: str) -> None:
        """Request a system; it talks to people, so its tier is limited."""
        questions = (await self.services.policies.in_force()).policy.questionnaire.questions
        answers = {question.id: Answer.NO for question in questions} | {"talks_to_people": Answer.YES}
        purpose = "Answers customers' questions about orders. " * 20
        new = NewSystem(key=key, name=f"System {key}", purpose=purpose, owner=OWNER, answers=answers)
        await self.services.entrance.start(self.people[REQUESTER], new, source=_source())

    async def asked(self, key: str, turn: int) -> Decision:
        """Wait for the assessment, the approval, the checklist or the sign-off."""
        view = await self.opened(_case_of(key, turn))
        if view.process == "approval":
            return lambda: self._vote(view)
        content = FORMS[view.step]
        if view.step == "deployment-checklist":
            content = {**content, "test_report": await self._uploaded(key)}
        return lambda: self.submit(view, content)

    async def finished(self, key: str) -> None:
        """Wait until the system is in operation."""

        async def look() -> bool | None:
            return (await self.services.register.profile(key)).stage == "in_operation" or None

        await _until(look, f"{key} in operation")

    async def opened(self, case: str) -> CaseView:
        """Wait until a case asks somebody."""

        async def look() -> CaseView | None:
            try:
                view = await self.services.register.case(case)
            except NotFound:
                return None
            return view if view.open and view.pending else None

        return await _until(look, case)

    async def submit(self, view: CaseView, content: dict[str, Any]) -> None:
        """Submit a form and wait until that is recorded and answered."""
        request = SubmissionRequest(case=view.id, content=content)
        await self._settled(
            await self.services.entrance.submit(self.people[view.pending[0]], request, source=_source())
        )

    async def _vote(self, view: CaseView) -> None:
        request = VoteRequest(case=view.id, step=view.step, digest=view.digest, verdict=Verdict.APPROVE)
        await self._settled(await self.services.entrance.vote(self.people[view.pending[0]], request, source=_source()))

    async def _settled(self, taken: Taken) -> None:
        settled = await self.services.delivery.outcome(taken.act, within=PATIENCE)
        if settled.state != "accepted":
            raise RuntimeError(f"an act on {taken.case} was not accepted: {settled}")

    async def _uploaded(self, key: str) -> str:
        content = f"Test report of {key}: everything passed.".encode()
        digest = await self.services.objects.put(content)
        new = NewEvidence(
            digest=digest,
            system_key=key,
            size=len(content),
            media_type="text/plain",
            name="report.txt",
            uploaded_by=UPLOADER,
        )
        await self.services.evidence.add(new)
        return digest


@dataclass
class Bare:
    """The baseline in one shape; people wait until it asks, as on the other side, by looking into PostgreSQL."""

    name: str
    plan: Plan
    client: Client
    pool: asyncpg.Pool
    program: str = BARE
    measured: int = 1

    @property
    def turns(self) -> int:
        """How many decisions a case waits for."""
        return self.plan.waits

    def query(self, key: str) -> str:
        """Find the one workflow."""
        return f"WorkflowId = '{self._id(key)}'"

    async def start(self, key: str) -> None:
        """Start the workflow."""
        case = self._id(key)
        await self.client.start_workflow(BareCase.run, replace(self.plan, case=case), id=case, task_queue=TASK_QUEUE)

    async def asked(self, key: str, turn: int) -> Decision:
        """Wait until everything before the decision is in the database."""
        case = self._id(key)
        before = sum(self.plan.sections[: turn + 1]) + turn * self.plan.recorded

        async def look() -> bool | None:
            return await self.pool.fetchval(ROWS, case) >= before or None

        async def decide() -> None:
            await self.client.get_workflow_handle(case).execute_update(BareCase.decide, turn)

        await _until(look, case)
        return decide

    async def finished(self, key: str) -> None:
        """Wait until the last row is in the database."""
        await self.asked(key, self.turns)

    def _id(self, key: str) -> str:
        return f"{self.name}:{key}"


def _case_of(key: str, turn: int) -> str:
    return (
        ids.assignment_id("risk-assessment", key, number=1),
        ids.approval_id("use", key, number=1),
        ids.assignment_id("deployment-checklist", key, number=1),
        ids.approval_id("deployment", key, number=1),
    )[turn]


def _source() -> Source:
    return Source(channel=Channel.REST, key=f"benchmark:{uuid.uuid4()}")


async def _until(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    deadline = time.monotonic() + PATIENCE.total_seconds()
    while time.monotonic() < deadline:
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(LOOK.total_seconds())
    raise TimeoutError(f"{what} did not come within {PATIENCE}")
