"""Evidence: upload for a system, list, read back as an attachment."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, UploadFile
from fastapi.responses import Response
from pydantic import StringConstraints

from adapters.postgres.evidence import NewEvidence, StoredEvidence
from aims.errors import Invalid, NotFound
from aims.record import Record, SystemKey
from api.identity import Caller
from api.routes.acting import Joined

router = APIRouter(tags=["evidence"])

_LONGEST_NAME = 200
_BYTES = "application/octet-stream"
_CONTENT: dict[int | str, dict[str, Any]] = {200: {"content": {_BYTES: {}}, "description": "The content"}}
DigestText = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class EvidenceList(Record):
    """The evidence of a system, oldest first."""

    items: list[StoredEvidence]


@router.post("/systems/{key}/evidence", status_code=201)
async def upload(key: SystemKey, file: UploadFile, *, services: Joined, person: Caller) -> NewEvidence:
    """Store a file under its SHA-256 digest; the same content again changes nothing."""
    await services.register.profile(key)
    content = await file.read()
    if not content:
        raise Invalid("The file is empty. Choose one with content.", fields={"/file": "is empty"})
    new = NewEvidence(
        digest=await services.objects.put(content),
        system_key=key,
        size=len(content),
        media_type=(file.content_type or _BYTES)[:_LONGEST_NAME],
        name=(file.filename or "evidence")[:_LONGEST_NAME],
        uploaded_by=person.id,
    )
    await services.evidence.add(new)
    return new


@router.get("/systems/{key}/evidence")
async def list_evidence(key: SystemKey, services: Joined, *, _person: Caller) -> EvidenceList:
    """List the evidence of a system."""
    await services.register.profile(key)
    return EvidenceList(items=await services.evidence.of_system(key))


@router.get("/evidence/{digest}", response_class=Response, responses=_CONTENT)
async def download(digest: DigestText, services: Joined, *, _person: Caller) -> Response:
    """Return the content, verified against its digest, always as an attachment."""
    known = await services.evidence.get(digest)
    if not known:
        raise NotFound("No evidence is stored under this digest.")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(known[0].name, safe='')}",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox",
    }
    content = await services.objects.get(digest)
    return Response(content, media_type=_BYTES, headers=headers)
