"""What goes wrong, one thing after another, by dice that a seed has thrown."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import sqlalchemy as sa
from chaos.fleet import Fleet
from chaos.oracle import TROUBLES, Oracle
from chaos.postgres import Postgres
from chaos.timeline import Timeline
from chaos.town import Town
from doubles.discord import Fault
from doubles.slack.faults import ALWAYS

from bot.errors import DatabaseUnavailable

SLACK_WRITES = (
    "chat.postMessage", "chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update",
)  # fmt: skip
SLACK_HISTORY = "conversations.history", "users.conversations"
DISCORD_WRITES = r"(POST|PATCH) /channels/\d+/messages"
DISCORD_KINDS = ("500", "503", "429", "cut", "lost", "slow")
LOOK = 0.1  # seconds between looks for lanes whose replica was killed
GATEWAY = ("drop", "reconnect", "invalidate", "forget", "close")


@dataclass
class Faults:
    """All kinds of faults, each a method; the number behind its name is how often it comes."""

    dice: random.Random
    timeline: Timeline
    town: Town
    oracle: Oracle
    fleet: Fleet
    postgres: Postgres
    replicas: int
    frozen_for: tuple[float, float]
    """Seconds that a frozen replica stands still, from and to."""
    unread: bool = False
    """Slack does not let her read what was said before."""
    count: Counter[str] = field(default_factory=Counter)
    takeovers: list[float] = field(default_factory=list)
    """Seconds from each kill until all that the dead replica worked on was another's."""
    _going_on: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._withhold()
        self.kinds: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "kill": (4, self.kill),
            "freeze": (4, self.freeze),
            "roll": (1, self.roll),
            "postgres": (2, self.restart_postgres),
            "cut": (6, self.cut_connections),
            "stall": (2, self.stall_postgres),
            "die waiting": (1, self.kill_while_stalled),
            "model": (10, self.trouble_model),
            "sockets": (5, self.drop_sockets),
            "gateway": (5, self.drop_gateway),
            "late": (4, self.delay),
            "again": (5, self.repeat),
            "slack": (10, self.trouble_slack),
            "discord": (10, self.trouble_discord),
        }

    async def strike(self, seconds: float, every: float) -> None:
        """One fault after another for so long, and until the last one is over."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + seconds
        names = list(self.kinds)
        weights = [weight for weight, _ in self.kinds.values()]
        while (wait := self.dice.expovariate(1 / every)) < ends - loop.time():
            await asyncio.sleep(wait)
            [name] = self.dice.choices(names, weights)
            self.begin(name)
        await asyncio.sleep(max(0, ends - loop.time()))
        await self.over()

    def begin(self, name: str) -> None:
        """Let this go wrong, now; it may take a while."""
        self.count[name] += 1
        task = asyncio.create_task(self.kinds[name][1]())  # type: ignore[arg-type]  # coroutines all
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def over(self) -> None:
        """Nothing goes wrong any more."""
        await asyncio.gather(*self._going_on)
        self.town.slack.faults.clear()
        self._withhold()
        self.town.slack.delivery.copies, self.town.slack.delivery.delay = 1, 0
        self.town.discord.faults.waiting.clear()
        self.town.discord.gateway.free.set()
        self.oracle.forgive()

    def _withhold(self) -> None:
        if self.unread:
            self.town.slack.faults.refuse(*SLACK_HISTORY, error="missing_scope", times=ALWAYS)

    # Replicas

    async def kill(self) -> None:
        self.fleet.kill(self._one())
        killed = time.monotonic()
        await asyncio.sleep(LOOK)  # until Postgres has noticed
        left = await self.postgres.orphans()
        if not left:
            return
        while left & await self.postgres.orphans():  # noqa: ASYNC110  # it is Postgres'
            await asyncio.sleep(LOOK)
        self.takeovers.append(time.monotonic() - killed)

    async def freeze(self) -> None:
        program = self.fleet.freeze(self._one())
        if program:
            await asyncio.sleep(self.dice.uniform(*self.frozen_for))
            self.timeline.note(f"SIGCONT to pid {program.process.pid}")
            self.fleet.thaw(program)

    async def roll(self) -> None:
        """A rolling restart: one after another."""
        for number in range(self.replicas):
            former = self.fleet.programs.get(number)
            self.fleet.terminate(number)
            with suppress(TimeoutError):  # a frozen one does not end
                async with asyncio.timeout(20):
                    await self.fleet.ended(number, former)

    # Postgres

    async def restart_postgres(self) -> None:
        how = self.dice.choice(("fast", "immediate"))
        self.timeline.note(f"Postgres restarts ({how})")
        await self.postgres.restart(how)
        self.timeline.note("Postgres is back")

    async def cut_connections(self) -> None:
        life = self.dice.random() < 0.2
        with suppress(DatabaseUnavailable):
            await self.postgres.cut(2, life=life)
        self.timeline.note(f"connections are cut{', a sign of life' * life}")

    async def stall_postgres(self) -> None:
        seconds = self.dice.uniform(0.5, 2)
        self.timeline.note(f"Postgres stalls for {seconds:.1f} s")
        with suppress(DatabaseUnavailable, sa.exc.DBAPIError):
            await self.postgres.stall(seconds)

    async def kill_while_stalled(self) -> None:
        """A replica dies with messages that it could not store yet."""
        stalling = asyncio.create_task(self.stall_postgres())
        await asyncio.sleep(0.4)
        self.fleet.kill(self._one())
        await stalling

    # The model

    async def trouble_model(self) -> None:
        kind, times = self.dice.choice(list(TROUBLES)), self.dice.randint(1, 2)
        self.timeline.note(f"the model's next {times} answers: {kind}")
        self.oracle.trouble(kind, times)

    # The platforms

    async def drop_sockets(self) -> None:
        way = self.dice.randrange(3)
        self.timeline.note(f"Slack drops sockets ({('all', 'one', 'all, with notice')[way]})")
        if way == 0:
            self.town.slack.sockets.break_all()
        elif way == 1:
            await self.town.slack.sockets.disconnect(only=0)
        else:
            await self.town.slack.sockets.disconnect("warning", grace=0.5)

    async def drop_gateway(self) -> None:
        way = self.dice.choice(GATEWAY)
        self.timeline.note(f"Discord's gateway: {way}")
        self.town.discord.gateway.prune()
        getattr(self.town.discord.gateway, way)()

    async def delay(self) -> None:
        seconds = self.dice.uniform(0.5, 2)
        self.timeline.note(f"deliveries are late for {seconds:.1f} s")
        self.town.slack.delivery.delay = seconds
        self.town.discord.gateway.free.clear()
        await asyncio.sleep(seconds)
        self.town.slack.delivery.delay = 0
        self.town.discord.gateway.free.set()

    async def repeat(self) -> None:
        self.timeline.note("deliveries are repeated")
        self.town.discord.gateway.replay(self.dice.randint(1, 20))
        self.town.slack.delivery.copies = self.dice.randint(2, 3)
        await asyncio.sleep(2)
        self.town.slack.delivery.copies = 1

    async def trouble_slack(self) -> None:
        method, way = self.dice.choice(SLACK_WRITES), self.dice.randrange(5)
        faults, times = self.town.slack.faults, self.dice.randint(1, 2)
        self.timeline.note(
            f"Slack: {method} {('cut', 'cut', 'limited', 'failed', 'slow')[way]}, {times} times"
        )
        if way < 2:
            faults.break_off(method, times=times)
        elif way == 2:
            faults.limit(method, retry_after=1, times=times)
        elif way == 3:
            faults.fail(method, status=self.dice.choice((500, 503)), times=times)
        else:
            faults.slow(method, seconds=self.dice.uniform(0.2, 1.5), times=times)

    async def trouble_discord(self) -> None:
        kind, times = self.dice.choice(DISCORD_KINDS), self.dice.randint(1, 2)
        self.timeline.note(f"Discord: messages {kind}, {times} times")
        self.town.discord.fail(Fault(kind, DISCORD_WRITES, times, seconds=0.5))

    def _one(self) -> int:
        return self.dice.randrange(self.replicas)
