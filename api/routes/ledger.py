"""The ledger for strangers: signed checkpoints, proofs against them, and the keys that sign."""

import asyncio
import base64
from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field

from aims import merkle
from aims.checkpoints import Checkpoint, note_key
from aims.errors import NotFound
from aims.evidence import ChainedEntry
from aims.inspection import leaf_of
from aims.record import Record
from api.identity import Caller
from api.routes.acting import Joined
from api.services import Services

router = APIRouter(tags=["ledger"])

_LARGEST = 2**63 - 1
Place = Annotated[int, Path(ge=1, le=_LARGEST)]
Size = Annotated[int | None, Query(ge=1, le=_LARGEST)]


class KeptCheckpoint(Record):
    """A signed checkpoint: how many entries it covers, and its note."""

    size: int
    note: str


class CheckpointPage(Record):
    """Checkpoints, the newest first; `next` is the cursor of older ones."""

    items: list[KeptCheckpoint]
    next: int | None = None


class Wanted(Record):
    """Which page of checkpoints to list."""

    limit: int = Field(default=50, ge=1, le=200)
    cursor: int | None = Field(default=None, ge=0, le=_LARGEST)


class Proof(Record):
    """An entry and what leads from it to the root of the newest checkpoint.

    The leaf is the text of the entry's hash, `index` its place from 0, `inclusion` are hashes in hexadecimal. With
    `since`, `consistency` leads from the root of a checkpoint of that size to the newest one.
    """

    entry: ChainedEntry
    index: int
    size: int
    note: str
    inclusion: list[str]
    consistency: list[str] | None = None


class PublicKey(Record):
    """A key whose signatures count; `note_key` is its form for readers of signed notes."""

    id: str
    algorithm: str = "Ed25519"
    public: str
    note_key: str


class PublicKeys(Record):
    """The keys that verify acts and checkpoints."""

    items: list[PublicKey]


@router.get("/ledger/checkpoints")
async def list_checkpoints(wanted: Annotated[Wanted, Query()], services: Joined, *, _person: Caller) -> CheckpointPage:
    """List the checkpoints, the newest first."""
    files = services.checkpointing.files
    sizes = [size for size in await asyncio.to_thread(files.sizes) if wanted.cursor is None or size < wanted.cursor]
    page = sizes[: -wanted.limit - 1 : -1]
    items = [KeptCheckpoint(size=size, note=await asyncio.to_thread(files.read, size)) for size in page]
    return CheckpointPage(items=items, next=page[-1] if len(page) < len(sizes) else None)


@router.get("/ledger/entries/{seq}/proof")
async def prove_entry(seq: Place, services: Joined, *, _person: Caller, since: Size = None) -> Proof:
    """Return an entry with the proof that the newest checkpoint covers it, and continues the one of size `since`."""
    checkpoint, note = await _newest(services, at_least=max(seq, since or 0))
    chain = services.checkpointing.chain
    entry, hashes = await chain.entry(seq), await chain.hashes(checkpoint.size)
    if entry is None or len(hashes) < checkpoint.size:
        raise NotFound("The ledger is shorter than its newest checkpoint. Tell an administrator at once.")
    leaves = [leaf_of(one) for one in hashes]
    return Proof(
        entry=entry,
        index=seq - 1,
        size=checkpoint.size,
        note=note,
        inclusion=_hexadecimal(await asyncio.to_thread(merkle.inclusion_proof, leaves, seq - 1)),
        consistency=_hexadecimal(await asyncio.to_thread(merkle.consistency_proof, leaves, since)) if since else None,
    )


@router.get("/keys")
async def list_keys(services: Joined, *, _person: Caller) -> PublicKeys:
    """List the public keys that verify acts and checkpoints."""
    keys = await services.policies.verify_keys()
    return PublicKeys(
        items=[
            PublicKey(id=name, public=public, note_key=note_key(base64.b64decode(public)))
            for name, public in keys.items()
        ]
    )


async def _newest(services: Services, *, at_least: int) -> tuple[Checkpoint, str]:
    newest = await services.checkpointing.newest()
    if newest is None or newest.size < at_least:
        raise NotFound("No checkpoint covers this many entries yet. One is written within a minute; ask again then.")
    return newest, await asyncio.to_thread(services.checkpointing.files.read, newest.size)


def _hexadecimal(proof: list[bytes]) -> list[str]:
    return [node.hex() for node in proof]
