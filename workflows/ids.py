"""Workflow ids and task queue names, built only here. The id is the idempotency key of a process."""

from aims.record import SystemKey

TASK_QUEUE = "aims"
"""The task queue of all processes."""


def lifecycle_id(system: SystemKey) -> str:
    """Return the id of a system's life cycle, for example `system:credit-scorer`."""
    return f"system:{system}"


def process_id(process: str, system: SystemKey, *, number: int) -> str:
    """Return the id of a stage process, for example `periodic_review:credit-scorer:3`."""
    return f"{process}:{system}:{number}"


def approval_id(subject: str, system: SystemKey, *, number: int) -> str:
    """Return the id of an approval, for example `approval:deployment:credit-scorer:2`."""
    return f"approval:{subject}:{system}:{number}"


def assignment_id(form: str, system: SystemKey, *, number: int) -> str:
    """Return the id of an assignment, for example `assignment:impact-assessment:credit-scorer:1`."""
    return f"assignment:{form}:{system}:{number}"
