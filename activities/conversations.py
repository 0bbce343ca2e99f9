"""Effects on people's conversations: ask, keep every message up to date, remind."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field
from temporalio import activity

from activities.effects import Effect, once
from activities.ports import EffectLog, Messenger, People, Register
from aims.casefile import CaseView
from aims.conversation import Card, MessageRef, Names, card_of, case_card, reminder_text
from aims.errors import Unreachable
from aims.record import PersonId, Record, SystemKey
from aims.systems import SystemProfile

_MESSAGE = "message"
_QUIET = timedelta(seconds=20)  # a post is up to three calls of 5 s each, and some seconds for a late commit


class Notice(Record):
    """Who is told about a case in which round; the round makes reminders distinct from the first message."""

    case: str
    system: SystemKey
    round: str
    people: list[PersonId] = Field(default_factory=list)


class Delivery(Record):
    """Whom a notice did not reach; the process has to ask somebody else."""

    unreached: list[PersonId] = Field(default_factory=list)


@dataclass(frozen=True)
class ConversationActivities:
    """Posts and edits cards; texts come from the register, never from a workflow."""

    messenger: Messenger
    register: Register
    people: People
    effects: EffectLog

    @activity.defn
    async def ask_people(self, notice: Notice) -> Delivery:
        """Post the case's card to each person once, and bring everything posted before up to date."""
        profile, case = await self._read(notice)
        await self._refresh(profile, case)
        card = card_of(profile, case, names=await self._names(profile, case))
        unreached = [
            person
            for person in notice.people
            if not await self._reached(f"{notice.case}:{notice.round}:{person}", notice.case, person=person, card=card)
        ]
        await self._show_thread(profile)
        return Delivery(unreached=unreached)

    @activity.defn
    async def refresh_messages(self, notice: Notice) -> int:
        """Edit every message ever posted for the case so that it shows how the case stands; return their number."""
        profile, case = await self._read(notice)
        posted = await self._refresh(profile, case)
        await self._show_thread(profile)
        return posted

    @activity.defn
    async def remind_people(self, notice: Notice) -> Delivery:
        """Remind each person once in this round, unless the case has closed meanwhile."""
        profile, case = await self._read(notice)
        if not case.open:
            return Delivery()
        card = Card(headline=reminder_text(profile, case), mood="open")
        unreached = [
            person
            for person in notice.people
            if not await self._reached(
                f"{notice.case}:{notice.round}:{person}", f"{notice.case}:reminders", person=person, card=card
            )
        ]
        return Delivery(unreached=unreached)

    @activity.defn
    async def show_system(self, system: SystemKey) -> None:
        """Bring the message that opens the system's thread up to date."""
        await self._show_thread(await self.register.profile(system))

    async def _refresh(self, profile: SystemProfile, case: CaseView) -> int:
        """Edit every message of the case: who still owes something keeps the buttons, everybody sees how it stands."""
        names = await self._names(profile, case)
        posted = await self.effects.results(case.id, kind=_MESSAGE)
        for key, result in posted:
            turn, _, person = key.removeprefix(f"{case.id}:").rpartition(":")
            owes = turn == f"ask:{case.step}" and person in case.pending
            card = card_of(profile, case, names=names, owes=owes)
            await self.messenger.edit(MessageRef.model_validate_json(result), card, marker=key)
        return len(posted)

    async def _read(self, notice: Notice) -> tuple[SystemProfile, CaseView]:
        return await self.register.profile(notice.system), await self.register.case(notice.case)

    async def _names(self, profile: SystemProfile, case: CaseView | None = None) -> Names:
        voters = [vote.person for vote in case.votes] if case else []
        author = [case.author] if case and case.author else []
        persons = await self.people.persons([profile.owner, profile.requester, *voters, *author])
        return {person.id: person.name for person in persons}

    async def _reached(self, key: str, case: str, *, person: PersonId, card: Card) -> bool:
        try:
            await self._post(key, case, to=f"person:{person}", card=card)
        except Unreachable as problem:
            activity.logger.warning("%s", problem.sentence)
            return False
        return True

    async def _show_thread(self, profile: SystemProfile) -> None:
        key = f"system:{profile.key}:thread"
        card = case_card(profile, names=await self._names(profile))
        ref = await self._post(key, f"system:{profile.key}", to="cases", card=card)
        await self.messenger.edit(ref, card, marker=key)

    async def _post(self, key: str, case: str, *, to: str, card: Card) -> MessageRef:
        async def call() -> MessageRef:
            return await self.messenger.post(to, card, marker=key)

        async def find(since: datetime) -> MessageRef | None:
            return await self.messenger.find(to, marker=key, since=since)

        return await once(
            self.effects,
            Effect(
                key=key,
                kind=_MESSAGE,
                case=case,
                quiet=_QUIET,
                call=call,
                find=find,
                encode=MessageRef.model_dump_json,
                decode=MessageRef.model_validate_json,
            ),
        )
