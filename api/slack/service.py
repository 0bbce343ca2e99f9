"""What the Slack entrance needs from the rest of the program, as one value."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from aims.casefile import CaseView
from aims.errors import AimsError
from aims.people import Person
from aims.policy.model import PolicySnapshot
from aims.record import PersonId, SystemKey
from aims.systems import SystemProfile
from api.requests import NewSystem, Source, SubmissionRequest, Taken, VoteRequest


class EntranceLike(Protocol):
    """Takes acts: each is stored before the call returns."""

    async def start(self, person: Person, request: NewSystem, *, source: Source) -> Taken:
        """Take a request for a new AI system."""

    async def vote(self, person: Person, request: VoteRequest, *, source: Source) -> Taken:
        """Take a vote."""

    async def submit(self, person: Person, request: SubmissionRequest, *, source: Source) -> Taken:
        """Take a submitted form."""

    async def refused(self, person: Person | None, case: str, *, error: AimsError, source: Source) -> None:
        """Record an attempt that did not get as far as an act."""


class RegisterReads(Protocol):
    """Reads of the register that answers and forms need."""

    async def profile(self, key: SystemKey) -> SystemProfile:
        """Return a system as registered."""

    async def case(self, case: str) -> CaseView:
        """Return a case as it stands."""

    async def owed(self, person: PersonId) -> Sequence[CaseView]:
        """Return the open cases in which something is owed by the person."""

    async def owned(self, person: PersonId) -> Sequence[SystemProfile]:
        """Return the systems that the person owns."""


class PeopleReads(Protocol):
    """The people of the organisation and the Slack accounts bound to them."""

    async def of_slack(self, enterprise: str, team: str, user: str, /) -> Person | None:
        """Return the person bound to a Slack account."""

    async def by_email(self, email: str) -> Person | None:
        """Return the person with a verified e-mail address."""

    async def bind_slack(self, enterprise: str, team: str, user: str, person: PersonId, /) -> None:
        """Bind a Slack account to a person."""

    async def persons(self, ids: Sequence[PersonId]) -> list[Person]:
        """Return the people with these ids."""


class PolicyReads(Protocol):
    """The policy in force."""

    async def in_force(self) -> PolicySnapshot:
        """Return the policy in force."""


class Answers(Protocol):
    """Ways to answer one Slack user."""

    async def tell(self, user: str, text: str, *, channel: str | None = None) -> None:
        """Say something that only this user sees."""

    async def open_view(self, trigger: str, view: Mapping[str, Any]) -> None:
        """Open a modal."""

    async def publish_home(self, user: str, view: Mapping[str, Any]) -> None:
        """Replace the user's App Home."""


class Emails(Protocol):
    """The verified e-mail addresses of Slack users."""

    async def email_of(self, user: str) -> str:
        """Return the address of a full member of the workspace."""


class Replays(Protocol):
    """Which signatures were seen; shared by all processes of the api."""

    async def first_time(self, signature: str) -> bool:
        """Remember a signature; say whether it is new."""


@dataclass(frozen=True, kw_only=True)
class SlackDesk:
    """Everything that a request from Slack may touch. `clock` gives seconds since 1970."""

    entrance: EntranceLike
    register: RegisterReads
    people: PeopleReads
    policies: PolicyReads
    messenger: Answers
    directory: Emails
    replays: Replays
    signing_secret: SecretStr
    clock: Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request of a known person: who asks, and the event that makes the act idempotent."""

    desk: SlackDesk
    person: Person
    source: Source
