"""Only what Slack signed gets in: the raw body is checked before anything reads it."""

from collections.abc import Callable

from fastapi import Request
from pydantic import SecretStr
from slack_sdk.signature import Clock, SignatureVerifier

from aims.errors import TooLarge, Unauthenticated

LARGEST_BODY = 1024 * 1024
SIGNATURE = "x-slack-signature"
TIMESTAMP = "x-slack-request-timestamp"


class _Clock(Clock):
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def now(self) -> float:
        """Return the seconds since 1970."""
        return self._now()


async def read_body(request: Request) -> bytes:
    """Return the raw body.

    Raises:
        TooLarge: As soon as it passes the limit.

    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise TooLarge("A request from Slack has at most 1 MiB.")
    return bytes(body)


def check_signature(request: Request, body: bytes, *, secret: SecretStr, clock: Callable[[], float]) -> str:
    """Return the signature when it is Slack's over exactly this body, made at most 300 s away from now.

    Raises:
        Unauthenticated: For everything else, also when no secret is configured.

    """
    signature = request.headers.get(SIGNATURE, "")
    try:
        verifier = SignatureVerifier(secret.get_secret_value(), clock=_Clock(clock))
        valid = verifier.is_valid(body, request.headers.get(TIMESTAMP), signature)
    except Exception as cause:  # the verifier raises many things on junk, and all of them mean no
        raise Unauthenticated("The signature of this request cannot be read.") from cause
    if not valid:
        raise Unauthenticated("The signature of this request is not valid, or it is older than 5 minutes.")
    return signature
