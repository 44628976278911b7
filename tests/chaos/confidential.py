"""Private questions, and channels that Nellie joins, while replicas die: who sees what."""

import random
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from chaos.audit import AuditResult, Finding
from chaos.discord_traffic import DiscordTraffic
from chaos.platforms import Platforms
from chaos.predictable_model import FIRST_PRIVATE, answer_to
from chaos.slack_traffic import SlackTraffic
from chaos.traffic import PersonMessage, chatter, is_introduction, question_text
from doubles.discord_server.guild import TEXT, Post
from doubles.slack_server.shapes import NELLIE, Json, visible_text

APOLOGY = re.compile(
    r"I could not answer this\. .+ Please ask me again\.|\(This answer broke off\. .+\)$", re.DOTALL
)
"""What a model's failure leaves: a private question is not remembered."""
_LEAKED = """
    SELECT 'message ' || seq FROM message WHERE text ~ :mark
    UNION ALL SELECT 'segment ' || first_seq FROM segment WHERE CAST(statements AS text) ~ :mark
    UNION ALL SELECT 'digest of ' || channel_id FROM digest WHERE text ~ :mark
"""
_TURNS = """
    SELECT t.id, c.platform, m.external_id, t.state, t.error, t.attempts, t.posted
    FROM turn t JOIN channel c ON c.id = t.channel_id
    JOIN message m ON m.channel_id = t.channel_id AND m.seq = t.trigger_seq
    WHERE t.private
"""
_EARLY = """
    SELECT c.external_id || ': ' || m.text FROM message m JOIN channel c ON c.id = m.channel_id
    JOIN message i ON i.channel_id = c.id AND i.external_id = 'introduction' AND m.seq < i.seq
    WHERE m.text LIKE 'before she came%'
"""


class Rows(Protocol):
    """Where the turns are looked up."""

    async def rows(self, sql: str, **values: object) -> list[Any]:
        """What a statement finds."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """A text that stands somewhere, or stood there before."""

    who: str
    """Who can see it; "" for everybody who is there."""
    text: str
    question: str = ""
    """The platform's id of the question that it answers, or the number of its turn: "turn 7".
    Empty where the platform keeps neither: with an ephemeral message of Slack's."""
    channel: str = ""
    former: bool = False
    """It stood there before, and another text has taken its place."""


@dataclass(frozen=True, slots=True)
class Turn:
    """The turn of a private question."""

    id: int
    platform: str
    message: str
    state: str
    error: str | None
    attempts: int
    posted: list[str]


