"""The three addresses that Slack calls; each takes every kind of request."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from starlette.background import BackgroundTask

from adapters.faults import Fault
from aims.errors import AimsError, TooLarge, Unauthenticated
from api.slack.answers import ACKNOWLEDGED, Answer, follow, log
from api.slack.dispatch import dispatch
from api.slack.payloads import parse
from api.slack.service import SlackDesk
from api.slack.signature import check_signature, read_body

ADDRESSES = ("/slack/events", "/slack/interactions", "/slack/commands")
_STATUS: dict[type[AimsError], int] = {Unauthenticated: 401, TooLarge: 413}


def build_router(desk: SlackDesk) -> APIRouter:
    """Return the routes for one Slack app."""
    router = APIRouter(tags=["slack"])

    async def take(request: Request) -> Response:
        """Take one request that Slack signed."""
        try:
            return _acknowledgement(await _answer(desk, request))
        except AimsError as error:
            return _problem(_STATUS.get(type(error), 400), kind=error.kind(), title=error.title, said=error.sentence)
        except Fault as fault:
            log.warning("request not taken", problem=str(fault))
            said = "Something that is needed does not answer. Nothing was changed; try again in a minute."
            return _problem(503, kind="unavailable", title="Not available", said=said)

    for address in ADDRESSES:
        router.add_api_route(address, take, methods=["POST"], response_model=None, include_in_schema=False)
    return router


async def _answer(desk: SlackDesk, request: Request) -> Answer:
    body = await read_body(request)
    signature = check_signature(request, body, secret=desk.signing_secret, clock=desk.clock)
    payload = parse(body)
    # Answered like the first time, as far as Slack can see: its own retries are no errors.
    if not await desk.replays.first_time(signature):
        return ACKNOWLEDGED
    return await dispatch(desk, payload)


def _acknowledgement(answer: Answer) -> Response:
    task = BackgroundTask(follow, answer.after) if answer.after else None
    if answer.body is None:
        return Response(status_code=200, background=task)
    return JSONResponse(answer.body, background=task)


def _problem(status: int, *, kind: str, title: str, said: str) -> Response:
    content: dict[str, Any] = {"type": kind, "title": title, "status": status, "detail": said}
    return JSONResponse(content, status_code=status, media_type="application/problem+json")
