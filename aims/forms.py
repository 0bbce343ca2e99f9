"""Typed forms that people owe, and what a submission must hold. Source: ISO/IEC 42001:2023, 7.5.2."""

import re
from enum import StrEnum
from typing import Any, Self

from pydantic import Field, model_validator

from aims.errors import Invalid, pointer
from aims.record import Record, RoleId
from aims.systems import Tier

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_STORABLE = re.compile(r"[^\x00\ud800-\udfff]*")
_LONGEST_TEXT = 8000


class FieldKind(StrEnum):
    """What a field takes."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    EVIDENCE = "evidence"


class FormField(Record):
    """One field. Numbers lie between `least` and `most`; a choice is one of `choices`; evidence is a stored digest."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]{1,60}$")
    label: str = Field(max_length=150)
    kind: FieldKind
    required: bool = True
    choices: list[str] = Field(default_factory=list)
    least: int = 0
    most: int = 0

    @model_validator(mode="after")
    def _usable(self) -> Self:
        if self.kind is FieldKind.CHOICE and not self.choices:
            raise ValueError(f"field '{self.id}' needs choices")
        if self.kind is FieldKind.NUMBER and self.least >= self.most:
            raise ValueError(f"field '{self.id}' needs least < most")
        return self


class FormPurpose(StrEnum):
    """Which process asks for the form."""

    CLARIFICATION = "clarification"
    REVISION = "revision"
    ASSESSMENT = "assessment"
    CHECKLIST = "checklist"
    REVIEW = "review"
    DISPOSAL = "disposal"


class Form(Record):
    """A form: who owes it, for which tiers, by when, and its fields."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]{1,60}$")
    title: str
    purpose: FormPurpose
    role: RoleId
    escalate_to: RoleId | None = None
    tiers: list[Tier]
    deadline: str
    clause: str
    owner: str
    rationale: str
    fields: list[FormField] = Field(min_length=1)


Facts = dict[str, str | int | bool]
"""The machine-readable part of a submission: numbers, choices and digests, never free text."""


def checked_content(form: Form, content: dict[str, Any]) -> Facts:
    """Return the facts of a submission that fits the form.

    Raises:
        Invalid: With one sentence for each field that does not fit, by JSON pointer.

    """
    known = {field.id: field for field in form.fields}
    wrong = {pointer("content", name): "no such field in this form" for name in content if name not in known}
    facts: Facts = {}
    for field in form.fields:
        value = content.get(field.id)
        problem = _problem(field, value)
        if problem:
            wrong[pointer("content", field.id)] = problem
        elif field.kind is not FieldKind.TEXT and value not in (None, ""):
            facts[field.id] = value
    if wrong:
        raise Invalid(f"'{form.title}' is not complete: {_sentence(wrong)}.", fields=wrong)
    return facts


def evidence_of(form: Form, content: dict[str, Any]) -> list[str]:
    """Return the digests of the evidence that a submission names."""
    return [content[field.id] for field in form.fields if field.kind is FieldKind.EVIDENCE and content.get(field.id)]


def _sentence(wrong: dict[str, str]) -> str:
    return "; ".join(f"{pointer.rsplit('/', 1)[-1]}: {problem}" for pointer, problem in wrong.items())


def _problem(field: FormField, value: Any) -> str | None:
    if value is None or value == "":
        return "is required" if field.required else None
    checks = {
        FieldKind.TEXT: _text_problem,
        FieldKind.NUMBER: _number_problem,
        FieldKind.CHOICE: _choice_problem,
        FieldKind.EVIDENCE: _evidence_problem,
    }
    return checks[field.kind](field, value)


def _text_problem(_field: FormField, value: Any) -> str | None:
    if not isinstance(value, str):
        return "must be text"
    if not _STORABLE.fullmatch(value):
        return "holds a character that no text has"
    return f"must be at most {_LONGEST_TEXT} characters" if len(value) > _LONGEST_TEXT else None


def _number_problem(field: FormField, value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return "must be a whole number"
    return None if field.least <= value <= field.most else f"must be from {field.least} to {field.most}"


def _choice_problem(field: FormField, value: Any) -> str | None:
    return None if value in field.choices else f"must be one of {', '.join(field.choices)}"


def _evidence_problem(_field: FormField, value: Any) -> str | None:
    if isinstance(value, str) and _DIGEST.fullmatch(value):
        return None
    return "must be the digest of an uploaded piece of evidence (sha256:...)"
