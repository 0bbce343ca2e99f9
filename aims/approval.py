"""One approval: stages, groups, votes and what they add up to. Source: ISO/IEC 42001:2023, 5.3 and A.9.2."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from aims.errors import AlreadyDecided, Closed, NotAssigned, ReasonMissing, RoleMissing, StaleContent
from aims.people import Members, refuse_own_case, without
from aims.record import Digest, PersonId, Record, RoleId
from aims.systems import Tier


class Verdict(StrEnum):
    """What a person can say of what is asked."""

    APPROVE = "approve"
    REJECT = "reject"
    ABSTAIN = "abstain"
    REQUEST_CHANGES = "request_changes"


class Outcome(StrEnum):
    """How an approval, or one stage of it, stands."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    CHANGES_REQUESTED = "changes_requested"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class GroupRule(Record):
    """Holders of a role, and how many of them must approve: `any` one, `all`, or `at_least` n."""

    role: RoleId
    rule: Literal["any", "all", "at_least"] = "any"
    at_least: int = Field(default=1, ge=1)
    escalate_to: RoleId | None = None

    @model_validator(mode="after")
    def _number_where_it_counts(self) -> Self:
        if self.rule == "at_least" and "at_least" not in self.model_fields_set:
            raise ValueError("rule 'at_least' needs its number: at_least = 2")
        if self.rule != "at_least" and self.at_least > 1:
            raise ValueError(f"at_least = {self.at_least} counts only under rule = 'at_least'")
        return self


class ApprovalStage(Record):
    """Groups that vote in parallel; the next stage opens when all of them are satisfied."""

    id: str
    groups: list[GroupRule] = Field(min_length=1)


class ApprovalRule(Record):
    """Who has to approve a subject for the tiers named; `automatic` means approved by this rule itself."""

    id: str
    subject: str
    tiers: list[Tier] = Field(min_length=1)
    automatic: bool = False
    stages: list[ApprovalStage] = Field(default_factory=list)
    reasons_for: list[Verdict] = Field(default_factory=lambda: [Verdict.REJECT, Verdict.REQUEST_CHANGES])
    deadline: str
    clause: str
    owner: str
    rationale: str

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.automatic == bool(self.stages):
            raise ValueError("an approval is either automatic or has stages, not both and not neither")
        names = [stage.id for stage in self.stages]
        if len(names) != len(set(names)):
            raise ValueError("stage ids must be different")
        return self


class Group(Record):
    """A group as resolved at the moment of asking: who is asked and how many of them must approve.

    `escalated_to` is the role whose holders were added when nobody acted in time.
    """

    role: RoleId
    escalated_to: RoleId | None = None
    members: list[PersonId]
    needed: int = Field(ge=1)


class Panel(Record):
    """The people asked in one stage."""

    stage: str
    groups: list[Group]

    def members(self) -> list[PersonId]:
        """Return everybody who is asked, each once, in a stable order."""
        return list(dict.fromkeys(person for group in self.groups for person in group.members))


class Vote(Record):
    """One person's verdict in one stage on the content with this digest."""

    act: str
    stage: str
    person: PersonId
    verdict: Verdict
    digest: Digest
    at: datetime
    has_reason: bool = False


class Booth(Record):
    """What decides whether a vote may be cast now; entrances and workflows ask the same."""

    outcome: Outcome
    panel: Panel
    votes: list[Vote]
    digest: Digest
    excluded: list[PersonId]
    reasons_for: list[Verdict]

    def check(self, vote: Vote) -> None:
        """Let a vote pass that this person may cast now.

        Raises:
            Closed: When the approval has ended.
            SeparationOfDutiesViolated: When the person took part in what is decided.
            AlreadyDecided: When the person voted in this stage.
            NotAssigned: When the person is not asked in the open stage.
            StaleContent: When the content is not the one the person saw.
            ReasonMissing: When the policy wants a reason for this verdict.

        """
        if self.outcome is not Outcome.PENDING:
            raise Closed(f"This is already closed: {self.outcome.replace('_', ' ')}. Nothing was changed.")
        refuse_own_case(vote.person, self.excluded)
        if any(known.person == vote.person and known.stage == self.panel.stage for known in self.votes):
            raise AlreadyDecided("You have decided here already; your first decision stands.")
        if vote.stage != self.panel.stage or vote.person not in self.panel.members():
            raise NotAssigned("You are not among the people who are asked at this step, so nothing was changed.")
        if vote.digest != self.digest:
            raise StaleContent("This changed since you looked. Open the current request and decide on that one.")
        if vote.verdict in self.reasons_for and not vote.has_reason:
            raise ReasonMissing(f"The policy asks for a reason when you {vote.verdict.replace('_', ' ')}. Give one.")

    def check_roles(self, person: PersonId, roles: Sequence[RoleId]) -> None:
        """Let a person vote who still holds the role for which they are asked.

        Raises:
            RoleMissing: When they lost it since they were asked.
        """
        asked_as = [group for group in self.panel.groups if person in group.members]
        if not any(role in (group.role, group.escalated_to) for group in asked_as for role in roles):
            raise RoleMissing("You no longer hold the role for which you were asked, so nothing was changed.")


