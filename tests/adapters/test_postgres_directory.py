"""People, their Slack accounts and their tokens."""

from datetime import UTC, datetime, timedelta

from adapters.postgres.tokens import PostgresTokens
from tests.adapters.records import Records
from tests.builders import PEOPLE

SLACK = ("E1", "T1", "U1")


async def test_people_are_found_by_address_in_any_case(records: Records) -> None:
    assert await records.people.by_email("Lena@Example.ORG") == PEOPLE[3]
    assert await records.people.by_email("nobody@example.org") is None


async def test_a_slack_account_acts_for_the_person_bound_last(records: Records) -> None:
    assert await records.people.of_slack(*SLACK) is None
    await records.people.bind_slack(*SLACK, "rita")
    await records.people.bind_slack(*SLACK, "lena")
    assert await records.people.of_slack(*SLACK) == PEOPLE[3]
    assert await records.people.of_slack("", "T1", "U1") is None
    assert await records.people.of_slack("E2", "T1", "U1") is None
    assert await records.people.of_slack("E1", "T2", "U1") is None
    assert await records.people.of_slack("E1", "T1", "U2") is None


async def test_who_is_no_longer_in_the_list_becomes_inactive(records: Records) -> None:
    await records.people.bind_slack(*SLACK, "lena")
    await records.people.upsert([one for one in PEOPLE if one.id != "lena"])
    assert await records.people.by_email("lena@example.org") is None
    assert await records.people.of_slack(*SLACK) is None
    assert await records.people.roles_of("lena") == []
    assert [one.active for one in await records.people.persons(["lena"])] == [False]
    await records.people.upsert(PEOPLE)
    assert await records.people.roles_of("lena") == ["lead", "assessor"]


async def test_two_people_can_exchange_their_addresses(records: Records) -> None:
    rita, otto, *others = PEOPLE
    exchanged = [rita.model_copy(update={"email": otto.email}), otto.model_copy(update={"email": rita.email})]
    await records.people.upsert([*exchanged, *others])
    found = await records.people.by_email("rita@example.org")
    assert found
    assert found.id == "otto"


async def test_a_token_acts_for_its_person_until_it_is_revoked(records: Records) -> None:
    tokens = PostgresTokens(records.pool)
    token = await tokens.create("lena", "laptop")
    other = await tokens.create("lena", "phone")
    assert token.startswith("aims_")
    assert await tokens.person_of(token) == PEOPLE[3]
    assert await tokens.revoke("lena", "laptop") == 1
    assert await tokens.person_of(token) is None
    assert await tokens.person_of(other) == PEOPLE[3]
    assert await tokens.person_of("aims_guess") is None


async def test_a_token_is_worth_nothing_once_expired_or_its_person_left(records: Records) -> None:
    tokens = PostgresTokens(records.pool)
    expired = await tokens.create("lena", "old", expires_at=datetime.now(UTC) - timedelta(seconds=1))
    valid = await tokens.create("lena", "new", expires_at=datetime.now(UTC) + timedelta(days=1))
    assert await tokens.person_of(expired) is None
    assert await tokens.person_of(valid)
    await records.people.upsert(PEOPLE[:1])
    assert await tokens.person_of(valid) is None


async def test_the_text_of_a_token_is_stored_nowhere(records: Records) -> None:
    token = await PostgresTokens(records.pool).create("lena", "laptop")
    rows = await records.pool.fetch("SELECT * FROM api_token")
    assert token not in str([dict(row) for row in rows])
