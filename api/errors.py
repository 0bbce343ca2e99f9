"""One table: broken rule to HTTP problem (RFC 9457)."""

import json
from collections.abc import Mapping
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from adapters.faults import Fault, PermanentFault
from aims import errors

STATUS: Mapping[type[errors.AimsError], int] = {
    errors.Unauthenticated: 401,
    errors.NotPermitted: 403,
    errors.NotFound: 404,
    errors.KeyTaken: 409,
    errors.InvalidTransition: 409,
    errors.TooLarge: 413,
    errors.Invalid: 422,
    errors.Incomplete: 422,
    errors.PolicyConflict: 500,
}
"""The status of each rule; a rule that is not listed has the status of the rule it is a kind of."""

MEDIA_TYPE = "application/problem+json"
log = structlog.get_logger("aims.api")


class Problem(BaseModel):
    """A problem document (RFC 9457); `errors` names places of the request by JSON pointer."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: list[dict[str, str]] = []


_REFUSALS = {
    400: "The request cannot be read",
    401: "No valid token",
    403: "Not permitted",
    404: "Not found",
    409: "Not possible now",
    413: "Too large",
    422: "Not valid, or incomplete",
    503: "Something that is needed does not answer",
}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
    for status, said in _REFUSALS.items()
}
"""What every route under `/v1` may answer, for the OpenAPI document."""


class ProblemResponse(JSONResponse):
    """A problem document in ASCII: what it quotes of a request may hold what no other encoding takes."""

    media_type = MEDIA_TYPE

    def render(self, content: Any) -> bytes:
        """Return the document's bytes."""
        return json.dumps(content).encode("ascii")


def status_of(rule: errors.AimsError) -> int:
    """Return the HTTP status of a broken rule."""
    return next((STATUS[kind] for kind in type(rule).__mro__ if kind in STATUS), 400)


def problem(
    status: int,
    kind: str,
    *,
    title: str,
    detail: str,
    instance: str,
    fields: Mapping[str, str] | None = None,
) -> ProblemResponse:
    """Return a problem document."""
    content: dict[str, Any] = {"type": kind, "title": title, "status": status, "detail": detail, "instance": instance}
    if fields:
        content["errors"] = [{"pointer": place, "detail": said} for place, said in fields.items()]
    headers = {"WWW-Authenticate": "Bearer"} if status == STATUS[errors.Unauthenticated] else None
    return ProblemResponse(content, status_code=status, headers=headers)


def install(app: FastAPI) -> None:
    """Make every failure of the app a problem document."""
    app.add_exception_handler(errors.AimsError, _broken_rule)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Fault, _fault)
    app.add_exception_handler(Exception, _unexpected)


async def _broken_rule(request: Request, error: Exception) -> JSONResponse:
    rule = error if isinstance(error, errors.AimsError) else errors.AimsError(str(error))
    return problem(
        status_of(rule),
        rule.kind(),
        title=rule.title,
        detail=rule.sentence,
        instance=request.url.path,
        fields=rule.fields,
    )


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    fields = dict(_field(one) for one in found)
    said = "; ".join(f"{place or 'the body'}: {problem}" for place, problem in fields.items())
    return problem(
        422,
        errors.Invalid.kind(),
        title=errors.Invalid.title,
        detail=f"Correct the request: {said}.",
        instance=request.url.path,
        fields=fields,
    )


def _field(error: Mapping[str, Any]) -> tuple[str, str]:
    """Return the place in the body and what is wrong; headers and parameters keep the part they are in."""
    part, *inside = error["loc"]
    if part == "body" and (not inside or error["type"] == "json_invalid"):
        return "", f"{error['msg']}; send a JSON object with Content-Type: application/json"
    parts = inside if part == "body" else [part, *inside]
    return errors.pointer(*(str(one) for one in parts)), error["msg"]


async def _http(request: Request, error: Exception) -> JSONResponse:
    refused = error if isinstance(error, HTTPException) else HTTPException(500)
    detail = str(refused.detail)
    answer = problem(
        refused.status_code,
        detail.lower().replace(" ", "-"),
        title=detail,
        detail=f"{detail}. GET /docs lists what there is.",
        instance=request.url.path,
    )
    answer.headers.update(refused.headers or {})
    return answer


async def _fault(request: Request, error: Exception) -> JSONResponse:
    log.warning("request not answered", path=request.url.path, problem=str(error))
    if isinstance(error, PermanentFault):
        return await _unexpected(request, error)
    return problem(
        503,
        "unavailable",
        title="Not available",
        detail="Something that is needed does not answer. Nothing is lost; send the same request again in a minute.",
        instance=request.url.path,
    )


async def _unexpected(request: Request, _error: Exception) -> JSONResponse:
    return problem(
        500,
        "internal",
        title="Something is wrong here",
        detail="Sending the request again will not help. Tell an administrator; the log says what is wrong.",
        instance=request.url.path,
    )
