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
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from statistics import mean

import sqlalchemy as sa

from adapters.irc.archive import UbuntuLog
from benchmarks.bench_platform import BenchPlatform, serving
from benchmarks.sample_channels import temporary
from bot.bootstrap import Nellie
from bot.core.message_checks import checked
from bot.domain.model import Channel, Chunk, Message, Prompt, Usage
from bot.domain.ports import Model
from bot.prompting.fixed_text import RECALLED_HEADING, RULES, TRANSCRIPT_HEADING
from bot.prompting.message_line import format_line

SYSTEM, SUMMARY, REPLY = 800, 600, 120  # tokens
MENTION_EVERY, SEED = 8, 1
WINDOW = 50  # messages of the sliding window
LEAST, STEP = 1_024, 128  # tokens from which on, and in which steps, beginnings are cached
CACHED, OUTPUT = 0.1, 5  # prices, where an uncached input token costs 1
CHARACTERS = 4  # of a token
IRC = Path(os.environ.get("NELLIE_DATA", "data")) / "irc" / "dev"


@dataclass
class PromptCache:
    """The prompts so far of one channel, in alphabetical order."""

    seen: list[str] = field(default_factory=list)

    def hit(self, prompt: str) -> float:
        """Tokens of it that an earlier one began with; from now on it is an earlier one itself."""
        at = bisect(self.seen, prompt)
        beside = self.seen[max(0, at - 1) : at + 1]
        common = max((_common_length(prompt, one) for one in beside), default=0)
        insort(self.seen, prompt)
        tokens = common // CHARACTERS
        return tokens // STEP * STEP if tokens >= LEAST else 0


@dataclass
class PromptCosts:
    """What one policy's prompts cost."""

    cache: PromptCache = field(default_factory=PromptCache)
    prompts: list[float] = field(default_factory=list)
    """Tokens of each answer's prompt, of which so many were cached:"""
    hits: list[float] = field(default_factory=list)
    summaries: float = 0.0

    def add_answer(self, prompt: str) -> None:
        """Add an answer's prompt."""
        self.prompts.append(tokens(prompt))
        self.hits.append(self.cache.hit(prompt))

    def add_summary(self, prompt: str, output: str) -> None:
        """Add a compaction's call."""
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


class CostModel(Model):
    """A model whose answers have one length: adds up what its prompts cost."""

    name = "cost"

    def __init__(self) -> None:
        self.costs = PromptCosts()
        self.last_prompt: Prompt | None = None
        self.summaries = 0

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """An answer of REPLY tokens, or a summary of SUMMARY, where so much is allowed."""
        text = "\n".join(f"{one.role}: {one.text}" for one in prompt.messages)
        if prompt.purpose == "answer":
            self.last_prompt = prompt
            self.costs.add_answer(text)
            output = "I see. " * (REPLY * CHARACTERS // 7)
        else:
            self.summaries += 1
            output = _summarize(prompt, min(SUMMARY, prompt.max_output) * CHARACTERS)
            self.costs.add_summary(text, output)
        yield Chunk(output)
        yield Chunk("", "stop", Usage(self.name, int(tokens(text)), int(tokens(output))))


def _common_length(one: str, other: str) -> int:
    """Characters that both begin with."""
    length = min(len(one), len(other))
    return bisect(range(length), 0, key=lambda at: one[: at + 1] != other[: at + 1])


def tokens(text: str) -> float:
    """As the published figures count them."""
    return len(text) / CHARACTERS


def _summarize(prompt: Prompt, size: int) -> str:
    """Lines of the material itself, spread over it, until it is full."""
    lines = [
        f"- {one.author.name}: {one.text[:100]} [{one.at:%Y-%m-%d %H:%M} {one.author.name}]"
        for one in prompt.source
    ]
    every = max(1, -(-sum(map(len, lines)) // size))
    return "\n".join(lines[::every])


async def run(messages: Sequence[Message], **overrides: object) -> dict[str, float]:
    """All figures of a replay."""
    persona = ("You are Nellie. " * SYSTEM)[: SYSTEM * CHARACTERS - len(RULES) - 1]
    async with temporary(persona=persona, **overrides) as (settings, database):
        model = CostModel()
        async with serving(settings, database, model, BenchPlatform()) as nellie:
            sliding, recalled = await _replay(nellie, model, messages, f"{persona}\n{RULES}")
            ledger = await nellie.stores.summaries.ledger(1, limit=100_000)
    ours = model.costs
    print(f"{len(ours.prompts):,} answers, {len(ledger)} compactions, {model.summaries} summaries")
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
    nellie: Nellie, model: CostModel, messages: Sequence[Message], system: str
) -> tuple[PromptCosts, float]:
    """Say everything, compacting as by the clock; a sliding window's costs, and recall's tokens."""
    rng, sliding, recalled, waiting = random.Random(SEED), PromptCosts(), [], list[Message]()
    channel_id = await nellie.stores.channels.id(messages[0].channel)
    for message in messages:
        if rng.random() >= 1 / MENTION_EVERY:
            waiting.append(checked(message))
            continue
        await nellie.acceptance.remember(waiting)
        waiting.clear()
        said = await nellie.inbox.receive(checked(replace(message, addressed=True)))
        newest = await nellie.stores.messages.get(
            message.channel, channel_id, range(said.seq - WINDOW + 1, said.seq + 1)
        )
        await nellie.lanes.idle()
        await _date_answer(nellie, channel_id, message.at)
        assert model.last_prompt is not None
        tail = _recalled_part(model.last_prompt)
        recalled.append(tokens(tail))
        lines = [format_line(one) for one in newest]
        sliding.add_answer(
            "\n".join([f"system: {system}\nuser: {TRANSCRIPT_HEADING}", *lines, tail])
        )
        if channel_id in await nellie.compaction.find_due():
            await nellie.compaction.compact(channel_id)
    return sliding, mean(recalled)


async def _date_answer(nellie: Nellie, channel_id: int, at: datetime) -> None:
    """Let an answer be as old as its question: by today's clock it would be the newest for ever."""
    async with nellie.database.begin() as connection:
        await connection.execute(
            sa.text(
                "UPDATE message SET said_at = :at WHERE channel_id = :channel AND nellie"
                " AND seq = (SELECT seq FROM channel WHERE id = :channel)"
            ),
            {"channel": channel_id, "at": at},
        )


def _recalled_part(prompt: Prompt) -> str:
    """The part of a prompt that was recalled for it."""
    _, found, tail = prompt.messages[-1].text.rpartition(RECALLED_HEADING)
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
    channel = Channel("bench", "", "irc")
    messages = [one for one in UbuntuLog().read(args.irc, channel) if isinstance(one, Message)]
    names = {"window_high": args.high, "window_low": args.low, "recall": args.recall}
    given = {name: value for name, value in names.items() if value is not None}
    print(json.dumps(asyncio.run(run(messages[: args.limit], **given))))


if __name__ == "__main__":
    main()
