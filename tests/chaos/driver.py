"""One chaos run: people talk, everything goes wrong, it ends, and then the platforms are asked."""

import asyncio
import json
import random
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from chaos import postgres
from chaos.audit import Audit, Finding, Verdict
from chaos.faults import Faults
from chaos.fleet import Fleet
from chaos.oracle import READ_TIMEOUT, Oracle
from chaos.timeline import Timeline
from chaos.town import Town

LEASE = 5.0  # seconds: short, so that many freezes fit; a busy disk stands still for two
STARTING = 180  # seconds until all replicas listen
LATE = 6.0  # seconds after which a late double has certainly been taken back
SHOWN = 8  # findings that are told with their timeline


@dataclass(frozen=True)
class Plan:
    """What is to happen. The same seed throws the same dice."""

    seed: int
    seconds: float
    replicas: int = 3
    rate: float = 10.0
    """Messages a second."""
    asked: float = 1 / 6
    """The part of them that are questions."""
    every: float = 2.0
    """Seconds between two faults."""
    kinds: tuple[str, ...] = ()
    """The faults there are; all, when none is named."""
    freeze: tuple[float, float] = (1.2 * LEASE, 3 * LEASE)
    """Seconds that a frozen replica stands still."""
    slack_only: bool = False
    thinking: float = 0
    """Seconds before the model's first word."""
    slow_posts: float = 0
    """Seconds until the answer to each post of hers comes, which stands at once."""
    no_history: bool = False
    """Slack does not let her read what was said before."""
    patience: float = 240
    """Seconds until all must be answered once nothing goes wrong any more."""
    code: Path | None = None
    """Where the code lies that is to run; None for ours."""
    settings: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Scene:
    """All who take part in a run."""

    plan: Plan
    timeline: Timeline
    town: Town
    oracle: Oracle
    postgres: postgres.Postgres
    fleet: Fleet
    faults: Faults

    async def verdict(self) -> Verdict:
        """What the platforms show, and who does not end."""
        verdict = await Audit(self.town, self.oracle, self.postgres).verdict()
        for number in self.fleet.overdue():
            what = f"replica {number} was told to end, and goes on"
            verdict.findings.append(Finding("stuck", None, what))
        return verdict


@dataclass
class Result:
    """What came of a run."""

    plan: Plan
    messages: int
    faults: Mapping[str, int]
    takeovers: Sequence[float]
    verdict: Verdict
    story: str

    @property
    def sound(self) -> bool:
        return not self.verdict.findings

    def line(self) -> str:
        """Its figures, as JSON."""
        verdict = self.verdict
        kinds = ("lost", "doubled", "out_of_order", "stuck")
        return json.dumps(
            {
                "seed": self.plan.seed,
                "messages": self.messages,
                "faults": sum(self.faults.values()),
                **{kind: verdict.count(kind) for kind in kinds},
                "p99_ms": _share(verdict.waits, 0.99),
                "takeover_ms": [_share(self.takeovers, share) for share in (0.5, 0.9)],
                "answered": verdict.answered,
                "answered_with_words": verdict.with_words,
                "commands_killed_before_commit": verdict.excused,
                "by_kind": dict(sorted(self.faults.items())),
            }
        )


async def run(plan: Plan) -> Result:
    """One run, from nothing to its verdict."""
    async with opened(plan) as scene:
        scene.town.greet()
        telling = asyncio.create_task(_tell(scene))
        try:
            await asyncio.gather(
                scene.town.talking(plan.seconds, plan.rate),
                scene.faults.strike(plan.seconds, plan.every),
            )
            say("drain: nothing goes wrong any more")
            verdict = await drained(scene)
        finally:
            telling.cancel()
        story = _story(scene, verdict.findings) if verdict.findings else ""
        faults = scene.faults
        return Result(plan, len(scene.town.said), faults.count, faults.takeovers, verdict, story)


