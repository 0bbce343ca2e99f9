"""The life of one AI system as a state and its moves. Source: ISO/IEC 42001:2023, 8.1 and A.6.2."""

from datetime import datetime
from enum import StrEnum

from pydantic import Field

from aims.acts import Act, VerifyKeys
from aims.approval import Outcome
from aims.casefile import LifeView
from aims.dossier import Assessment, Dossier, Standing, empty_dossier, standing_of
from aims.forms import FormPurpose
from aims.policy.evaluation import cadence_for, forms_for
from aims.policy.model import PolicySnapshot
from aims.record import PersonId, Record, SystemKey
from aims.systems import ENDS, Stage, Tier, checked_move

_REMEMBERED = 50  # acts that move a life are rare; an act this old no longer fits any stage


class IntakeResult(StrEnum):
    """How an intake ended."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"


class AssessmentResult(StrEnum):
    """How a risk assessment ended."""

    ASSESSED = "assessed"
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"


class ReviewResult(StrEnum):
    """How a periodic review ended: the reviewer's conclusion, or `missed`."""

    CONTINUE = "continue"
    REASSESS = "reassess"
    SUSPEND = "suspend"
    DECOMMISSION = "decommission"
    MISSED = "missed"
    INTERRUPTED = "interrupted"


class DecommissioningResult(StrEnum):
    """How a decommissioning ended."""

    DECOMMISSIONED = "decommissioned"
    REFUSED = "refused"
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"


class LifeState(Record):
    """Everything a life cycle carries from run to run.

    `clock` never goes back behind the end of an earlier stage. `suspended` outlives a review and a request to retire.
    """

    system: SystemKey
    requester: PersonId
    owner: PersonId
    unit: str = ""
    snapshot: PolicySnapshot
    keys: VerifyKeys
    dossier: Dossier
    stage: Stage = Stage.INTAKE
    came_from: Stage = Stage.INTAKE
    suspended: bool = False
    operated: bool = False
    admitted: bool = False
    used_acts: list[str] = Field(default_factory=list)
    tier: Tier | None = None
    revising: bool = False
    rounds: dict[str, int] = Field(default_factory=dict)
    moves: int = 0
    next_review_at: datetime | None = None
    clock: datetime
    last_entry: str = "intake_requested"

    @property
    def ended(self) -> bool:
        """Return whether the life is over."""
        return self.stage in ENDS

    def standing(self) -> Standing:
        """Return class, tier and risk as the policy of this case sees them now."""
        return standing_of(self.snapshot.policy, self.dossier)

    def round_of(self, process: str) -> int:
        """Return the number of the round of a process that runs, or ran last; 0 before the first."""
        return self.rounds.get(process, 0)

    def next_round(self, process: str) -> "LifeState":
        """Return the state with one more round of a process begun."""
        return self.model_copy(update={"rounds": {**self.rounds, process: self.round_of(process) + 1}})

    def at(self, instant: datetime) -> "LifeState":
        """Return the state with its clock moved forward, never back."""
        return self.model_copy(update={"clock": max(self.clock, instant)})

    def learned(self, dossier: Dossier) -> "LifeState":
        """Return the state with a newer dossier and the tier that follows from it."""
        changed = self.model_copy(update={"dossier": dossier})
        return changed.model_copy(update={"tier": changed.standing().tier.tier})

    def assessed(self, assessments: list[Assessment]) -> "LifeState":
        """Return the state with further assessments in its dossier."""
        dossier = self.dossier
        for done in assessments:
            dossier = dossier.with_assessment(done)
        return self.learned(dossier)

    def moved(self, target: Stage, entry: str) -> "LifeState":
        """Return the state in another stage.

        Raises:
            InvalidTransition: When the life cycle has no such move.

        """
        checked_move(self.stage, target)
        return self.model_copy(
            update={
                "stage": target,
                "came_from": self.stage,
                "suspended": self._stays_suspended(target),
                "operated": self.operated or target is Stage.IN_OPERATION,
                "admitted": self._stays_admitted(target),
                "moves": self.moves + 1,
                "last_entry": entry,
                "revising": target is Stage.INTAKE,
                "next_review_at": self._next_review(target),
            }
        )

    def _stays_suspended(self, target: Stage) -> bool:
        kept = (Stage.PERIODIC_REVIEW, Stage.DECOMMISSIONING)
        return target is Stage.SUSPENDED or (self.suspended and target in kept)

    def _stays_admitted(self, target: Stage) -> bool:
        """Return whether the approvals of the last sign-off still stand: a new round voids them."""
        return target is Stage.IN_OPERATION or (self.admitted and target not in (Stage.INTAKE, Stage.RISK_ASSESSMENT))

    def destination(self, to: tuple[Stage, str]) -> tuple[Stage, str]:
        """Return where this life really goes when a stage leads somewhere.

        A system that was in operation is never just rejected: it is suspended until somebody ends or re-assesses it.
        One whose approvals no longer stand does not come back from a review without new ones.
        """
        target, kind = to
        if target is Stage.REJECTED and self.operated:
            return Stage.SUSPENDED, kind
        if target is Stage.IN_OPERATION and self.stage is not Stage.DEPLOYMENT_SIGN_OFF and not self.admitted:
            return (Stage.SUSPENDED if self.stage is Stage.DECOMMISSIONING else Stage.RISK_ASSESSMENT), kind
        return target, kind

    def having_used(self, act: Act) -> "LifeState":
        """Return the state that remembers an act, so that it moves the life only once."""
        return self.model_copy(update={"used_acts": [*self.used_acts, act.id][-_REMEMBERED:]})

    def _next_review(self, target: Stage) -> datetime | None:
        """Return when a system that waits in a stage is reviewed next: by the tier's cadence, counted from the clock.

        A system that comes back from a refused decommissioning keeps its date.
        """
        if target not in (Stage.IN_OPERATION, Stage.SUSPENDED):
            return self.next_review_at if target is Stage.DECOMMISSIONING else None
        if self.stage is Stage.DECOMMISSIONING and self.next_review_at:
            return self.next_review_at
        return self.clock + cadence_for(self.snapshot.policy, self.tier or Tier.HIGH).every

    def view(self, open_case: str | None) -> LifeView:
        """Return what people and the Temporal UI read."""
        known = self.tier is not None
        return LifeView(
            system=self.system,
            stage=self.stage,
            tier=self.tier,
            risk_class=self.standing().classification.risk_class if known else None,
            policy_digest=self.snapshot.digest,
            open_case=open_case,
            next_review_at=self.next_review_at,
            last_entry=self.last_entry,
            rounds=self.rounds,
        )


