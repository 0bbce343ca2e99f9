"""One table: broken rule to HTTP problem (RFC 9457)."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from adapters.faults import Fault
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


def status_of(rule: errors.AimsError) -> int:
    """Return the HTTP status of a broken rule."""
    return next((STATUS[kind] for kind in type(rule).__mro__ if kind in STATUS), 400)


def problem(status: int, kind: str, *, title: str, detail: str, instance: str, **more: Any) -> JSONResponse:
    """Return a problem document."""
    content = {"type": kind, "title": title, "status": status, "detail": detail, "instance": instance, **more}
    headers = {"WWW-Authenticate": "Bearer"} if status == STATUS[errors.Unauthenticated] else None
    return JSONResponse(content, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def install(app: FastAPI) -> None:
    """Make every failure of the app a problem document."""
    app.add_exception_handler(errors.AimsError, _broken_rule)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Fault, _fault)


async def _broken_rule(request: Request, error: Exception) -> JSONResponse:
    rule = error if isinstance(error, errors.AimsError) else errors.AimsError(str(error))
    fields = [{"pointer": pointer, "detail": said} for pointer, said in rule.fields.items()]
    return problem(
        status_of(rule),
        rule.kind(),
        title=rule.title,
        detail=rule.sentence,
        instance=request.url.path,
        **({"errors": fields} if fields else {}),
    )


async def _invalid(request: Request, error: Exception) -> JSONResponse:
    found = error.errors() if isinstance(error, RequestValidationError) else []
    fields = [{"pointer": _pointer(one["loc"]), "detail": one["msg"]} for one in found]
    detail = "; ".join(f"{one['pointer']}: {one['detail']}" for one in fields)
    return problem(
        422,
        errors.Invalid.kind(),
        title=errors.Invalid.title,
        detail=f"Correct the request: {detail}.",
        instance=request.url.path,
        errors=fields,
    )


def _pointer(place: tuple[Any, ...]) -> str:
    """Return the JSON pointer of a place in the body; headers and parameters keep the part they are in."""
    parts = place[1:] if place and place[0] == "body" else place
    return "/" + "/".join(str(part) for part in parts)


async def _http(request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    detail = str(error.detail) if isinstance(error, HTTPException) else "Something went wrong."
    kind = detail.lower().replace(" ", "-")
    return problem(
        status, kind, title=detail, detail=f"{detail}. GET /docs lists what there is.", instance=request.url.path
    )


async def _fault(request: Request, _error: Exception) -> JSONResponse:
    return problem(
        503,
        "unavailable",
        title="Not available",
        detail="Something that is needed does not answer. Nothing is lost; send the same request again in a minute.",
        instance=request.url.path,
    )
