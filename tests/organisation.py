"""A small company under governance: people, keys, a running worker and the api's services, on the real servers."""

import asyncio
import json
import shutil
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from temporalio.client import WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Replayer

from adapters.people_file import read_people
from adapters.postgres.acts import TakenAct
from adapters.postgres.evidence import NewEvidence
from adapters.postgres.pool import open_pool
from adapters.settings import Settings
from aims.acts import Channel
from aims.approval import Verdict
from aims.casefile import CaseView
from aims.classification import Answer
from aims.people import Person
from aims.systems import SystemProfile
from api.requests import NewSystem, Source, SubmissionRequest, Taken, VoteRequest
from api.services import Services, joined
from tests.servers import Database
from workers.composition import WORKFLOWS, build_worker
from workers.sandbox import workflow_runner

T = TypeVar("T")

ROOT = Path(__file__).resolve().parent.parent
PEOPLE = ROOT / "examples" / "people.toml"
REQUESTER, OWNER, BUSINESS, RISK, PRIVACY, SECURITY = "p-1001", "p-1002", "p-1003", "p-1004", "p-1005", "p-1006"
LEAD, ENGINEERING, REVIEWER, SECOND_PRIVACY, ADMINISTRATOR = "p-1007", "p-1008", "p-1009", "p-1010", "p-1011"
PATIENCE_SECONDS = 30
JUST_BEFORE = timedelta(milliseconds=300)

FORMS: dict[str, dict[str, Any]] = {
    "risk-assessment": {
        "likelihood": 3,
        "impact": 4,
        "residual_likelihood": 2,
        "residual_impact": 2,
        "main_risks": "Bias against groups of applicants.",
        "controls": "Subgroup tests, a human decides.",
    },
    "impact-assessment": {"individuals": "Access to jobs.", "society": "Small.", "severity": "significant"},
    "periodic-review": {"conclusion": "continue", "findings": "Metrics, incidents and conditions were looked at."},
    "disposal": {"use_stopped": "yes", "data": "Deleted on the day of the end."},
}


