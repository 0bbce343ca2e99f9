"""A workflow that waits, in a file of its own: a module of workflows must never import the database driver."""

from datetime import timedelta

from temporalio import workflow

WEEK = timedelta(days=7)


@workflow.defn(name="WaitsAWeek")
class WaitsAWeek:
    """Waits, so that a test can move its clock."""

    @workflow.run
    async def run(self) -> str:
        """Wait for a week."""
        await workflow.sleep(WEEK)
        return "waited"
