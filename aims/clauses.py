"""Identifiers of clauses, controls and articles, and which of them each kind of step evidences."""

import re
from typing import Annotated

from pydantic import AfterValidator

from aims.errors import Invalid

_CLAUSE = re.compile(r"(?:(?:[4-9]|10)(?:\.\d{1,2}){0,2}|A\.(?:[2-9]|10)(?:\.\d{1,2}){1,2})")
_ARTICLE = re.compile(r"AIA-(?:\d{1,3}(?:\(\w{1,3}\))*|(?:I|II|III|IV|V|X)(?:\.\w{1,3})*)")


def known_clause(text: str) -> str:
    """Return the identifier when it has the form of a clause, a control or an AI Act article (`AIA-5(1)(c)`).

    Raises:
        Invalid: When it has none of these forms.

    """
    if _CLAUSE.fullmatch(text) or _ARTICLE.fullmatch(text):
        return text
    raise Invalid(f"'{text}' is neither a clause (6.1.2), a control (A.5.2) nor an AI Act article (AIA-27).")


ClauseId = Annotated[str, AfterValidator(known_clause)]
"""An identifier of ISO/IEC 42001:2023 (clause or Annex A control) or of Regulation (EU) 2024/1689 (`AIA-`)."""

EVIDENCED: dict[str, tuple[str, ...]] = {
    "intake_requested": ("8.1", "A.6.2.2"),
    "intake_accepted": ("4.1", "A.6.2.2", "A.9.4"),
    "intake_refused": ("4.1", "AIA-5"),
    "classified": ("6.1.2", "AIA-6"),
    "assignment_opened": ("5.3", "A.3.2"),
    "submission_accepted": ("7.5.3", "8.2"),
    "risk_assessed": ("8.2", "8.4", "A.5.3"),
    "approval_requested": ("5.3", "A.9.2"),
    "vote_recorded": ("5.3", "A.9.2"),
    "approved": ("8.1", "A.9.2"),
    "approved_by_policy": ("8.1", "A.9.2"),
    "rejected": ("8.1", "A.9.2"),
    "changes_requested": ("8.1", "A.9.2"),
    "operation_entered": ("8.1", "A.6.2.5"),
    "review_due": ("9.1", "A.6.2.6"),
    "review_completed": ("9.1", "A.6.2.6"),
    "review_missed": ("9.1", "10.2"),
    "suspended": ("8.1", "AIA-26(5)"),
    "decommissioning_requested": ("8.1", "A.6.2.6"),
    "decommissioned": ("8.1", "A.6.2.6"),
    "attempt_refused": ("5.3", "7.5.3"),
    "gate_refused": ("8.1", "10.2"),
    "stage_entered": ("8.1", "A.6.2.6"),
    "case_rejected": ("8.1", "A.9.2"),
    "case_expired": ("8.1", "10.2"),
    "decommissioning_refused": ("8.1", "A.6.2.6"),
    "decommissioning_expired": ("8.1", "10.2"),
    "stage_interrupted": ("8.1", "10.2"),
    "reminder_due": ("7.4",),
    "escalated": ("7.4", "5.3"),
    "expired": ("8.1", "10.2"),
    "withdrawn": ("8.1",),
}
"""Which identifiers an entry of each kind is evidence for. Source: own reading of ISO/IEC 42001:2023."""


def evidenced_by(kind: str) -> tuple[str, ...]:
    """Return the identifiers that an entry of this kind evidences; operation control (8.1) when none is listed."""
    return EVIDENCED.get(kind, ("8.1",))
