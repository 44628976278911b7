"""What an answer costs, beside a sliding window: a channel is replayed, and a cache simulated.

Every eighth message asks. The cache is OpenAI's rule (a beginning in common with any earlier prompt
of the channel, from 1,024 tokens on, in steps of 128) without expiry; a token is four characters.
Costs are in uncached input tokens: cached ones count a tenth, a summary's five times. Answers cost
the same under every policy and are left out.
"""

import argparse
import asyncio
import json
import os
import random
from bisect import bisect, insort
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import mean

from adapters.irc.archive import UbuntuLog
from benchmarks.channels import temporary
from bot.context import RECALLED, RULES, TRANSCRIPT, line
from bot.conversation import Channel, Chunk, Message, Prompt, Turn, Usage
from bot.engine import Engine
from bot.llm.fallback import Fallback
from bot.llm.models import Models
from bot.ports import Adapter, Model, Posts

SYSTEM, SUMMARY, REPLY = 800, 600, 120  # tokens
MENTION_EVERY, SEED = 8, 1
WINDOW = 50  # messages of the sliding window
LEAST, STEP = 1_024, 128  # tokens from which on, and in which steps, beginnings are cached
CACHED, OUTPUT = 0.1, 5  # prices, where an uncached input token costs 1
CHARACTERS = 4  # of a token
IRC = Path(os.environ.get("NELLIE_DATA", "data")) / "irc" / "dev"


@dataclass
class Cache:
    """The prompts so far of one channel, in the order of the alphabet."""

    seen: list[str] = field(default_factory=list)

    def hit(self, prompt: str) -> float:
        """Tokens of it that an earlier one began with; from now on it is an earlier one itself."""
        at = bisect(self.seen, prompt)
        beside = self.seen[max(0, at - 1) : at + 1]
        common = max((_common(prompt, one) for one in beside), default=0)
        insort(self.seen, prompt)
        tokens = common // CHARACTERS
        return tokens // STEP * STEP if tokens >= LEAST else 0


@dataclass
class Bill:
    """What one policy's prompts cost."""

    cache: Cache = field(default_factory=Cache)
    prompts: list[float] = field(default_factory=list)
    """Tokens of each answer's prompt, of which so many were cached:"""
    hits: list[float] = field(default_factory=list)
    summaries: float = 0.0

    def answer(self, prompt: str) -> None:
        """Pay for an answer's prompt."""
        self.prompts.append(tokens(prompt))
        self.hits.append(self.cache.hit(prompt))

    def summary(self, prompt: str, output: str) -> None:
        """Pay for a compaction's call."""
        hit = self.cache.hit(prompt)
        self.summaries += tokens(prompt) - (1 - CACHED) * hit + OUTPUT * tokens(output)

    @property
    def hit_share(self) -> float:
        """The share of the answers' prompts that was cached."""
        return sum(self.hits) / sum(self.prompts)

    @property
    def each(self) -> float:
        """Uncached input tokens that an answer comes to."""
        paid = sum(self.prompts) - (1 - CACHED) * sum(self.hits) + self.summaries
        return paid / len(self.prompts)


