"""How large a request may be; counted while it is read, refused before anything is parsed."""

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aims.errors import TooLarge
from api.errors import problem

LARGEST_BODY = 1024 * 1024
LARGEST_UPLOAD = 64 * 1024 * 1024
_SLACK = "/slack/"


class BodyLimit:
    """Refuses bodies over 1 MiB, uploads of evidence over 64 MiB, with a problem that says so."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on while its body stays below the limit."""
        if scope["type"] != "http" or scope["path"].startswith(_SLACK):  # the Slack entrance reads raw bodies itself
            await self._app(scope, receive, send)
            return
        limit = LARGEST_UPLOAD if scope["path"].endswith("/evidence") else LARGEST_BODY
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] != "http.request":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > limit:
                await _refused(scope["path"], limit)(scope, receive, send)
                return
        await self._app(scope, _replayed(bytes(body), receive), send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _refused(path: str, limit: int) -> JSONResponse:
    detail = f"The request is larger than {limit // 1024 // 1024} MiB. Send less, or upload files as evidence."
    return problem(413, TooLarge.kind(), title=TooLarge.title, detail=detail, instance=path)
