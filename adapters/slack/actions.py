"""Every id that Slack sends back to us, and the typed values that buttons and modals carry."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationError

from adapters.slack.limits import BUTTON_VALUE, PRIVATE_METADATA
from aims.conversation import Press
from aims.errors import Invalid
from aims.record import Declared, Digest

FIELD = "field."
"""Block ids of inputs are this and the name of the field, which is the last part of its JSON pointer."""


class SlackId(StrEnum):
    """Action ids, callback ids and block ids; an id that was ever posted keeps its meaning."""

    APPROVE = "aims.approve"
    REJECT = "aims.reject"
    REQUEST_CHANGES = "aims.request_changes"
    OPEN_FORM = "aims.open_form"
    BUTTONS = "aims.buttons"
    VALUE = "aims.value"
    NEW_SYSTEM = "aims.new.system"
    NEW_ANSWERS = "aims.new.answers"
    REASON_REJECT = "aims.reason.reject"
    REASON_CHANGES = "aims.reason.request_changes"
    FORM = "aims.form"
    NOTICE = "aims.notice"
    HOME = "aims.home"


PRESSES = {
    Press.APPROVE: SlackId.APPROVE,
    Press.REJECT: SlackId.REJECT,
    Press.REQUEST_CHANGES: SlackId.REQUEST_CHANGES,
    Press.OPEN_FORM: SlackId.OPEN_FORM,
}


class _Carried(Declared):
    def encode(self, most: int) -> str:
        """Return the value as text.

        Raises:
            Invalid: When it is longer than Slack carries.

        """
        text = self.model_dump_json(exclude_defaults=True)
        if len(text) > most:
            raise Invalid("This is too long for Slack. Shorten it, or use the REST interface.")
        return text

    @classmethod
    def decode(cls, text: str) -> Self:
        """Return the value that a text carries.

        Raises:
            Invalid: When the text is not one that we wrote.

        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as cause:
            raise Invalid("This button or form is not one that AIMS made. Open the current message.") from cause


class PressValue(_Carried):
    """Where a press belongs and what content the person saw; it never gives authority."""

    case: Annotated[str, StringConstraints(min_length=1, max_length=250)]
    step: Annotated[str, StringConstraints(max_length=100)]
    digest: Digest

    def encode(self, most: int = BUTTON_VALUE) -> str:
        """Return the value as a button or a modal carries it."""
        return super().encode(most)


class SystemDraft(_Carried):
    """What the first step of `/aims new` says, carried to the second one."""

    name: str
    key: str
    purpose: str
    unit: str = ""
    owner_email: str = Field(default="")

    def encode(self, most: int = PRIVATE_METADATA) -> str:
        """Return the draft as the second modal carries it."""
        return super().encode(most)


def field_block(name: str) -> str:
    """Return the block id of the input of a field."""
    return f"{FIELD}{name}"


def case_named(text: str) -> str:
    """Return the case that a button or a modal names, for the record of a refusal; empty for junk."""
    try:
        return PressValue.decode(text).case
    except Invalid:
        return ""
