"""The entrance: acts are checked, signed and stored before they are acknowledged, then delivered."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from activities.ports import Policies
from adapters.postgres.acts import NewAct, PostgresActs
from adapters.postgres.evidence import PostgresEvidence
from adapters.postgres.ledger import PostgresLedger
from adapters.postgres.people import PostgresPeople
from adapters.postgres.register import PostgresRegister
from aims.acts import Act, ActKind, SignedAct, sign
from aims.approval import Vote
from aims.casefile import CaseView
from aims.classification import checked_answers
from aims.errors import AimsError, Closed, EvidenceMissing, Invalid, InvalidTransition, NotAssigned, NotPermitted
from aims.evidence import Entry
from aims.forms import checked_content, evidence_of
from aims.people import Person
from aims.record import Record, SystemKey, digest_of
from aims.systems import Stage, SystemProfile
from api.requests import NewSystem, Source, SubmissionRequest, Taken, VoteRequest
from workflows import ids


class Deliver(Protocol):
    """Begins to deliver an act that was just stored."""

    def __call__(self, act: str, signed: SignedAct, *, reply: dict[str, str] | None) -> None:
        """Begin, and return at once."""


class Draft(Record):
    """An act as it stands before it is signed, with the free text that stays in PostgreSQL."""

    kind: ActKind
    case: str
    system: SystemKey
    step: str = ""
    verdict: str = ""
    content: dict[str, Any]
    digest: str | None = None
    facts: dict[str, Any]
    has_reason: bool = False
    profile: SystemProfile | None = None


@dataclass(frozen=True)
class Entrance:
    """Takes acts of authenticated people. Every refusal on a known case is recorded."""

    acts: PostgresActs
    register: PostgresRegister
    people: PostgresPeople
    policies: Policies
    evidence: PostgresEvidence
    ledger: PostgresLedger
    key: Ed25519PrivateKey
    deliver: Deliver
    now: Callable[[], datetime]

    async def start(self, person: Person, request: NewSystem, *, source: Source) -> Taken:
        """Take a request to govern an AI system; its key is reserved in the same transaction.

        Raises:
            Invalid: When an answer or the owner is not known; names the field.
            KeyTaken: When a system with the key exists.
        """
        policy = (await self.policies.in_force()).policy
        answers = checked_answers(policy.questionnaire, request.answers)
        owner = await self._owner(person, request)
        content = {**request.model_dump(mode="json"), "owner": owner}
        facts = {**{name: str(answer) for name, answer in answers.items()}, "owner": owner, "unit": request.unit}
        now = self.now()
        profile = SystemProfile(
            key=request.key,
            name=request.name,
            purpose=request.purpose,
            owner=owner,
            requester=person.id,
            unit=request.unit,
            stage=Stage.INTAKE,
            requested_at=now,
            updated_at=now,
        )
        case = ids.lifecycle_id(request.key)
        draft = Draft(
            kind=ActKind.START,
            case=case,
            system=request.key,
            step="start",
            content=content,
            facts=facts,
            profile=profile,
        )
        return await self._take(person, draft, source=source)

    async def vote(self, person: Person, request: VoteRequest, *, source: Source) -> Taken:
        """Take a vote of somebody who is asked at the open stage and still holds the role.

        Raises:
            AimsError: When the vote may not be cast; recorded, and nothing is changed.
        """
        case = await self.register.case(request.case)
        draft = Draft(
            kind=ActKind.VOTE,
            case=case.id,
            system=case.system,
            step=request.step,
            verdict=request.verdict,
            content={"reason": request.reason.strip()},
            digest=request.digest,
            facts={},
            has_reason=bool(request.reason.strip()),
        )

        def check() -> None:
            _check_vote(person, case, request=request, at=self.now())

        return await self._guarded(person, draft, source=source, check=check)

    async def submit(self, person: Person, request: SubmissionRequest, *, source: Source) -> Taken:
        """Take a filled-in form of somebody who owes it.

        Raises:
            Invalid: When the form is not complete; names each field.
            EvidenceMissing: When it names evidence that was never uploaded for this system.
            AimsError: When the person does not owe it; recorded, and nothing is changed.
        """
        case = await self.register.case(request.case)
        form = case.form
        if form is None:
            raise Invalid("This is not a form; vote on it instead.")
        facts = checked_content(form, request.content)
        await self._check_evidence(case.system, evidence_of(form, request.content))
        draft = Draft(
            kind=ActKind.SUBMISSION,
            case=case.id,
            system=case.system,
            step=form.id,
            content=request.content,
            facts=facts,
        )
        return await self._guarded(person, draft, source=source, check=lambda: _check_owed(person, case))

    async def withdraw(self, person: Person, system: SystemKey, *, reason: str, source: Source) -> Taken:
        """Take the withdrawal of a request by its requester."""
        return await self._about_life(person, system, kind=ActKind.WITHDRAWAL, reason=reason, source=source)

    async def decommission(self, person: Person, system: SystemKey, *, reason: str, source: Source) -> Taken:
        """Take the request to end a system in use, by owner or requester."""
        return await self._about_life(person, system, kind=ActKind.DECOMMISSIONING, reason=reason, source=source)

    async def refused(self, person: Person | None, case: str, *, error: AimsError, source: Source) -> None:
        """Record an attempt that was refused, when it concerned a case that exists."""
        try:
            known = await self.register.case(case)
        except AimsError:
            return
        actor = person.id if person else "stranger"
        await self._record_refusal(actor, (known.id, known.system), refused=error, source=source)

    async def _about_life(
        self, person: Person, system: SystemKey, *, kind: ActKind, reason: str, source: Source
    ) -> Taken:
        profile = await self.register.profile(system)
        draft = Draft(
            kind=kind,
            case=ids.lifecycle_id(system),
            system=system,
            step=str(kind),
            content={"reason": reason.strip()},
            facts={},
            has_reason=bool(reason.strip()),
        )
        return await self._guarded(person, draft, source=source, check=lambda: _check_life(person, profile, kind=kind))

    async def _owner(self, person: Person, request: NewSystem) -> str:
        if request.owner is None:
            return person.id
        known = await self.people.persons([request.owner])
        if not known or not known[0].active:
            raise Invalid("The owner is not a person of the organisation.", fields={"/owner": "nobody has this id"})
        return request.owner

    async def _check_evidence(self, system: SystemKey, digests: list[str]) -> None:
        if not digests:
            return
        stored = {one.digest for one in await self.evidence.of_system(system)}
        for digest in digests:
            if digest not in stored:
                raise EvidenceMissing(
                    f"No evidence {digest[:19]}... is stored for this system. Upload it first: "
                    f"POST /v1/systems/{system}/evidence."
                )

    async def _guarded(self, person: Person, draft: Draft, *, source: Source, check: Callable[[], None]) -> Taken:
        """Take an act when its check passes or it is a repetition; otherwise record the refusal."""
        try:
            check()
        except (NotPermitted, InvalidTransition) as refused:
            if await self._is_repetition(source):
                return Taken(act=act_id(source), case=draft.case, repeated=True)
            await self._record_refusal(person.id, (draft.case, draft.system), refused=refused, source=source)
            raise
        return await self._take(person, draft, source=source)

    async def _is_repetition(self, source: Source) -> bool:
        try:
            await self.acts.state_of(act_id(source))
        except AimsError:
            return False
        return True

    async def _take(self, person: Person, draft: Draft, *, source: Source) -> Taken:
        act = Act(
            id=act_id(source),
            kind=draft.kind,
            case=draft.case,
            step=draft.step,
            person=person.id,
            roles=person.roles,
            verdict=draft.verdict,
            has_reason=draft.has_reason,
            digest=draft.digest or digest_of(draft.content),
            facts=draft.facts,
            channel=source.channel,
            at=self.now(),
        )
        signed = sign(act, self.key)
        taken = await self.acts.take(
            NewAct(
                idempotency_key=source.key,
                signed=signed,
                system_key=draft.system,
                content=draft.content,
                reply=source.reply,
                profile=draft.profile,
            )
        )
        if not taken.repeated:
            self.deliver(taken.act_id, signed, reply=source.reply)
        return Taken(act=taken.act_id, case=draft.case, repeated=taken.repeated)

    async def _record_refusal(
        self, actor: str, case: tuple[str, SystemKey], *, refused: AimsError, source: Source
    ) -> None:
        name, system = case
        entry = Entry(
            key=f"{name}:refused:{act_id(source)}",
            system=system,
            case=name,
            kind="attempt_refused",
            actor=actor,
            occurred_at=self.now(),
            facts={"rule": type(refused).__name__, "channel": source.channel},
        )
        await self.ledger.record([entry])


def act_id(source: Source) -> str:
    """Return the id of the act that a request makes: the same request makes the same act."""
    return f"act-{hashlib.sha256(source.key.encode()).hexdigest()[:32]}"


def _check_vote(person: Person, case: CaseView, *, request: VoteRequest, at: datetime) -> None:
    vote = Vote(
        act="",
        stage=request.step,
        person=person.id,
        verdict=request.verdict,
        digest=request.digest,
        at=at,
        has_reason=bool(request.reason.strip()),
    )
    booth = case.booth()
    booth.check(vote)
    booth.check_roles(person.id, person.roles)


def _check_owed(person: Person, case: CaseView) -> None:
    if not case.open:
        raise Closed(f"This is already closed: {case.outcome}. Nothing was changed.")
    if person.id not in case.pending:
        raise NotAssigned("This is not assigned to you, so nothing was changed.")
    case.check_role(person.id, person.roles)


def _check_life(person: Person, profile: SystemProfile, *, kind: ActKind) -> None:
    allowed = [profile.requester] if kind is ActKind.WITHDRAWAL else [profile.requester, profile.owner]
    if person.id not in allowed:
        raise NotAssigned("Only the requester, or for the end of a system its owner, can ask for this.")
