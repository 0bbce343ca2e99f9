"""The baseline: one bare Temporal workflow that waits for decisions and runs trivial activities in between."""

from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from temporalio import workflow

TASK_QUEUE = "bare"
INSERT = "insert_row"


@dataclass(frozen=True)
class Plan:
    """The shape of a case.

    `sections` counts the activities before the first decision, between decisions, and after the last. A `recorded`
    decision runs one more activity before it is answered.
    """

    case: str
    sections: list[int]
    recorded: bool

    @property
    def waits(self) -> int:
        """How many decisions from outside the case waits for."""
        return len(self.sections) - 1


@dataclass(frozen=True)
class Row:
    """What one activity inserts."""

    case: str
    step: str


@workflow.defn(name="BareCase")
class BareCase:
    """Started and ended by the benchmark; when nobody decides, it waits for ever."""

    @workflow.init
    def __init__(self, plan: Plan) -> None:
        """Prepare the state before any message can arrive."""
        self._plan = plan
        self._decided = 0

    @workflow.run
    async def run(self, plan: Plan) -> int:
        """Run section after section, with a decision between two of them."""
        for section, activities in enumerate(plan.sections):
            await workflow.wait_condition(partial(self._has_decisions, section))
            for number in range(activities):
                await self._insert(f"{section}.{number}")
        await workflow.wait_condition(workflow.all_handlers_finished)
        return self._decided

    @workflow.update
    async def decide(self, number: int) -> int:
        """Take the decision of that number, counted from zero; answered when it is recorded, if the plan says so."""
        if self._plan.recorded:
            await self._insert(f"decision.{number}")
        self._decided += 1
        return self._decided

    def _has_decisions(self, number: int) -> bool:
        return self._decided >= number

    async def _insert(self, step: str) -> None:
        await workflow.execute_activity(
            INSERT, Row(case=self._plan.case, step=step), start_to_close_timeout=timedelta(seconds=10)
        )


def like(case: str, *, waits: int, activities: int) -> Plan:
    """Return the plan with so many waits and activities: one of them in each decision, the others spread evenly."""
    each, rest = divmod(activities - waits, waits + 1)
    return Plan(case=case, sections=[each + (number < rest) for number in range(waits + 1)], recorded=True)
