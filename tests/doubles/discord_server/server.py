"""A loopback Discord for the real discord.py, spoken to in people's terms.

    async with Discord() as discord:
        ...start an adapter with the settings of discord.environ...
        await discord.until(lambda: discord.gateway.connected)
        asked = discord.say(discord.ana, discord.general, f"{discord.bot.mention} hi")
        await discord.until(lambda: discord.answers(asked))
        interaction = discord.slash(discord.ana, discord.general, "ask", question="hi")
        await discord.until(lambda: interaction.shown)

What people do is done when the call returns, and is on its way to the bot. Texts of the bot stand
in `visible(channel)`; `violations()` holds every request against Discord's OpenAPI document.
"""

import asyncio
import time
from collections.abc import Callable
from typing import Self

from aiohttp import web
from doubles.discord_server.faults import Fault, Faults
from doubles.discord_server.gateway import Gateway
from doubles.discord_server.guild import JSON, REPLY, TEXT, Channel, Post, User
from doubles.discord_server.interactions import Interactions
from doubles.discord_server.messages import Messages
from doubles.discord_server.people import People
from doubles.discord_server.rest import ROOT, Buckets, Request, Rest
from doubles.discord_server.spec import Spec
from doubles.discord_server.world import World
from doubles.loopback_server import AT_ONCE

TOKEN = "MTIz.double.token"


class Discord(People):
    """One server with #general and #random, and Ana, Bob, Carl and Mona, who manages it.

    `limit` requests in `window` seconds fit into each bucket; `deadline` and `life` are the
    seconds in which an interaction must be acknowledged and in which its token works.
    """

    def __init__(
        self,
        *,
        limit: int = 1_000,
        window: float = 1.0,
        deadline: float = 3.0,
        life: float = 900.0,
        compressed: bool = True,
        withheld_intents: int = 0,
        port: int = 0,
    ) -> None:
        self.token = TOKEN
        self.bot = User("nellie", bot=True)
        self.world = World(self.bot)
        self.gateway = self.world.gateway = Gateway(TOKEN, self.world.welcome)
        self.gateway.compressed = compressed
        self.gateway.withheld_intents = withheld_intents
        self.faults = Faults([])
        self.file_requests = []
        self.rest = Rest(TOKEN, self.faults, Buckets(limit, window))
        self.messages = Messages(self.world, self.rest)
        self.interactions = Interactions(
            self.world, self.rest, self.messages, deadline=deadline, life=life
        )
        self._port = port
        self.ana, self.bob, self.carl = (self.person(name) for name in ("ana", "bob", "carl"))
        self.mona = self.person("mona", manages=True)
        self.world.users[self.bot.id] = self.bot
        self.general, self.random = (
            self.world.open(Channel(name, self.world.guild, TEXT)) for name in ("general", "random")
        )

    async def __aenter__(self) -> Self:
        app = web.Application(client_max_size=2**25)
        app.router.add_get("/gateway{slash:/?}", self.gateway.serve)
        for kind in ("files", "ephemeral-attachments"):
            app.router.add_get(f"/{kind}/{{id}}/{{name}}", self.serve_file)
        app.router.add_route("*", ROOT + "/{rest:.*}", self.rest.serve)
        self._runner = web.AppRunner(app, shutdown_timeout=AT_ONCE)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self.origin = f"127.0.0.1:{self._runner.addresses[0][1]}"
        self.url, self.gateway.url = f"http://{self.origin}{ROOT}", f"ws://{self.origin}/gateway"
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.gateway.stop()
        await self._runner.cleanup()

    @property
    def environ(self) -> dict[str, str]:
        """The settings of an adapter that talks to this double."""
        return {
            "DISCORD_TOKEN": self.token,
            "NELLIE_DISCORD_API": self.url,
            "NELLIE_DISCORD_GATEWAY": self.gateway.url,
        }

    def fail(self, *faults: Fault) -> None:
        """Let the next requests fail like this."""
        self.faults.add(faults)

    async def until(self, true: Callable[[], object], *, seconds: float = 60) -> None:
        """Return once it is true. Raises AssertionError when that takes too long."""
        ends = time.monotonic() + seconds
        while not true():
            if time.monotonic() > ends:
                raise AssertionError(f"not within {seconds} s; last: {self.requests()[-12:]}")
            self.rest.changed.clear()
            try:  # it may also depend on what is no request
                await asyncio.wait_for(self.rest.changed.wait(), 0.05)
            except TimeoutError:
                continue

    def requests(self, pattern: str = "") -> list[str]:
        """The lines of all requests in which this stands, in their order."""
        return [f"{asked.line} {asked.status}" for asked in self.find(pattern)]

    def find(self, pattern: str = "") -> list[Request]:
        """All requests in whose line this stands."""
        return [asked for asked in self.rest.requests if pattern in asked.line]

    def violations(self) -> list[str]:
        """What Discord's document has against the requests so far; nothing where it is absent."""
        if not (spec := Spec.here()):
            return []
        found = [
            spec.violations(one.method, one.path, one.body, one.query) for one in self.rest.requests
        ]
        return sorted({violation for each in found for violation in each})

    def visible(self, channel: Channel, to: User | None = None) -> list[str]:
        """The texts of the bot that stand in a channel now, with those for this person alone."""
        return [
            post.text for post in self.of_bot(channel) if not post.ephemeral or post.asker is to
        ]

    def of_bot(self, channel: Channel) -> list[Post]:
        """What the bot has standing in a channel."""
        return [post for post in channel.standing if post.author is self.bot]

    def answers(self, asked: Post) -> list[Post]:
        """What the bot has standing in reply to a message."""
        found = [*self.of_bot(asked.channel)]
        if asked.id in self.world.channels:
            found += self.of_bot(self.world.channels[asked.id])
        return [post for post in found if post.reply_to is asked and post.kind == REPLY]

    def pinging(self) -> list[Post]:
        """What the bot has posted that pings somebody: there should be nothing."""
        return [
            post
            for post in self.world.posts.values()
            if post.author is self.bot and (post.mentioned or post.roles or post.everyone)
        ]

    def opened(self) -> list[str]:
        """The links of the bot that Discord opened for a preview: there should be none."""
        posts = self.world.posts.values()
        return [link for post in posts if post.author is self.bot for link in post.opened]

    def typed(self, channel: Channel) -> int:
        """How often the bot was typing there."""
        return self.messages.typing.count(channel.id)

    @property
    def commands(self) -> list[JSON]:
        """The commands that the bot has registered."""
        return self.world.commands
