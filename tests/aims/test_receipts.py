"""A decision in the ledger is what its person signed, in every part."""

from typing import Any

import pytest

from aims.acts import SignedAct
from aims.evidence import Entry
from aims.inspection import Finding, Inspection
from aims.receipts import KeptAct, Receipts, mismatch
from tests.aims.test_evidence import chained
from tests.builders import DIGEST, FOREIGN_KEY, KEYS, signed, submission, vote
from tests.cli.tampering import SYSTEM, decision

VOTE, _ = vote(SYSTEM, "use", person="lena")
FORM = submission(SYSTEM, "go-live")[0]
ALTERED: dict[str, dict[str, Any]] = {
    "person": {"actor": "olga"},
    "case": {"case": "approval:another"},
    "system": {"system": "another"},
    "digest": {"content_digest": DIGEST},
    "verdict": {"facts": {"verdict": "reject", "act": VOTE.act.id}},
    "act": {"facts": {"verdict": "approve", "act": "another"}},
    "stage": {"key": "approval:credit-scorer:use:second:lena:vote_recorded"},
}


def kept(act: SignedAct, **changes: Any) -> KeptAct:
    """Return an act as it is kept after its acceptance."""
    return KeptAct(**{"signed": act.model_dump(mode="json"), "system": SYSTEM, "state": "accepted", **changes})


def found(entries: list[Entry], *acts: SignedAct, accepted: tuple[str, ...] = ()) -> list[Finding]:
    """Compare entries with the acts that are kept."""
    inspection = Inspection()
    receipts = Receipts(inspection, KEYS, accepted=accepted)
    page = [chained(one.payload(), after=None) for one in entries]
    numbered = [one.model_copy(update={"seq": place}) for place, one in enumerate(page, start=1)]
    receipts.check(receipts.decisions(numbered), {act.act.id: kept(act) for act in acts})
    receipts.close()
    return inspection.close()


@pytest.mark.feature(94)
@pytest.mark.parametrize("act", [VOTE, FORM], ids=["vote", "submission"])
def test_what_a_process_records_of_an_act_is_what_was_signed(act: SignedAct) -> None:
    assert mismatch(decision(act), kept(act), keys=KEYS) is None
    assert found([decision(act)], act, accepted=(act.act.id,)) == []


@pytest.mark.feature(94)
@pytest.mark.parametrize("part", ALTERED)
def test_an_entry_that_says_something_else_is_named(part: str) -> None:
    altered = decision(VOTE).model_copy(update=ALTERED[part])
    assert part in str(mismatch(altered, kept(VOTE), keys=KEYS))


def test_a_submission_with_other_facts_is_named() -> None:
    for name, facts in (("facts", {"severity": "none"}), ("form", {})):
        said = {**decision(FORM).facts, **({"facts": facts} if facts else {"form": "another"})}
        assert name in str(mismatch(decision(FORM, facts=said), kept(FORM), keys=KEYS))


@pytest.mark.feature(94)
def test_only_an_accepted_act_with_a_known_signature_is_a_receipt() -> None:
    foreign = signed(VOTE.act.kind, "lena", case=VOTE.act.case, key=FOREIGN_KEY)
    assert "no act" in str(mismatch(decision(VOTE), None, keys=KEYS))
    assert "signature" in str(mismatch(decision(VOTE), kept(foreign), keys=KEYS))
    assert "signature" in str(mismatch(decision(VOTE), kept(VOTE, signed={"act": 7}), keys=KEYS))
    assert "state" in str(mismatch(decision(VOTE), kept(VOTE, state="refused"), keys=KEYS))


def test_a_vote_is_no_receipt_for_a_submission() -> None:
    pretended = decision(FORM, facts={"form": "", "act": VOTE.act.id, "facts": {}})
    assert "kind" in str(mismatch(pretended, kept(VOTE), keys=KEYS))


def test_one_act_is_good_for_one_entry() -> None:
    (repeated,) = found([decision(FORM), decision(FORM)], FORM)
    assert (repeated.seq, repeated.reason) == (2, "repeats the decision of entry 1")


def test_an_accepted_act_that_no_entry_names_is_found() -> None:
    (missing,) = found([], accepted=(VOTE.act.id,))
    assert missing.sentence() == f"An entry is missing that records the accepted act {VOTE.act.id}."


def test_other_entries_need_no_act() -> None:
    assert found([decision(VOTE, kind="reminder_due")]) == []