@dataclass
class Organisation:
    """Acts as the people of the company do, and waits for what follows."""

    services: Services
    env: WorkflowEnvironment
    settings: Settings
    people: dict[str, Person]
    key: str = field(default_factory=lambda: f"assistant-{uuid.uuid4().hex[:8]}")
    """A key that no other test uses: all tests share one Temporal."""

    @property
    def use(self) -> str:
        """Return the id of the first approval of the system's use."""
        return f"approval:use:{self.key}:1"

    async def request(self, key: str, *, by: str = REQUESTER, owner: str = OWNER, **answers: str) -> Taken:
        """Request a system; questions that are not named are answered with no."""
        questions = (await self.services.policies.in_force()).policy.questionnaire.questions
        given = {question.id: Answer(answers.get(question.id, "no")) for question in questions}
        new = NewSystem(key=key, name=f"System {key}", purpose="To test.", owner=owner, answers=given)
        return await self.services.entrance.start(self.people[by], new, source=source())

    async def vote(self, case: str, by: str, *, verdict: str = "approve", reason: str = "") -> TakenAct:
        """Vote on what is asked now, and return how the act was settled."""
        view = await self.services.register.case(case)
        request = VoteRequest(case=case, step=view.step, digest=view.digest, verdict=Verdict(verdict), reason=reason)
        taken = await self.services.entrance.vote(self.people[by], request, source=source())
        return await self.settled(taken)

    async def submit(self, case: str, by: str, **content: Any) -> TakenAct:
        """Submit a form, filled in as usual where nothing else is given."""
        view = await self.services.register.case(case)
        filled = {**await self._usual(view), **content}
        request = SubmissionRequest(case=case, content=filled)
        return await self.settled(await self.services.entrance.submit(self.people[by], request, source=source()))

    async def into_operation(self, key: str) -> None:
        """Bring a requested system into operation: every form, every vote that its tier wants."""
        while (await self.services.register.profile(key)).stage != "in_operation":
            for case in await self.services.register.cases_of(key):
                await self.act_on(case)
            await asyncio.sleep(0.02)

    async def retire(self, key: str, *, by: str = OWNER) -> None:
        """Ask for the end of a system, approve it and dispose of it."""
        taken = await self.services.entrance.decommission(self.people[by], key, reason="Replaced.", source=source())
        await self.settled(taken)
        while (await self.services.register.profile(key)).stage != "decommissioned":
            for case in await self.services.register.cases_of(key):
                await self.act_on(case)
            await asyncio.sleep(0.02)

    async def act_on(self, case: CaseView) -> None:
        """Let the first person who owes something in an open case do it."""
        if not case.open or not case.pending:
            return
        if case.process == "approval":
            await self.vote(case.id, case.pending[0])
        else:
            await self.submit(case.id, case.pending[0])

    async def settled(self, taken: Taken) -> TakenAct:
        """Return how an act stands once it is settled."""
        return await self.services.delivery.outcome(taken.act, within=timedelta(seconds=PATIENCE_SECONDS))

    async def upload(self, key: str, content: bytes, *, by: str = ENGINEERING) -> str:
        """Store a piece of evidence and return its digest."""
        digest = await self.services.objects.put(content)
        new = NewEvidence(
            digest=digest, system_key=key, size=len(content), media_type="text/plain", name="e.txt", uploaded_by=by
        )
        await self.services.evidence.add(new)
        return digest

    async def open_case(self, case: str, *, step: str = "") -> CaseView:
        """Wait until a case is open, at a step if one is named."""
        return await self.case_when(case, lambda view: view.open and bool(view.pending) and step in (view.step, ""))

    async def case_when(self, case: str, holds: Callable[[CaseView], bool]) -> CaseView:
        """Wait until a case is as described."""

        async def look() -> CaseView | None:
            found = [one for one in await self.services.register.cases_of(_system_of(case)) if one.id == case]
            return found[0] if found and holds(found[0]) else None

        return await until(look, f"case {case}")

    async def system_when(self, key: str, stage: str) -> SystemProfile:
        """Wait until a system is in a stage."""

        async def look() -> SystemProfile | None:
            profile = await self.services.register.profile(key)
            return profile if profile.stage == stage else None

        return await until(look, f"{key} in {stage}")

    async def kinds(self, key: str) -> list[str]:
        """Return the kinds of a system's ledger entries, oldest first."""
        pages = [entry async for entry in self.services.ledger.stream()]
        found = [json.loads(entry.payload) for entry in pages]
        return [one["kind"] for one in found if one["system"] == key]

    def handle(self, workflow_id: str) -> WorkflowHandle[Any, Any]:
        """Return a handle on a workflow."""
        return self.env.client.get_workflow_handle(workflow_id)

    async def cases(self, key: str, process: str) -> list[CaseView]:
        """Return a system's cases of one process, oldest first."""
        return [case for case in await self.services.register.cases_of(key) if case.process == process]

    async def tickets(self, key: str) -> list[str]:
        """Return the states of all tickets of a system in the local tracker."""
        rows = await self.services.pool.fetch("SELECT state FROM ticket WHERE key LIKE $1", f"system:{key}:%")
        return [str(row["state"]) for row in rows]

    def change_policy(self, name: str, old: str, *, new: str) -> None:
        """Change a text in a policy file of this company."""
        path = self.settings.policies / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    async def skip(self, workflow_id: str, duration: timedelta) -> None:
        """Move the clock of a process without children forward."""
        await asyncio.wait_for(self.env.fast_forward(self.handle(workflow_id), duration), PATIENCE_SECONDS)

    async def skip_to(self, workflow_id: str, instant: datetime) -> None:
        """Move a workflow's clock to just before an instant; the rest passes by itself.

        A process that starts while a clock is being moved would skip all of its own deadlines, too.
        """
        handle = self.handle(workflow_id)
        left = instant - await self.env.get_current_time(handle) - JUST_BEFORE
        if left > timedelta(0):
            await asyncio.wait_for(self.env.fast_forward(handle, left), PATIENCE_SECONDS)

    async def to_review(self, key: str) -> CaseView:
        """Move a system in operation to its next review and return the assignment that then opens."""
        profile = await self.services.register.profile(key)
        due_at = profile.next_review_at
        if due_at is None:
            raise AssertionError(f"{key} has no next review")
        number = await self._rounds(key) + 1
        await self.skip_to(f"system:{key}", due_at)
        return await self.open_case(f"assignment:periodic-review:{key}:{number}")

    async def replayed(self, key: str) -> list[int]:
        """Replay every run of every process of a system and return their numbers of events.

        Raises:
            AssertionError: When a run does not replay.
        """
        replayer = Replayer(
            workflows=WORKFLOWS, workflow_runner=workflow_runner(), data_converter=pydantic_data_converter
        )
        sizes = []
        async for run in self.env.client.list_workflows(f"AimsSystem = '{key}'"):
            history = await self.env.client.get_workflow_handle(run.id, run_id=run.run_id).fetch_history()
            result = await replayer.replay_workflow(history, raise_on_replay_failure=False)
            if result.replay_failure:
                raise AssertionError(f"{run.id} does not replay: {result.replay_failure}")
            sizes.append(len(history.events))
        return sizes

    async def _rounds(self, key: str) -> int:
        cases = await self.services.register.cases_of(key)
        return sum(case.subject == "periodic-review" for case in cases)

    async def _usual(self, view: CaseView) -> dict[str, Any]:
        form = view.form.id if view.form else ""
        if view.form and form in {"clarification", "revision"}:
            return {field.id: "no" if field.choices else "Looked it up." for field in view.form.fields}
        if form == "deployment-checklist":
            report = await self.upload(view.system, b"all tests passed")
            return {"test_report": report, "oversight": "Two trained people.", "rollback": "tested"}
        return FORMS[form]


