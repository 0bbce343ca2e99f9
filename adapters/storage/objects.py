"""Content-addressed objects in S3, Google Cloud Storage, Azure or a local folder."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import unquote, urlsplit

from obstore.exceptions import AlreadyExistsError, BaseError, NotFoundError
from obstore.store import LocalStore, MemoryStore, ObjectStore, from_url

from adapters.faults import PermanentFault, TransientFault
from aims.errors import NotFound
from aims.record import Digest


@dataclass(frozen=True)
class ObjectStorage:
    """Objects under `sha256/<aa>/<hash>`: created once, never overwritten, verified when read."""

    store: ObjectStore

    @classmethod
    def at(cls, url: str) -> Self:
        """Return the storage behind a URL: `file:///...`, `s3://bucket`, `gs://bucket`, `az://container`, `memory:///`.

        Raises:
            PermanentFault: When the URL names no store that is known.
        """
        try:
            if url.startswith("file://"):
                folder = Path(unquote(urlsplit(url).path))
                return cls(LocalStore(folder, mkdir=True))
            return cls(MemoryStore() if url.startswith("memory:") else from_url(url))
        except (BaseError, ValueError, OSError) as cause:
            raise PermanentFault(
                "AIMS_STORAGE_URL names no usable store. Give a file://, s3://, gs:// or az:// URL."
            ) from cause

    async def put(self, content: bytes) -> Digest:
        """Store content under its digest; storing it again changes nothing.

        Raises:
            TransientFault: When the store does not answer.
        """
        name = hashlib.sha256(content).hexdigest()
        try:
            await self.store.put_async(_path(name), content, mode="create")
        except AlreadyExistsError:
            return f"sha256:{name}"
        except (BaseError, OSError) as cause:
            raise TransientFault("The evidence store did not take the object.") from cause
        return f"sha256:{name}"

    async def get(self, digest: Digest) -> bytes:
        """Return content whose digest was verified on the way.

        Raises:
            aims.errors.NotFound: When nothing is stored under the digest.
            PermanentFault: When what is stored is not what was put there.
        """
        name = digest.removeprefix("sha256:")
        try:
            result = await self.store.get_async(_path(name))
            content = bytes(await result.bytes_async())
        except (NotFoundError, FileNotFoundError, ValueError) as cause:  # what is no digest is no path
            raise NotFound("No evidence is stored under this digest.") from cause
        except (BaseError, OSError) as cause:
            raise TransientFault("The evidence store did not answer.") from cause
        if hashlib.sha256(content).hexdigest() != name:
            raise PermanentFault(f"The object under {digest} was altered in the store.")
        return content


def _path(name: str) -> str:
    return f"sha256/{name[:2]}/{name}"
