"""Only full members of the own workspace with a verified address are anybody."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from adapters.faults import TransientFault
from adapters.slack.client import slack_client
from adapters.slack.directory import SlackDirectory
from aims.errors import UnknownPerson, Unreachable
from tests.adapters.scripted_slack import ScriptedSlack, scripted_slack
from tests.adapters.test_slack_messenger import OnlyAda

MEMBER = {"id": "U0ADA", "team_id": "T1", "profile": {"email": "ada@example.org"}}
ENTERPRISE = {"enterprise_user": {"enterprise_id": "E1"}}


@pytest_asyncio.fixture
async def slack() -> AsyncIterator[ScriptedSlack]:
    async with scripted_slack() as scripted:
        scripted.says("auth.test", team_id="T1", enterprise_id=None)
        scripted.says("users.lookupByEmail", user={"id": "U0ADA"})
        yield scripted


def directory(slack: ScriptedSlack) -> SlackDirectory:
    return SlackDirectory(slack_client("xoxb-scripted", base_url=slack.url), OnlyAda())


async def test_a_full_member_has_an_address(slack: ScriptedSlack) -> None:
    slack.says("users.info", user=MEMBER)
    assert await directory(slack).email_of("U0ADA") == "ada@example.org"


async def test_a_member_of_the_same_enterprise_has_an_address(slack: ScriptedSlack) -> None:
    slack.says("auth.test", team_id="T1", enterprise_id="E1")
    slack.says("users.info", user={**MEMBER, **ENTERPRISE, "team_id": "T2"})
    assert await directory(slack).email_of("U0ADA") == "ada@example.org"


@pytest.mark.parametrize(
    "changed",
    [
        {"is_bot": True},
        {"deleted": True},
        {"is_restricted": True},
        {"is_ultra_restricted": True},
        {"is_stranger": True},
        {"is_app_user": True},
        {"is_email_confirmed": False},
        {"team_id": "T2"},
        {"team_id": None},
        {"team_id": "T2", **ENTERPRISE},
        {"profile": {}},
        {"profile": {"email": ""}},
    ],
    ids=str,
)
async def test_nobody_else_has_one(slack: ScriptedSlack, changed: dict[str, Any]) -> None:
    slack.says("users.info", user={**MEMBER, **changed})
    with pytest.raises(UnknownPerson):
        await directory(slack).email_of("U0ADA")


async def test_an_account_that_slack_does_not_know_is_nobody(slack: ScriptedSlack) -> None:
    slack.refuses("users.info", "user_not_found")
    with pytest.raises(UnknownPerson):
        await directory(slack).email_of("U0NONE")


async def test_a_failing_slack_makes_nobody_a_stranger(slack: ScriptedSlack) -> None:
    slack.refuses("users.info", "internal_error")
    with pytest.raises(TransientFault):
        await directory(slack).email_of("U0ADA")


async def test_a_persons_account_is_looked_up_once(slack: ScriptedSlack) -> None:
    known = directory(slack)
    assert {await known.user_of("ada-lovelace") for _ in range(3)} == {"U0ADA"}
    assert slack.methods() == ["users.lookupByEmail"]


async def test_a_person_without_an_account_cannot_be_written_to(slack: ScriptedSlack) -> None:
    slack.refuses("users.lookupByEmail", "users_not_found")
    for person in ("ada-lovelace", "nobody-known"):
        with pytest.raises(Unreachable, match=person):
            await directory(slack).user_of(person)
