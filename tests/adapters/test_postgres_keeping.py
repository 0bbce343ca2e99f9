"""What is kept once: first answers, signatures of Slack, policies, evidence."""

import asyncio

import asyncpg
import pytest

from adapters.postgres.evidence import NewEvidence, PostgresEvidence
from adapters.postgres.idempotency import Answer, PostgresIdempotency
from adapters.postgres.policies import PostgresPolicies
from adapters.postgres.replays import PostgresReplays
from aims.errors import Invalid, NotFound, PolicyInvalid
from aims.record import digest_of
from tests.adapters.records import Records
from tests.builders import DIGEST, snapshot
from tests.servers import Database

SYSTEM = "credit-scorer"
ANSWER = Answer(request_digest=DIGEST, status=201, body={"case": "system:credit-scorer"})


async def test_the_first_answer_counts(records: Records) -> None:
    answers = PostgresIdempotency(records.pool)
    assert await answers.get("rita", "key", request_digest=DIGEST) is None
    assert await answers.put("rita", "key", answer=ANSWER) == ANSWER
    assert await answers.put("rita", "key", answer=ANSWER.model_copy(update={"status": 500})) == ANSWER
    assert await answers.get("rita", "key", request_digest=DIGEST) == ANSWER
    assert await answers.get("lena", "key", request_digest=DIGEST) is None


async def test_a_key_is_refused_for_another_request(records: Records) -> None:
    answers = PostgresIdempotency(records.pool)
    await answers.put("rita", "key", answer=ANSWER)
    with pytest.raises(Invalid, match="another request"):
        await answers.get("rita", "key", request_digest=digest_of("other"))
    with pytest.raises(Invalid, match="another request"):
        await answers.put("rita", "key", answer=ANSWER.model_copy(update={"request_digest": digest_of("other")}))


async def test_of_fifty_copies_of_a_request_one_is_the_first(records: Records) -> None:
    replays = PostgresReplays(records.pool)
    seen = await asyncio.gather(*(replays.first_time("v0=abc") for _ in range(50)))
    assert seen.count(True) == 1
    assert await replays.first_time("v0=def")


async def test_signatures_are_forgotten_after_ten_minutes(records: Records) -> None:
    replays = PostgresReplays(records.pool)
    await replays.first_time("v0=old")
    await replays.first_time("v0=young")
    age = "UPDATE slack_replay SET seen_at = now() - interval '11 min' WHERE signature_digest = sha256('v0=old')"
    await records.pool.execute(age)
    await replays.first_time("v0=now")
    assert await records.count("slack_replay") == 2


async def test_a_policy_is_kept_as_it_was(records: Records) -> None:
    policies = PostgresPolicies(records.pool)
    await policies.keep(snapshot())
    assert await policies.read(snapshot().digest) == snapshot()
    assert [one.digest for one in await policies.listed()] == [snapshot().digest]
    with pytest.raises(NotFound):
        await policies.read(DIGEST)


async def test_a_policy_that_was_altered_is_not_used(records: Records, fresh_database: Database) -> None:
    owner = await asyncpg.connect(fresh_database.owner)
    try:
        await owner.execute("UPDATE policy SET document = jsonb_set(document, '{approvals}', '[]')")
    finally:
        await owner.close()
    with pytest.raises(PolicyInvalid, match="was altered"):
        await PostgresPolicies(records.pool).read(snapshot().digest)


async def test_evidence_belongs_to_the_systems_that_named_it(records: Records) -> None:
    evidence = PostgresEvidence(records.pool)
    for system in (SYSTEM, "other"):
        await records.register_system(system)
    new = NewEvidence(
        digest=DIGEST, system_key=SYSTEM, size=7, media_type="text/plain", name="test.txt", uploaded_by="ada"
    )
    await evidence.add(new)
    await evidence.add(new.model_copy(update={"name": "again.txt"}))
    await evidence.add(new.model_copy(update={"system_key": "other"}))
    assert [one.system_key for one in await evidence.get(DIGEST)] == [SYSTEM, "other"]
    assert [(one.name, one.size) for one in await evidence.of_system(SYSTEM)] == [("test.txt", 7)]
    assert await evidence.get(digest_of("unknown")) == []
