"""People on Slack, and what Nellie has posted there."""

import random
import time
from collections import defaultdict
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
from doubles.slack_server import BOT_ID, Slack
from doubles.slack_server.shapes import Json, visible_text


@dataclass
class SlackTraffic:
    """Slack (chaos.traffic.Traffic)."""

    slack: Slack
    rng: random.Random
    threads: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    channels: list[str] = field(default_factory=list)
    askers: list[str] = field(default_factory=list)
    talkers: list[str] = field(default_factory=list)
    """They never talk to Nellie, so that nothing that they say is a follow-up."""

    name = "slack"

    def open(self) -> None:
        more = [self.slack.channel(f"deck-{number}") for number in range(CHANNELS - 1)]
        self.channels = ["C1", *more]
        self.askers = [self.slack.person(f"asker{number}").id for number in range(PEOPLE)]
        self.talkers = [self.slack.person(f"talker{number}").id for number in range(PEOPLE)]
        for channel in self.channels:
            self.slack.rooms[channel].members += [*self.askers, *self.talkers]

    def greet(self, first: int) -> Iterator[PersonMessage]:
        for number, person in enumerate(self.askers, first):
            yield self._direct_message(f"q{number}", person)

    def talk(self, id_: str) -> PersonMessage:
        channel = self.rng.choice(self.channels)
        known = self.threads[channel][-8:]
        thread = self.rng.choice(known) if known and self.rng.random() < 0.4 else ""
        text = f"{id_}: {chatter(self.rng)}"
        return self._say(id_, self.rng.choice(self.talkers), channel, text, thread=thread)

    def ask(self, id_: str) -> PersonMessage:
        person, way = self.rng.choice(self.askers), self.rng.random()
        if way < 0.25:
            return self._direct_message(id_, person)
        channel = self.rng.choice(self.channels)
        known = self.threads[channel][-4:]
        thread = self.rng.choice(known) if known and way < 0.6 else ""
        text = f"@nellie {question_text(id_)}"
        asked = self._say(id_, person, channel, text, thread=thread, asks=True)
        if not thread:
            self.threads[channel].append(asked.message)
        return asked

    def _direct_message(self, id_: str, person: str) -> PersonMessage:
        channel = self.slack.direct(person).id
        return self._say(id_, person, channel, question_text(id_), asks=True)

    def _say(
        self,
        id_: str,
        person: str,
        channel: str,
        text: str,
        *,
        thread: str = "",
        asks: bool = False,
    ) -> PersonMessage:
        ts = self.slack.say(person, channel, text, thread=thread)
        return PersonMessage(id_, self.name, channel, ts, asks, time.monotonic())

    def take_back(self, message: PersonMessage, text: str) -> None:
        self.slack.app_is_down = True
        if text:
            self.slack.edit(message.channel, message.message, text)
        else:
            self.slack.delete(message.channel, message.message)
        self.slack.app_is_down = False

    def posts(self) -> Iterator[NelliePost]:
        seen: dict[tuple[str, str], list[tuple[float, str]]] = defaultdict(list)
        for at, channel, ts, text in self.slack.seen:
            seen[channel, ts].append((at, text))
        for room in self.slack.rooms.values():
            for message in room.messages.values():
                if message.get("bot_id") == BOT_ID and not is_introduction(visible_text(message)):
                    yield self._post(room.id, message, seen[room.id, message["ts"]])

    def _post(self, channel: str, message: Json, texts: list[tuple[float, str]]) -> NelliePost:
        metadata = message.get("metadata", {}).get("event_payload", {})
        stream = self.slack.streams.get((channel, message["ts"]))
        streaming = bool(stream and stream.state == "streaming")
        began, ended = shown_between(texts)
        return NelliePost(
            platform=self.name,
            channel=channel,
            question=f"turn {metadata['turn_id']}"
            if metadata
            else f"thread {message.get('thread_ts')}",
            part=int(metadata.get("part", 0)),
            text=visible_text(message),
            began=began,
            ended=ended,
            unfinished=streaming or not metadata,
        )
