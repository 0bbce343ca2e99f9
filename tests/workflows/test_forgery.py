"""Whoever reaches Temporal's port cannot decide anything. Source: reliability, finding 1."""

import asyncio
import base64
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from temporalio.client import WorkflowUpdateFailedError

from aims.acts import Act, ActKind, Channel, SignedAct, sign
from aims.lifecycle import begun
from aims.systems import Stage
from cli.temporal_server import temporal_program
from tests.organisation import BUSINESS, LEAD, REQUESTER, Organisation, source


async def temporal(company: Organisation, *words: str) -> tuple[int, str]:
    """Run the stock `temporal` command against the server, and return its exit code and output."""
    address = company.env.client.service_client.config.target_host
    process = await asyncio.create_subprocess_exec(
        temporal_program(),
        *words,
        "--address",
        address,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()


async def asked(company: Organisation) -> Any:
    """Bring a system to the approval of its use and return the approval."""
    await company.request(company.key, talks_to_people="yes")
    await company.act_on(await company.open_case(f"assignment:risk-assessment:{company.key}:1"))
    return await company.open_case(company.use)


def forged(company: Organisation, view: Any, **changes: Any) -> SignedAct:
    """Return a vote of the right person that a key of our own signed."""
    act = Act(
        id="act-forged",
        kind=ActKind.VOTE,
        case=company.use,
        step=view.step,
        person=BUSINESS,
        verdict="approve",
        digest=view.digest,
        channel=Channel.SLACK,
        at=company.services.entrance.now(),
    )
    return sign(act.model_copy(update=changes), Ed25519PrivateKey.generate())


@pytest.mark.feature(42)
async def test_decision_sent_with_the_temporal_command_is_refused_and_recorded(company: Organisation) -> None:
    view = await asked(company)
    payload = forged(company, view).model_dump_json()
    words = ("workflow", "update", "execute", "--workflow-id", company.use, "--name", "decide", "--input", payload)
    code, said = await temporal(company, *words)
    assert code != 0
    assert "not signed by an entrance" in said
    assert (await company.services.register.case(company.use)).votes == []
    assert (await company.kinds(company.key))[-1] == "attempt_refused"
    assert (await company.vote(company.use, BUSINESS)).state == "accepted"


@pytest.mark.parametrize("payload", ["{}", '"text"', "[]", '{"act": {"id": 1}}'])
async def test_junk_sent_as_a_decision_leaves_the_approval_healthy(company: Organisation, payload: str) -> None:
    await asked(company)
    words = ("workflow", "update", "execute", "--workflow-id", company.use, "--name", "decide", "--input", payload)
    code, _ = await temporal(company, *words)
    assert code != 0
    assert (await company.vote(company.use, BUSINESS)).state == "accepted"


async def test_forged_life_cycle_cannot_register_or_operate_a_system(company: Organisation) -> None:
    act = Act(
        id="act-forged",
        kind=ActKind.START,
        case=f"system:{company.key}",
        person=BUSINESS,
        digest="sha256:" + "0" * 64,
        channel=Channel.REST,
        at=company.services.entrance.now(),
    )
    request = json.dumps({"start": sign(act, Ed25519PrivateKey.generate()).model_dump(mode="json")})
    words = (
        "--workflow-id",
        f"system:{company.key}",
        "--type",
        "Lifecycle",
        "--task-queue",
        company.settings.task_queue,
    )
    code, said = await temporal(company, "workflow", "execute", *words, "--input", request)
    assert code != 0
    assert "not signed by an entrance" in said
    assert await company.services.pool.fetchval("SELECT count(*) FROM ai_system") == 0


async def test_state_of_a_life_is_taken_from_nobody_but_its_earlier_run(company: Organisation) -> None:
    await company.request(company.key)
    await company.system_when(company.key, "in_operation")
    run = company.handle(f"system:{company.key}")
    began = json.loads((await run.fetch_history()).to_json())["events"][0]["workflowExecutionStartedEventAttributes"]
    start = json.loads(base64.b64decode(began["input"]["payloads"][0]["data"]))
    basis = await company.services.policies.in_force()
    state = begun(
        SignedAct.model_validate(start["start"]).act,
        basis,
        keys=await company.services.policies.verify_keys(),
        at=company.services.entrance.now(),
    ).model_copy(update={"stage": Stage.SUSPENDED})
    forged_start = json.dumps({"start": start["start"], "state": state.model_dump(mode="json")})
    words = ("--workflow-id", "system:elsewhere", "--type", "Lifecycle", "--task-queue", company.settings.task_queue)
    code, said = await temporal(company, "workflow", "execute", *words, "--input", forged_start)
    assert code != 0
    assert "only continued by its own earlier run" in said


async def test_act_that_moved_a_life_does_not_move_it_again(company: Organisation) -> None:
    await company.request(company.key)
    await company.system_when(company.key, "in_operation")
    person = company.people[REQUESTER]
    taken = await company.services.entrance.decommission(person, company.key, reason="Replaced.", source=source())
    await company.settled(taken)
    approval = await company.open_case(f"approval:decommissioning:{company.key}:1")
    await company.vote(approval.id, LEAD, verdict="reject", reason="Still needed.")
    await company.system_when(company.key, "in_operation")
    signed = (await company.services.register.act(taken.act)).signed
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await company.handle(f"system:{company.key}").execute_update("request_decommissioning", signed, id="again")
    assert "counted before" in str(refused.value.cause)


async def test_attempts_beyond_the_limit_are_refused_without_an_entry(company: Organisation) -> None:
    view = await asked(company)
    handle = company.handle(company.use)
    for number in range(25):
        with pytest.raises(Exception, match="update failed"):
            await handle.execute_update("decide", forged(company, view), id=f"forged-{number}")
    assert (await company.kinds(company.key)).count("attempt_refused") == 20


async def test_signed_act_of_another_case_is_refused(company: Organisation) -> None:
    view = await asked(company)
    elsewhere = forged(company, view, case="approval:use:other:1").act
    signed = sign(elsewhere, company.services.entrance.key)
    with pytest.raises(Exception, match="update failed"):
        await company.handle(company.use).execute_update("decide", signed, id="elsewhere")
    assert (await company.services.register.case(company.use)).votes == []