@dataclass
class Confidential:
    """What was asked privately, by the number in the question."""

    platforms: Platforms
    postgres: Rows
    rng: random.Random
    asked: dict[str, tuple[PersonMessage, str]] = field(default_factory=dict)
    """By the question's number: the question, and who asked."""

    def ask(self) -> None:
        """Somebody asks privately on every platform, if it has commands by now."""
        for traffic in self.platforms.traffic:
            id_ = f"q{FIRST_PRIVATE + len(self.asked)}"
            text = question_text(id_)
            if isinstance(traffic, SlackTraffic):
                person, room = self.rng.choice(traffic.askers), self.rng.choice(traffic.channels)
                sent = traffic.slack.command(person, room, f"ask {text}")
                key = f"command-{sent.payload['trigger_id']}"
            elif isinstance(traffic, DiscordTraffic) and traffic.discord.commands:
                user, where = self.rng.choice(traffic.askers), self.rng.choice(traffic.channels)
                call = traffic.discord.slash(user, where, "ask", question=text, private=True)
                person, room, key = user.id, where.id, call.id
            else:
                continue
            question = PersonMessage(
                id_, traffic.name, room, key, asks=True, at=time.monotonic(), command=True
            )
            self.asked[id_] = question, person
            self.platforms.timeline.note(
                f"{id_} asked privately by {person} on {traffic.name} {room} {key}"
            )

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

    async def check(self, result: AuditResult) -> None:
        """Add what should not be, and count who was answered."""
        turns = {
            (turn.platform, turn.message): turn
            for turn in [Turn(*row) for row in await self.postgres.rows(_TURNS)]
        }
        shown = list(self._shown(turns))
        result.findings += self._shown_to_others(shown)
        self._check_answers(turns, shown, result)
        for where, count in self._introductions():
            if count != 1:
                result.findings.append(
                    Finding("introductions", None, f"{count} of them in {where}")
                )
        if self.asked:
            mark = rf"\y({'|'.join(self.asked)})\y"
            for where in await self.postgres.rows(_LEAKED, mark=mark):
                result.findings.append(Finding("shown_to_others", None, f"remembered: {where}"))
        for what in await self.postgres.rows(_EARLY):
            early = f"read before she was introduced: {what}"
            result.findings.append(Finding("introductions", None, early))

    def _check_answers(
        self, turns: dict[tuple[str, str], Turn], shown: list[Shown], result: AuditResult
    ) -> None:
        """Whether what is over has reached who asked: the answer, or why there is none."""
        unnamed = [one for one in shown if not one.question and APOLOGY.search(one.text)]
        for question, person in self.asked.values():
            turn = turns.get(question.key)
            if turn is None:
                result.excused += 1
                continue
            if turn.state not in ("done", "failed"):
                continue  # it is open: the audit of all turns says so
            theirs = [one for one in shown if one.who == person]
            if _is_whole(question, theirs):
                result.answered += 1
            elif turn.error and _is_explained(question, theirs, unnamed):
                result.apologies += 1
            else:
                what = f"private, never reached {person}: {turn}"
                result.findings.append(Finding("lost", question, what))

    def _shown_to_others(self, shown: list[Shown]) -> Iterator[Finding]:
        for question, person in self.asked.values():
            for one in shown:
                of_it = question.id in one.text or question.message == one.question
                if of_it and one.text and one.who != person:
                    what = f"private, seen by {one.who or 'all'}: {one.text[:80]}"
                    yield Finding("shown_to_others", question, what)

    def _introductions(self) -> Iterator[tuple[str, int]]:
        for place, texts in self._channels():
            yield place, sum(map(is_introduction, texts))

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

    def _shown(self, turns: dict[tuple[str, str], Turn]) -> Iterator[Shown]:
        """Every text that stands somewhere, or stood there before."""
        by_turn = {f"turn {turn.id}": turn.message for turn in turns.values()}
        for traffic in self.platforms.traffic:
            if isinstance(traffic, SlackTraffic):
                found = _shown_on_slack(traffic)
            elif isinstance(traffic, DiscordTraffic):
                found = _shown_on_discord(traffic)
            for one in found:
                yield replace(one, question=by_turn.get(one.question, one.question))


def _is_whole(question: PersonMessage, shown: list[Shown]) -> bool:
    """Whether somebody was shown all of an answer, in one message or in several of a channel."""
    whole, texts = _normalize(answer_to(question.id)), defaultdict(list)
    for one in shown:
        if one.question == question.message and not one.former:
            texts[one.channel].append(one.text)
    joined = map(" ".join, texts.values())
    return any(whole in _normalize(text) for text in [*(one.text for one in shown), *joined])


def _is_explained(question: PersonMessage, shown: list[Shown], unnamed: list[Shown]) -> bool:
    """Whether somebody was told why there is no answer. What names no question tells it of one."""
    for one in shown:
        if not APOLOGY.search(one.text):
            continue
        if one.question == question.message or question.id in one.text:
            return True
    for one in unnamed:
        if one in shown and not one.text.startswith("To "):
            unnamed.remove(one)
            return True
    return False


def _normalize(text: str) -> str:
    return " ".join(text.split())


def _shown_on_slack(traffic: SlackTraffic) -> Iterator[Shown]:
    for room in traffic.slack.rooms.values():
        people = [one for one in room.members if one != NELLIE]
        for message in room.messages.values():
            who = people[0] if room.kind == "im" else ""
            yield Shown(who, visible_text(message), _turn_of(message), room.id)
    for message in traffic.slack.ephemeral_messages.values():
        trigger = message.get("trigger_id")
        question = f"command-{trigger}" if trigger else ""
        yield Shown(message["to"], visible_text(message), question)


def _turn_of(message: Json) -> str:
    """The turn that a message of Nellie's names."""
    payload = (message.get("metadata") or {}).get("event_payload") or {}
    return f"turn {payload['turn_id']}" if "turn_id" in payload else "another"


def _shown_on_discord(traffic: DiscordTraffic) -> Iterator[Shown]:
    for post in traffic.discord.world.posts.values():
        alone = post.asker if post.ephemeral else post.channel.owner
        private = post.ephemeral or not post.channel.guild
        who, question = alone.id if alone and private else "", _answered_by(post)
        newest = len(post.versions) - 1
        for number, (_, text) in enumerate(post.versions):
            former = post.deleted or number < newest
            yield Shown(who, text, question, post.channel.id, former)


def _answered_by(post: Post) -> str:
    """What a post answers."""
    turn, _, part = str(post.nonce or "").partition(".")
    if post.command:
        return str(post.command["id"])
    return f"turn {turn}" if part else "another"
