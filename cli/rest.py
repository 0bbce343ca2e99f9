"""A client of the REST interface; a refusal becomes the rule that was broken."""

import uuid
from typing import Any, Self

import httpx

from adapters.faults import TransientFault
from aims.errors import AimsError, Invalid, Unauthenticated

_TIMEOUT_SECONDS = 30
_REMEDY = "Set AIMS_PUBLIC_URL, or give --url, for example http://127.0.0.1:8042."


class Rest:
    """Calls the REST interface as the holder of a token."""

    def __init__(self, url: str, token: str) -> None:
        if not (token and token.isascii() and token.isprintable()):
            raise Unauthenticated("Set AIMS_TOKEN, or give --token; `aims token create PERSON` makes one.")
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=_address(url), headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def get(self, path: str, **parameters: Any) -> Any:
        """Return the answer to a GET."""
        return self._answer("GET", path, params=parameters)

    def post(self, path: str, body: Any) -> Any:
        """Return the answer to a POST; each call counts once, whatever is lost on the way."""
        return self._answer("POST", path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})

    def upload(self, path: str, *, name: str, content: bytes) -> Any:
        """Return the answer to the upload of a file."""
        return self._answer("POST", path, files={"file": (name, content)})

    def _answer(self, method: str, path: str, **request: Any) -> Any:
        try:
            response = self._client.request(method, path, **request)
        except httpx.TransportError as cause:
            raise TransientFault(f"No api answers at {self._client.base_url}. Is it running? Try `aims up`.") from cause
        try:
            body = response.json()
        except ValueError as cause:
            said = f"What answers at {self._client.base_url} is not the api (status {response.status_code})."
            raise Invalid(f"{said} {_REMEDY}") from cause
        if response.is_success:
            return body
        raise _refusal(response.status_code, body)


def _address(url: str) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL as cause:
        raise Invalid(f"{url} is no address. {_REMEDY}") from cause
    if address.scheme not in {"http", "https"} or not address.host:
        raise Invalid(f"{url} is no address. {_REMEDY}")
    return address


def _refusal(status: int, body: Any) -> AimsError:
    problem = body if isinstance(body, dict) else {}
    fields = {one["pointer"]: one["detail"] for one in problem.get("errors", [])}
    return AimsError(problem.get("detail", f"The api answered {status}. {_REMEDY}"), fields=fields)
