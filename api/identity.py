"""Who calls: a person behind an API token. The caller's roles come from the directory, never from the body."""

from typing import Annotated

from fastapi import Depends, Header, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from adapters.postgres.tokens import PostgresTokens
from aims.errors import Invalid, Unauthenticated
from aims.people import Person

_LONGEST_KEY = 200
_REMEDY = "Send 'Authorization: Bearer <token>'; `aims token create` makes one."


_bearer = HTTPBearer(auto_error=False, description="An API token; `aims token create PERSON` makes one.")
Credentials = Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)]


async def caller(request: Request, credentials: Credentials) -> Person:
    """Return the person behind the request's API token.

    Raises:
        Unauthenticated: When there is no token, or nobody active holds it.
    """
    tokens: PostgresTokens = request.app.state.services.tokens
    if credentials is None:
        raise Unauthenticated(f"This needs a token. {_REMEDY}")
    person = await tokens.person_of(credentials.credentials)
    if person is None:
        raise Unauthenticated(f"This token is not known, or no longer valid. {_REMEDY}")
    return person


def idempotency_key(idempotency_key: Annotated[str, Header()] = "") -> str:
    """Return the key under which a request counts once.

    Raises:
        Invalid: When the header is missing or too long.
    """
    if not idempotency_key:
        raise Invalid(
            "Send an Idempotency-Key header, any text of your own: the same key again returns the first answer.",
            fields={"/header/Idempotency-Key": "is required"},
        )
    if len(idempotency_key) > _LONGEST_KEY:
        raise Invalid("The Idempotency-Key is too long.", fields={"/header/Idempotency-Key": "at most 200 characters"})
    return idempotency_key


Caller = Annotated[Person, Depends(caller)]
OnceKey = Annotated[str, Depends(idempotency_key)]
