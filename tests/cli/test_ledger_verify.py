"""The verifier names whatever the owner of the database does to the ledger, on real PostgreSQL."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from adapters.postgres.pool import open_pool
from aims.checkpoints import Checkpoint, opened_note, signed_note
from aims.evidence import Entry
from tests.builders import FOREIGN_KEY, KEY, KEYS, submission, vote
from tests.cli.tampering import SYSTEM, Ledger, at, decision, edited, ledger_of, noted
from tests.servers import Database

Tampering = Callable[[Ledger], Awaitable[None]]

LENA, _ = vote(SYSTEM, "another", person="lena")
STOLEN = "approval:credit-scorer:use/vote/lena"
CUT = "DELETE FROM ledger_entry WHERE seq > 6"
SWAPPED = """
    UPDATE ledger_entry e SET key = o.key, payload = o.payload FROM ledger_entry o
    WHERE (e.seq, o.seq) IN ((2, 7), (7, 2))
"""
MOVED = "UPDATE ledger_entry SET seq = CASE seq WHEN 7 THEN 2 ELSE 7 END WHERE seq IN (2, 7)"
REFILED = (
    "ALTER TABLE ledger_entry ALTER COLUMN system DROP EXPRESSION",
    "UPDATE ledger_entry SET system = 'another' WHERE seq = 5",
)
NO_UNIQUENESS = (
    "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_pkey",
    "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_key_key",
)


@pytest_asyncio.fixture
async def ledger(fresh_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ledger]:
    """Return a sound ledger with two checkpoints, and the connection of its owner."""
    async with (
        await open_pool(fresh_database.app, size=2) as pool,
        ledger_of(fresh_database, pool, folder=tmp_path, monkeypatch=monkeypatch) as ready,
    ):
        yield ready


def executing(*statements: str) -> Tampering:
    """Return the tampering that executes statements."""
    return lambda ledger: ledger.do(*statements)


def appending(forged: Entry) -> Tampering:
    """Return the tampering that appends an entry through the front door."""
    return lambda ledger: ledger.append(forged)


async def restored_from_a_backup(ledger: Ledger) -> None:
    """Go back to the first four entries, and on with others."""
    await ledger.cut(4)
    await ledger.do("UPDATE act SET state = 'pending' WHERE kind = 'vote'")
    await ledger.append(*(noted(number) for number in range(20, 26)))


async def forged_checkpoint(ledger: Ledger) -> None:
    """Alter the size in a genuine checkpoint."""
    ledger.files.add(5, ledger.files.read(4).replace("\n4\n", "\n5\n"))


async def foreign_checkpoint(ledger: Ledger) -> None:
    """Sign what the ledger was with another key."""
    ledger.files.add(5, signed_note(Checkpoint(size=5, root="00" * 32, head="00" * 32), FOREIGN_KEY))


async def renamed_checkpoint(ledger: Ledger) -> None:
    """Keep a genuine checkpoint under another size."""
    ledger.files.add(5, ledger.files.read(4))


async def signed_twice(ledger: Ledger) -> None:
    """Rewrite the ledger and have the key sign the new version as well."""
    await ledger.rehash(at(0, lambda payload: edited(payload, facts={"other": 1})))
    folder = ledger.files.folder
    (folder / "000000000004.checkpoint").rename(folder.parent / "kept")
    (folder / "000000000008.checkpoint").unlink()
    await ledger.checkpoint()
    (folder.parent / "kept").rename(folder / "000000000004.checkpoint")


def rewriting(place: int, **changes: object) -> Tampering:
    """Return the tampering that alters a payload and makes every link right again."""
    return lambda ledger: ledger.rehash(at(place, lambda payload: edited(payload, **changes)))


TAMPERING: dict[str, tuple[Tampering, set[str]]] = {
    "a payload edited": (
        executing("UPDATE ledger_entry SET payload = replace(payload, 'reminder_due', 'escalated') WHERE seq = 7"),
        {"chain"},
    ),
    "a time edited": (executing("UPDATE ledger_entry SET recorded_at = '2020' WHERE seq = 2"), {"chain"}),
    "a hash edited": (
        executing("UPDATE ledger_entry SET hash = repeat('z', 64) WHERE seq = 2"),
        {"chain", "rewritten"},
    ),
    "an entry deleted": (
        executing("DELETE FROM ledger_entry WHERE seq = 2"),
        {"chain", "rewritten", "truncated"},
    ),
    "two payloads swapped": (executing(*NO_UNIQUENESS, SWAPPED), {"chain"}),
    "two places swapped": (executing(*NO_UNIQUENESS, MOVED), {"chain", "rewritten"}),
    "the end cut off": (executing(CUT), {"head", "truncated"}),
    "the end cut off and forgotten": (lambda ledger: ledger.cut(6), {"truncated"}),
    "a decision cut off": (lambda ledger: ledger.cut(5), {"truncated", "unrecorded"}),
    "everything deleted": (lambda ledger: ledger.cut(0), {"truncated", "unrecorded"}),
    "an old backup restored": (restored_from_a_backup, {"rewritten"}),
    "rewritten and rehashed": (rewriting(1, facts={"other": 1}), {"rewritten"}),
    "a verdict rewritten": (
        rewriting(4, facts={"verdict": "reject", "act": STOLEN}),
        {"rewritten", "receipt"},
    ),
    "an entry taken out and rehashed": (
        lambda ledger: ledger.rehash(lambda payloads: payloads[:1] + payloads[2:]),
        {"rewritten", "truncated"},
    ),
    "an entry slipped in and rehashed": (
        lambda ledger: ledger.rehash(lambda payloads: [*payloads[:1], noted(99).payload(), *payloads[1:]]),
        {"rewritten"},
    ),
    "a vote appended that nobody cast": (appending(decision(LENA)), {"receipt"}),
    "a vote appended without an act": (
        appending(decision(LENA, facts={"verdict": "approve"})),
        {"receipt"},
    ),
    "a vote appended on the act of another": (
        appending(decision(LENA, facts={"verdict": "approve", "act": STOLEN})),
        {"receipt"},
    ),
    "a submission recorded again": (
        appending(decision(submission(SYSTEM, "go-live")[0]).model_copy(update={"key": "again"})),
        {"receipt"},
    ),
    "an entry appended that nobody can read": (
        executing(
            """SELECT ledger_append(ARRAY['k'], ARRAY['{"key":"k","system":"s","case":"c","kind":"vote_recorded",'
            || '"occurred_at":"2026"}'])"""
        ),
        {"payload"},
    ),
    "an act altered": (
        executing("UPDATE act SET signed = jsonb_set(signed, '{act,verdict}', '\"reject\"') WHERE person_id = 'lena'"),
        {"receipt"},
    ),
    "an act made unreadable": (
        executing("UPDATE act SET signed = signed - 'signature' WHERE person_id = 'lena'"),
        {"receipt"},
    ),
    "an act deleted": (executing("DELETE FROM act WHERE person_id = 'lena'"), {"receipt"}),
    "an accepted act made pending": (
        executing("UPDATE act SET state = 'pending' WHERE person_id = 'lena'"),
        {"receipt"},
    ),
    "an entry filed elsewhere": (executing(*REFILED), {"filed"}),
    "a checkpoint forged": (forged_checkpoint, {"checkpoint"}),
    "a checkpoint of a foreign key": (foreign_checkpoint, {"checkpoint"}),
    "a checkpoint renamed": (renamed_checkpoint, {"checkpoint"}),
    "two versions signed": (signed_twice, {"fork"}),
}


@pytest.mark.feature(94, 98)
@pytest.mark.clause("7.5.3")
@pytest.mark.parametrize("name", TAMPERING)
async def test_tampering_is_found_and_named(ledger: Ledger, name: str) -> None:
    tamper, expected = TAMPERING[name]
    await tamper(ledger)
    assert await ledger.kinds() == expected


@pytest.mark.feature(94)
async def test_a_sound_ledger_passes(ledger: Ledger) -> None:
    code, said = await ledger.verify()
    assert (code, said["breaks"], said["entries"], said["checkpoints"]) == (0, [], 8, 2)
    assert said["per_second"] > 0


async def test_people_are_told_in_sentences(ledger: Ledger) -> None:
    sound = await ledger.run("verify")
    assert (sound.exit_code, "8 entries, no break" in sound.stderr, "2 signed checkpoints" in sound.stderr) == (0, 1, 1)
    await ledger.cut(6)
    found = await ledger.run("verify")
    assert found.exit_code == 1
    assert "Entry 8 is gone: a checkpoint covers 8 entries and the ledger has 6" in found.stderr


async def test_without_acts_only_the_chain_is_believed(ledger: Ledger) -> None:
    await ledger.append(decision(LENA))
    assert (await ledger.verify("--no-acts"))[0] == 0
    assert (await ledger.verify())[0] == 1


async def test_a_ledger_that_grows_meanwhile_holds(ledger: Ledger) -> None:
    await ledger.append(*(noted(number) for number in range(30, 35)))
    assert await ledger.kinds() == set()


async def test_nothing_is_signed_that_does_not_continue_what_was_signed(ledger: Ledger) -> None:
    await ledger.cut(6)
    refused = await ledger.run("checkpoint")
    assert refused.exit_code == 1
    assert ledger.files.sizes() == [4, 8]


async def test_a_checkpoint_of_the_command_is_signed(ledger: Ledger) -> None:
    await ledger.append(noted(9))
    await ledger.checkpoint()
    assert opened_note(ledger.files.read(9), KEYS).size == 9
    assert signed_note(opened_note(ledger.files.read(9), KEYS), KEY) == ledger.files.read(9)
