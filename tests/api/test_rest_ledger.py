"""The ledger over REST: what a stranger needs to check that an entry is in it and that it only grew."""

import base64
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from adapters.checkpoint_files import CheckpointFiles
from aims import merkle
from aims.checkpoints import note_key, opened_note
from aims.evidence import ChainedEntry, breaks
from api.checkpointing import Checkpointing
from cli.audits import Auditor, read_notes
from tests.api.rest_desk import RestDesk, fresh, problem_of, rest_desk


@pytest_asyncio.fixture
async def open_desk(desk: RestDesk, tmp_path: Path) -> AsyncIterator[RestDesk]:
    """Open the entrance with a folder of checkpoints of its own."""
    services = desk.company.services
    writer = replace(services.checkpointing, files=CheckpointFiles(tmp_path / "checkpoints"))
    async with rest_desk(desk.company, services=replace(services, checkpointing=writer)) as opened:
        opened.company.services = replace(services, checkpointing=writer)
        yield opened


def writer_of(desk: RestDesk) -> Checkpointing:
    """Return what writes the checkpoints."""
    return desk.company.services.checkpointing


async def grown(desk: RestDesk) -> None:
    """Let the ledger grow, with decisions in it, and sign a checkpoint twice on the way."""
    await desk.asked_to_vote(fresh("letter-writer"))
    await writer_of(desk).write_now()
    key = fresh("chat-helper")
    await desk.vote(await desk.asked_to_vote(key))
    await desk.at_rest()
    await writer_of(desk).write_now()


async def got(desk: RestDesk, path: str, **parameters: Any) -> Any:
    """Return what a path answers."""
    answer = await desk.get(path, **parameters)
    assert answer.status_code == 200, answer.text
    return answer.json()


def raw(proof: list[str]) -> list[bytes]:
    """Return a proof as bytes."""
    return [bytes.fromhex(node) for node in proof]


@pytest.mark.feature(94)
@pytest.mark.clause("7.5.3")
async def test_a_stranger_checks_every_entry_and_that_the_ledger_only_grew(open_desk: RestDesk) -> None:
    await grown(open_desk)
    keys = {one["id"]: one["public"] for one in (await got(open_desk, "/v1/keys"))["items"]}
    newest, older = (await got(open_desk, "/v1/ledger/checkpoints"))["items"]
    now, then = (opened_note(one["note"], keys) for one in (newest, older))
    root, old_root = bytes.fromhex(now.root), bytes.fromhex(then.root)
    read = []
    for seq in range(1, now.size + 1):
        proof = await got(open_desk, f"/v1/ledger/entries/{seq}/proof", since=then.size)
        read.append(ChainedEntry.model_validate(proof["entry"]))
        leaf, way = read[-1].hash.encode(), raw(proof["inclusion"])
        assert (proof["note"], proof["index"], read[-1].seq) == (newest["note"], seq - 1, seq)
        assert merkle.includes(root, now.size, leaf=leaf, index=seq - 1, proof=way)
        way = raw(proof["consistency"])
        assert merkle.extends(root, now.size, old_root=old_root, old_size=then.size, proof=way)
    assert (list(breaks(read)), read[-1].hash) == ([], now.head)


@pytest.mark.feature(94)
async def test_the_verifier_agrees_with_what_real_processes_record(open_desk: RestDesk) -> None:
    await grown(open_desk)
    services = open_desk.company.services
    keys = await services.policies.verify_keys()
    audit = await Auditor(services.pool, keys).audit(read_notes(writer_of(open_desk).files))
    assert (audit.findings, audit.checkpoints) == ([], 2)
    entries = [one async for one in services.ledger.stream()]
    assert sum('"kind":"vote_recorded"' in one.payload for one in entries) == 1
    assert sum('"kind":"submission_accepted"' in one.payload for one in entries) == 2


async def test_checkpoints_are_listed_page_by_page(open_desk: RestDesk) -> None:
    for size in range(1, 6):
        writer_of(open_desk).files.add(size, f"note {size}\n")
    sizes: list[list[int]] = []
    cursor: dict[str, int] = {}
    while True:
        page = await got(open_desk, "/v1/ledger/checkpoints", limit=2, **cursor)
        sizes.append([one["size"] for one in page["items"]])
        if page["next"] is None:
            break
        cursor = {"cursor": page["next"]}
    assert sizes == [[5, 4], [3, 2], [1]]


async def test_what_no_checkpoint_covers_has_no_proof_yet(open_desk: RestDesk) -> None:
    await open_desk.asked_to_vote(fresh("letter-writer"))
    assert problem_of(await open_desk.get("/v1/ledger/entries/1/proof"))["status"] == 404
    await writer_of(open_desk).write_now()
    assert (await open_desk.get("/v1/ledger/entries/1/proof")).status_code == 200
    for path, since in (("9999", 1), ("1", 9999)):
        answer = await open_desk.get(f"/v1/ledger/entries/{path}/proof", since=since)
        assert "within a minute" in problem_of(answer)["detail"]
    assert problem_of(await open_desk.get("/v1/ledger/entries/0/proof"))["status"] == 422


async def test_keys_are_given_in_the_form_of_readers_of_notes(open_desk: RestDesk) -> None:
    (key,) = (await got(open_desk, "/v1/keys"))["items"]
    assert key["algorithm"] == "Ed25519"
    assert key["note_key"] == note_key(base64.b64decode(key["public"]))