@asynccontextmanager
async def opened(plan: Plan) -> AsyncIterator[Scene]:
    """Everybody is there."""
    timeline = Timeline()
    async with AsyncExitStack() as stack:
        town = await stack.enter_async_context(
            Town(random.Random(plan.seed), timeline, plan.asked, plan.slack_only)
        )
        oracle = await stack.enter_async_context(Oracle(plan.thinking))
        server = await stack.enter_async_context(postgres.opened(migrated=plan.code is None))
        environ = {
            **town.environ, "DATABASE_URL": server.url, "OPENAI_BASE_URL": oracle.url,
            "OPENAI_API_KEY": "key", "NELLIE_MODEL": "openai/double,openai/spare",
            "NELLIE_LEASE": f"{LEASE:g}", "NELLIE_READ_TIMEOUT": f"{READ_TIMEOUT}",
            "NELLIE_TURN_TIMEOUT": "20", "NELLIE_WINDOW_HIGH": "3000",
            "NELLIE_WINDOW_LOW": "800", **plan.settings,
        }  # fmt: skip
        fleet = Fleet(environ, timeline, plan.code)
        stack.push_async_callback(fleet.close)
        fleet.start(plan.replicas)
        await _until(lambda: town.present(plan.replicas), STARTING, fleet)
        faults = Faults(
            random.Random(plan.seed + 1), timeline, town, oracle, fleet, server,
            plan.replicas, plan.freeze, unread=plan.no_history,
        )  # fmt: skip
        if plan.slow_posts:
            posting = ("chat.postMessage", "chat.startStream")
            town.slack.faults.slow(*posting, seconds=plan.slow_posts)
        if plan.kinds:
            faults.kinds = {kind: faults.kinds[kind] for kind in plan.kinds}
        yield Scene(plan, timeline, town, oracle, server, fleet, faults)


async def drained(scene: Scene) -> Verdict:
    """The verdict once all is quiet, or still is not after a long time."""
    ends, looked = time.monotonic() + scene.plan.patience, False
    told = ""
    while True:
        verdict, left = await scene.verdict(), told
        if not verdict.findings:
            await asyncio.sleep(LATE)
            verdict = await scene.verdict()
            if not verdict.findings:
                return verdict
        if time.monotonic() > ends:
            return verdict
        one = verdict.findings[0]
        told = f"drain: {len(verdict.findings)} left, {one.kind}: {one.about}: {one.what}"
        if told != left:
            say(told)
        if not looked and time.monotonic() > ends - scene.plan.patience * 0.75:
            looked = True
            scene.timeline.note("the hourly look into history")
            await scene.town.slack.sockets.disconnect()
            scene.town.discord.gateway.forget()
        await asyncio.sleep(3)


async def _tell(scene: Scene) -> None:
    """What goes on, every ten seconds."""
    while True:
        await asyncio.sleep(10)
        asked = sum(said.asks for said in scene.town.said)
        open_turns = "SELECT count(*) FROM turn WHERE state IN ('waiting', 'running')"
        [waiting] = await scene.postgres.rows(open_turns)
        say(
            f"{scene.timeline.now():5.0f} s  {len(scene.town.said)} messages, {asked} questions,"
            f" {sum(scene.faults.count.values())} faults, {waiting} turns open"
        )


async def _until(so: Callable[[], bool], seconds: float, fleet: Fleet) -> None:
    ends = time.monotonic() + seconds
    while not so():  # it happens in other processes
        if time.monotonic() > ends:
            raise AssertionError(f"the replicas do not come up:\n{fleet.log()[-8_000:]}")
        await asyncio.sleep(0.1)


def _share(seconds: Sequence[float], share: float) -> int:
    """The milliseconds within which this share of them was."""
    return round(1000 * sorted(seconds)[int(len(seconds) * share)]) if seconds else 0


def _story(scene: Scene, findings: list[Finding]) -> str:
    """What was found, and what happened around it."""
    parts = [f"{one.kind}: {one.about.id if one.about else '-'}: {one.what}" for one in findings]
    for one in [one for one in findings if one.about][:SHOWN]:
        assert one.about
        parts += [
            f"\n=== {one.kind}: {one.about} : {one.what}",
            scene.timeline.around(one.about.at),
        ]
    parts += ["\n=== what the replicas wrote", scene.fleet.log()]
    return "\n".join(parts)


def say(text: str) -> None:
    sys.stderr.write(f"chaos: {text}\n")
    sys.stderr.flush()
