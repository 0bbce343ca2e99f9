"""The App Home and the answers to `/aims my` and `/aims help`, without a client."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from adapters.slack.actions import PressValue, SlackId
from adapters.slack.blocks import button, escaped, markup, plain
from adapters.slack.limits import HEADER, SECTION, Block
from aims.casefile import CaseView
from aims.conversation import Button, Press
from aims.systems import SystemProfile

SHOWN = 20
PART = 200
HELP = (
    "*What I can do*\n"
    "`/aims new`  request an AI system\n"
    "`/aims status <key>`  where a system stands, for example `/aims status credit-scorer`\n"
    "`/aims my`  what you owe and what you own\n"
    "`/aims help`  this list"
)


def home_view(owed: Sequence[CaseView], owned: Sequence[SystemProfile], *, now: datetime) -> Block:
    """Return the App Home of a person: the queue first, then the systems."""
    return {"type": "home", "callback_id": SlackId.HOME, "blocks": queue_blocks(owed, owned, now=now)}


def stranger_home(sentence: str) -> Block:
    """Return the App Home of somebody who is not known."""
    blocks = [_header("AI governance"), _section(escaped(sentence, SECTION))]
    return {"type": "home", "callback_id": SlackId.HOME, "blocks": blocks}


def queue_blocks(owed: Sequence[CaseView], owned: Sequence[SystemProfile], *, now: datetime) -> list[Block]:
    """Return what a person owes, overdue first, and the systems they own."""
    due = sorted(owed, key=lambda case: case.due_at)
    return [
        _header("My queue"),
        *_listed([_owed(case, now) for case in due[:SHOWN]], len(due), empty="Nothing waits for you."),
        {"type": "divider"},
        _header("My systems"),
        *_listed([_owned(system) for system in owned[:SHOWN]], len(owned), empty="You own no AI system."),
    ]


def help_text(problem: str = "") -> str:
    """Return what can be asked, after what was wrong with the question."""
    return f"{escaped(problem, PART)}\n\n{HELP}" if problem else HELP


def _listed(rows: list[Block], total: int, *, empty: str) -> Iterable[Block]:
    if not rows:
        return [_section(empty)]
    more = [_section(f"... and {total - len(rows)} more.")] if total > len(rows) else []
    return [*rows, *more]


def _owed(case: CaseView, now: datetime) -> Block:
    late = ":warning: *Overdue*" if case.due_at < now else "Due"
    what = case.form.title if case.form else f"Approval of {_spoken(case.subject)}"
    row = _section(f"*{escaped(what, PART)}*  {case.system}\n{late} {case.due_at:%d %b %Y %H:%M} UTC")
    if case.form is None:
        return row
    value = PressValue(case=case.id, step=case.step, digest=case.digest)
    return row | {"accessory": button(Button(press=Press.OPEN_FORM, label="Fill in", **value.model_dump()))}


def _owned(system: SystemProfile) -> Block:
    facts = [f"Stage {_spoken(system.stage)}", f"Tier {system.tier or 'not yet decided'}"]
    if system.next_review_at:
        facts.append(f"Next review {system.next_review_at:%d %b %Y}")
    return _section(f"*{escaped(system.name, PART)}*  {system.key}\n{', '.join(facts)}")


def _header(text: str) -> Block:
    return {"type": "header", "text": plain(text, HEADER)}


def _section(text: str) -> Block:
    return {"type": "section", "text": markup(text)}


def _spoken(name: str) -> str:
    return escaped(name.replace("_", " ").replace("-", " "), PART)
