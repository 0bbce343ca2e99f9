"""Cards, cases and policies that the tests of Slack show to people who do not exist."""

from datetime import UTC, date, datetime, timedelta

from aims.casefile import CaseView
from aims.classification import Question, Questionnaire, RiskClass
from aims.conversation import Card, approval_card
from aims.forms import FieldKind, Form, FormField, FormPurpose
from aims.people import Person
from aims.policy.model import Policy, PolicySnapshot
from aims.risk import RiskLevel, RiskMethod
from aims.systems import SystemProfile, Tier

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
DIGEST = f"sha256:{'ab' * 32}"
ADA = Person(id="ada-lovelace", name="Ada Lovelace", email="ada@example.org", roles=["risk-owner"])
GRACE = Person(id="grace-hopper", name="Grace Hopper", email="grace@example.org")
NAMES = {ADA.id: ADA.name, GRACE.id: GRACE.name}

FORM = Form(
    id="risk-assessment",
    title="AI risk assessment",
    purpose=FormPurpose.ASSESSMENT,
    role="risk-owner",
    tiers=[Tier.HIGH],
    deadline="usual",
    clause="6.1.2",
    owner="governance",
    rationale="Scores come from the configured method.",
    fields=[
        FormField(id="summary", label="What can go wrong", kind=FieldKind.TEXT),
        FormField(id="likelihood", label="Likelihood", kind=FieldKind.NUMBER, least=1, most=5),
        FormField(id="option", label="Treatment", kind=FieldKind.CHOICE, choices=["avoid", "reduce", "accept"]),
        FormField(id="report", label="Test report", kind=FieldKind.EVIDENCE, required=False),
    ],
)


def profile(**changed: object) -> SystemProfile:
    """Return a system that waits for its approval."""
    known = SystemProfile(
        key="credit-scorer",
        name="Credit scorer",
        purpose="Scores applications for consumer credit from payment history and income, so that clerks decide faster "
        "and more evenly. It never rejects anybody by itself.",
        owner=GRACE.id,
        requester=GRACE.id,
        tier=Tier.HIGH,
        risk_class="high",
        findings=["AIA-6-2-III-5b", "AIA-27"],
        waiting_for=["risk-owner"],
        requested_at=NOW,
        updated_at=NOW,
    )
    return known.model_copy(update=changed)


def case(**changed: object) -> CaseView:
    """Return an approval that waits for Ada."""
    known = CaseView(
        id="approval:credit-scorer:1",
        process="approval",
        subject="use",
        system="credit-scorer",
        step="risk_acceptance",
        outcome="pending",
        open=True,
        digest=DIGEST,
        policy_digest=DIGEST,
        opened_at=NOW,
        due_at=NOW + timedelta(days=3),
        pending=[ADA.id],
        people=[ADA.id],
        waiting_for=["risk-owner"],
    )
    return known.model_copy(update=changed)


def form_case(**changed: object) -> CaseView:
    """Return an assignment that Ada owes."""
    known = case(id="assignment:credit-scorer:1", process="assignment", subject="risk-assessment", outcome="open")
    return known.model_copy(update={"step": FORM.id, "form": FORM, **changed})


def card(*, url: str = "") -> Card:
    """Return the card that asks Ada for her vote."""
    return approval_card(profile(), case(), names=NAMES).model_copy(update={"url": url})


def questionnaire(*, count: int = 13) -> Questionnaire:
    """Return that many questions, all but the first two of high risk."""
    classes = [RiskClass.PROHIBITED, RiskClass.TRANSPARENCY]
    questions = [
        Question(
            id=f"question_{number}",
            text=f"Question {number}?",
            label=f"It does the thing number {number}",
            article="AIA-6",
            risk_class=classes[number] if number < len(classes) else RiskClass.HIGH,
            applies_from=date(2026, 8, 2),
            source="off",
        )
        for number in range(count)
    ]
    return Questionnaire(version="1", owner="governance", rationale="One list for all.", questions=questions)


def policy() -> PolicySnapshot:
    """Return a policy with that questionnaire and nothing else of interest."""
    levels = [RiskLevel(id="low", from_score=1)]
    method = RiskMethod(id="matrix", scale=5, levels=levels, appetite="low", owner="governance", rationale="Small.")
    known = Policy(
        roles=[],
        deadlines=[],
        questionnaire=questionnaire(),
        risk_method=method,
        tier_rules=[],
        cadences=[],
        forms=[],
        approvals=[],
    )
    return PolicySnapshot(digest=known.digest(), policy=known)
