"""Policies: the one in force, any past one, and the questionnaire."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import StringConstraints

from adapters.postgres.policies import KeptPolicy
from aims.classification import Questionnaire
from aims.policy.model import PolicySnapshot
from aims.record import Digest, Record
from api.identity import Caller
from api.routes.acting import Joined

router = APIRouter(tags=["policies"])

DigestText = Annotated[str, StringConstraints(pattern=r"^sha256:[0-9a-f]{64}$")]


class Policies(Record):
    """The digest in force, and every policy that ever ruled a case."""

    in_force: Digest
    items: list[KeptPolicy]


@router.get("/policies")
async def list_policies(services: Joined, _person: Caller) -> Policies:
    """List the policy in force and those before it."""
    snapshot = await services.policies.in_force()
    return Policies(in_force=snapshot.digest, items=await services.kept_policies.listed())


@router.get("/policies/{digest}")
async def read_policy(digest: DigestText, services: Joined, *, _person: Caller) -> PolicySnapshot:
    """Return a policy exactly as it ruled."""
    return await services.kept_policies.read(digest)


@router.get("/questionnaire")
async def read_questionnaire(services: Joined, _person: Caller) -> Questionnaire:
    """Return the questions that an intake answers."""
    return (await services.policies.in_force()).policy.questionnaire
