"""What people read of a case in a conversation: cards that any channel can show."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import Field

from aims.casefile import CaseView
from aims.record import Digest, PersonId, Record
from aims.systems import SystemProfile


class Press(StrEnum):
    """What a button on a card does."""

    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_CHANGES = "request_changes"
    OPEN_FORM = "open_form"


class Button(Record):
    """A button of a card; it carries where it belongs, never authority."""

    press: Press
    label: str
    case: str
    step: str
    digest: Digest


class Line(Record):
    """One labelled fact of a card."""

    label: str
    text: str


class Card(Record):
    """A message about one case, in plain text that is not yet escaped for any channel.

    `mood` is `open`, `good`, `bad` or `neutral`. `url` leads to the case for people with an account.
    """

    headline: str
    lines: list[Line] = Field(default_factory=list)
    note: str = ""
    mood: str = "neutral"
    buttons: list[Button] = Field(default_factory=list)
    url: str = ""


class MessageRef(Record):
    """Where a posted message stands: a channel and a message id within it."""

    channel: str
    ts: str


Names = Mapping[PersonId, str]
"""Person -> name to show; a person who is not in it is shown by id."""

_VERBS = {"approve": "approved", "reject": "rejected", "request_changes": "asked for changes", "abstain": "abstained"}
_MOODS = {"approved": "good", "submitted": "good", "pending": "open", "open": "open"}


def approval_card(profile: SystemProfile, case: CaseView, *, names: Names) -> Card:
    """Return the card that asks for a vote, or says how the approval ended."""
    headline = f"Approval of {_spoken(case.subject)}: {profile.name}"
    lines = [*_about(profile), Line(label="Stage", text=_spoken(case.step)), *_vote_lines(case, names)]
    if case.open:
        lines.append(Line(label="Decide by", text=f"{case.due_at:%d %b %Y %H:%M} UTC"))
        lines.append(Line(label="Content", text=case.digest[7:19]))
    return Card(
        headline=headline,
        lines=lines,
        note=_standing(case),
        mood=_MOODS.get(case.outcome, "bad"),
        buttons=_vote_buttons(case) if case.open else [],
    )


def assignment_card(profile: SystemProfile, case: CaseView, *, names: Names) -> Card:
    """Return the card that says what a person owes, or that it was done."""
    title = case.form.title if case.form else _spoken(case.subject)
    lines = _about(profile)
    buttons = []
    if case.open:
        lines.append(Line(label="Due", text=f"{case.due_at:%d %b %Y %H:%M} UTC"))
        buttons = [_button(case, Press.OPEN_FORM, label="Fill in")]
    elif case.author:
        lines.append(Line(label="Submitted by", text=names.get(case.author, case.author)))
    return Card(
        headline=f"{title}: {profile.name}",
        lines=lines,
        note=_standing(case),
        mood=_MOODS.get(case.outcome, "bad"),
        buttons=buttons,
    )


def case_card(profile: SystemProfile, *, names: Names) -> Card:
    """Return the card that opens the thread of a case and always shows where it stands."""
    lines = [
        *_about(profile),
        Line(label="Stage", text=_spoken(profile.stage)),
        Line(label="Owner", text=names.get(profile.owner, profile.owner)),
        Line(label="Requested by", text=names.get(profile.requester, profile.requester)),
    ]
    if profile.next_review_at:
        lines.append(Line(label="Next review", text=f"{profile.next_review_at:%d %b %Y}"))
    waiting = ", ".join(_spoken(role) for role in profile.waiting_for)
    return Card(headline=f"AI system {profile.name}", lines=lines, note=f"Waiting for {waiting}." if waiting else "")


def card_of(profile: SystemProfile, case: CaseView, *, names: Names, owes: bool = True) -> Card:
    """Return the card of a case as it stands; only for somebody who still owes something it has buttons."""
    shown = approval_card if case.process == "approval" else assignment_card
    card = shown(profile, case, names=names)
    return card if owes else card.model_copy(update={"buttons": []})


def reminder_text(profile: SystemProfile, case: CaseView) -> str:
    """Return the sentence that reminds a person of what they owe."""
    what = case.form.title if case.form else f"the approval of {_spoken(case.subject)}"
    return f"Reminder: {what} for {profile.name} is waiting for you until {case.due_at:%d %b %Y %H:%M} UTC."


def _about(profile: SystemProfile) -> list[Line]:
    lines = [Line(label="System", text=f"{profile.name} ({profile.key})"), Line(label="Purpose", text=profile.purpose)]
    if profile.tier:
        lines.append(Line(label="Tier", text=f"{profile.tier} (class: {profile.risk_class})"))
    if profile.findings:
        lines.append(Line(label="Main findings", text=", ".join(profile.findings[:4])))
    return lines


def _vote_lines(case: CaseView, names: Names) -> list[Line]:
    return [
        Line(label=_spoken(vote.stage), text=f"{names.get(vote.person, vote.person)} {_VERBS[vote.verdict]}")
        for vote in case.votes
    ]


def _vote_buttons(case: CaseView) -> list[Button]:
    return [
        _button(case, Press.APPROVE, label="Approve"),
        _button(case, Press.REQUEST_CHANGES, label="Request changes"),
        _button(case, Press.REJECT, label="Reject"),
    ]


def _button(case: CaseView, press: Press, *, label: str) -> Button:
    return Button(press=press, label=label, case=case.id, step=case.step, digest=case.digest)


def _standing(case: CaseView) -> str:
    if case.open:
        asked = "the person named" if case.named else ", ".join(_spoken(role) for role in case.waiting_for)
        return f"Waiting for {asked}."
    return f"Closed: {_spoken(case.outcome)}."


def _spoken(name: str) -> str:
    return str(name).replace("_", " ").replace("-", " ")
