"""Questionnaire to findings to class; every finding is kept and the worst decides. Source: AI Act, Art. 5, 6, 50."""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import Field

from aims.errors import Invalid, pointer
from aims.record import Record


class Answer(StrEnum):
    """An answer; `unknown` never lowers a class and becomes a task."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class RiskClass(StrEnum):
    """The class of an AI system in the sense of the AI Act."""

    MINIMAL = "minimal"
    TRANSPARENCY = "transparency"
    HIGH = "high"
    PROHIBITED = "prohibited"


CLASS_ORDER = (RiskClass.MINIMAL, RiskClass.TRANSPARENCY, RiskClass.HIGH, RiskClass.PROHIBITED)
"""From least to most."""


class Question(Record):
    """A question of the questionnaire: what `yes` means, by which article, from which day, by which kind of source.

    `source` is `off` (official text), `multi` or `one` (secondary sources) or `ours` (own analysis).
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")
    text: str = Field(max_length=400)
    label: str = Field(max_length=75)
    article: str
    risk_class: RiskClass
    applies_from: date
    source: Literal["off", "multi", "one", "ours"]


class Questionnaire(Record):
    """All questions of one version, in the order in which they are asked."""

    version: str
    clause: str = "6.1.2"
    owner: str
    rationale: str
    questions: list[Question] = Field(min_length=1)


class Finding(Record):
    """What one answer means. `certain` is false when the answer was `unknown`."""

    question: str
    article: str
    risk_class: RiskClass
    applies_from: date
    source: str
    questionnaire: str
    certain: bool


class Classification(Record):
    """The class with all findings, worst first, and the questions that still need an answer."""

    risk_class: RiskClass
    findings: list[Finding]
    open_questions: list[str]


Answers = dict[str, Answer]
"""Question id -> answer; a question that is not answered counts as `unknown`."""


def checked_answers(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """Return the answers when they all belong to the questionnaire.

    Raises:
        Invalid: When a question does not exist.

    """
    known = {question.id for question in questionnaire.questions}
    wrong = {pointer("answers", name): "no such question" for name in answers if name not in known}
    if wrong:
        raise Invalid("Some answers belong to no question; GET /v1/questionnaire lists them.", fields=wrong)
    return {question.id: answers.get(question.id, Answer.UNKNOWN) for question in questionnaire.questions}


def classify(questionnaire: Questionnaire, answers: Answers) -> Classification:
    """Return the class that the answers give: all findings are kept and the worst sets the class.

    An unknown answer counts as if it were `yes`, marked as uncertain, so that it never lowers the class.
    """
    findings = [
        Finding(
            question=question.id,
            article=question.article,
            risk_class=question.risk_class,
            applies_from=question.applies_from,
            source=question.source,
            questionnaire=questionnaire.version,
            certain=answers.get(question.id) == Answer.YES,
        )
        for question in questionnaire.questions
        if answers.get(question.id, Answer.UNKNOWN) != Answer.NO
    ]
    findings.sort(key=lambda finding: -CLASS_ORDER.index(finding.risk_class))
    worst = findings[0].risk_class if findings else RiskClass.MINIMAL
    return Classification(
        risk_class=worst,
        findings=findings,
        open_questions=[finding.question for finding in findings if not finding.certain],
    )
