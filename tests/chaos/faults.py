"""What goes wrong, one thing after another, by random numbers from a seed."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, get_args

import sqlalchemy as sa
from chaos.confidential import Confidential
from chaos.platforms import Platforms
from chaos.postgres import Postgres, Restart
from chaos.predictable_model import TROUBLES, PredictableModel
from chaos.replicas import Replicas
from chaos.taken_back import TakenBack
from chaos.timeline import Timeline
from doubles import counting_server
from doubles.counting_server import CountingServer
from doubles.discord_server import Fault
from doubles.slack_server.faults import ALWAYS

from bot.domain.errors import DatabaseUnavailable

SLACK_WRITES = (
    "chat.postMessage",
    "chat.startStream",
    "chat.appendStream",
    "chat.stopStream",
    "chat.update",
    "chat.postEphemeral",
    "conversations.open",
)
SLACK_HISTORY = "conversations.history", "users.conversations"
DISCORD_WRITES = r"(POST|PATCH) /(channels/\d+/messages|webhooks/|users/@me/channels)"
DISCORD_KINDS: tuple[Any, ...] = ("500", "503", "429", "cut", "lost", "slow")
GATEWAY = ("drop", "reconnect", "invalidate", "forget", "close")
LOOK = 0.1  # seconds between looks for lanes whose replica was killed


@dataclass(kw_only=True)
class Faults:
    """All kinds of faults, each a method; the number in `kinds` is how often it comes."""

    rng: random.Random
    timeline: Timeline
    platforms: Platforms
    model: PredictableModel
    tools: CountingServer
    replicas: Replicas
    postgres: Postgres
    taken_back: TakenBack
    confidential: Confidential
    replica_count: int
    freeze_seconds: tuple[float, float]
    """Seconds that a frozen replica stands still, from and to."""
    no_history: bool = False
    """Slack does not let Nellie read what was said before."""
    counts: Counter[str] = field(default_factory=Counter)
    takeovers: list[float] = field(default_factory=list)
    """Seconds from each kill until all that the dead replica worked on was another's."""
    _in_progress: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._refuse_history()
        self.kinds: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "kill": (4, self.kill),
            "freeze": (4, self.freeze),
            "roll": (1, self.roll),
            "postgres": (2, self.restart_postgres),
            "cut": (6, self.cut_connections),
            "stall": (2, self.stall_postgres),
            "die waiting": (1, self.kill_while_stalled),
            "model": (10, self.trouble_model),
            "tools": (6, self.trouble_tools),
            "sockets": (5, self.drop_sockets),
            "gateway": (5, self.drop_gateway),
            "late": (4, self.delay_deliveries),
            "again": (5, self.repeat_deliveries),
            "slack": (10, self.trouble_slack),
            "discord": (10, self.trouble_discord),
            "deleted while down": (2, self.delete_while_down),
            "edited while down": (2, self.edit_while_down),
            "private": (3, self.ask_privately),
            "joined": (2, self.join_while_killed),
        }

    async def inject(self, seconds: float, interval: float) -> None:
        """One fault after another for so long, and until the last one is over."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        names = list(self.kinds)
        weights = [weight for weight, _ in self.kinds.values()]
        while (wait := self.rng.expovariate(1 / interval)) < ends - loop.time():
            await asyncio.sleep(wait)
            [name] = self.rng.choices(names, weights)
            self.start(name)
        await asyncio.sleep(max(0, ends - loop.time()))
        await self.end()

    def start(self, name: str) -> None:
        """Let this go wrong, now; it may take a while."""
        self.counts[name] += 1
        task = asyncio.ensure_future(self.kinds[name][1]())
        self._in_progress.add(task)
        task.add_done_callback(self._in_progress.discard)

    async def end(self) -> None:
        """Nothing goes wrong any more."""
        await asyncio.gather(*self._in_progress)
        self.platforms.slack.faults.clear()
        self._refuse_history()
        self.platforms.slack.delivery.copies, self.platforms.slack.delivery.delay = 1, 0
        self.platforms.discord.faults.waiting.clear()
        self.platforms.discord.gateway.free.set()
        self.model.end_trouble()
        self.tools.end_trouble()

    def _refuse_history(self) -> None:
        if self.no_history:
            self.platforms.slack.faults.refuse(*SLACK_HISTORY, error="missing_scope", times=ALWAYS)

    def _pick_replica(self) -> int:
        return self.rng.randrange(self.replica_count)

    # What is for one person's eyes, and what comes before all reading

    async def ask_privately(self) -> None:
        """Private questions, through the death of a replica."""
        for _ in range(self.rng.randint(1, 3)):
            self.confidential.ask()
        await asyncio.sleep(self.rng.uniform(0, 1))
        await self.kill()

    async def join_while_killed(self) -> None:
        """Nellie comes into channels, and a replica dies while it introduces her."""
        self.confidential.open_channels()
        await asyncio.sleep(self.rng.uniform(0, 0.5))
        await self.kill()

    # Replicas

    async def kill(self) -> None:
        """A replica dies; notes how long its work was nobody's."""
        self.replicas.kill(self._pick_replica())
        killed = time.monotonic()
        await asyncio.sleep(LOOK)  # until Postgres has noticed
        left = await self.postgres.orphans()
        if not left:
            return
        while left & await self.postgres.orphans():  # noqa: ASYNC110  # it happens in Postgres
            await asyncio.sleep(LOOK)
        self.takeovers.append(time.monotonic() - killed)

    async def freeze(self) -> None:
        """A replica stands still, and wakes up when others have its work."""
        process = self.replicas.freeze(self._pick_replica())
        if process:
            await asyncio.sleep(self.rng.uniform(*self.freeze_seconds))
            self.timeline.note(f"SIGCONT to pid {process.process.pid}")
            self.replicas.thaw(process)

    async def roll(self) -> None:
        """A rolling restart: one replica after another."""
        for number in range(self.replica_count):
            former = self.replicas.running.get(number)
            self.replicas.terminate(number)
            with suppress(TimeoutError):  # a frozen one does not end
                async with asyncio.timeout(20):
                    await self.replicas.wait_until_replaced(number, former)

    async def delete_while_down(self) -> None:
        """People delete messages while no replica is connected."""
        await self._take_back(edit=False)

    async def edit_while_down(self) -> None:
        """People rewrite messages while no replica is connected."""
        await self._take_back(edit=True)

    async def _take_back(self, *, edit: bool) -> None:
        messages = await self.taken_back.choose()
        what = "rewritten" if edit else "deleted"
        dead = self.rng.random() < 0.5
        way = "all replicas are dead" if dead else "no replica is connected"
        self.timeline.note(f"{what} while {way}: {[message.id for message in messages]}")
        if dead:
            for number in range(self.replica_count):
                self.replicas.kill(number)
        self.platforms.slack.sockets.break_all()
        self.platforms.discord.gateway.forget()
        self.taken_back.take_back(messages, edit=edit)

    # Postgres

    async def restart_postgres(self) -> None:
        """Postgres is shut down, or crashes, and comes back."""
        how: Restart = self.rng.choice(get_args(Restart))
        self.timeline.note(f"Postgres restarts ({how})")
        await self.postgres.restart(how)
        self.timeline.note("Postgres is back")

    async def cut_connections(self) -> None:
        """Connections to Postgres break, now and then that of a heartbeat."""
        heartbeat = self.rng.random() < 0.2
        with suppress(DatabaseUnavailable):
            if heartbeat:
                await self.postgres.cut_heartbeat()
            else:
                await self.postgres.cut_connections(2)
        self.timeline.note("a heartbeat is cut" if heartbeat else "connections are cut")

    async def stall_postgres(self) -> None:
        """Nothing can be stored for a moment."""
        seconds = self.rng.uniform(0.5, 2)
        self.timeline.note(f"Postgres stalls for {seconds:.1f} s")
        with suppress(DatabaseUnavailable, sa.exc.DBAPIError):
            await self.postgres.stall(seconds)

    async def kill_while_stalled(self) -> None:
        """A replica dies with messages that it could not store yet."""
        stalling = asyncio.create_task(self.stall_postgres())
        await asyncio.sleep(0.4)
        self.replicas.kill(self._pick_replica())
        await stalling

    # The model

    async def trouble_model(self) -> None:
        """The model is silent, overloaded, cut off, or talks garbage."""
        kind, times = self.rng.choice(list(TROUBLES)), self.rng.randint(1, 2)
        self.timeline.note(f"the model's next {times} answers: {kind}")
        self.model.trouble(kind, times)

    # Tools

    async def trouble_tools(self) -> None:
        """A server of tools hangs, dies, fails, floods or is late, and often a replica dies too."""
        kinds = [self.rng.choice(counting_server.TROUBLES) for _ in range(self.rng.randint(1, 4))]
        self.timeline.note(f"the tools' next calls: {', '.join(kinds)}")
        self.tools.troubles.extend(kinds)
        pause, dies = self.rng.uniform(0.2, 1.5), self.rng.random() < 0.7
        await asyncio.sleep(pause)
        if dies:
            await self.kill()

    # The platforms

    async def drop_sockets(self) -> None:
        """Slack closes sockets, with or without notice."""
        way = self.rng.randrange(3)
        self.timeline.note(f"Slack drops sockets ({('all', 'one', 'all, with notice')[way]})")
        if way == 0:
            self.platforms.slack.sockets.break_all()
        elif way == 1:
            await self.platforms.slack.sockets.disconnect(only=0)
        else:
            await self.platforms.slack.sockets.disconnect("warning", grace=0.5)

    async def drop_gateway(self) -> None:
        """Discord's gateway breaks off, in one of its ways."""
        way = self.rng.choice(GATEWAY)
        self.timeline.note(f"Discord's gateway: {way}")
        self.platforms.discord.gateway.prune()
        getattr(self.platforms.discord.gateway, way)()

    async def delay_deliveries(self) -> None:
        """What people say reaches Nellie late."""
        seconds = self.rng.uniform(0.5, 2)
        self.timeline.note(f"deliveries are late for {seconds:.1f} s")
        self.platforms.slack.delivery.delay = seconds
        self.platforms.discord.gateway.free.clear()
        await asyncio.sleep(seconds)
        self.platforms.slack.delivery.delay = 0
        self.platforms.discord.gateway.free.set()

    async def repeat_deliveries(self) -> None:
        """What people say reaches Nellie several times."""
        self.timeline.note("deliveries are repeated")
        self.platforms.discord.gateway.replay(self.rng.randint(1, 20))
        self.platforms.slack.delivery.copies = self.rng.randint(2, 3)
        await asyncio.sleep(2)
        self.platforms.slack.delivery.copies = 1

    async def trouble_slack(self) -> None:
        """Slack takes a post and breaks the connection, limits, fails, or is slow."""
        method, way = self.rng.choice(SLACK_WRITES), self.rng.randrange(5)
        faults, times = self.platforms.slack.faults, self.rng.randint(1, 2)
        kind = ("cut", "cut", "limited", "failed", "slow")[way]
        self.timeline.note(f"Slack: {method} {kind}, {times} times")
        if kind == "cut":
            faults.break_off(method, times=times)
        elif kind == "limited":
            faults.limit(method, retry_after=1, times=times)
        elif kind == "failed":
            faults.fail(method, status=self.rng.choice((500, 503)), times=times)
        else:
            faults.slow(method, seconds=self.rng.uniform(0.2, 1.5), times=times)

    async def trouble_discord(self) -> None:
        """Discord fails, limits, loses a post or its answer, or is slow."""
        kind, times = self.rng.choice(DISCORD_KINDS), self.rng.randint(1, 2)
        self.timeline.note(f"Discord: messages {kind}, {times} times")
        self.platforms.discord.fail(Fault(kind, DISCORD_WRITES, times, seconds=0.5))
