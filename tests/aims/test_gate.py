"""The gate before operation: nothing but complete, signed, permitted acts opens it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aims.acts import SignedAct, sign
from aims.approval import Verdict
from aims.casefile import CaseView
from aims.classification import Answer, RiskClass
from aims.dossier import DEPLOYMENT, USE, voted_digest
from aims.errors import ApprovalNotEvidenced
from aims.gate import GateCase, RecordedAct, check_gate, dossier_of
from aims.people import Members
from aims.policy.model import PolicySnapshot
from aims.record import digest_of
from aims.systems import Tier
from tests.builders import FOREIGN_KEY, KEYS, dossier, policy, snapshot, start, submission, vote

KEY = "scorer"
HOLDERS = [
    Members(role="lead", people=["lena", "leo", "rita", "otto", "ada"]),
    Members(role="operator", people=["olga"]),
]


def recorded(pair: tuple[SignedAct, CaseView]) -> RecordedAct:
    """Return an accepted act as the record holds it."""
    signed, view = pair
    purpose = view.form.purpose if view.form else None
    return RecordedAct(signed=signed, process=view.process, subject=view.subject, purpose=purpose)


def approvals(person: str = "lena", **changes: Any) -> list[RecordedAct]:
    """Return the votes that are needed; what is given changes the one on use."""
    use = vote(KEY, USE, person=person, **changes)
    return [recorded(use), recorded(vote(KEY, DEPLOYMENT, person="olga"))]


BEGUN = RecordedAct(signed=start(KEY), process="lifecycle", subject="")
FORMS = [recorded(submission(KEY, "risk-assessment")), recorded(submission(KEY, "go-live"))]
ACTS = [BEGUN, *FORMS, *approvals()]


def case(acts: list[RecordedAct], **changes: Any) -> GateCase:
    """Return the case of a system at the gate."""
    given = {"requester": "rita", "owner": "otto", "snapshot": snapshot(), "holders": HOLDERS, **changes}
    return GateCase(system=KEY, acts=acts, **given)


def shut(acts: list[RecordedAct], *, because: str = ".", **changes: Any) -> None:
    """See that the gate does not open."""
    with pytest.raises(ApprovalNotEvidenced, match=because):
        check_gate(case(acts, **changes), KEYS)


@pytest.mark.feature(60)
@pytest.mark.clause("A.6.2.5")
def test_the_gate_opens_when_every_act_is_there() -> None:
    assert check_gate(case(ACTS), KEYS).tier.tier is Tier.LIMITED


@pytest.mark.feature(136)
def test_what_was_decided_is_derived_again_from_the_acts_alone() -> None:
    derived = dossier_of(case(ACTS), KEYS)
    assert derived.model_copy(update={"answered_by": []}) == dossier(KEY)
    assert derived.answered_by == ["rita"]


@pytest.mark.feature(59)
@given(st.sets(st.integers(0, len(ACTS) - 1), max_size=len(ACTS) - 1))
def test_the_gate_stays_shut_when_any_act_is_missing(kept: set[int]) -> None:
    shut([ACTS[number] for number in sorted(kept)])


@pytest.mark.parametrize("number", range(len(ACTS)))
def test_the_gate_stays_shut_when_any_act_is_forged(number: int) -> None:
    forged = sign(ACTS[number].signed.act, FOREIGN_KEY)
    acts = [*ACTS]
    acts[number] = ACTS[number].model_copy(update={"signed": forged})
    shut(acts, because="not signed by an entrance")


@pytest.mark.parametrize("number", range(len(ACTS)))
@pytest.mark.parametrize("change", [{"person": "leo"}, {"verdict": "approve", "facts": {"high_risk": "no", "x": 1}}])
def test_the_gate_stays_shut_when_any_act_was_changed(number: int, change: dict[str, Any]) -> None:
    old = ACTS[number].signed
    acts = [*ACTS]
    acts[number] = ACTS[number].model_copy(
        update={"signed": old.model_copy(update={"act": old.act.model_copy(update=change)})}
    )
    shut(acts, because="not signed by an entrance")


@pytest.mark.feature(41)
@pytest.mark.peer_fault("T8")
@pytest.mark.parametrize("part", ["rita", "otto", "ada"])
def test_requester_owner_and_author_do_not_count_though_they_hold_the_role(part: str) -> None:
    shut([BEGUN, *FORMS, *approvals(part)], because="'use', stage 'first'")
    assert check_gate(case([BEGUN, *FORMS, *approvals("leo")]), KEYS)


@pytest.mark.peer_fault("T1")
def test_a_voter_without_the_role_does_not_count() -> None:
    shut([BEGUN, *FORMS, *approvals("eve")])
    shut(ACTS, holders=HOLDERS[1:])


@pytest.mark.feature(55)
def test_votes_on_other_content_do_not_count() -> None:
    shut([BEGUN, *FORMS, *approvals(digest=digest_of("what it was before"))])
    shut([*ACTS, recorded(submission(KEY, "risk-assessment", person="lena"))])


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.APPROVE])
def test_no_other_verdict_opens_the_gate(verdict: Verdict) -> None:
    shut([BEGUN, *FORMS, *approvals(verdict=verdict)])


def test_a_vote_for_another_stage_does_not_count() -> None:
    shut([BEGUN, *FORMS, *approvals(step="second")])


@pytest.mark.feature(44)
def test_votes_under_another_policy_do_not_count() -> None:
    stricter = policy().model_copy(update={"forms": [*policy().forms]})
    other = PolicySnapshot(digest=digest_of("another policy"), policy=stricter)
    shut(ACTS, snapshot=other, because="'use'")


def voted(person: str, *, number: int, verdict: str = "approve", subject: str = USE) -> RecordedAct:
    """Return a vote that was cast in a numbered round."""
    return recorded(vote(KEY, subject, person=person, number=number, verdict=verdict))


@pytest.mark.feature(35)
def test_a_request_for_changes_does_not_hold_the_gate_shut_after_its_round() -> None:
    asked_back = [voted("leo", number=1, verdict="request_changes"), voted("lena", number=2)]
    assert check_gate(case([BEGUN, *FORMS, *asked_back, ACTS[-1]]), KEYS)


@pytest.mark.feature(35)
def test_an_approval_does_not_count_in_a_later_round() -> None:
    shut([BEGUN, *FORMS, voted("lena", number=1), voted("leo", number=2, verdict="request_changes"), ACTS[-1]])
    shut([BEGUN, *FORMS, voted("lena", number=1), voted("leo", number=2, verdict="abstain"), ACTS[-1]])


def test_a_prohibited_system_never_enters_operation() -> None:
    questions = policy().questionnaire
    worst = [one.model_copy(update={"risk_class": RiskClass.PROHIBITED}) for one in questions.questions]
    asked = policy().model_copy(update={"questionnaire": questions.model_copy(update={"questions": worst})})
    yes = RecordedAct(signed=start(KEY, facts={"high_risk": Answer.YES}), process="lifecycle", subject="")
    snapped = PolicySnapshot(digest=asked.digest(), policy=asked)
    shut([yes, *ACTS[1:]], snapshot=snapped, because="prohibited")


def test_a_subject_that_the_policy_approves_by_itself_needs_no_vote() -> None:
    automatic = [
        rule.model_copy(update={"automatic": True, "stages": []}) if rule.subject == USE else rule
        for rule in policy().approvals
    ]
    changed = snapshot().model_copy(update={"policy": policy().model_copy(update={"approvals": automatic})})
    assert check_gate(case([*ACTS[:3], ACTS[-1]], snapshot=changed), KEYS)
    shut(ACTS[:4], snapshot=changed, because="'deployment'")


@pytest.mark.feature(59)
@pytest.mark.parametrize("missing", FORMS, ids=lambda one: one.subject)
def test_votes_on_a_dossier_that_lacks_a_form_do_not_make_up_for_it(missing: RecordedAct) -> None:
    kept = [one for one in FORMS if one is not missing]
    part = dossier_of(case([BEGUN, *kept]), KEYS)
    given = {subject: voted_digest(snapshot(), part, subject=subject) for subject in (USE, DEPLOYMENT)}
    cast = [
        vote(KEY, USE, person="lena", digest=given[USE]),
        vote(KEY, DEPLOYMENT, person="olga", digest=given[DEPLOYMENT]),
    ]
    shut([BEGUN, *kept, *map(recorded, cast)], because="was never submitted")
