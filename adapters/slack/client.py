"""The client of Slack's Web API, and how its failures become faults."""

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from adapters.faults import Fault, PermanentFault, TransientFault

TIMEOUT_SECONDS = 5
TOO_MANY = 429
SERVER_SIDE = 500
# What Slack asks for when it forgets to say how long.
USUAL_WAIT = timedelta(seconds=30)
PASSING = {"fatal_error", "internal_error", "service_unavailable", "request_timeout"}
LIMITED = {"ratelimited", "rate_limited"}


class SlackRefused(PermanentFault):
    """Slack refused a call; `code` is its word for why."""

    definite = True

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack refused: {code}. Check the token, its scopes and the channel of the app.")
        self.code = code


class SlackLimited(TransientFault):
    """Slack did not take the call because there were too many."""

    definite = True


def slack_client(token: str, *, base_url: str, timeout_seconds: int = TIMEOUT_SECONDS) -> AsyncWebClient:
    """Return a client that never tries again by itself: the caller owns retries."""
    return AsyncWebClient(token, base_url=base_url, timeout=timeout_seconds, retry_handlers=[])


async def answered(call: Awaitable[AsyncSlackResponse]) -> AsyncSlackResponse:
    """Return the answer to a call.

    Raises:
        TransientFault: When the outcome is not known, or Slack asks to wait.
        SlackRefused: When Slack refused.

    """
    try:
        return await call
    except SlackApiError as error:
        raise _fault(error) from error
    except (SlackClientError, aiohttp.ClientError, OSError) as error:
        raise TransientFault(f"Slack does not answer ({type(error).__name__}).") from error


def _fault(error: SlackApiError) -> Fault:
    response: Any = error.response
    # The library hands over its own answer, or the bare HTTP one when the body was not JSON.
    status = int(getattr(response, "status_code", 0) or getattr(response, "status", SERVER_SIDE))
    data = getattr(response, "data", None)
    code = str(data.get("error", "")) if isinstance(data, dict) else ""
    if status == TOO_MANY or code in LIMITED:
        return SlackLimited("Slack asks to slow down.", retry_after=_wait(response))
    if status >= SERVER_SIDE or code in PASSING or not code:
        return TransientFault(f"Slack fails on its side ({code or status}).")
    return SlackRefused(code)


def _wait(response: Any) -> timedelta:
    asked = str(response.headers.get("Retry-After", ""))
    return timedelta(seconds=int(asked)) if asked.isdecimal() and asked.isascii() else USUAL_WAIT
