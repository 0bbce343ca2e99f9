"""The gate before operation: signed acts are counted again, from the record alone. See reliability, decision 2."""

from pydantic import Field

from aims.acts import Act, SignedAct, VerifyKeys, verify
from aims.approval import ApprovalRule, Outcome, Verdict, Vote, panel_of, tally
from aims.dossier import (
    DEPLOYMENT,
    USE,
    Assessment,
    Dossier,
    Standing,
    empty_dossier,
    standing_of,
    voted_digest,
)
from aims.errors import ApprovalNotEvidenced, ForgedAct
from aims.forms import FormPurpose
from aims.people import Members
from aims.policy.evaluation import approval_for, forms_for
from aims.policy.model import PolicySnapshot
from aims.record import PersonId, Record, SystemKey
from aims.systems import Tier

GATED = (USE, DEPLOYMENT)
"""The subjects whose approvals are needed before a system enters operation."""

_ASSESSED = (FormPurpose.ASSESSMENT, FormPurpose.CHECKLIST)
_ANSWERED = (FormPurpose.CLARIFICATION, FormPurpose.REVISION)


class RecordedAct(Record):
    """A signed act that the record holds as accepted, and what its case was about."""

    signed: SignedAct
    process: str
    subject: str
    purpose: FormPurpose | None = None


class GateCase(Record):
    """Everything the gate counts, read from the record inside one transaction; acts in the order of acceptance."""

    system: SystemKey
    requester: PersonId
    owner: PersonId
    snapshot: PolicySnapshot
    acts: list[RecordedAct] = Field(default_factory=list)
    holders: list[Members] = Field(default_factory=list)


def check_gate(case: GateCase, keys: VerifyKeys) -> Standing:
    """Let a system into operation only when its approvals can be counted again from signed acts.

    Raises:
        ApprovalNotEvidenced: When an assessment, an approval or a valid signature is missing; says which.

    """
    dossier = dossier_of(case, keys)
    standing = standing_of(case.snapshot.policy, dossier)
    if standing.tier.tier is Tier.PROHIBITED:
        raise ApprovalNotEvidenced("A prohibited AI system never enters operation.")
    _check_forms(case, dossier, tier=standing.tier.tier)
    for subject in GATED:
        _check_approval(
            case, dossier, rule=approval_for(case.snapshot.policy, subject, tier=standing.tier.tier), keys=keys
        )
    return standing


def dossier_of(case: GateCase, keys: VerifyKeys) -> Dossier:
    """Return the dossier that the accepted, validly signed acts add up to.

    Raises:
        ApprovalNotEvidenced: When an act carries no valid signature.

    """
    dossier = empty_dossier(case.system, case.snapshot.policy)
    for recorded in case.acts:
        act = _genuine(recorded.signed, keys)
        if recorded.process == "lifecycle" or recorded.purpose in _ANSWERED:
            dossier = dossier.with_answers(act)
        elif recorded.purpose in _ASSESSED:
            dossier = dossier.with_assessment(
                Assessment(form=recorded.subject, author=act.person, digest=act.digest, facts=act.facts)
            )
    return dossier


def _check_forms(case: GateCase, dossier: Dossier, *, tier: Tier) -> None:
    done = {one.form for one in dossier.assessments}
    for purpose in _ASSESSED:
        for form in forms_for(case.snapshot.policy, purpose, tier=tier):
            if form.id not in done:
                raise ApprovalNotEvidenced(f"'{form.title}' was never submitted.")


def _check_approval(case: GateCase, dossier: Dossier, *, rule: ApprovalRule, keys: VerifyKeys) -> None:
    digest = voted_digest(case.snapshot, dossier, subject=rule.subject)
    acts = [_genuine(one.signed, keys) for one in case.acts if (one.process, one.subject) == ("approval", rule.subject)]
    # An earlier round is over: its votes neither open the gate nor hold it shut, even when nothing was changed since.
    votes = [_vote(act) for act in acts if act.case == acts[-1].case and act.digest == digest]
    part = dossier.voted_under(rule.subject, case.snapshot.policy)
    excluded = [case.requester, case.owner, *part.authors()]
    for stage in rule.stages:
        if tally(panel_of(stage, case.holders, excluded=excluded, escalated=True), votes) is not Outcome.APPROVED:
            raise ApprovalNotEvidenced(
                f"The signed acts for '{rule.subject}', stage '{stage.id}', do not add up to an approval."
            )


def _genuine(signed: SignedAct, keys: VerifyKeys) -> Act:
    try:
        return verify(signed, keys)
    except ForgedAct as cause:
        raise ApprovalNotEvidenced(f"Act {signed.act.id} is not signed by an entrance.") from cause


def _vote(act: Act) -> Vote:
    return Vote(
        act=act.id, stage=act.step, person=act.person, verdict=Verdict(act.verdict), digest=act.digest, at=act.at
    )
