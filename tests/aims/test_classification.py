"""Questionnaire to class: all findings are kept, the worst decides, and not knowing never helps."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.classification import (
    CLASS_ORDER,
    Answer,
    Answers,
    Question,
    Questionnaire,
    RiskClass,
    checked_answers,
    classify,
)
from aims.errors import Invalid

CLASSES = {
    "chat": RiskClass.TRANSPARENCY,
    "hiring": RiskClass.HIGH,
    "scoring": RiskClass.PROHIBITED,
    "deep_fakes": RiskClass.TRANSPARENCY,
    "credit": RiskClass.HIGH,
}
IDS = list(CLASSES)
ANSWERS = st.fixed_dictionaries({name: st.sampled_from(Answer) for name in IDS})


def asked(*names: str) -> Questionnaire:
    """Return a questionnaire with its questions in this order."""
    questions = [
        Question(
            id=name,
            text=name,
            label=name,
            article="AIA-6",
            risk_class=CLASSES[name],
            applies_from=date(2027, 12, 2),
            source="ours",
        )
        for name in names
    ]
    return Questionnaire(version="7", owner="lena", rationale="for tests", questions=questions)


def weight(answers: Answers) -> int:
    """Return how severe the class of these answers is."""
    return CLASS_ORDER.index(classify(asked(*IDS), answers).risk_class)


def no_to_all_but(*names: str) -> Answers:
    """Return the answers in which these questions are answered with yes and all others with no."""
    return {name: Answer.YES if name in names else Answer.NO for name in IDS}


@pytest.mark.feature(6)
@pytest.mark.clause("6.1.2", "AIA-6")
@given(ANSWERS, st.sampled_from(IDS), st.sampled_from([Answer.YES, Answer.UNKNOWN]))
def test_answering_no_less_often_never_lowers_the_class(answers: Answers, name: str, instead: Answer) -> None:
    assert weight({**answers, name: instead}) >= weight({**answers, name: Answer.NO})


@given(ANSWERS, st.permutations(IDS))
def test_the_order_of_the_questions_never_matters(answers: Answers, order: list[str]) -> None:
    here, there = classify(asked(*IDS), answers), classify(asked(*order), answers)
    assert here.risk_class is there.risk_class
    assert sorted(here.findings, key=lambda one: one.question) == sorted(there.findings, key=lambda one: one.question)
    assert sorted(here.open_questions) == sorted(there.open_questions)


@pytest.mark.feature(6)
@pytest.mark.peer_fault("T6")
@given(ANSWERS, st.permutations(IDS))
def test_all_findings_are_kept_and_the_worst_stands_first(answers: Answers, order: list[str]) -> None:
    result = classify(asked(*order), answers)
    assert {one.question for one in result.findings} == {name for name in IDS if answers[name] is not Answer.NO}
    severities = [CLASS_ORDER.index(one.risk_class) for one in result.findings]
    assert severities == sorted(severities, reverse=True)
    assert result.risk_class is (result.findings[0].risk_class if result.findings else RiskClass.MINIMAL)


@pytest.mark.peer_fault("T6")
def test_a_prohibited_use_is_prohibited_however_early_a_milder_one_was_asked() -> None:
    result = classify(asked(*IDS), no_to_all_but("chat", "hiring", "scoring"))
    assert result.risk_class is RiskClass.PROHIBITED
    assert [one.question for one in result.findings] == ["scoring", "hiring", "chat"]


@given(ANSWERS)
def test_an_uncertain_finding_is_an_open_question(answers: Answers) -> None:
    result = classify(asked(*IDS), answers)
    assert set(result.open_questions) == {name for name in IDS if answers[name] is Answer.UNKNOWN}
    assert {one.question for one in result.findings if one.certain} == {
        name for name in IDS if answers[name] is Answer.YES
    }


def test_what_was_not_answered_is_unknown() -> None:
    assert classify(asked(*IDS), {}) == classify(asked(*IDS), dict.fromkeys(IDS, Answer.UNKNOWN))
    assert checked_answers(asked("chat", "credit"), {"credit": Answer.NO}) == {
        "chat": Answer.UNKNOWN,
        "credit": Answer.NO,
    }


@pytest.mark.feature(9)
def test_a_finding_says_by_which_article_from_when_and_by_which_questionnaire() -> None:
    (finding,) = classify(asked(*IDS), no_to_all_but("hiring")).findings
    assert (finding.article, finding.applies_from, finding.source) == ("AIA-6", date(2027, 12, 2), "ours")
    assert (finding.questionnaire, finding.certain) == ("7", True)


def test_an_answer_to_no_question_is_named_by_its_place() -> None:
    with pytest.raises(Invalid) as refused:
        checked_answers(asked("chat"), {"chat": Answer.NO, "a/b~c": Answer.NO})
    assert refused.value.fields == {"/answers/a~1b~0c": "no such question"}
