"""Small valid values for tests: a policy, people, signed acts and the cases they belong to. Pure."""

from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from aims.acts import Act, ActKind, Channel, SignedAct, sign, verify_keys_of
from aims.approval import ApprovalRule, ApprovalStage, GroupRule
from aims.casefile import CaseView
from aims.classification import Answer, Question, Questionnaire, RiskClass
from aims.deadlines import Deadline
from aims.dossier import DEPLOYMENT, USE, Assessment, Dossier, voted_digest
from aims.evidence import Entry
from aims.forms import FieldKind, Form, FormField, FormPurpose
from aims.people import Person
from aims.policy.model import Cadence, Policy, PolicySnapshot, Role, TierRule
from aims.record import digest_of
from aims.risk import RiskLevel, RiskMethod
from aims.systems import SystemProfile, Tier

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate()
FOREIGN_KEY = Ed25519PrivateKey.generate()
KEYS = verify_keys_of(KEY.public_key())
DIGEST = digest_of("anything")

PEOPLE = [
    Person(id="rita", name="Rita Requester", email="rita@example.org", manager="lena"),
    Person(id="otto", name="Otto Owner", email="otto@example.org"),
    Person(id="ada", name="Ada Assessor", email="ada@example.org", roles=["assessor"]),
    Person(id="lena", name="Lena Lead", email="lena@example.org", roles=["lead", "assessor"]),
    Person(id="leo", name="Leo Lead", email="leo@example.org", roles=["lead"]),
    Person(id="olga", name="Olga Operator", email="olga@example.org", roles=["operator"]),
    Person(id="eve", name="Eve Elsewhere", email="eve@example.org"),
]

_BECAUSE = {"owner": "lena", "rationale": "for tests"}
_RULE = {"clause": "6.1.2", **_BECAUSE}
_GOVERNED = [Tier.LIMITED, Tier.HIGH]


def policy() -> Policy:
    """Return a policy with one question, an assessment, a checklist, and an approval of use and of deployment."""
    return Policy(
        roles=[Role(id=name, title=name, **_RULE) for name in ("assessor", "lead", "operator", "executive")],
        deadlines=[_deadline()],
        questionnaire=_questionnaire(),
        risk_method=RiskMethod(
            id="matrix", scale=5, levels=[_level("low", 1), _level("bad", 9)], appetite="low", **_RULE
        ),
        tier_rules=[
            TierRule(id="light", tier=Tier.LIMITED, classes=[RiskClass.MINIMAL, RiskClass.TRANSPARENCY], **_RULE),
            TierRule(id="heavy", tier=Tier.HIGH, classes=[RiskClass.HIGH], **_RULE),
            TierRule(id="never", tier=Tier.PROHIBITED, classes=[RiskClass.PROHIBITED], **_RULE),
        ],
        cadences=[Cadence(id="yearly", tiers=_GOVERNED, every=timedelta(days=365), **_RULE)],
        forms=[_form("risk-assessment", FormPurpose.ASSESSMENT), _form("go-live", FormPurpose.CHECKLIST)],
        approvals=[_approval(USE, "lead", escalate_to="executive"), _approval(DEPLOYMENT, "operator")],
    )


def snapshot() -> PolicySnapshot:
    """Return the policy under its digest."""
    return PolicySnapshot(digest=policy().digest(), policy=policy())


def profile(key: str, **changes: Any) -> SystemProfile:
    """Return a system that was just asked for."""
    given = {"name": f"The {key}", "purpose": "Scores loans", "owner": "otto", "requester": "rita", **changes}
    return SystemProfile(key=key, requested_at=NOON, updated_at=NOON, **given)


def entry(key: str, system: str, **changes: Any) -> Entry:
    """Return a ledger entry."""
    given = {"case": f"system:{system}", "kind": "vote_recorded", "actor": "system", "occurred_at": NOON, **changes}
    return Entry(key=key, system=system, **given)


