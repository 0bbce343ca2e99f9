"""The few activity timings in use, and why each has its figures."""

from datetime import timedelta
from typing import NotRequired, TypedDict

from temporalio.common import RetryPolicy

_TOO_LARGE = ["PayloadsTooLarge"]
_SIGN_OF_LIFE = timedelta(seconds=5)  # a killed worker's activities are tried again after this, not their time-out


class Timing(TypedDict):
    """How long an activity may take and how it is tried again."""

    start_to_close_timeout: timedelta
    heartbeat_timeout: timedelta
    schedule_to_close_timeout: NotRequired[timedelta]
    retry_policy: RetryPolicy


RECORD = Timing(
    start_to_close_timeout=timedelta(seconds=10),
    heartbeat_timeout=_SIGN_OF_LIFE,
    retry_policy=RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        maximum_interval=timedelta(seconds=10),
        non_retryable_error_types=_TOO_LARGE,
    ),
)
"""Writes to the record have to land: they are tried for ever."""

CONVERSE = Timing(
    start_to_close_timeout=timedelta(seconds=60),
    heartbeat_timeout=_SIGN_OF_LIFE,
    schedule_to_close_timeout=timedelta(hours=1),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(minutes=1),
        non_retryable_error_types=_TOO_LARGE,
    ),
)
"""Messages to people: an hour of trying, then the process goes on and asks somebody else."""

TICKET = Timing(
    start_to_close_timeout=timedelta(seconds=60),
    heartbeat_timeout=_SIGN_OF_LIFE,
    schedule_to_close_timeout=timedelta(hours=72),
    retry_policy=RetryPolicy(
        initial_interval=timedelta(seconds=2),
        maximum_interval=timedelta(minutes=10),
        non_retryable_error_types=_TOO_LARGE,
    ),
)
"""Trackers are away for longer than chats; nothing waits for them but the ticket."""
