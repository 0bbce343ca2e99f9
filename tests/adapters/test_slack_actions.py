"""What buttons and modals carry comes back as it was, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.actions import PressValue, SystemDraft, case_named
from aims.errors import Invalid
from tests.slack_samples import DIGEST

VALUE = PressValue(case="approval:credit-scorer:1", step="risk_acceptance", digest=DIGEST)


def test_a_press_value_comes_back() -> None:
    assert PressValue.decode(VALUE.encode()) == VALUE
    assert case_named(VALUE.encode()) == VALUE.case


@pytest.mark.parametrize(
    "junk",
    ["", "{}", "null", "[]", "1", "\x00", '{"case":"x"}', VALUE.encode()[:-2], VALUE.encode()[:-1] + ',"admin":true}'],
)
def test_a_value_that_we_did_not_write_is_refused(junk: str) -> None:
    with pytest.raises(Invalid):
        PressValue.decode(junk)
    assert case_named(junk) == ""


@given(st.text())
def test_any_text_is_a_value_or_refused(text: str) -> None:
    with pytest.raises(Invalid):
        PressValue.decode(text)


def test_the_largest_press_value_fits_a_button() -> None:
    assert len(PressValue(case="\u0001" * 250, step="\u0001" * 60, digest=DIGEST).encode()) <= 2_000


def test_a_draft_that_no_modal_can_carry_is_refused() -> None:
    with pytest.raises(Invalid, match="too long for Slack"):
        SystemDraft(name="x", key="xx", purpose='"' * 1_500).encode()
