"""What people read of the record."""

import json
from datetime import timedelta

import pytest

from adapters.postgres.register import SystemFilter
from aims.acts import ActKind
from aims.errors import NotFound
from aims.journal import Step
from aims.systems import Stage, Tier
from tests.adapters.records import Records
from tests.builders import NOON, case_view, entry, profile, signed, submission

SYSTEM = "credit-scorer"


async def test_a_system_reads_as_it_was_registered(records: Records) -> None:
    await records.register_system(SYSTEM, unit="Retail")
    stored = await records.register.profile(SYSTEM)
    assert stored == profile(SYSTEM, unit="Retail").model_copy(update={"updated_at": stored.updated_at})


async def test_what_is_not_there_is_not_found(records: Records) -> None:
    for read in (records.register.profile, records.register.case, records.register.act):
        with pytest.raises(NotFound):
            await read("nothing")
    assert await records.register.submission("nothing") is None


async def test_a_step_changes_the_fields_that_it_names(records: Records) -> None:
    await records.register_system(SYSTEM)
    review = NOON + timedelta(days=365)
    await records.move(SYSTEM, Stage.RISK_ASSESSMENT, tier=Tier.HIGH, risk_class="high", findings=["AIA-6"])
    await records.move(SYSTEM, Stage.APPROVAL, next_review_at=review)
    now = await records.register.profile(SYSTEM)
    assert (now.tier, now.risk_class, now.findings, now.next_review_at) == (Tier.HIGH, "high", ["AIA-6"], review)
    await records.move(SYSTEM, Stage.INTAKE, clear_review=True)
    assert (await records.register.profile(SYSTEM)).next_review_at is None


async def test_pages_stay_stable_while_systems_are_added(records: Records) -> None:
    for key in ("alpha", "charlie", "echo", "golf"):
        await records.register_system(key)
    first = await records.register.systems(SystemFilter(), limit=2)
    await records.register_system("bravo")
    await records.register_system("delta")
    second = await records.register.systems(SystemFilter(), first[-1].key, limit=2)
    assert [one.key for one in (*first, *second)] == ["alpha", "charlie", "delta", "echo"]


@pytest.mark.parametrize(
    ("wanted", "keys"),
    [
        (SystemFilter(stage=Stage.RISK_ASSESSMENT), ["beta"]),
        (SystemFilter(tier=Tier.HIGH), ["beta"]),
        (SystemFilter(risk_class="high"), ["beta"]),
        (SystemFilter(owner="ada"), ["gamma"]),
        (SystemFilter(overdue=True), ["alpha"]),
        (SystemFilter(q="THE BE"), ["beta"]),
        (SystemFilter(q="100%_"), []),
        (SystemFilter(stage=Stage.INTAKE, owner="otto"), ["alpha"]),
    ],
    ids=lambda value: str(value) if isinstance(value, SystemFilter) else "",
)
async def test_filters(records: Records, wanted: SystemFilter, keys: list[str]) -> None:
    await records.register_system("alpha")
    await records.register_system("beta")
    await records.register_system("gamma", owner="ada")
    await records.move("beta", Stage.RISK_ASSESSMENT, tier=Tier.HIGH, risk_class="high")
    overdue = case_view("approval:1", "alpha", due_at=NOON - timedelta(days=3650))
    await records.ledger.commit(Step(key="o", entries=[entry("o", "alpha")], case=overdue))
    assert [one.key for one in await records.register.systems(wanted)] == keys


async def test_a_person_sees_what_they_owe_the_most_urgent_first(records: Records) -> None:
    await records.register_system(SYSTEM)
    views = [
        case_view("later", SYSTEM, due_at=NOON + timedelta(days=9)),
        case_view("sooner", SYSTEM),
        case_view("somebody else's", SYSTEM, pending=["leo"]),
        case_view("closed", SYSTEM, open=False),
    ]
    for view in views:
        await records.ledger.commit(Step(key=view.id, entries=[entry(view.id, SYSTEM)], case=view))
    assert await records.register.owed("lena") == [views[1], views[0]]
    assert [one.id for one in await records.register.cases_of(SYSTEM)] == sorted(view.id for view in views)


async def test_an_owner_sees_their_systems(records: Records) -> None:
    await records.register_system("alpha", owner="ada")
    await records.register_system("beta")
    assert [one.key for one in await records.register.owned("ada")] == ["alpha"]


async def test_the_timeline_is_the_recorded_text_in_order(records: Records) -> None:
    await records.register_system(SYSTEM)
    await records.register_system("other")
    await records.move(SYSTEM, Stage.RISK_ASSESSMENT)
    keys = [json.loads(payload)["key"] for payload in await records.register.timeline(SYSTEM)]
    assert keys == [f"{SYSTEM}:start", f"system:{SYSTEM}:risk_assessment"]


async def test_votes_come_with_their_reasons_once_accepted(records: Records) -> None:
    await records.register_system(SYSTEM)
    for person, verdict in (("leo", "reject"), ("lena", "approve")):
        act = signed(ActKind.VOTE, person, case="approval:1", verdict=verdict, step="first")
        await records.take(SYSTEM, act, content={"reason": f"because {person}"})
    assert await records.register.votes_with_reasons("approval:1") == []
    for person in ("lena", "leo"):
        accepted = Step(key="k", entries=[entry(person, SYSTEM)], accepted_acts=[f"approval:1/vote/{person}"])
        await records.ledger.commit(accepted)
    votes = await records.register.votes_with_reasons("approval:1")
    assert [(one.person, one.verdict, one.reason) for one in votes] == [
        ("lena", "approve", "because lena"),
        ("leo", "reject", "because leo"),
    ]


async def test_the_accepted_submission_can_be_read(records: Records) -> None:
    await records.register_system(SYSTEM)
    act, view = submission(SYSTEM, "risk-assessment")
    await records.take(SYSTEM, act, content={"summary": "All is well."})
    assert await records.register.submission(view.id) is None
    await records.accept(SYSTEM, act, view=view)
    assert await records.register.submission(view.id) == {"summary": "All is well."}
