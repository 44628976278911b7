"""The two platforms of the chaos runs and their people: what is said, and what stands then."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Self

from chaos.timeline import Timeline
from doubles.discord import Discord, Place, Post, User
from doubles.discord.interactions import Interaction
from doubles.slack import BOT_ID, Slack
from doubles.slack.workspace import Json, shown

RETRIES = (0, 1, 2, 4, 8, 16)
"""Slack's are (0, 60, 300): here everything is faster, the outages too."""
CHANNELS, PEOPLE = 3, 4
INTRODUCTION = "Hi, I am Nellie."
_WORDS = "crane", "late", "again", "nobody", "told", "night", "shift", "about", "new", "quay"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody said, as the platform that took it knows it."""

    id: str
    platform: str
    channel: str
    message: str
    asks: bool
    at: float
    command: bool = False

    @property
    def key(self) -> tuple[str, str]:
        return self.platform, self.message


@dataclass(frozen=True, slots=True)
class Stands:
    """A message of hers as it stands at the end."""

    platform: str
    channel: str
    question: str
    """The platform's id of the message that it answers, or the number of its turn: "turn 7"."""
    part: int
    text: str
    began: float
    ended: float
    open: bool
    """It looks as if more were to come."""


@dataclass
class Office:
    """The Slack side."""

    slack: Slack
    dice: random.Random
    threads: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    name = "slack"

    def open(self) -> None:
        more = [self.slack.channel(f"deck-{number}") for number in range(CHANNELS - 1)]
        self.channels = ["C1", *more]
        self.askers = [self.slack.person(f"asker{number}").id for number in range(PEOPLE)]
        # They never talk to her, so that nothing that they say is a follow-up.
        self.talkers = [self.slack.person(f"talker{number}").id for number in range(PEOPLE)]

    def greet(self, first: int) -> Iterator[Said]:
        """Everybody writes to her once: what they are asked is numbered from there."""
        for number, person in enumerate(self.askers, first):
            yield self._dm(f"q{number}", person)

    def talk(self, id: str) -> Said:
        channel = self.dice.choice(self.channels)
        known = self.threads[channel][-8:]
        thread = self.dice.choice(known) if known and self.dice.random() < 0.4 else ""
        text = f"{id}: {_chatter(self.dice)}"
        return self._said(id, self.dice.choice(self.talkers), channel, text, thread)

    def ask(self, id: str) -> Said:
        person, way = self.dice.choice(self.askers), self.dice.random()
        if way < 0.25:
            return self._dm(id, person)
        channel = self.dice.choice(self.channels)
        known = self.threads[channel][-4:]
        thread = self.dice.choice(known) if known and way < 0.6 else ""
        said = self._said(id, person, channel, f"@nellie {_question(id)}", thread, asks=True)
        if not thread:
            self.threads[channel].append(said.message)
        return said

    def _dm(self, id: str, person: str) -> Said:
        return self._said(id, person, self.slack.direct(person).id, _question(id), asks=True)

    def _said(
        self, id: str, person: str, channel: str, text: str, thread: str = "", *, asks: bool = False
    ) -> Said:
        ts = self.slack.say(person, channel, text, thread=thread)
        return Said(id, self.name, channel, ts, asks, time.monotonic())

    def stands(self) -> Iterator[Stands]:
        """All that she has there, but her introductions."""
        seen: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
        for at, channel, ts, text in self.slack.seen:
            seen[channel, ts].append((at, text))
        for room in self.slack.rooms.values():
            for message in room.messages.values():
                if message.get("bot_id") == BOT_ID and not _introduces(shown(message)):
                    yield self._stands(room.id, message, seen[room.id, message["ts"]])

    def _stands(self, channel: str, message: Json, seen: list[tuple[float, str]]) -> Stands:
        about = message.get("metadata", {}).get("event_payload", {})
        stream = self.slack.streams.get((channel, message["ts"]))
        question = f"turn {about['turn_id']}" if about else f"thread {message.get('thread_ts')}"
        part = int(about.get("part", 0))
        going_on = bool(stream and stream.state == "streaming")
        return Stands(
            self.name, channel, question, part, shown(message), *_growing(seen),
            going_on or not about,
        )  # fmt: skip


