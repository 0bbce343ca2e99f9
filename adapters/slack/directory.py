"""Who is who: Slack users to verified e-mail addresses, people of the organisation to Slack users."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.client import SlackRefused, answered
from aims.errors import UnknownPerson, Unreachable
from aims.people import Person
from aims.record import PersonId

CACHED = 1_000
NOT_THERE = {"user_not_found", "users_not_found", "user_not_visible"}
STRANGER = (
    "I do not know you as a person of this organisation, so nothing was changed. Ask your administrator to add you."
)
# Each of these means that the account is not, or not yet, one of a member of the organisation.
_OUTSIDERS = ("is_bot", "is_app_user", "deleted", "is_restricted", "is_ultra_restricted", "is_stranger")


class Persons(Protocol):
    """Where the e-mail addresses of people are kept."""

    async def persons(self, ids: Sequence[PersonId]) -> list[Person]:
        """Return the people with these ids; unknown ids are left out."""


class SlackDirectory:
    """The members of one workspace."""

    def __init__(self, client: AsyncWebClient, people: Persons) -> None:
        self._client = client
        self._people = people
        self._users: dict[PersonId, str] = {}
        self._home: Mapping[str, str] = {}

    async def email_of(self, user: str) -> str:
        """Return the verified e-mail address of a full member of this workspace.

        Raises:
            UnknownPerson: For bots, guests, deactivated accounts, other workspaces and accounts without an address.

        """
        try:
            found = (await answered(self._client.users_info(user=user)))["user"]
        except SlackRefused as refusal:
            if refusal.code in NOT_THERE:
                raise UnknownPerson(STRANGER) from refusal
            raise
        email = found.get("profile", {}).get("email")
        if not email or not await self._is_member(found):
            raise UnknownPerson(STRANGER)
        return str(email)

    async def user_of(self, person: PersonId) -> str:
        """Return the Slack user of a person.

        Raises:
            Unreachable: When the person or their Slack account does not exist; somebody else has to be asked.

        """
        if person not in self._users:
            user = await self._lookup(person)
            if len(self._users) >= CACHED:
                self._users.clear()
            self._users[person] = user
        return self._users[person]

    async def _lookup(self, person: PersonId) -> str:
        known = await self._people.persons([person])
        if not known:
            raise Unreachable(f"The directory has no person '{person}' to write to.")
        try:
            found = await answered(self._client.users_lookupByEmail(email=known[0].email))
        except SlackRefused as refusal:
            if refusal.code in NOT_THERE:
                raise Unreachable(f"Slack has no account with the e-mail address of '{person}'.") from refusal
            raise
        return str(found["user"]["id"])

    async def _is_member(self, user: Mapping[str, Any]) -> bool:
        if any(user.get(mark) for mark in _OUTSIDERS) or user.get("is_email_confirmed") is False:
            return False
        if not self._home:
            own = await answered(self._client.auth_test())
            self._home = {"team": str(own["team_id"]), "enterprise": str(own.get("enterprise_id") or "")}
        enterprise = str((user.get("enterprise_user") or {}).get("enterprise_id") or "")
        return user.get("team_id") == self._home["team"] or bool(enterprise and enterprise == self._home["enterprise"])
