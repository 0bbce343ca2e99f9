"""A submitted modal becomes one act, or says beside the input what is wrong."""

from collections.abc import Mapping
from typing import Any

import pytest

from adapters.slack.actions import SlackId, SystemDraft
from adapters.slack.limits import broken_in_view
from adapters.slack.views import form_view, new_system_view, questionnaire_view, reason_view, sure_block, unsure_block
from aims.approval import Verdict
from aims.classification import Answer, RiskClass
from aims.errors import AimsError, EvidenceMissing, Invalid, KeyTaken, ReasonMissing
from tests.adapters.test_slack_views import ticked, typed
from tests.api.slack_desk import VALUE, entrance
from tests.slack_samples import FORM, GRACE, form_case, questionnaire

DRAFT = SystemDraft(name="Churn guess", key="churn-guess", purpose="Guesses.", unit="Retail", owner_email=GRACE.email)
FIRST = typed(name="Churn guess", key="churn-guess", purpose="Guesses.", unit="Retail", owner=GRACE.email)
SECOND = questionnaire_view(questionnaire(), DRAFT)
KEY = "slack:T1:U0ADA:V1"


async def test_the_first_step_leads_to_the_second() -> None:
    async with entrance() as slack:
        answer = (await slack.submit(new_system_view(), FIRST)).json()
        assert (answer["response_action"], answer["view"]["callback_id"]) == ("update", "aims.new.answers")
        assert SystemDraft.decode(answer["view"]["private_metadata"]) == DRAFT
        assert broken_in_view(answer["view"]) == []
        assert slack.acts.acts == {}


@pytest.mark.parametrize(
    ("changed", "block"),
    [
        ({"key": "credit-scorer"}, "field.key"),
        ({"key": "Churn Guess"}, "field.key"),
        ({"name": ""}, "field.name"),
        ({"purpose": " "}, "field.purpose"),
        ({"owner": "nobody@example.org"}, "field.owner"),
        ({"name": "x" * 121}, "field.name"),
        ({"unit": "x" * 61}, "field.unit"),
    ],
)
async def test_the_first_step_says_beside_the_input_what_is_wrong(changed: dict[str, str], block: str) -> None:
    async with entrance() as slack:
        answer = (await slack.submit(new_system_view(), FIRST | typed(**changed))).json()
        assert (answer["response_action"], list(answer["errors"])) == ("errors", [block])


async def test_the_second_step_requests_the_system() -> None:
    async with entrance() as slack:
        high = RiskClass.HIGH
        state = ticked(sure_block(high, 0), "question_2") | ticked(unsure_block(high, 1), "question_12")
        answer = (await slack.submit(SECOND, state)).json()
        assert answer["view"]["callback_id"] == SlackId.NOTICE
        _, request = slack.acts.acts[KEY]
        assert (request.key, request.owner, request.unit) == ("churn-guess", GRACE.id, "Retail")
        said = {name: each for name, each in request.answers.items() if each is not Answer.NO}
        assert said == {"question_2": "yes", "question_12": "unknown"}


async def test_the_owner_is_left_open_when_nobody_is_named() -> None:
    view = questionnaire_view(questionnaire(), DRAFT.model_copy(update={"owner_email": ""}))
    async with entrance() as slack:
        await slack.submit(view, {})
        assert slack.acts.acts[KEY][1].owner is None


@pytest.mark.parametrize("verdict", [Verdict.REJECT, Verdict.REQUEST_CHANGES])
@pytest.mark.feature(105)
async def test_a_reason_makes_the_vote(verdict: Verdict) -> None:
    async with entrance() as slack:
        answer = (await slack.submit(reason_view(VALUE, verdict), typed(reason=" Too risky. "))).json()
        assert answer["view"]["callback_id"] == SlackId.NOTICE
        _, vote = slack.acts.acts[KEY]
        assert (vote.case, vote.verdict, vote.reason) == (VALUE.case, verdict, "Too risky.")


async def test_a_reason_longer_than_the_record_takes_is_refused() -> None:
    async with entrance() as slack:
        answer = (await slack.submit(reason_view(VALUE, Verdict.REJECT), typed(reason="x" * 9_000))).json()
        assert (answer["response_action"], slack.acts.acts) == ("push", {})


async def test_a_form_is_submitted_as_it_was_filled_in() -> None:
    state = typed(summary="Bias", likelihood="4")
    async with entrance() as slack:
        await slack.submit(form_view(FORM, form_case()), state)
        _, submission = slack.acts.acts[KEY]
        assert (submission.case, submission.content) == (form_case().id, {"summary": "Bias", "likelihood": 4})


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Invalid("No.", fields={"/content/likelihood": "from 1 to 5"}), {"field.likelihood": "from 1 to 5"}),
        (Invalid("No.", fields={"/content/gone": "x"}), None),
        (EvidenceMissing("Upload it first."), None),
        (ReasonMissing("Give one."), None),
    ],
)
async def test_a_broken_rule_stands_beside_its_input_or_on_top(
    error: AimsError, expected: Mapping[str, str] | None
) -> None:
    async with entrance() as slack:
        slack.acts.error = error
        answer = (await slack.submit(form_view(FORM, form_case()), typed(summary="x"))).json()
        assert answer.get("errors") == expected
        assert (answer["response_action"] == "push") is (expected is None)
        assert expected or error.sentence in str(answer["view"])


async def test_a_key_taken_meanwhile_is_said_on_top_of_the_second_step() -> None:
    async with entrance() as slack:
        slack.acts.error = KeyTaken("An AI system with this key exists.", fields={"/key": "taken"})
        answer = (await slack.submit(SECOND, {})).json()
        assert (answer["response_action"], answer["view"]["title"]["text"]) == ("push", "Key taken")


@pytest.mark.parametrize("junk", ["", "{}", "null", "<!here>"])
@pytest.mark.parametrize("callback", [SlackId.NEW_ANSWERS, SlackId.REASON_REJECT, SlackId.FORM])
async def test_junk_in_a_modal_changes_nothing(callback: str, junk: str) -> None:
    view: dict[str, Any] = {"callback_id": callback, "private_metadata": junk, "blocks": []}
    async with entrance() as slack:
        answer = (await slack.submit(view, {})).json()
        assert (answer["response_action"], slack.acts.acts) == ("push", {})


async def test_a_modal_of_somebody_else_is_only_acknowledged() -> None:
    async with entrance() as slack:
        answer = await slack.submit({"callback_id": "other", "blocks": []}, {})
        assert (answer.status_code, answer.content, slack.acts.acts) == (200, b"", {})


async def test_a_strangers_modal_is_answered_and_changes_nothing() -> None:
    async with entrance() as slack:
        answer = (await slack.submit(reason_view(VALUE, Verdict.REJECT), typed(reason="x"), user="U0EVE")).json()
        assert "do not know you" in str(answer["view"])
        assert slack.nothing_happened()
        assert [refusal[:2] for refusal in slack.acts.refusals] == [(None, VALUE.case)]
