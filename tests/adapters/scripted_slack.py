"""A loopback server that answers Slack's methods as a test says, and keeps what it was asked."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

Asked = dict[str, Any]
Answer = dict[str, Any] | web.Response | None


@dataclass
class ScriptedSlack:
    """`answers` by method, None hangs up; what is asked without an answer gets `ok`. `asked` is in order."""

    answers: dict[str, Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, Asked]] = field(default_factory=list)
    url: str = ""

    def says(self, method: str, **answer: Any) -> None:
        """Answer a method with these fields."""
        self.answers[method] = lambda _: {"ok": True, **answer}

    def refuses(self, method: str, code: str) -> None:
        """Refuse a method with a code of Slack's."""
        self.answers[method] = lambda _: {"ok": False, "error": code}

    def methods(self) -> list[str]:
        """Return the methods asked, in order."""
        return [method for method, _ in self.asked]

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one call."""
        given = dict(request.query) | dict(await request.post())
        if request.content_type == "application/json":
            given |= await request.json()
        method = request.match_info["method"]
        self.asked.append((method, given))
        answer: Answer = self.answers[method](given) if method in self.answers else {"ok": True}
        if answer is None and request.transport is not None:
            request.transport.close()
        return answer if isinstance(answer, web.Response) else web.json_response(answer)


@asynccontextmanager
async def scripted_slack() -> AsyncIterator[ScriptedSlack]:
    """Run the server while the block runs."""
    slack = ScriptedSlack()
    app = web.Application()
    app.router.add_route("*", "/api/{method}", slack.handle)
    async with TestServer(app) as server:
        slack.url = f"{server.make_url('/api/')}"
        yield slack