@asynccontextmanager
async def organisation(
    env: WorkflowEnvironment, database: Database, *, folder: Path, at_work: bool = True
) -> AsyncIterator[Organisation]:
    """Run the company on a database of its own: services and, unless it is away, a worker on its own task queue."""
    settings = settings_for(database, folder)
    pool = await open_pool(database.app)
    try:
        services = joined(settings, pool, client=env.client)
        people = read_people(PEOPLE)
        await services.people.upsert(people)
        async with build_worker(env.client, settings, pool=pool) if at_work else nullcontext():
            yield Organisation(services, env, settings, people={one.id: one for one in people})
        await services.delivery.settle()
    finally:
        await pool.close()


def settings_for(database: Database, folder: Path) -> Settings:
    """Return settings with fresh keys in a folder, no Slack, and the shipped policies."""
    key = Ed25519PrivateKey.generate()
    public = folder / "act-signing.pub"
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return Settings(
        database_url=database.app,
        task_queue=f"test-{uuid.uuid4().hex}",
        policies=shutil.copytree(ROOT / "policies", folder / "policies"),
        signing_key=pem,
        verify_keys=public,
        storage_url=(folder / "evidence").as_uri(),
    )


def source() -> Source:
    """Return a source that no other request has."""
    return Source(channel=Channel.REST, key=f"test:{uuid.uuid4()}")


async def until(look: Callable[[], Awaitable[T | None]], what: str) -> T:
    """Look until something is found.

    Raises:
        AssertionError: When the time is over.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = await look()
        if found is not None:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError(f"{what} did not come in {PATIENCE_SECONDS} s")


def _system_of(case: str) -> str:
    parts = case.split(":")
    return parts[2] if parts[0] in {"approval", "assignment"} else parts[1]
