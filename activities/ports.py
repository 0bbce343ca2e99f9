"""Every outside capability, on one page. Adapters fit these structurally; each raises Faults of the outside only."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from aims.acts import VerifyKeys
from aims.casefile import CaseView
from aims.conversation import Card, MessageRef
from aims.dossier import Standing
from aims.effects import Intent
from aims.journal import Committed, Step
from aims.people import Members, Person
from aims.policy.model import PolicySnapshot
from aims.record import Digest, PersonId, RoleId, SystemKey
from aims.systems import SystemProfile
from aims.tickets import TicketDraft, TicketRef, TicketState

__all__ = [
    "EffectLog",
    "Intent",
    "Ledger",
    "Messenger",
    "Objects",
    "People",
    "Policies",
    "Register",
    "TicketDraft",
    "TicketRef",
    "TicketState",
    "Tracker",
]


class Ledger(Protocol):
    """The record: append-only, hash-chained; register and cases change in the same transaction."""

    async def commit(self, step: Step) -> Committed:
        """Write a step whole, or nothing; the same step key again changes nothing.

        Raises:
            aims.errors.InvalidTransition: When the register does not allow the move, or the system is not known.
            aims.errors.ApprovalNotEvidenced: When a move into operation did not pass the gate.

        """

    async def enter_operation(self, step: Step, keys: VerifyKeys) -> Standing:
        """Count the signed acts again and, in the same transaction, commit the move into operation.

        Raises:
            aims.errors.ApprovalNotEvidenced: When they do not add up; nothing is changed.

        """


class Register(Protocol):
    """Reads of what the record says now."""

    async def profile(self, key: SystemKey) -> SystemProfile:
        """Return a system as registered.

        Raises:
            aims.errors.NotFound: When there is none.

        """

    async def case(self, case: str) -> CaseView:
        """Return a case as it stands.

        Raises:
            aims.errors.NotFound: When there is none.

        """

    async def timeline(self, key: SystemKey) -> Sequence[str]:
        """Return the canonical payloads of a system's ledger entries, oldest first."""


class People(Protocol):
    """The directory of the organisation."""

    async def holders(self, roles: Sequence[RoleId]) -> list[Members]:
        """Return who holds each role now, active people only, in the order asked and a stable order of people."""

    async def persons(self, ids: Sequence[PersonId]) -> list[Person]:
        """Return the people with these ids; unknown ids are left out."""


class Policies(Protocol):
    """The policy in force, and the public keys of the entrances."""

    async def in_force(self) -> PolicySnapshot:
        """Return the policy in force; its exact text is kept under its digest.

        Raises:
            aims.errors.PolicyInvalid: When the files are not usable.

        """

    async def verify_keys(self) -> VerifyKeys:
        """Return the public keys whose signatures count."""


class Messenger(Protocol):
    """Conversations with people. Posting is not idempotent outside: it goes through the effect recipe."""

    async def post(self, to: str, card: Card, *, marker: str, thread: MessageRef | None = None) -> MessageRef:
        """Post a card to a person (`person:<id>`) or to the channel of the cases (`cases`)."""

    async def find(self, to: str, *, marker: str, since: datetime) -> MessageRef | None:
        """Return the message that carries the marker, if one was posted since the instant."""

    async def edit(self, ref: MessageRef, card: Card, *, marker: str) -> None:
        """Replace a posted message; a message that is gone is no fault."""


class Tracker(Protocol):
    """A ticketing system. `key` is the idempotency key that finds a ticket again."""

    async def create(self, key: str, draft: TicketDraft) -> TicketRef:
        """Create a ticket that carries the key."""

    async def find(self, key: str) -> TicketRef | None:
        """Return the ticket that carries the key."""

    async def comment(self, ref: TicketRef, key: str, *, text: str) -> None:
        """Add a comment once for each key."""

    async def transition(self, ref: TicketRef, state: TicketState) -> None:
        """Bring the ticket into a state; repeating it changes nothing."""


class Objects(Protocol):
    """Content-addressed storage; an object is created once and never overwritten."""

    async def put(self, content: bytes) -> Digest:
        """Store content under its digest; storing it again changes nothing."""

    async def get(self, digest: Digest) -> bytes:
        """Return content whose digest was verified on the way.

        Raises:
            aims.errors.NotFound: When nothing is stored under the digest.

        """


class EffectLog(Protocol):
    """The rows behind every outside effect: intent, fence, settle wait, result. See reliability 4.1."""

    async def claim(self, key: str, *, kind: str, case: str, quiet: timedelta) -> Intent:
        """Claim the next attempt, or learn that it is done, or how long an ambiguous one must settle first."""

    async def settle(self, key: str, *, fence: int, result: str) -> None:
        """Record the result of an effect that happened."""

    async def release(self, key: str, *, fence: int, problem: str) -> None:
        """Record a definite refusal: the effect did not happen and may be tried again."""

    async def results(self, case: str, *, kind: str) -> list[tuple[str, str]]:
        """Return (key, result) of the effects of one kind that happened for a case, oldest first."""
