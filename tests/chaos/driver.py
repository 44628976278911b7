"""One chaos run: people talk, everything goes wrong, it ends, and then the platforms are asked."""

import asyncio
import random
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from chaos import safeguards
from chaos.audit import Audit, AuditResult, Finding
from chaos.confidential import Confidential
from chaos.faults import Faults
from chaos.plan import LEASE, Plan, RunResult
from chaos.platforms import Platforms, open_platforms
from chaos.postgres import Postgres, open_postgres
from chaos.predictable_model import READ_TIMEOUT, PredictableModel
from chaos.replicas import Replicas
from chaos.taken_back import TakenBack
from chaos.timeline import Timeline
from chaos.tool_claims import ToolClaims
from doubles.counting_server import CountingServer

STARTING = 180  # seconds until all replicas listen
LATE = 6.0  # seconds after which a late double has certainly been deleted
SHOWN = 8  # findings that are shown with their timeline
PROGRESS = 10  # seconds between two lines that say how far it is


@dataclass
class Rig:
    """All who take part in a run."""

    plan: Plan
    timeline: Timeline
    platforms: Platforms
    model: PredictableModel
    tools: CountingServer
    postgres: Postgres
    replicas: Replicas
    faults: Faults
    taken_back: TakenBack
    confidential: Confidential

    async def audit(self) -> AuditResult:
        """What the platforms show, and which replica does not end."""
        private = {question.key for question, _ in self.confidential.asked.values()}
        claims = ToolClaims(self.tools, self.postgres)
        result = await Audit(self.platforms, self.model, self.postgres, claims, private).run()
        await self.confidential.check(result)
        for message, what in await self.taken_back.still_remembered():
            result.findings.append(Finding("still_remembered", message, what))
        for number in self.replicas.overdue():
            what = f"replica {number} was told to end, and goes on"
            result.findings.append(Finding("stuck", None, what))
        return result

    async def look_into_history(self) -> None:
        """Fresh connections, as after an hour: then history is read."""
        self.timeline.note("the hourly look into history")
        await self.platforms.slack.sockets.disconnect()
        self.platforms.discord.gateway.forget()


async def run(plan: Plan) -> RunResult:
    """One run, from nothing to its result."""
    async with open_rig(plan) as rig:
        rig.platforms.greet()
        progress = asyncio.create_task(_show_progress(rig))
        try:
            await asyncio.gather(
                rig.platforms.send_messages(plan.seconds, plan.rate),
                rig.faults.inject(plan.seconds, plan.fault_interval),
            )
            say("drain: nothing goes wrong any more")
            audit = await drain(rig)
        finally:
            progress.cancel()
        return RunResult(
            plan=plan,
            messages=len(rig.platforms.sent),
            faults=rig.faults.counts,
            takeovers=rig.faults.takeovers,
            changes=len(rig.tools.counted),
            audit=audit,
            report=_report(rig, audit.findings) if audit.findings else "",
        )


@asynccontextmanager
async def open_rig(plan: Plan) -> AsyncIterator[Rig]:
    """Everybody is there, and all replicas listen."""
    timeline = Timeline()
    async with AsyncExitStack() as stack:
        platforms = await stack.enter_async_context(
            open_platforms(
                random.Random(plan.seed),
                timeline,
                plan.question_share,
                slack_only=plan.slack_only,
            )
        )
        model = await stack.enter_async_context(PredictableModel(plan.model_delay))
        tools = await stack.enter_async_context(CountingServer())
        changes = safeguards.SCHEMA_CHANGES.get(plan.without, ())
        postgres = await stack.enter_async_context(open_postgres(changes))
        removed = stack.enter_context(safeguards.removed(plan.without, tools=tools.url))
        environ = _environ(plan, platforms, model, postgres)
        replicas = Replicas({**environ, **removed}, timeline)
        stack.push_async_callback(replicas.close)
        replicas.start(plan.replicas)
        await _wait_until(lambda: platforms.are_connected(plan.replicas), STARTING, replicas)
        taken_back = TakenBack(platforms, postgres, random.Random(plan.seed + 2))
        confidential = Confidential(platforms, postgres, random.Random(plan.seed + 3))
        faults = Faults(
            rng=random.Random(plan.seed + 1),
            timeline=timeline,
            platforms=platforms,
            model=model,
            tools=tools,
            replicas=replicas,
            postgres=postgres,
            taken_back=taken_back,
            confidential=confidential,
            replica_count=plan.replicas,
            freeze_seconds=plan.freeze_seconds,
            no_history=plan.no_history,
        )
        if plan.kinds:
            faults.kinds = {kind: faults.kinds[kind] for kind in plan.kinds}
        if plan.post_delay:
            posting = ("chat.postMessage", "chat.startStream")
            platforms.slack.faults.slow(*posting, seconds=plan.post_delay)
        yield Rig(
            plan=plan,
            timeline=timeline,
            platforms=platforms,
            model=model,
            tools=tools,
            postgres=postgres,
            replicas=replicas,
            faults=faults,
            taken_back=taken_back,
            confidential=confidential,
        )


