"""What people decide on: answers and assessments of an AI system, and what the policy makes of them."""

from pydantic import Field

from aims.acts import Act
from aims.classification import Answer, Answers, Classification, classify
from aims.forms import Facts, Form, FormField, FormPurpose
from aims.policy.evaluation import TierVerdict, tier_of
from aims.policy.model import Policy, PolicySnapshot
from aims.record import Digest, PersonId, Record, SystemKey, digest_of
from aims.risk import RiskProfile, profile

USE = "use"
DEPLOYMENT = "deployment"
RETIREMENT = "decommissioning"

FIGURES = ("likelihood", "impact", "residual_likelihood", "residual_impact")
"""The fields of a form that make up a risk profile."""


class Assessment(Record):
    """One accepted submission: which form, by whom, its content's digest and its facts."""

    form: str
    author: PersonId
    digest: Digest
    facts: Facts = Field(default_factory=dict)


class Standing(Record):
    """What the policy says of a dossier."""

    classification: Classification
    tier: TierVerdict
    risk: RiskProfile | None = None


class Dossier(Record):
    """Answers and the latest accepted assessment of each form, in the order of their first submission."""

    system: SystemKey
    answers: Answers
    assessments: list[Assessment] = Field(default_factory=list)
    answered_by: list[PersonId] = Field(default_factory=list)

    def with_answers(self, act: Act) -> "Dossier":
        """Return the dossier with the answers that an act carries as facts; others stay."""
        given = {name: Answer(value) for name, value in act.facts.items() if value in list(Answer)}
        known = {name: answer for name, answer in given.items() if name in self.answers}
        people = list(dict.fromkeys([*self.answered_by, act.person]))
        return self.model_copy(update={"answers": {**self.answers, **known}, "answered_by": people})

    def with_assessment(self, done: Assessment) -> "Dossier":
        """Return the dossier with a form's latest submission."""
        by_form = {one.form: one for one in self.assessments}
        return self.model_copy(update={"assessments": list({**by_form, done.form: done}.values())})

    def voted_under(self, subject: str, policy: Policy) -> "Dossier":
        """Return the part that a subject's approval is about: use is decided before checklists exist."""
        if subject != USE:
            return self
        checklists = [form.id for form in policy.forms if form.purpose is FormPurpose.CHECKLIST]
        kept = [one for one in self.assessments if one.form not in checklists]
        return self.model_copy(update={"assessments": kept})

    def authors(self) -> list[PersonId]:
        """Return everybody who wrote a part, answers included, each once."""
        return list(dict.fromkeys([*self.answered_by, *(one.author for one in self.assessments)]))


def empty_dossier(system: SystemKey, policy: Policy) -> Dossier:
    """Return a dossier in which every question is still unknown."""
    return Dossier(system=system, answers={one.id: Answer.UNKNOWN for one in policy.questionnaire.questions})


def voted_digest(snapshot: PolicySnapshot, dossier: Dossier, *, subject: str) -> Digest:
    """Return the digest of what is voted on under a subject: system, policy, answers and assessments."""
    part = dossier.voted_under(subject, snapshot.policy)
    return digest_of(
        {
            "system": part.system,
            "subject": subject,
            "policy": snapshot.digest,
            "answers": {name: str(answer) for name, answer in part.answers.items()},
            "assessments": sorted(f"{one.form} {one.digest}" for one in part.assessments),
        }
    )


def standing_of(policy: Policy, dossier: Dossier) -> Standing:
    """Return class, tier and risk of a dossier; each is derived anew from answers and assessments."""
    classification = classify(policy.questionnaire, dossier.answers)
    risk = _risk_of(policy, dossier)
    score = risk.inherent.score if risk else None
    return Standing(
        classification=classification, tier=tier_of(policy, classification.risk_class, score=score), risk=risk
    )


def _risk_of(policy: Policy, dossier: Dossier) -> RiskProfile | None:
    """Return the risk profile of the first assessment that carries all four figures."""
    for one in dossier.assessments:
        figures = [int(one.facts[name]) for name in FIGURES if isinstance(one.facts.get(name), int)]
        if len(figures) == len(FIGURES):
            inherent, residual = (figures[0], figures[1]), (figures[2], figures[3])
            return profile(policy.risk_method, inherent=inherent, residual=residual)
    return None


def question_form(template: Form, policy: Policy, *, questions: list[str], unknown: bool) -> Form:
    """Return a form of the template that asks some questions; `unknown` says whether that is an answer, too."""
    choices = [str(one) for one in Answer if unknown or one is not Answer.UNKNOWN]
    asked = [
        FormField(id=one.id, label=one.text[:150], kind="choice", choices=choices)
        for one in policy.questionnaire.questions
        if one.id in questions
    ]
    return template.model_copy(update={"fields": [*asked, *template.fields]})
