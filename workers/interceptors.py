"""How faults and broken rules leave an activity: one place turns them into what Temporal retries or ends."""

import asyncio
from typing import Any

from temporalio import activity
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from adapters.faults import Fault, PermanentFault, TransientFault
from aims.errors import AimsError

_BEAT_SECONDS = 1  # several fit into the shortest time after which an activity without a sign of life is given up
_LONGEST = 2000  # failures are kept in histories, which have a limit of 2 MiB


class FaultInterceptor(Interceptor):
    """Broken rules and permanent faults are final; transient ones are tried again after the delay they ask for.

    While an activity runs, the worker gives signs of life.
    """

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:  # noqa: A002 - the SDK's name
        """Wrap every activity."""
        return _FaultTranslation(super().intercept_activity(next))


class _FaultTranslation(ActivityInboundInterceptor):
    async def execute_activity(self, input: ExecuteActivityInput) -> Any:  # noqa: A002 - the SDK's name
        beating = asyncio.create_task(_beat())
        try:
            return await self.next.execute_activity(input)
        except AimsError as rule:
            raise ApplicationError(
                rule.sentence[:_LONGEST],
                type=type(rule).__name__,
                non_retryable=True,
                category=ApplicationErrorCategory.BENIGN,
            ) from None
        except PermanentFault as fault:
            _tell(fault)
            raise ApplicationError(str(fault)[:_LONGEST], type=type(fault).__name__, non_retryable=True) from None
        except TransientFault as fault:
            _tell(fault)
            raise ApplicationError(
                str(fault)[:_LONGEST], type=type(fault).__name__, next_retry_delay=fault.retry_after
            ) from None
        finally:
            beating.cancel()


def _tell(fault: Fault) -> None:
    """Log what a driver said by its type alone: its text may quote a row, and a history keeps every cause for years."""
    activity.logger.warning("%s (%s)", fault, type(fault.__cause__).__name__)


async def _beat() -> None:
    """Say that this worker is alive for as long as an activity runs, so that a killed one is noticed soon."""
    while True:
        await asyncio.sleep(_BEAT_SECONDS)
        activity.heartbeat()