def _environ(
    plan: Plan, platforms: Platforms, model: PredictableModel, postgres: Postgres
) -> dict[str, str]:
    return {
        **platforms.environ,
        "DATABASE_URL": postgres.url,
        "OPENAI_BASE_URL": model.url,
        "OPENAI_API_KEY": "key",
        "NELLIE_MODEL": "openai/double,openai/spare",
        "NELLIE_LEASE": f"{LEASE:g}",
        "NELLIE_READ_TIMEOUT": f"{READ_TIMEOUT}",
        "NELLIE_TURN_TIMEOUT": "20",
        "NELLIE_WINDOW_HIGH": "3000",
        "NELLIE_WINDOW_LOW": "800",
        "NELLIE_SLACK_REVIEWS": "6000",  # nobody limits it here, and everything is faster
        **plan.settings,
    }


async def drain(rig: Rig) -> AuditResult:
    """The audit once all is quiet, or still is not after a long time."""
    ends = time.monotonic() + rig.plan.drain_seconds
    history_from, shown = ends - rig.plan.drain_seconds * 0.75, ""
    while True:
        result = await rig.audit()
        if not result.findings:
            await asyncio.sleep(LATE)
            result = await rig.audit()
        if not result.findings or time.monotonic() > ends:
            return result
        first = result.findings[0]
        line = f"drain: {len(result.findings)} left, {first.kind}: {first.about}: {first.what}"
        if line != shown:
            say(line)
            shown = line
        if time.monotonic() > history_from:
            history_from = ends
            await rig.look_into_history()
        await asyncio.sleep(3)


async def _show_progress(rig: Rig) -> None:
    while True:
        await asyncio.sleep(PROGRESS)
        questions = sum(message.asks for message in rig.platforms.sent)
        sql = "SELECT count(*) FROM turn WHERE state IN ('waiting', 'running')"
        [open_turns] = await rig.postgres.rows(sql)
        say(
            f"{rig.timeline.now():5.0f} s  {len(rig.platforms.sent)} messages,"
            f" {questions} questions, {sum(rig.faults.counts.values())} faults,"
            f" {open_turns} turns open"
        )


async def _wait_until(true: Callable[[], bool], seconds: float, replicas: Replicas) -> None:
    ends = time.monotonic() + seconds
    while not true():  # it happens in other processes
        if time.monotonic() > ends:
            raise AssertionError(f"the replicas do not come up:\n{replicas.log()[-8_000:]}")
        await asyncio.sleep(0.1)


def _report(rig: Rig, findings: Sequence[Finding]) -> str:
    """What was found, and what happened around it."""
    parts = [f"{one.kind}: {one.about.id if one.about else '-'}: {one.what}" for one in findings]
    with_message = [(one, one.about) for one in findings if one.about]
    for finding, message in with_message[:SHOWN]:
        parts += [
            f"\n=== {finding.kind}: {message} : {finding.what}",
            rig.timeline.around(message.at),
        ]
    parts += ["\n=== what the replicas wrote", rig.replicas.log()]
    return "\n".join(parts)


def say(text: str) -> None:
    """A line for whoever watches the run."""
    sys.stderr.write(f"chaos: {text}\n")
    sys.stderr.flush()
