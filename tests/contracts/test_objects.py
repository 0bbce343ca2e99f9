"""What the port `Objects` promises, in a local folder and in memory."""

import asyncio
from pathlib import Path

import pytest

from activities.ports import Objects
from adapters.faults import PermanentFault, TransientFault
from adapters.storage.objects import ObjectStorage
from aims.errors import NotFound
from tests.builders import DIGEST

EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture(params=["folder", "memory"])
def objects(request: pytest.FixtureRequest, tmp_path: Path) -> Objects:
    """Return an empty store."""
    return ObjectStorage.at((tmp_path / "a folder").as_uri() if request.param == "folder" else "memory:///")


@pytest.mark.feature(93)
@pytest.mark.parametrize(
    "content", [b"", b"all tests passed", bytes(range(256)) * 5_000], ids=["empty", "text", "large"]
)
async def test_what_was_stored_comes_back_under_its_digest(objects: Objects, content: bytes) -> None:
    digest = await objects.put(content)
    assert await objects.get(digest) == content
    assert (digest == EMPTY) is (content == b"")


async def test_storing_again_changes_nothing(objects: Objects) -> None:
    digests = await asyncio.gather(*(objects.put(b"the same") for _ in range(10)))
    assert len(set(digests)) == 1
    assert await objects.get(digests[0]) == b"the same"


async def test_what_was_never_stored_is_not_found(objects: Objects) -> None:
    await objects.put(b"something else")
    with pytest.raises(NotFound):
        await objects.get(DIGEST)


@pytest.mark.parametrize("name", ["../../secret", "..", "", "a/b", "\x00", "G" * 64])
async def test_what_is_no_digest_is_not_found(objects: Objects, name: str) -> None:
    await objects.put(b"something")
    with pytest.raises(NotFound):
        await objects.get(f"sha256:{name}")


@pytest.mark.feature(93)
@pytest.mark.clause("7.5.3")
async def test_an_object_that_was_altered_in_the_store_is_not_given_out(tmp_path: Path) -> None:
    objects = ObjectStorage.at(tmp_path.as_uri())
    digest = await objects.put(b"passed")
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    path.write_bytes(b"failed")
    with pytest.raises(PermanentFault, match="was altered"):
        await objects.get(digest)


async def test_a_store_that_cannot_write_is_tried_again(tmp_path: Path) -> None:
    objects = ObjectStorage.at(tmp_path.as_uri())
    (tmp_path / "sha256").write_text("in the way")
    with pytest.raises(TransientFault):
        await objects.put(b"content")


@pytest.mark.parametrize("url", ["", "evidence", "gopher://host/path", "s3://"])
def test_an_address_of_no_store_is_refused_with_those_that_are_known(url: str) -> None:
    with pytest.raises(PermanentFault, match="AIMS_STORAGE_URL names no usable store"):
        ObjectStorage.at(url)
