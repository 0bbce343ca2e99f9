"""A client of the REST interface; a refusal becomes the rule that was broken."""

import uuid
from typing import Any

import httpx

from adapters.faults import TransientFault
from aims.errors import AimsError, Unauthenticated

_TIMEOUT_SECONDS = 30


class Rest:
    """Calls the REST interface as the holder of a token."""

    def __init__(self, url: str, token: str) -> None:
        if not token:
            raise Unauthenticated("Set AIMS_TOKEN, or give --token; `aims token create PERSON` makes one.")
        headers = {"Authorization": f"Bearer {token}"}
        self._client = httpx.Client(base_url=url, headers=headers, timeout=_TIMEOUT_SECONDS, trust_env=False)

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
        if response.is_success:
            return response.json()
        raise _refusal(response)


def _refusal(response: httpx.Response) -> AimsError:
    try:
        problem = response.json()
    except ValueError:
        return AimsError(f"The api answered {response.status_code}.")
    fields = {one["pointer"]: one["detail"] for one in problem.get("errors", [])}
    return AimsError(problem.get("detail", f"The api answered {response.status_code}."), fields=fields)
