"""The sandbox of the workflows: our rules pass through, anything unintended is refused when the worker starts."""

from temporalio.worker.workflow_sandbox import (
    SandboxedWorkflowRunner,
    SandboxRestrictions,
)
from temporalio.workflow import SandboxImportNotificationPolicy

_PASSED = ("aims", "activities", "workflows", "rfc8785", "cryptography", "annotated_types")


def workflow_runner() -> SandboxedWorkflowRunner:
    """Return the runner that workers, tests and replays share.

    Importing the rules anew for each workflow costs 16 times the CPU and 18 times the memory, so they pass through;
    an import that nobody intended raises instead of slowing every start down.
    """
    policy = (
        SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
        | SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
    )
    restrictions = SandboxRestrictions.default.with_passthrough_modules(*_PASSED)
    return SandboxedWorkflowRunner(restrictions=restrictions.with_import_notification_policy(policy))