class Ballot(Record):
    """The open or closed state of one approval. Transitions are pure: each returns a new ballot."""

    rule: ApprovalRule
    digest: Digest
    excluded: list[PersonId] = Field(default_factory=list)
    panels: list[Panel] = Field(default_factory=list)
    votes: list[Vote] = Field(default_factory=list)
    outcome: Outcome = Outcome.PENDING

    @property
    def open_panel(self) -> Panel:
        """Return the panel of the stage that is open, or was open last; nobody before the first."""
        return self.panels[-1] if self.panels else Panel(stage="", groups=[])

    @property
    def stage(self) -> str:
        """Return the id of the stage that is open, or was open last; empty before the first."""
        return self.open_panel.stage

    def next_stage(self) -> ApprovalStage | None:
        """Return the stage that has not been opened yet, in order."""
        opened = {panel.stage for panel in self.panels}
        return next((stage for stage in self.rule.stages if stage.id not in opened), None)

    def with_panel(self, panel: Panel) -> "Ballot":
        """Return the ballot with a stage opened, or with the people of the open stage replaced after escalation."""
        others = [known for known in self.panels if known.stage != panel.stage]
        return self.model_copy(update={"panels": [*others, panel]})

    def pending(self) -> list[PersonId]:
        """Return who is asked now and has not voted in the open stage."""
        if self.outcome is not Outcome.PENDING:
            return []
        voted = {vote.person for vote in self.votes if vote.stage == self.stage}
        return [person for person in self.open_panel.members() if person not in voted]

    def booth(self) -> "Booth":
        """Return what decides whether a vote may be cast now."""
        return Booth(
            outcome=self.outcome,
            panel=self.open_panel,
            votes=self.votes,
            digest=self.digest,
            excluded=self.excluded,
            reasons_for=self.rule.reasons_for,
        )

    def cast(self, vote: Vote) -> "Ballot":
        """Return the ballot with one more vote, closed when the vote decides it."""
        self.booth().check(vote)
        votes = [*self.votes, vote]
        standing = tally(self.open_panel, votes)
        if standing is Outcome.APPROVED and self.next_stage() is not None:
            standing = Outcome.PENDING
        return self.model_copy(update={"votes": votes, "outcome": standing})

    def stage_passed(self) -> bool:
        """Return whether the open stage is satisfied while a further one waits."""
        return self.outcome is Outcome.PENDING and tally(self.open_panel, self.votes) is Outcome.APPROVED

    def closed(self, outcome: Outcome) -> "Ballot":
        """Return the ballot ended from outside: expired or withdrawn."""
        return self.model_copy(update={"outcome": outcome})


def needed_of(group: GroupRule, members: int) -> int:
    """Return how many approvals a group of this size owes; an empty group still owes one and `at_least` never sinks."""
    return {"any": 1, "all": max(members, 1), "at_least": group.at_least}[group.rule]


def panel_of(
    stage: ApprovalStage, holders: Sequence[Members], *, excluded: Sequence[PersonId], escalated: bool
) -> Panel:
    """Return who is asked in a stage: holders of the roles who took no part in what is decided.

    The escalation role joins after escalation, and at once where too few people are left to reach the number.
    """
    return Panel(
        stage=stage.id, groups=[_group(rule, holders, excluded=excluded, escalated=escalated) for rule in stage.groups]
    )


def _group(rule: GroupRule, holders: Sequence[Members], *, excluded: Sequence[PersonId], escalated: bool) -> Group:
    asked = without(_people(holders, [rule.role]), excluded)
    needed = needed_of(rule, len(asked))
    if rule.escalate_to is None or not (escalated or len(asked) < needed):
        return Group(role=rule.role, members=asked, needed=needed)
    members = without(_people(holders, [rule.role, rule.escalate_to]), excluded)
    return Group(role=rule.role, escalated_to=rule.escalate_to, members=members, needed=needed)


def _people(holders: Sequence[Members], roles: Sequence[RoleId]) -> list[PersonId]:
    return list(dict.fromkeys(person for held in holders if held.role in roles for person in held.people))


def roles_of(stage: ApprovalStage) -> list[RoleId]:
    """Return every role that a stage may ask, each once."""
    named = [role for group in stage.groups for role in (group.role, group.escalate_to) if role]
    return list(dict.fromkeys(named))


def tally(panel: Panel, votes: Sequence[Vote]) -> Outcome:
    """Return what the votes of one stage add up to, whatever their order.

    Every group needs its number of approvals by people who count for that group only. One request for changes
    sends the case back. A stage is rejected as soon as some group can no longer reach its number.
    """
    cast = {vote.person: vote.verdict for vote in votes if vote.stage == panel.stage}
    if Verdict.REQUEST_CHANGES in cast.values():
        return Outcome.CHANGES_REQUESTED
    wanted = sum(group.needed for group in panel.groups)
    if _matched(panel, [person for person, verdict in cast.items() if verdict is Verdict.APPROVE]) == wanted:
        return Outcome.APPROVED
    against = {person for person, verdict in cast.items() if verdict is not Verdict.APPROVE}
    possible = [person for person in panel.members() if person not in against]
    reachable = _matched(panel, possible) == wanted
    return Outcome.PENDING if reachable or not against else Outcome.REJECTED


def _matched(panel: Panel, people: Sequence[PersonId]) -> int:
    """Return how many seats can be filled when each person sits in one seat (augmenting paths)."""
    seats = [group for group in panel.groups for _ in range(group.needed)]
    taken: dict[int, PersonId] = {}

    def seat(person: PersonId, tried: list[int]) -> bool:
        for number, group in enumerate(seats):
            if number in tried or person not in group.members:
                continue
            tried.append(number)
            if number not in taken or seat(taken[number], tried):
                taken[number] = person
                return True
        return False

    return sum(seat(person, []) for person in people)
