"""The two platforms of the chaos runs, with the people who talk there."""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from chaos.discord_traffic import DiscordTraffic
from chaos.slack_traffic import SlackTraffic
from chaos.timeline import Timeline
from chaos.traffic import NelliePost, PersonMessage, Traffic
from doubles.discord_server import Discord
from doubles.slack_server import Slack

RETRIES = (0, 1, 2, 4, 8, 16)
"""Slack's are (0, 60, 300): here everything is faster, the outages too."""


@dataclass
class Platforms:
    """Slack and Discord, and everything that people have said there."""

    slack: Slack
    discord: Discord
    traffic: Sequence[Traffic]
    """The platforms that are used in this run."""
    rng: random.Random
    timeline: Timeline
    question_share: float
    """The share of messages that ask Nellie."""
    sent: list[PersonMessage] = field(default_factory=list)

    @property
    def environ(self) -> dict[str, str]:
        """The settings by which adapters find the platforms that are used."""
        environ = {"slack": self.slack.environ, "discord": self.discord.environ}
        return {name: value for one in self.traffic for name, value in environ[one.name].items()}

    def greet(self) -> None:
        """Everybody writes to Nellie once."""
        for traffic in self.traffic:
            for message in list(traffic.greet(len(self.sent))):
                self._keep(message)

    def send_message(self) -> None:
        """Somebody says something, somewhere."""
        traffic = self.rng.choice(self.traffic)
        number = len(self.sent)
        if self.rng.random() < self.question_share:
            self._keep(traffic.ask(f"q{number}"))
        else:
            self._keep(traffic.talk(f"m{number}"))

    async def send_messages(self, seconds: float, rate: float) -> None:
        """People talk for so long, with `rate` messages a second."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.send_message()
            await asyncio.sleep(self.rng.expovariate(rate))

    def posts(self) -> Iterator[NelliePost]:
        """All that Nellie has posted anywhere, but the introductions."""
        for traffic in self.traffic:
            yield from traffic.posts()

    def are_connected(self, replicas: int) -> bool:
        """Whether so many replicas listen on every platform."""
        sessions = sum(session.connection.open for session in self.discord.gateway.sessions)
        present = {"slack": len(self.slack.sockets.open) // 2, "discord": sessions}
        return all(present[traffic.name] >= replicas for traffic in self.traffic)

    def _keep(self, message: PersonMessage) -> None:
        self.sent.append(message)
        if message.asks:
            self.timeline.note(
                f"{message.id} asked on {message.platform} {message.channel} {message.message}"
            )


@asynccontextmanager
async def open_platforms(
    rng: random.Random, timeline: Timeline, question_share: float, *, slack_only: bool = False
) -> AsyncIterator[Platforms]:
    """Both platforms, with their channels and people."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(Slack(retries=RETRIES))
        discord = await stack.enter_async_context(Discord())
        traffic: list[Traffic] = [SlackTraffic(slack, rng)]
        if not slack_only:
            traffic.append(DiscordTraffic(discord, rng))
        for one in traffic:
            one.open()
        yield Platforms(slack, discord, traffic, rng, timeline, question_share)
