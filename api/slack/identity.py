"""Slack accounts to people: bound once through the verified e-mail address, refused otherwise."""

from adapters.slack.directory import STRANGER
from aims.acts import Channel
from aims.errors import UnknownPerson
from aims.people import Person
from api.requests import Source
from api.slack.payloads import Actor
from api.slack.service import SlackDesk


async def person_of(desk: SlackDesk, actor: Actor) -> Person:
    """Return the active person behind a Slack account.

    Raises:
        UnknownPerson: When there is none; the account can do nothing.

    """
    person = await desk.people.of_slack(actor.enterprise, actor.team, actor.user)
    if person is None:
        person = await desk.people.by_email(await desk.directory.email_of(actor.user))
        if person is not None and person.active:
            await desk.people.bind_slack(actor.enterprise, actor.team, actor.user, person.id)
    if person is None or not person.active:
        raise UnknownPerson(STRANGER)
    return person


def source_of(actor: Actor, event: str, *, channel: str = "") -> Source:
    """Return where an act came from; the same event gives the same idempotency key."""
    reply = {"slack_user": actor.user} | ({"slack_channel": channel} if channel else {})
    return Source(channel=Channel.SLACK, key=f"slack:{actor.team}:{actor.user}:{event}", reply=reply)
