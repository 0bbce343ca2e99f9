"""Modals and the App Home: within the limits, and read back as they were filled in."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.actions import PressValue, SystemDraft
from adapters.slack.limits import broken_in_view
from adapters.slack.submissions import answers_of, content_of, draft_of
from adapters.slack.views import (
    form_view,
    new_system_view,
    notice_view,
    questionnaire_view,
    reason_view,
    sure_block,
    unsure_block,
    working_view,
)
from adapters.slack.views_home import help_text, home_view, stranger_home
from aims.approval import Verdict
from aims.classification import Answer, RiskClass
from aims.errors import Invalid
from aims.forms import FieldKind, FormField
from tests.slack_samples import DIGEST, FORM, NOW, case, form_case, profile, questionnaire

VALUE = PressValue(case="approval:credit-scorer:1", step="risk_acceptance", digest=DIGEST)
DRAFT = SystemDraft(name="Credit scorer", key="credit-scorer", purpose="Scores.")
# What both the real clients and the stand-in draw as an input.
DRAWN = {"plain_text_input", "static_select", "checkboxes"}


def typed(**fields: str) -> dict[str, dict[str, Any]]:
    return {
        f"field.{name}": {"aims.value": {"type": "plain_text_input", "value": text}} for name, text in fields.items()
    }


def ticked(block: str, *values: str) -> dict[str, dict[str, Any]]:
    chosen = [{"value": value} for value in values]
    return {block: {"aims.value": {"type": "checkboxes", "selected_options": chosen}}}


@pytest.mark.parametrize(
    "view",
    [
        new_system_view(),
        questionnaire_view(questionnaire(count=60), DRAFT),
        reason_view(VALUE, Verdict.REJECT),
        reason_view(VALUE, Verdict.REQUEST_CHANGES),
        form_view(FORM, form_case()),
        notice_view("A title that is much too long for Slack", "<!channel> " * 900),
        working_view("Done."),
        home_view([case(), form_case()] * 30, [profile(name="<!here>" * 100)] * 30, now=NOW),
        home_view([], [], now=NOW),
        stranger_home("Who are you?"),
    ],
    ids=lambda view: f"{view['callback_id']}",
)
def test_every_view_keeps_the_limits(view: dict[str, Any]) -> None:
    assert broken_in_view(view) == []
    elements = [block["element"]["type"] for block in view["blocks"] if block["type"] == "input"]
    assert set(elements) <= DRAWN
    assert "<!" not in str(view)


@given(st.lists(st.text(min_size=1, max_size=200), min_size=1, max_size=150, unique=True), st.text(max_size=150))
def test_no_wording_of_a_form_breaks_a_limit(choices: list[str], label: str) -> None:
    field = FormField(id="option", label=label, kind=FieldKind.CHOICE, choices=choices)
    form = FORM.model_copy(update={"title": label, "fields": [field]})
    assert broken_in_view(form_view(form, form_case(form=form))) == []


def test_a_long_choice_is_cut_for_slack_and_read_back_whole() -> None:
    long = "x" * 200
    field = FormField(id="option", label="Option", kind=FieldKind.CHOICE, choices=["short", long])
    form = FORM.model_copy(update={"fields": [field]})
    view = form_view(form, form_case(form=form))
    assert broken_in_view(view) == []
    chosen = view["blocks"][1]["element"]["options"][1]
    state = {"field.option": {"aims.value": {"type": "static_select", "selected_option": chosen}}}
    assert content_of(state, form) == {"option": long}


def test_a_form_that_no_modal_can_hold_is_refused() -> None:
    form = FORM.model_copy(update={"fields": [FORM.fields[0]] * 100})
    with pytest.raises(Invalid, match="too long for Slack"):
        form_view(form, form_case())


def test_the_first_step_reads_back() -> None:
    values = typed(name=" Credit scorer ", key="credit-scorer", purpose="Scores.", unit="Retail")
    assert draft_of(values) == DRAFT.model_copy(update={"unit": "Retail"})


def test_the_first_step_says_beside_each_input_what_is_wrong() -> None:
    with pytest.raises(Invalid) as refusal:
        draft_of(typed(key="Not A Key", purpose=" "))
    assert set(refusal.value.fields) == {"/name", "/key", "/purpose"}


def test_ticks_become_answers_and_yes_is_stronger_than_unsure() -> None:
    high = RiskClass.HIGH
    values = ticked(sure_block(high, 0), "question_2", "question_3")
    values |= ticked(sure_block(high, 1), "question_12") | ticked(unsure_block(high, 0), "question_3", "question_4")
    answers = answers_of(values, questionnaire())
    said = {name: answer for name, answer in answers.items() if answer is not Answer.NO}
    assert said == {"question_2": "yes", "question_3": "yes", "question_12": "yes", "question_4": "unknown"}
    assert len(answers) == 13


def test_a_form_reads_back_with_numbers_and_choices() -> None:
    values = typed(summary="Bias", likelihood=" 4 ", report="")
    values["field.option"] = {"aims.value": {"type": "static_select", "selected_option": {"value": "reduce"}}}
    assert content_of(values, FORM) == {"summary": "Bias", "likelihood": 4, "option": "reduce"}


@pytest.mark.parametrize("text", ["4.5", "many", "1e3", "٤", "9" * 5000])
def test_what_is_no_number_stays_text_for_the_rules_to_refuse(text: str) -> None:
    assert content_of(typed(likelihood=text), FORM)["likelihood"] == text


@pytest.mark.parametrize("state", [{}, {"field.option": {}}, {"field.option": {"aims.value": None}}, {"x": {"y": 1}}])
def test_an_untouched_form_is_empty(state: dict[str, Any]) -> None:
    assert content_of(state, FORM) == {}
    assert set(answers_of(state, questionnaire()).values()) == {Answer.NO}


def test_overdue_duties_stand_first_and_are_called_so() -> None:
    late = form_case(due_at=NOW - timedelta(days=1))
    shown = str(home_view([case(), late], [], now=NOW)["blocks"])
    assert shown.index("Overdue") < shown.index("Approval of use")


def test_the_help_says_what_was_wrong_without_its_markup() -> None:
    assert help_text("I do not know '<!channel>'.").startswith("I do not know '&lt;!channel&gt;'.")
