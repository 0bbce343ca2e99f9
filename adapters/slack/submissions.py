"""What a submitted modal says, read back into the values of the rules."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from adapters.slack.actions import FIELD, SlackId, SystemDraft, field_block
from adapters.slack.limits import OPTION_VALUE
from adapters.slack.views import LONGEST, SURE, UNSURE
from aims.classification import Answer, Answers, Questionnaire
from aims.errors import Invalid
from aims.forms import FieldKind, Form, FormField
from aims.record import SystemKey

Values = Mapping[str, Mapping[str, Any]]
"""The state of a modal: block id -> action id -> what the person entered."""

_KEY = TypeAdapter(SystemKey)
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")


def text_of(values: Values, name: str) -> str:
    """Return what was typed into the input of a field; empty when nothing was."""
    entered = values.get(field_block(name), {}).get(SlackId.VALUE)
    typed = entered.get("value") if isinstance(entered, Mapping) else None
    return typed.strip() if isinstance(typed, str) else ""


def draft_of(values: Values) -> SystemDraft:
    """Return the first step of a request.

    Raises:
        Invalid: When name, key or purpose cannot be used.

    """
    key, name, purpose = text_of(values, "key"), text_of(values, "name"), text_of(values, "purpose")
    wrong = {f"/{field}": "is required" for field, said in (("name", name), ("purpose", purpose)) if not said}
    for field, most in LONGEST.items():
        if len(text_of(values, field)) > most:
            wrong[f"/{field}"] = f"must be at most {most} characters"
    if not _is_key(key):
        wrong["/key"] = "2 to 63 small letters, digits and hyphens, beginning with a letter, like credit-scorer"
    if wrong:
        raise Invalid("Some fields cannot be used as they are.", fields=wrong)
    owner = text_of(values, "owner")
    return SystemDraft(name=name, key=key, purpose=purpose, unit=text_of(values, "unit"), owner_email=owner)


def answers_of(values: Values, questionnaire: Questionnaire) -> Answers:
    """Return an answer to every question: ticked as done is yes, else ticked as unsure is unknown, else no."""
    sure, unsure = _ticked(values, SURE), _ticked(values, UNSURE)
    known = [question.id for question in questionnaire.questions]
    return {name: _answer(name in sure, unsure=name in unsure) for name in known}


def content_of(values: Values, form: Form) -> dict[str, Any]:
    """Return the content of a submitted form, without the fields that were left empty."""
    read = {field.id: _entered(values, field) for field in form.fields}
    return {name: value for name, value in read.items() if value not in (None, "")}


def _is_key(key: str) -> bool:
    try:
        _KEY.validate_python(key)
    except ValidationError:
        return False
    return True


def _answer(sure: bool, *, unsure: bool) -> Answer:  # noqa: FBT001  # the two ticks of one question
    return Answer.YES if sure else Answer.UNKNOWN if unsure else Answer.NO


def _ticked(values: Values, kind: str) -> list[str]:
    lists = [entered for block, entered in values.items() if block.startswith(f"{FIELD}{kind}.")]
    chosen = [each.get(SlackId.VALUE) or {} for each in lists]
    return [option["value"] for each in chosen for option in each.get("selected_options") or ()]


def _entered(values: Values, field: FormField) -> Any:
    if field.kind is FieldKind.CHOICE:
        return _chosen(values, field)
    typed = text_of(values, field.id)
    return int(typed) if field.kind is FieldKind.NUMBER and _WHOLE.fullmatch(typed) else typed


def _chosen(values: Values, field: FormField) -> str | None:
    entered = values.get(field_block(field.id), {}).get(SlackId.VALUE) or {}
    value = (entered.get("selected_option") or {}).get("value")
    return next((choice for choice in field.choices if choice[:OPTION_VALUE] == value), value)
