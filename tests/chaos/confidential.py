"""Private questions, and channels that Nellie joins, while replicas die: who sees what."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from chaos.discord_traffic import DiscordTraffic
from chaos.platforms import Platforms
from chaos.postgres import Postgres
from chaos.predictable_model import PredictableModel, answer_to
from chaos.slack_traffic import SlackTraffic
from chaos.traffic import chatter, is_introduction, question_text
from doubles.discord_server.guild import TEXT
from doubles.slack_server.shapes import NELLIE, visible_text

FIRST = 900_001  # so that their numbers are no others'
SEVERAL_PARTS = 23  # an answer whose number this divides takes several messages
_LEAKED = """
    SELECT 'message ' || seq FROM message WHERE text ~ :mark
    UNION ALL SELECT 'segment ' || first_seq FROM segment WHERE CAST(statements AS text) ~ :mark
    UNION ALL SELECT 'digest of ' || channel_id FROM digest WHERE text ~ :mark
"""
_ANSWERED = """
    SELECT c.platform || ' ' || m.external_id FROM turn t JOIN channel c ON c.id = t.channel_id
    JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    WHERE t.private AND t.state IN ('done', 'failed')
"""
_EARLY = """
    SELECT c.external_id || ': ' || m.text FROM message m JOIN channel c ON c.id = m.channel_id
    JOIN message i ON i.channel_id = c.id AND i.external_id = 'introduction' AND m.seq < i.seq
    WHERE m.text LIKE 'before she came%'
"""

Shown = tuple[str, str]
"""Who can see a text ("" for everybody who is there), and the text."""


@dataclass
class Confidential:
    """What was asked privately, by the number in the question."""

    platforms: Platforms
    postgres: Postgres
    model: PredictableModel
    rng: random.Random
    asked: dict[str, tuple[str, str]] = field(default_factory=dict)
    """By the question's number: its turn's key in the database, and who asked."""

    def ask(self) -> None:
        """Somebody asks privately on every platform, if it has commands by now."""
        for traffic in self.platforms.traffic:
            number = FIRST + len(self.asked)
            id_ = f"q{number + (number % SEVERAL_PARTS == 0) * 10_000}"
            text = question_text(id_)
            if isinstance(traffic, SlackTraffic):
                person, channel = self.rng.choice(traffic.askers), self.rng.choice(traffic.channels)
                sent = traffic.slack.command(person, channel, f"ask {text}")
                self.asked[id_] = f"slack command-{sent.payload['trigger_id']}", person
            elif isinstance(traffic, DiscordTraffic) and traffic.discord.commands:
                user, where = self.rng.choice(traffic.askers), self.rng.choice(traffic.channels)
                call = traffic.discord.slash(user, where, "ask", question=text, private=True)
                self.asked[id_] = f"discord {call.id}", user.id

    def open_channels(self) -> None:
        """Nellie comes into a channel of every platform, in which something was said."""
        for traffic in self.platforms.traffic:
            if isinstance(traffic, SlackTraffic):
                room = traffic.slack.channel("joined", nellie=False)
                for _ in range(3):
                    traffic.slack.say(
                        traffic.talkers[0], room, f"before she came: {chatter(self.rng)}"
                    )
                traffic.slack.invite(room)
            elif isinstance(traffic, DiscordTraffic):
                traffic.discord.open("joined")

    async def findings(self) -> Iterator[tuple[str, str]]:
        """Each thing that should not be: its kind, and what it is."""
        shown = list(self._shown())
        found = [*self._shown_to_others(shown), *self._introductions()]
        answered = set(await self.postgres.rows(_ANSWERED))
        for id_, (key, person) in self.asked.items():
            whole = " ".join(answer_to(id_).split())
            reached = any(who == person and whole in " ".join(text.split()) for who, text in shown)
            if key in answered and not reached and id_ not in self.model.troubled:
                found.append(("lost", f"private {id_} never reached who asked"))
        if self.asked:
            mark = rf"\y({'|'.join(self.asked)})\y"
            leaked = await self.postgres.rows(_LEAKED, mark=mark)
            found += [("shown_to_others", f"remembered: {where}") for where in leaked]
        early = await self.postgres.rows(_EARLY)
        found += [("introductions", f"read before she was introduced: {what}") for what in early]
        return iter(found)

    def _shown_to_others(self, shown: list[Shown]) -> Iterator[tuple[str, str]]:
        for id_, (_, person) in self.asked.items():
            for who, text in shown:
                if who != person and id_ in text:
                    yield "shown_to_others", f"private {id_} seen by {who or 'all'}: {text[:80]}"

    def _introductions(self) -> Iterator[tuple[str, str]]:
        for place, texts in self._channels():
            count = sum(map(is_introduction, texts))
            if count != 1:
                yield "introductions", f"{count} of them in {place}"

    def _channels(self) -> Iterator[tuple[str, list[str]]]:
        for traffic in self.platforms.traffic:
            if isinstance(traffic, SlackTraffic):
                for room in traffic.slack.rooms.values():
                    if room.kind in ("channel", "group") and NELLIE in room.members:
                        yield f"slack {room.id}", traffic.slack.answers(room.id)
            elif isinstance(traffic, DiscordTraffic):
                for channel in traffic.discord.world.channels.values():
                    if channel.kind == TEXT:
                        yield f"discord {channel.id}", traffic.discord.visible(channel)

    def _shown(self) -> Iterator[Shown]:
        """Every text that stands somewhere, or stood there before."""
        for traffic in self.platforms.traffic:
            if isinstance(traffic, SlackTraffic):
                yield from _shown_on_slack(traffic)
            elif isinstance(traffic, DiscordTraffic):
                yield from _shown_on_discord(traffic)


def _shown_on_slack(traffic: SlackTraffic) -> Iterator[Shown]:
    for room in traffic.slack.rooms.values():
        people = [one for one in room.members if one != NELLIE]
        for message in room.messages.values():
            yield people[0] if room.kind == "im" else "", visible_text(message)
    for message in traffic.slack.ephemeral_messages.values():
        yield message["to"], visible_text(message)


def _shown_on_discord(traffic: DiscordTraffic) -> Iterator[Shown]:
    for post in traffic.discord.world.posts.values():
        alone = post.asker if post.ephemeral else post.channel.owner
        private = post.ephemeral or not post.channel.guild
        for _, text in post.versions:
            yield (alone.id if alone and private else ""), text
