"""Views of running processes: what people, the register and the Temporal UI read of a case."""

from datetime import datetime

from pydantic import Field

from aims.approval import Ballot, Booth, Outcome, Panel, Verdict, Vote
from aims.assignment import Assigned, AssignmentOutcome
from aims.errors import Invalid, RoleMissing
from aims.forms import Form
from aims.record import Digest, PersonId, Record, RoleId, SystemKey
from aims.systems import Stage, Tier


class CaseView(Record):
    """One approval or assignment as it stands: what is asked of whom by when, and how it ended.

    `pending` are the people who owe something now; `people` everybody ever asked. No free text.
    """

    id: str
    process: str
    subject: str
    system: SystemKey
    step: str
    outcome: str
    open: bool
    digest: Digest
    policy_digest: Digest
    opened_at: datetime
    due_at: datetime
    pending: list[PersonId] = Field(default_factory=list)
    people: list[PersonId] = Field(default_factory=list)
    waiting_for: list[RoleId] = Field(default_factory=list)
    excluded: list[PersonId] = Field(default_factory=list)
    panels: list[Panel] = Field(default_factory=list)
    votes: list[Vote] = Field(default_factory=list)
    form: Form | None = None
    named: PersonId | None = None
    author: PersonId | None = None
    content_digest: Digest | None = None
    reasons_for: list[Verdict] = Field(default_factory=list)
    escalated: bool = False

    def check_role(self, person: PersonId, roles: list[RoleId]) -> None:
        """Let a person submit who is asked by name, or still holds a role that owes the form.

        Raises:
            RoleMissing: When they lost it since they were asked.
        """
        owing = [self.form.role, self.form.escalate_to] if self.form else []
        if person != self.named and not any(role in owing for role in roles):
            raise RoleMissing("You no longer hold the role for which you were asked, so nothing was changed.")

    def booth(self) -> Booth:
        """Return what decides whether a vote may be cast now; only an approval has one.

        Raises:
            Invalid: When this is no approval.
        """
        if self.process != "approval":
            raise Invalid("This is not an approval; submit its form instead.")
        return Booth(
            outcome=Outcome(self.outcome),
            panel=self.panels[-1] if self.panels else Panel(stage="", groups=[]),
            votes=self.votes,
            digest=self.digest,
            excluded=self.excluded,
            reasons_for=self.reasons_for,
        )


class CaseIdentity(Record):
    """What does not change of a case while it runs."""

    id: str
    process: str
    subject: str
    system: SystemKey
    policy_digest: Digest


def approval_view(identity: CaseIdentity, ballot: Ballot, *, opened_at: datetime, due_at: datetime) -> CaseView:
    """Return how an approval stands."""
    waiting = ballot.panels[-1].groups if ballot.panels and ballot.outcome is Outcome.PENDING else []
    return CaseView(
        **identity.model_dump(),
        step=ballot.stage,
        outcome=ballot.outcome,
        open=ballot.outcome is Outcome.PENDING,
        digest=ballot.digest,
        opened_at=opened_at,
        due_at=due_at,
        pending=ballot.pending(),
        people=list(dict.fromkeys(person for panel in ballot.panels for person in panel.members())),
        waiting_for=[group.role for group in waiting],
        excluded=ballot.excluded,
        panels=ballot.panels,
        votes=ballot.votes,
        reasons_for=ballot.rule.reasons_for,
    )


def assignment_view(
    identity: CaseIdentity, assigned: Assigned, *, digest: Digest, opened_at: datetime, due_at: datetime
) -> CaseView:
    """Return how an assignment stands. `digest` is the content that the person works on."""
    is_open = assigned.outcome is AssignmentOutcome.OPEN
    return CaseView(
        **identity.model_dump(),
        step=assigned.form.id,
        outcome=assigned.outcome,
        open=is_open,
        digest=digest,
        opened_at=opened_at,
        due_at=due_at,
        pending=assigned.people if is_open else [],
        people=assigned.people,
        waiting_for=[assigned.form.role] if is_open else [],
        form=assigned.form,
        author=assigned.author,
        content_digest=assigned.digest,
    )


class LifeView(Record):
    """An AI system's life as it stands, for the query `progress` and for the Temporal UI."""

    system: SystemKey
    stage: Stage
    tier: Tier | None = None
    risk_class: str | None = None
    policy_digest: Digest
    open_case: str | None = None
    next_review_at: datetime | None = None
    last_entry: str = ""
    rounds: dict[str, int] = Field(default_factory=dict)


_PDCA = {
    Stage.INTAKE: "Plan",
    Stage.RISK_ASSESSMENT: "Plan",
    Stage.APPROVAL: "Do",
    Stage.DEPLOYMENT_SIGN_OFF: "Do",
    Stage.IN_OPERATION: "Check",
    Stage.PERIODIC_REVIEW: "Check",
    Stage.SUSPENDED: "Act",
    Stage.DECOMMISSIONING: "Act",
}


def life_details(view: LifeView) -> str:
    """Return the Markdown that an administrator reads in the Temporal UI when opening a life cycle."""
    review = f"{view.next_review_at:%Y-%m-%d}" if view.next_review_at else "-"
    lines = [
        f"## AI system `{view.system}`",
        f"**Stage** {_spoken(view.stage)} ({_PDCA.get(view.stage, 'ended')})",
        f"**Tier** {view.tier or 'not yet decided'}, **class** {view.risk_class or 'not yet decided'}",
        f"**Waiting in** {f'`{view.open_case}`' if view.open_case else 'nothing; the engine waits for an event'}",
        f"**Next review** {review}",
        f"**Last recorded** {_spoken(view.last_entry) or '-'}",
        f"**Policy** `{view.policy_digest[:19]}`",
        "",
        "A decision cannot be made here: people decide in Slack or through the REST interface.",
    ]
    return "\n\n".join(lines)


def case_details(view: CaseView) -> str:
    """Return the Markdown that an administrator reads in the Temporal UI when opening an approval or assignment."""
    asked = ", ".join(view.waiting_for) or "nobody"
    lines = [
        f"## {_spoken(view.process).capitalize()} of {_spoken(view.subject)} for `{view.system}`",
        f"**Outcome** {_spoken(view.outcome)}",
        f"**Step** {view.step or '-'}, waiting for {asked} ({len(view.pending)} asked)",
        f"**Due** {view.due_at:%Y-%m-%d %H:%M} UTC",
        f"**Content** `{view.digest[:19]}`, **policy** `{view.policy_digest[:19]}`",
    ]
    lines += [f"- {vote.at:%Y-%m-%d %H:%M} `{vote.person}`: {_spoken(vote.verdict)}" for vote in view.votes]
    return "\n\n".join(lines)


def _spoken(name: str) -> str:
    return str(name).replace("_", " ").replace("-", " ")
