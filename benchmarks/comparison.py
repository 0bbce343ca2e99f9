"""One comparison: the sides take turns, batch by batch, so that a noisy machine disturbs them alike."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import fmean, median, quantiles

from temporalio.client import Client
from temporalio.testing import TimeSkipper

from benchmarks.bare import Plan, like
from benchmarks.contenders import FORMS, Bare, Contender, Governed
from benchmarks.figures import Budget, Figure, Rule
from benchmarks.histories import Tally, tally
from benchmarks.loads import QUIET, Lives, Opened, decide_at_a_rate, live, open_cases, whole_lives
from benchmarks.meters import DRIVER, POSTGRES, TEMPORAL, Meters
from benchmarks.stack import Running
from workflows import ids

ROUNDS = 2
WARM_UP = 4
# The reference work of the design: two effects, two decisions, one effect.
SMALL = Plan(case="", sections=[2, 0, 1], recorded=False)

THROUGHPUT = Budget(Rule.RATIO_AT_LEAST, 1.0, 1.4)
CPU = Budget(Rule.RATIO_AT_MOST, 1.1, 0.75)
LATENCY = Budget(Rule.RATIO_AT_MOST, 1.5, 1.2)
MEMORY = Budget(Rule.RATIO_AT_MOST, 1.7, 1.2)


@dataclass
class Side:
    """A contender and what was measured of it."""

    contender: Contender
    tally: Tally | None = None
    opened: list[Opened] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)
    lives: list[Lives] = field(default_factory=list)

    @property
    def size(self) -> Tally:
        """The size of one case."""
        if self.tally is None:
            raise RuntimeError("sizes are counted first")
        return self.tally

    @property
    def per_second(self) -> float:
        """Cases a second, the median of the rounds."""
        return median(batch.per_second for batch in self.lives)

    def cpu_ms(self, *names: str) -> float:
        """Processor time of these processes for a case, the median of the rounds."""
        return median(sum(batch.cpu_ms[name] for name in names) for batch in self.lives)

    @property
    def all_cpu_ms(self) -> float:
        """Processor time of engine, worker and database for a case."""
        return self.cpu_ms(self.contender.program, TEMPORAL, POSTGRES)

    @property
    def worker_kib(self) -> float:
        """Memory that an open case adds to the worker."""
        return fmean(batch.worker_kib for batch in self.opened)

    @property
    def all_kib(self) -> float:
        """Memory that an open case adds to engine and worker."""
        return self.worker_kib + fmean(batch.engine_kib for batch in self.opened)

    def wait_ms(self, percentile: int) -> float:
        """Return the time within which so many of a hundred decisions were answered."""
        return quantiles(self.waits, n=100, method="inclusive")[percentile - 1]


@dataclass
class Comparison:
    """Runs the loads one after the other; `cases` is how many of each side are opened, decided and run in all."""

    sides: list[Side]
    meters: Meters
    cases: int
    reviewed: Tally

    @classmethod
    async def prepared(cls, running: Running, *, cases: int) -> "Comparison":
        """Count one governed case, shape the bare one after it, and warm everything up."""
        services, client = (
            running.services,
            await Client.connect(running.stack.client.service_client.config.target_host),
        )
        governed = Governed(services, running.people, services.client)
        first = await _counted(governed, "count-0")
        reviewed = await _reviewed(governed, "count-0")
        shape = like("", waits=governed.turns, activities=first.activities)
        others = [Bare(name, plan, client, services.pool) for name, plan in (("bare", shape), ("small", SMALL))]
        sides = [Side(governed, first), *[Side(one, await _counted(one, "count-0")) for one in others]]
        meters = Meters.of(running)
        for side in sides:
            await whole_lives(side.contender, [f"warm-{number}" for number in range(WARM_UP)], meters=meters)
        return cls(sides, meters, cases, reviewed)

    async def measure(self) -> None:
        """Open cases, decide on them, then run whole lives; in each the sides take turns."""
        for number in range(ROUNDS):
            for side in self.sides:
                side.opened.append(await open_cases(side.contender, self._keys("open", number), meters=self.meters))
        for number in range(ROUNDS):
            for side in self.sides:
                side.waits += await decide_at_a_rate(side.contender, self._keys("open", number))
        for number in range(ROUNDS):
            for side in self.sides:
                side.lives.append(await whole_lives(side.contender, self._keys("life", number), meters=self.meters))

    def figures(self) -> list[Figure]:
        """Return every measure, with its budget where there is one."""
        return [*self._speed(), *self._decisions(), *self._memory(), *self._sizes()]

    def _keys(self, load: str, number: int) -> list[str]:
        return [f"{load}-{number}-{case}" for case in range(max(1, self.cases // ROUNDS))]

    def _speed(self) -> list[Figure]:
        a, b, c = self.sides
        cpu = [Figure("CPU of engine, worker, database", "ms a case", a.all_cpu_ms, b.all_cpu_ms, c.all_cpu_ms, CPU)]
        for what, names in (
            ("- worker", [side.contender.program for side in self.sides]),
            ("- Temporal", [TEMPORAL] * 3),
            ("- PostgreSQL", [POSTGRES] * 3),
            ("CPU of entrance and load", [DRIVER] * 3),
        ):
            ours, bare, small = [side.cpu_ms(name) for side, name in zip(self.sides, names, strict=True)]
            cpu.append(Figure(what, "ms a case", ours, bare, small))
        return [Figure("closed loop", "cases/s", a.per_second, b.per_second, c.per_second, THROUGHPUT), *cpu]

    def _decisions(self) -> list[Figure]:
        a, b, c = self.sides
        recorded = [(f"decision p{p}, B records it, too", a.wait_ms(p), b.wait_ms(p)) for p in (50, 99)]
        unrecorded = [(f"decision p{p}, B's update records nothing", a.wait_ms(p), c.wait_ms(p)) for p in (50, 99)]
        return [Figure(what, "ms", ours, theirs, None, LATENCY) for what, ours, theirs in [*recorded, *unrecorded]]

    def _memory(self) -> list[Figure]:
        a, b, c = self.sides
        whole = Figure("memory of engine and worker", "KiB an open case", a.all_kib, b.all_kib, c.all_kib, MEMORY)
        worker = Figure("- worker", "KiB an open case", a.worker_kib, b.worker_kib, c.worker_kib)
        return [whole, worker]

    def _sizes(self) -> list[Figure]:
        a, b, c = (side.size for side in self.sides)
        reviewed, events, activities = self.reviewed, Budget(Rule.AT_MOST, 300, 120), Budget(Rule.AT_MOST, 40)
        decision = Budget(Rule.AT_MOST, 12)
        return [
            Figure("workflow runs", "to operation", a.runs, b.runs, c.runs),
            Figure("history events", "to operation", a.events, b.events, c.events),
            Figure("activities", "to operation", a.activities, b.activities, c.activities),
            Figure("history events", "with one review", reviewed.events, b.events, None, events),
            Figure("activities", "with one review", reviewed.activities, b.activities, None, activities),
            Figure(
                "events of a decision", "most", a.longest_decision, b.longest_decision, c.longest_decision, decision
            ),
        ]


async def _counted(contender: Contender, key: str) -> Tally:
    """Run a case that comes to rest before each decision, so that only the decision's own events count for it."""
    await live(contender, key, pause=QUIET)
    return await tally(contender.client, contender.query(key))


async def _reviewed(governed: Governed, key: str) -> Tally:
    """Move a system's clock to its first review, hold it, and count again."""
    life = governed.client.get_workflow_handle(ids.lifecycle_id(key))
    due_at = (await governed.services.register.profile(key)).next_review_at
    if due_at is None:
        raise RuntimeError(f"{key} has no review")
    # Exactly so far: the review would spend the rest of a longer jump on its own deadline.
    await TimeSkipper(governed.client).fast_forward(life, due_at - datetime.now(UTC))
    view = await governed.opened(ids.assignment_id("periodic-review", key, number=1))
    await governed.submit(view, FORMS[view.step])
    await governed.finished(key)
    return await tally(governed.client, governed.query(key))
