"""What entrances ask for: strict models of requests, and where a request came from."""

from typing import Any

from pydantic import Field

from aims.acts import Channel
from aims.approval import Verdict
from aims.classification import Answer
from aims.record import Declared, Digest, PersonId, Record, SystemKey

LONGEST_REASON = 8000


class Source(Record):
    """Where a request came from. The key makes it idempotent; `reply` says where a late answer goes."""

    channel: Channel
    key: str
    reply: dict[str, str] | None = None


class NewSystem(Declared):
    """A request to take an AI system under governance."""

    key: SystemKey
    name: str = Field(min_length=1, max_length=120)
    purpose: str = Field(min_length=1, max_length=3000)
    owner: PersonId | None = None
    unit: str = Field(default="", max_length=60)
    answers: dict[str, Answer] = Field(default_factory=dict)


class VoteRequest(Declared):
    """One person's verdict on what they saw."""

    case: str
    step: str
    digest: Digest
    verdict: Verdict
    reason: str = Field(default="", max_length=LONGEST_REASON)


class SubmissionRequest(Declared):
    """A filled-in form."""

    case: str
    content: dict[str, Any]


class Taken(Record):
    """A stored act: it survives anything from now on."""

    act: str
    case: str
    repeated: bool
