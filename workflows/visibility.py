"""Search attributes and texts by which administrators find and read cases in the Temporal UI. No personal data."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributePair, SearchAttributeUpdate, TypedSearchAttributes

from aims.casefile import CaseView, LifeView

SYSTEM = SearchAttributeKey.for_keyword("AimsSystem")
PROCESS = SearchAttributeKey.for_keyword("AimsProcess")
STAGE = SearchAttributeKey.for_keyword("AimsStage")
TIER = SearchAttributeKey.for_keyword("AimsTier")
RISK_CLASS = SearchAttributeKey.for_keyword("AimsClass")
UNIT = SearchAttributeKey.for_keyword("AimsUnit")
WAITING_FOR = SearchAttributeKey.for_keyword_list("AimsWaitingFor")
DUE_AT = SearchAttributeKey.for_datetime("AimsDueAt")
OVERDUE = SearchAttributeKey.for_bool("AimsOverdue")

ATTRIBUTES: dict[str, Literal["Keyword", "KeywordList", "Datetime", "Bool", "Int"]] = {
    SYSTEM.name: "Keyword",
    PROCESS.name: "Keyword",
    STAGE.name: "Keyword",
    TIER.name: "Keyword",
    RISK_CLASS.name: "Keyword",
    UNIT.name: "Keyword",
    WAITING_FOR.name: "KeywordList",
    DUE_AT.name: "Datetime",
    OVERDUE.name: "Bool",
}
"""Every attribute with its type, for the bootstrap through the operator service."""


class Shown:
    """The attributes that this run wrote last: writing the same again would cost an event and a database write."""

    def __init__(self) -> None:
        self._last: dict[str, Any] = {}

    def update(self, updates: Sequence[SearchAttributeUpdate[Any]]) -> None:
        """Write the attributes that changed."""
        changed = [one for one in updates if self._last.get(one.key.name, ...) != one.value]
        if changed:
            workflow.upsert_search_attributes(changed)
            self._last.update({one.key.name: one.value for one in changed})


def starting(*, system: str, process: str, stage: str, unit: str = "") -> TypedSearchAttributes:
    """Return the attributes with which a process starts."""
    pairs = [
        SearchAttributePair(SYSTEM, system),
        SearchAttributePair(PROCESS, process),
        SearchAttributePair(STAGE, stage),
    ]
    if unit:
        pairs.append(SearchAttributePair(UNIT, unit))
    return TypedSearchAttributes(pairs)


def of_life(view: LifeView) -> Sequence[SearchAttributeUpdate[Any]]:
    """Return the attributes of a life cycle as it stands."""
    return [
        STAGE.value_set(view.stage),
        *([TIER.value_set(view.tier)] if view.tier else []),
        *([RISK_CLASS.value_set(view.risk_class)] if view.risk_class else []),
        _due(view.next_review_at),
    ]


def of_case(view: CaseView, *, overdue: bool) -> Sequence[SearchAttributeUpdate[Any]]:
    """Return the attributes of an approval or assignment as it stands."""
    return [
        WAITING_FOR.value_set([str(role) for role in view.waiting_for]),
        _due(view.due_at if view.open else None),
        OVERDUE.value_set(overdue and view.open),
    ]


def _due(instant: datetime | None) -> SearchAttributeUpdate[Any]:
    return DUE_AT.value_set(instant) if instant else DUE_AT.value_unset()