@dataclass
class Guild:
    """The Discord side."""

    discord: Discord
    dice: random.Random
    threads: list[Place] = field(default_factory=list)
    commands: dict[str, Interaction] = field(default_factory=dict)

    name = "discord"

    def open(self) -> None:
        discord = self.discord
        more = [discord.open(f"deck-{number}") for number in range(CHANNELS - 2)]
        self.channels = [discord.general, discord.random, *more]
        self.askers = [discord.person(f"asker{number}") for number in range(PEOPLE)]
        self.talkers = [discord.person(f"talker{number}") for number in range(PEOPLE)]

    def greet(self, first: int) -> Iterator[Said]:
        """Everybody writes to her once: of those whom she does not know, nobody tells her later."""
        for number, person in enumerate(self.askers, first):
            yield self._dm(f"q{number}", person)

    def talk(self, id: str) -> Said:
        place = self.dice.choice([*self.channels, *self.threads[-6:]])
        post = self.discord.say(
            self.dice.choice(self.talkers), place, f"{id}: {_chatter(self.dice)}"
        )
        return self._said(id, post)

    def ask(self, id: str) -> Said:
        person, way = self.dice.choice(self.askers), self.dice.random()
        if way < 0.2:
            return self._dm(id, person)
        if way < 0.3 and self.discord.commands:
            return self._slash(id, person)
        place = self.dice.choice([*self.channels, *self.threads[-4:]])
        text = f"{self.discord.bot.mention} {_question(id)}"
        post = self.discord.say(person, place, text)
        if not place.is_thread and way < 0.4:
            self.threads.append(self.discord.thread(self.talkers[0], place, f"about {id}"))
        return self._said(id, post, asks=True)

    def _dm(self, id: str, person: User) -> Said:
        return self._said(id, self.discord.dm(person, _question(id)), asks=True)

    def _slash(self, id: str, person: User) -> Said:
        place = self.dice.choice(self.channels)
        did = self.discord.slash(person, place, "ask", question=_question(id))
        self.commands[did.id] = did
        at = time.monotonic()
        return Said(id, self.name, place.id, did.id, asks=True, at=at, command=True)

    def _said(self, id: str, post: Post, *, asks: bool = False) -> Said:
        return Said(id, self.name, post.place.id, post.id, asks, time.monotonic())

    def stands(self) -> Iterator[Stands]:
        """All that she has there, but her introductions."""
        for place in list(self.discord.world.places.values()):
            for post in self.discord.of_bot(place):
                if not _introduces(post.text):
                    yield self._stands(post)

    def _stands(self, post: Post) -> Stands:
        turn, _, part = str(post.nonce or "").partition(".")
        if post.command:
            question, number = str(post.command["id"]), 0
        elif part:
            question, number = f"turn {turn}", int(part.split(".")[0])
        else:
            question, number = post.reply_to.id if post.reply_to else "nothing", 0
        thinks = not post.text or "Stop" in " ".join(post.buttons)
        return Stands(
            self.name, post.place.id, question, number, post.text, *_growing(post.grown), thinks
        )


@dataclass
class Town:
    """Both platforms; `async with` it."""

    dice: random.Random
    timeline: Timeline
    asked: float
    """The part of all that is said that asks her."""
    slack_only: bool = False
    said: list[Said] = field(default_factory=list)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self.slack = await stack.enter_async_context(Slack(retries=RETRIES))
            self.discord = await stack.enter_async_context(Discord())
            self._stack = stack.pop_all()
        self.office, self.guild = Office(self.slack, self.dice), Guild(self.discord, self.dice)
        self.sides = [self.office] if self.slack_only else [self.office, self.guild]
        for side in self.sides:
            side.open()
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._stack.aclose()

    @property
    def environ(self) -> dict[str, str]:
        return {**self.slack.environ, **({} if self.slack_only else self.discord.environ)}

    def greet(self) -> None:
        """Everybody writes to her once."""
        for side in self.sides:
            for said in list(side.greet(len(self.said))):
                self._keep(said)

    def speak(self) -> None:
        """Somebody says something, somewhere."""
        side = self.dice.choice(self.sides)
        number = len(self.said)
        if self.dice.random() < self.asked:
            self._keep(side.ask(f"q{number}"))
        else:
            self._keep(side.talk(f"m{number}"))

    def stands(self) -> Iterator[Stands]:
        for side in self.sides:
            yield from side.stands()

    def present(self, replicas: int) -> bool:
        """Whether so many replicas listen on every platform."""
        sessions = sum(one.line.open for one in self.discord.gateway.sessions)
        return len(self.slack.sockets.open) >= 2 * replicas and (
            self.slack_only or sessions >= replicas
        )

    async def talking(self, seconds: float, rate: float) -> None:
        """So much is said a second, for so long."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            self.speak()
            await asyncio.sleep(self.dice.expovariate(rate))

    def _keep(self, said: Said) -> None:
        self.said.append(said)
        if said.asks:
            self.timeline.note(f"{said.id} asked on {said.platform} {said.channel} {said.message}")


def _growing(seen: list[tuple[float, str]]) -> tuple[float, float]:
    """When a text came up, and when it was what it is now."""
    if not seen:
        return 0, 0
    final = seen[-1][1]
    # An acknowledged command stands there without a word.
    began = next((at for at, text in seen if text), seen[-1][0])
    return began, next(at for at, text in seen if text == final)


def _introduces(text: str) -> bool:
    return text.startswith(INTRODUCTION)


def _question(id: str) -> str:
    return f"what about {id} and the containers?"


def _chatter(dice: random.Random) -> str:
    return " ".join(dice.choice(_WORDS) for _ in range(dice.randint(3, 25)))
