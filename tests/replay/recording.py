"""Records the histories of one whole life: `python -m tests.replay.recording` writes one file a run."""

import asyncio
import tempfile
from pathlib import Path

from tests.organisation import REVIEWER, Organisation, organisation
from tests.servers import run_postgres, run_temporal
from workflows.visibility import ATTRIBUTES

FOLDER = Path(__file__).resolve().parent / "histories"
KEY = "recorded"


async def record() -> None:
    """Bring a high-risk system through its whole life and write down the history of every run."""
    with tempfile.TemporaryDirectory(prefix="aims-") as folder:
        async with (
            run_postgres(Path(folder)) as server,
            run_temporal(ATTRIBUTES) as env,
            organisation(env, await server.database(), folder=Path(folder)) as company,
        ):
            await _live(company)
            await _write(company)


async def _live(company: Organisation) -> None:
    await company.request(KEY, employment="yes", talks_to_people="unknown")
    await company.into_operation(KEY)
    await company.submit((await company.to_review(KEY)).id, REVIEWER)
    await company.system_when(KEY, "in_operation")
    await company.retire(KEY)
    await company.handle(f"system:{KEY}").result()


async def _write(company: Organisation) -> None:
    FOLDER.mkdir(exist_ok=True)
    async for run in company.env.client.list_workflows(f"AimsSystem = '{KEY}'"):
        handle = company.env.client.get_workflow_handle(run.id, run_id=run.run_id)
        history = await handle.fetch_history()
        name = f"0.1.0-{run.id.replace(':', '-')}-{run.run_id[-4:]}.json"
        (FOLDER / name).write_text(history.to_json(), encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(record())