def case_view(case: str, system: str, **changes: Any) -> CaseView:
    """Return an open case that waits for Lena."""
    given: dict[str, Any] = {"process": "approval", "subject": USE, "step": "first", "outcome": "pending", "open": True}
    given |= {"digest": DIGEST, "policy_digest": DIGEST, "opened_at": NOON, "due_at": NOON + timedelta(days=7)}
    given |= {"pending": ["lena"], "people": ["lena"], "waiting_for": ["lead"], **changes}
    return CaseView(id=case, system=system, **given)


def signed(kind: ActKind, person: str, *, case: str, **changes: Any) -> SignedAct:
    """Return an act signed by the entrance, or by the key given as `key`."""
    key = changes.pop("key", KEY)
    given = {"id": f"{case}/{kind}/{person}", "digest": DIGEST, "channel": Channel.REST, "at": NOON, **changes}
    return sign(Act(kind=kind, person=person, case=case, **given), key)


def start(system: str, **changes: Any) -> SignedAct:
    """Return the act that starts a system's life, with its one question answered."""
    return signed(ActKind.START, "rita", case=f"system:{system}", **{"facts": {"high_risk": Answer.NO}, **changes})


def submission(system: str, form: str, *, person: str = "ada") -> tuple[SignedAct, CaseView]:
    """Return a submitted form and its case."""
    case = f"assignment:{system}:{form}"
    asked = next(one for one in policy().forms if one.id == form)
    view = case_view(case, system, process="assignment", subject=form, form=asked, open=False, outcome="submitted")
    return signed(ActKind.SUBMISSION, person, case=case, digest=digest_of(form)), view


def vote(
    system: str, subject: str, *, person: str, number: int | None = None, **changes: Any
) -> tuple[SignedAct, CaseView]:
    """Return an approving vote on what a finished dossier shows for a subject, and its case, of a round if numbered."""
    case = f"approval:{system}:{subject}" + (f":{number}" if number else "")
    digest = voted_digest(snapshot(), dossier(system), subject=subject)
    given = {"step": "first", "verdict": "approve", "digest": digest, **changes}
    return signed(ActKind.VOTE, person, case=case, **given), case_view(case, system, subject=subject, open=False)


def dossier(system: str) -> Dossier:
    """Return the dossier that the start and both submissions add up to."""
    done = [Assessment(form=form.id, author="ada", digest=digest_of(form.id)) for form in policy().forms]
    return Dossier(system=system, answers={"high_risk": Answer.NO}, assessments=done)


def _questionnaire() -> Questionnaire:
    asked = Question(
        id="high_risk",
        text="Does it decide on loans?",
        label="Decides on loans",
        article="AIA-6",
        risk_class=RiskClass.HIGH,
        applies_from=NOON.date(),
        source="ours",
    )
    return Questionnaire(version="1", questions=[asked], **_BECAUSE)


def _deadline() -> Deadline:
    days = [timedelta(days=number) for number in (1, 2, 3)]
    return Deadline(id="soon", remind_after=days[0], escalate_after=days[1], expire_after=days[2], **_BECAUSE)


def _level(name: str, from_score: int) -> RiskLevel:
    return RiskLevel(id=name, from_score=from_score)


def _form(name: str, purpose: FormPurpose) -> Form:
    fields = [FormField(id="summary", label="Summary", kind=FieldKind.TEXT)]
    return Form(
        id=name,
        title=name,
        purpose=purpose,
        role="assessor",
        tiers=_GOVERNED,
        deadline="soon",
        fields=fields,
        **_RULE,
    )


def _approval(subject: str, role: str, *, escalate_to: str | None = None) -> ApprovalRule:
    stage = ApprovalStage(id="first", groups=[GroupRule(role=role, escalate_to=escalate_to)])
    return ApprovalRule(id=subject, subject=subject, tiers=_GOVERNED, stages=[stage], deadline="soon", **_RULE)