def begun(start: Act, snapshot: PolicySnapshot, *, keys: VerifyKeys, at: datetime) -> LifeState:
    """Return the state of a life that a signed start begins; its facts name owner and unit and answer the questions."""
    system = start.case.removeprefix("system:")
    return LifeState(
        system=system,
        requester=start.person,
        owner=str(start.facts.get("owner", start.person)),
        unit=str(start.facts.get("unit", "")),
        snapshot=snapshot,
        keys=keys,
        dossier=empty_dossier(system, snapshot.policy).with_answers(start),
        clock=at,
    )


def after_intake(state: LifeState, result: IntakeResult) -> tuple[Stage, str]:
    """Return where an intake leads, and the entry that says why; tiers without assessments go straight to approval."""
    if result is IntakeResult.REFUSED:
        return Stage.REJECTED, "intake_refused"
    if result is IntakeResult.EXPIRED:
        return Stage.REJECTED, "case_expired"
    due = forms_for(state.snapshot.policy, FormPurpose.ASSESSMENT, tier=state.tier or Tier.HIGH)
    return (Stage.RISK_ASSESSMENT if due else Stage.APPROVAL), "intake_accepted"


def after_assessment(result: AssessmentResult) -> tuple[Stage, str]:
    """Return where a risk assessment leads, and the entry that says why."""
    if result is AssessmentResult.EXPIRED:
        return Stage.REJECTED, "case_expired"
    return Stage.APPROVAL, "stage_entered"


def after_approval(state: LifeState, outcome: Outcome) -> tuple[Stage, str]:
    """Return where an approval of use or a deployment sign-off leads; changes go back to who can make them."""
    if outcome is Outcome.APPROVED:
        passed = Stage.DEPLOYMENT_SIGN_OFF if state.stage is Stage.APPROVAL else Stage.IN_OPERATION
        return passed, "stage_entered"
    if outcome is Outcome.CHANGES_REQUESTED:
        return Stage.INTAKE, "stage_entered"
    return Stage.REJECTED, "case_rejected" if outcome is Outcome.REJECTED else "case_expired"


def after_review(result: ReviewResult) -> tuple[Stage, str]:
    """Return where a periodic review leads; a missed one suspends the system. Source: ISO/IEC 42001:2023, 9.1."""
    return {
        ReviewResult.CONTINUE: (Stage.IN_OPERATION, "review_completed"),
        ReviewResult.REASSESS: (Stage.RISK_ASSESSMENT, "review_completed"),
        ReviewResult.SUSPEND: (Stage.SUSPENDED, "suspended"),
        ReviewResult.DECOMMISSION: (Stage.DECOMMISSIONING, "review_completed"),
        ReviewResult.MISSED: (Stage.SUSPENDED, "review_missed"),
    }[result]


def after_decommissioning(state: LifeState, result: DecommissioningResult) -> tuple[Stage, str]:
    """Return where a decommissioning leads; a refused one goes back to where the system was."""
    if result is DecommissioningResult.DECOMMISSIONED:
        return Stage.DECOMMISSIONED, "decommissioned"
    back = Stage.SUSPENDED if state.suspended else Stage.IN_OPERATION
    return back, "decommissioning_refused" if result is DecommissioningResult.REFUSED else "decommissioning_expired"
