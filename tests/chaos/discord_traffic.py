"""People on Discord, and what Nellie has posted there."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos.traffic import (
    CHANNELS,
    PEOPLE,
    NelliePost,
    PersonMessage,
    chatter,
    is_introduction,
    question_text,
    shown_between,
)
from doubles.discord_server import Channel, Discord, Post, User
from doubles.discord_server.interactions import Interaction


@dataclass
class DiscordTraffic:
    """Discord (chaos.traffic.Traffic)."""

    discord: Discord
    rng: random.Random
    threads: list[Channel] = field(default_factory=list)
    commands: dict[str, Interaction] = field(default_factory=dict)
    channels: list[Channel] = field(default_factory=list)
    askers: list[User] = field(default_factory=list)
    talkers: list[User] = field(default_factory=list)
    """They never talk to Nellie, so that nothing that they say is a follow-up."""

    name = "discord"

    def open(self) -> None:
        discord = self.discord
        more = [discord.open(f"deck-{number}") for number in range(CHANNELS - 2)]
        self.channels = [discord.general, discord.random, *more]
        self.askers = [discord.person(f"asker{number}") for number in range(PEOPLE)]
        self.talkers = [discord.person(f"talker{number}") for number in range(PEOPLE)]

    def greet(self, first: int) -> Iterator[PersonMessage]:
        # A direct message from somebody unknown would not be noticed after an outage.
        for number, person in enumerate(self.askers, first):
            yield self._direct_message(f"q{number}", person)

    def talk(self, id_: str) -> PersonMessage:
        channel = self.rng.choice([*self.channels, *self.threads[-6:]])
        person = self.rng.choice(self.talkers)
        return self._sent(id_, self.discord.say(person, channel, f"{id_}: {chatter(self.rng)}"))

    def ask(self, id_: str) -> PersonMessage:
        person, way = self.rng.choice(self.askers), self.rng.random()
        if way < 0.2:
            return self._direct_message(id_, person)
        if way < 0.3 and self.discord.commands:
            return self._slash_command(id_, person)
        channel = self.rng.choice([*self.channels, *self.threads[-4:]])
        text = f"{self.discord.bot.mention} {question_text(id_)}"
        post = self.discord.say(person, channel, text)
        if not channel.is_thread and way < 0.4:
            self.threads.append(self.discord.thread(self.talkers[0], channel, f"about {id_}"))
        return self._sent(id_, post, asks=True)

    def _direct_message(self, id_: str, person: User) -> PersonMessage:
        return self._sent(id_, self.discord.dm(person, question_text(id_)), asks=True)

    def _slash_command(self, id_: str, person: User) -> PersonMessage:
        channel = self.rng.choice(self.channels)
        interaction = self.discord.slash(person, channel, "ask", question=question_text(id_))
        self.commands[interaction.id] = interaction
        return PersonMessage(
            id_,
            self.name,
            channel.id,
            interaction.id,
            asks=True,
            at=time.monotonic(),
            command=True,
        )

    def _sent(self, id_: str, post: Post, *, asks: bool = False) -> PersonMessage:
        return PersonMessage(id_, self.name, post.channel.id, post.id, asks, time.monotonic())

    def take_back(self, message: PersonMessage, text: str) -> None:
        gateway, post = self.discord.gateway, self.discord.world.posts[message.message]
        sessions, gateway.sessions = gateway.sessions, []
        if text:
            self.discord.edit(post, text)
        else:
            self.discord.delete(post)
        gateway.sessions = sessions

    def posts(self) -> Iterator[NelliePost]:
        for channel in list(self.discord.world.channels.values()):
            for post in self.discord.of_bot(channel):
                if not is_introduction(post.text):
                    yield self._post(post)

    def _post(self, post: Post) -> NelliePost:
        question, part = _answers(post)
        began, ended = shown_between(post.versions)
        return NelliePost(
            platform=self.name,
            channel=post.channel.id,
            question=question,
            part=part,
            text=post.text,
            began=began,
            ended=ended,
            unfinished=not post.text or "Stop" in " ".join(post.buttons),
        )


def _answers(post: Post) -> tuple[str, int]:
    """What a post answers, and which part of the answer it is."""
    turn, _, part = str(post.nonce or "").partition(".")
    if post.command:
        return str(post.command["id"]), 0
    if part:
        return f"turn {turn}", int(part.split(".")[0])
    return post.reply_to.id if post.reply_to else "nothing", 0
