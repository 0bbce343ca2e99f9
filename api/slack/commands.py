"""The slash command `/aims`."""

from datetime import UTC, datetime

from adapters.slack.blocks import render
from adapters.slack.views import new_system_view
from adapters.slack.views_home import help_text, queue_blocks
from aims.conversation import case_card
from aims.people import Person
from api.slack.answers import Answer, opened, replied
from api.slack.payloads import Command
from api.slack.service import SlackDesk, Visit

MINE = "What you owe, and what you own."


async def on_command(visit: Visit, command: Command) -> Answer:
    """Answer `/aims new`, `status`, `my`, `help`; anything else gets the help and what was wrong."""
    words = command.text.split()
    match [words[0].lower(), *words[1:]] if words else ["help"]:
        case ["new"]:
            return opened(visit.desk, command.trigger, view=new_system_view())
        case ["status", key]:
            return await _status(visit.desk, key)
        case ["status", *_]:
            return replied(help_text("Name one system by its key."))
        case ["my"]:
            return await _mine(visit.desk, visit.person)
        case ["help"]:
            return replied(help_text())
        case _:
            return replied(help_text(f"I do not know '{command.text[:50]}'."))


async def _status(desk: SlackDesk, key: str) -> Answer:
    profile = await desk.register.profile(key.lower())
    people = await desk.people.persons(list(dict.fromkeys([profile.owner, profile.requester])))
    card = case_card(profile, names={person.id: person.name for person in people})
    rendered = render(card, marker=f"status:{profile.key}")
    return replied(rendered.text, rendered.blocks)


async def _mine(desk: SlackDesk, person: Person) -> Answer:
    owed, owned = await desk.register.owed(person.id), await desk.register.owned(person.id)
    return replied(MINE, queue_blocks(owed, owned, now=datetime.fromtimestamp(desk.clock(), UTC)))