class Ledger(Model):
    """A model of steady habits: keeps the bill of what it is asked."""

    name = "ledger"

    def __init__(self) -> None:
        self.bill = Bill()
        self.last: Prompt | None = None
        self.calls = 0

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """An answer of REPLY tokens, or a summary of SUMMARY, where so much is allowed."""
        text = "\n".join(f"{one.role}: {one.text}" for one in prompt.said)
        if prompt.purpose == "answer":
            self.last = prompt
            self.bill.answer(text)
            said = "I see. " * (REPLY * CHARACTERS // 7)
        else:
            self.calls += 1
            said = _summary(prompt, min(SUMMARY, prompt.max_output) * CHARACTERS)
            self.bill.summary(text, said)
        yield Chunk(said)
        yield Chunk("", "stop", Usage(self.name, int(tokens(text)), int(tokens(said))))


class Silent(Adapter):
    """A platform on which everything is delivered at once."""

    name = "bench"

    async def deliver(self, turn: Turn, text: AsyncIterator[str], posts: Posts) -> None:
        """Take the whole answer."""
        posts.allow()
        async for _ in text:
            pass
        await posts.add(f"answer{turn.id}")


def _common(one: str, other: str) -> int:
    """Characters that both begin with."""
    length = min(len(one), len(other))
    return bisect(range(length), 0, key=lambda at: one[: at + 1] != other[: at + 1])


def tokens(text: str) -> float:
    """As the published figures count them."""
    return len(text) / CHARACTERS


def _summary(prompt: Prompt, size: int) -> str:
    """Lines of the material itself, spread over it, until it is full."""
    lines = [
        f"- {one.author.name}: {one.text[:100]} [{one.at:%Y-%m-%d %H:%M} {one.author.name}]"
        for one in prompt.source
    ]
    every = max(1, -(-sum(map(len, lines)) // size))
    return "\n".join(lines[::every])


async def run(said: Sequence[Message], **overrides: object) -> dict[str, float]:
    """All figures of a replay."""
    persona = ("You are Nellie. " * SYSTEM)[: SYSTEM * CHARACTERS - len(RULES) - 1]
    async with temporary(persona=persona, **overrides) as (settings, database):
        model = Ledger()
        models = Models(settings, loader=lambda names, settings: Fallback([model], settings))
        async with Engine(settings, database, models, [Silent()]) as engine:
            sliding, recalled = await _replay(engine, model, said, f"{persona}\n{RULES}")
            made = await engine.summaries.ledger(1, limit=100_000)
    ours = model.bill
    print(f"{len(ours.prompts):,} answers, {len(made)} compactions, {model.calls} summaries")
    print(
        f"mean prompt {mean(ours.prompts):,.0f}, of a sliding window {mean(sliding.prompts):,.0f}"
    )
    print(f"compaction {ours.summaries / len(ours.prompts):,.0f} per answer")
    return {
        "hit_share": round(ours.hit_share, 3),
        "equivalents_per_answer": round(ours.each),
        "sliding_50": round(sliding.each),
        "ratio": round(ours.each / sliding.each, 3),
        "recall_tokens": round(recalled),
        "ratio_to_sliding_without_recall": round(ours.each / (sliding.each - recalled), 3),
    }


async def _replay(
    engine: Engine, model: Ledger, said: Sequence[Message], system: str
) -> tuple[Bill, float]:
    """Say everything, compacting like the clock does; the sliding bill, and its recall's tokens."""
    chance, sliding, recalled, waiting = random.Random(SEED), Bill(), [], list[Message]()
    channel_id = await engine.channels.id(said[0].channel)
    for message in said:
        if chance.random() >= 1 / MENTION_EVERY:
            waiting.append(engine.checked(message))
            continue
        await engine.remember(waiting)
        waiting.clear()
        await engine.receive(engine.checked(replace(message, addressed=True)))
        newest = await engine.messages.newest(message.channel, channel_id, after=0, limit=WINDOW)
        await engine.lanes.idle()
        assert model.last is not None
        tail = _recalled(model.last)
        recalled.append(tokens(tail))
        lines = [line(one) for one in newest]
        sliding.answer("\n".join([f"system: {system}\nuser: {TRANSCRIPT}", *lines, tail]))
        if channel_id in await engine.compaction.due():
            await engine.compaction.compact(channel_id)
    return sliding, mean(recalled)


def _recalled(prompt: Prompt) -> str:
    """The part of a prompt that was recalled for it."""
    _, found, tail = prompt.said[-1].text.rpartition(RECALLED)
    return (found + tail.rpartition("\n\nIt is ")[0]) if found else ""


def main() -> None:
    """The figures of a folder of logs; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--irc", type=Path, default=IRC, help="a folder of IRC logs, by date")
    parser.add_argument("--high", type=int)
    parser.add_argument("--low", type=int)
    parser.add_argument("--recall", type=int)
    parser.add_argument("--limit", type=int, help="only so many messages")
    args = parser.parse_args()
    here = Channel("bench", "", "irc")
    said = [one for one in UbuntuLog().read(args.irc, here) if isinstance(one, Message)]
    names = {"window_high": args.high, "window_low": args.low, "recall": args.recall}
    given = {name: value for name, value in names.items() if value is not None}
    print(json.dumps(asyncio.run(run(said[: args.limit], **given))))


if __name__ == "__main__":
    main()
