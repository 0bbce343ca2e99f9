"""The typed calls on workflows: each delivers one signed act and says which rule refused it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from temporalio.client import (
    Client,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode
from temporalio.workflow import UpdateMethodMultiParam

from activities.ports import Register
from adapters.faults import TransientFault
from aims import errors
from aims.acts import ActKind, SignedAct
from aims.systems import ENDS, Stage
from workflows import visibility
from workflows.approval import Approval, Receipt
from workflows.assignment import Assignment
from workflows.lifecycle import Lifecycle, LifecycleRequest

_UPDATES: dict[ActKind, UpdateMethodMultiParam[[Any, SignedAct], Receipt]] = {
    ActKind.VOTE: Approval.decide,
    ActKind.SUBMISSION: Assignment.submit,
    ActKind.WITHDRAWAL: Lifecycle.withdraw,
    ActKind.DECOMMISSIONING: Lifecycle.request_decommissioning,
}
log = structlog.get_logger("aims.delivery")
_PATIENCE = timedelta(seconds=8)  # for one delivery; what takes longer is delivered again with the same id


@dataclass(frozen=True)
class Commands:
    """Delivers acts to their workflows; delivering an act again is harmless, because its id is the update's id."""

    client: Client
    task_queue: str
    register: Register

    async def perform(self, signed: SignedAct) -> None:
        """Deliver one act and wait until it is in the ledger.

        Raises:
            AimsError: When the workflow refuses it; nothing was changed.
            TransientFault: When it could not be delivered yet.
        """
        try:
            if signed.act.kind is ActKind.START:
                await self._start(signed)
            else:
                await self._update(signed)
        except WorkflowUpdateFailedError as failure:
            raise _rule(failure.cause) from failure
        except WorkflowUpdateRPCTimeoutOrCancelledError as late:
            raise TransientFault("The workflow has not answered yet.") from late
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and await self._has_ended(signed):
                raise errors.Closed("This is already closed; nothing was changed.") from error
            raise TransientFault(f"Temporal did not take the act: {error.status.name}.") from error

    async def _has_ended(self, signed: SignedAct) -> bool:
        """Say whether the register knows that the case is over: a server that just started knows no case at all."""
        act = signed.act
        if act.kind in (ActKind.VOTE, ActKind.SUBMISSION):
            return not (await self.register.case(act.case)).open
        return (await self.register.profile(act.case.removeprefix("system:"))).stage in ENDS

    async def _start(self, signed: SignedAct) -> None:
        system = signed.act.case.removeprefix("system:")
        try:
            await self.client.start_workflow(
                Lifecycle.run,
                LifecycleRequest(start=signed),
                id=signed.act.case,
                task_queue=self.task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary=f"Life cycle of {system}",
                search_attributes=visibility.starting(
                    system=system, process="lifecycle", stage=Stage.INTAKE, unit=str(signed.act.facts.get("unit", ""))
                ),
                rpc_timeout=_PATIENCE,
            )
        except WorkflowAlreadyStartedError:
            return  # delivered before, and the life is over: the record has the rest

    async def _update(self, signed: SignedAct) -> None:
        act = signed.act
        handle = self.client.get_workflow_handle(act.case)
        await handle.execute_update(_UPDATES[act.kind], signed, id=act.id, rpc_timeout=_PATIENCE)


def _rule(cause: BaseException | None) -> Exception:
    """Return the broken rule that a workflow named.

    A failed update keeps its result for ever, so what the workflow could not name is refused, not tried again.
    """
    if isinstance(cause, ApplicationError):
        rule = getattr(errors, cause.type or "", None)
        if isinstance(rule, type) and issubclass(rule, errors.AimsError):
            return rule(cause.message)
    log.error("a workflow failed to take an act", problem=str(cause))
    return errors.InvalidTransition("The process could not take this. Nothing was changed; tell an administrator.")
