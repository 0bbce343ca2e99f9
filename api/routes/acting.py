"""How every route that takes an act answers: at once when it is in the ledger, else that it is being worked on."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import Depends, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, StringConstraints

from adapters.postgres.acts import TakenAct
from adapters.postgres.idempotency import Answer
from aims import errors
from aims.acts import Channel
from aims.record import Record, digest_of
from api.identity import Caller, OnceKey
from api.requests import Source, Taken
from api.routes.storable import refuse_unstorable
from api.services import Services

_PATIENCE = timedelta(seconds=8)
_CREATED = 201

CaseId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9:_-]{1,200}$")]
"""The id of an approval or assignment, for example `approval:use:credit-scorer:1`."""


class Pending(Record):
    """An act that is stored and not yet in the ledger; the same Idempotency-Key again tells what came of it."""

    act: str
    case: str
    state: Literal["pending"] = "pending"


WAITING: dict[int | str, dict[str, Any]] = {
    202: {"model": Pending, "description": "Stored and being worked on; the same key again tells what came of it"}
}
"""What every route that takes an act may answer, too."""


def services_of(request: Request) -> Services:
    """Return the joined parts of the api."""
    services: Services = request.app.state.services
    return services


Joined = Annotated[Services, Depends(services_of)]


class Acting:
    """One authenticated request that acts once, whatever is lost on the way."""

    def __init__(self, request: Request, person: Caller, *, key: OnceKey) -> None:
        self.person = person
        self.services = services_of(request)
        self.source = Source(channel=Channel.REST, key=f"rest:{person.id}:{key}")
        self._key = key
        self._path = request.url.path

    async def answered(
        self,
        body: BaseModel,
        take: Callable[[], Awaitable[Taken]],
        *,
        show: Callable[[], Awaitable[BaseModel]],
        status: int,
    ) -> JSONResponse:
        """Take the act and answer with what it led to; the same key again returns the first answer.

        Raises:
            AimsError: When the act was refused; nothing was changed.
        """
        refuse_unstorable(body)
        request = digest_of({"path": self._path, "body": body.model_dump(mode="json")})
        first = await self.services.answers.get(self.person.id, self._key, request_digest=request)
        if first:
            return _response(first)
        taken = await take()
        state = await self.services.delivery.outcome(taken.act, within=_PATIENCE)
        if state.state == "pending":
            return JSONResponse(Pending(act=taken.act, case=taken.case).model_dump(), status_code=202)
        _raise_refused(state)
        content = (await show()).model_dump(mode="json")
        answer = Answer(request_digest=request, status=status, body=content)
        return _response(await self.services.answers.put(self.person.id, self._key, answer=answer))


Act = Annotated[Acting, Depends(Acting)]


def _response(answer: Answer) -> JSONResponse:
    headers = {"Location": f"/v1/systems/{answer.body['key']}"} if answer.status == _CREATED else None
    return JSONResponse(answer.body, status_code=answer.status, headers=headers)


def _raise_refused(state: TakenAct) -> None:
    if state.state != "refused":
        return
    rule = getattr(errors, state.rule or "", errors.InvalidTransition)
    raise rule(state.sentence or "This was refused; nothing was changed.")
