"""What is asked when an approval stage or an assignment opens, and the step that records it."""

from datetime import datetime

from aims.approval import ApprovalStage, Ballot, Panel, panel_of
from aims.assignment import Assigned
from aims.casefile import CaseIdentity, approval_view, assignment_view
from aims.evidence import Entry
from aims.journal import Step
from aims.people import Members, without
from aims.record import Digest, PersonId, Record, RoleId


class StageOpening(Record):
    """An approval stage that is to be opened, or to be opened wider by escalation."""

    identity: CaseIdentity
    ballot: Ballot
    stage: ApprovalStage
    escalated: bool
    at: datetime
    opened_at: datetime
    due_at: datetime

    def step(self, holders: list[Members]) -> tuple[Panel, Step]:
        """Return who is asked and the step that records it."""
        panel = panel_of(self.stage, holders, excluded=self.ballot.excluded, escalated=self.escalated)
        ballot = self.ballot.with_panel(panel)
        kind = "escalated" if self.escalated else "approval_requested"
        facts = {"stage": self.stage.id, "groups": [group.model_dump(mode="json") for group in panel.groups]}
        entry = _entry(self.identity, kind, step=self.stage.id, at=self.at).model_copy(
            update={"content_digest": ballot.digest, "facts": facts}
        )
        view = approval_view(self.identity, ballot, opened_at=self.opened_at, due_at=self.due_at)
        view = view.model_copy(update={"escalated": self.escalated})
        return panel, Step(key=entry.key, entries=[entry], case=view)


class AssignmentOpening(Record):
    """An assignment that is to be opened, or to be opened wider by escalation to another role."""

    identity: CaseIdentity
    assigned: Assigned
    person: PersonId | None
    excluded: list[PersonId]
    escalated: bool
    digest: Digest
    at: datetime
    opened_at: datetime
    due_at: datetime

    def step(self, holders: list[Members]) -> tuple[list[PersonId], Step]:
        """Return who is asked and the step that records it."""
        people = self._people(holders)
        kind = "escalated" if self.escalated else "assignment_opened"
        entry = _entry(self.identity, kind, step=self.assigned.form.id, at=self.at).model_copy(
            update={"content_digest": self.digest, "facts": {"form": self.assigned.form.id, "people": people}}
        )
        assigned = self.assigned.model_copy(update={"people": people})
        view = assignment_view(
            self.identity, assigned, digest=self.digest, opened_at=self.opened_at, due_at=self.due_at
        )
        view = view.model_copy(update={"escalated": self.escalated, "named": self.person})
        return people, Step(key=entry.key, entries=[entry], case=view)

    def roles(self) -> list[RoleId]:
        """Return whose holders are asked: the form's role unless a person is named, further ones after escalation."""
        form = self.assigned.form
        further = [role for role in (form.role, form.escalate_to) if role] if self.escalated else []
        return list(dict.fromkeys([*([form.role] if self.person is None else []), *further]))

    def _people(self, holders: list[Members]) -> list[PersonId]:
        """Return the named person or the role's holders; when escalated, the holders join those asked before."""
        named = [self.person] if self.person else []
        held = [person for members in holders for person in members.people]
        asked = [*self.assigned.people, *held] if self.escalated else (named or held)
        return without(list(dict.fromkeys(asked)), self.excluded)


def _entry(identity: CaseIdentity, kind: str, *, step: str, at: datetime) -> Entry:
    return Entry(
        key=f"{identity.id}:{step}:{kind}",
        system=identity.system,
        case=identity.id,
        kind=kind,
        actor="system",
        occurred_at=at,
        policy_digest=identity.policy_digest,
    )
