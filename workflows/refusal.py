"""How broken rules leave a workflow: as typed, final failures that carry a sentence for people."""

from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from aims.errors import AimsError


def refusal(rule: AimsError) -> ApplicationError:
    """Return the failure that tells the caller which rule was broken; benign, because refusing is normal."""
    return ApplicationError(
        rule.sentence,
        rule.fields,
        type=type(rule).__name__,
        non_retryable=True,
        category=ApplicationErrorCategory.BENIGN,
    )


def rule_behind(failure: BaseException) -> str:
    """Return the name of the broken rule at the bottom of a chain of failures; empty when there is none."""
    cause: BaseException | None = failure
    while cause is not None:
        if isinstance(cause, ApplicationError) and cause.type:
            return cause.type
        cause = cause.__cause__
    return ""
