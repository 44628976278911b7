"""What an answer costs, beside a sliding window: a channel is replayed, and caches simulated.

Every eighth message asks. The figures are by the rules of benchmarks.prompt_caches: of servers that
keep any beginning for nothing, of OpenAI's marks since GPT-5.6, and without a cache. By OpenAI's
rules a sliding window is written whole each time, and read by nobody, unless that is switched off
(`marks_off`). Costs are in uncached input tokens; a summary's output costs five times as much.
Answers cost the same under every policy and are left out.
"""

import argparse
import asyncio
import json
import os
import random
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from statistics import mean

import sqlalchemy as sa

from adapters.irc.archive import UbuntuLog
from benchmarks.bench_platform import BenchPlatform, serving
from benchmarks.prompt_caches import (
    CHARACTERS,
    PromptCosts,
    RenderedPrompt,
    costs_by_rule,
    tokens,
)
from benchmarks.sample_channels import temporary
from bot.bootstrap import Nellie
from bot.core.message_checks import checked
from bot.domain.model import Channel, ChatMessage, Chunk, Message, Prompt, Usage
from bot.domain.ports import Model
from bot.prompting.fixed_text import RECALLED_HEADING, RULES, TRANSCRIPT_HEADING
from bot.prompting.message_line import format_line

SYSTEM, SUMMARY, REPLY = 800, 600, 120  # tokens
MENTION_EVERY, SEED = 8, 1
WINDOW = 50  # messages of the sliding window
IRC = Path(os.environ.get("NELLIE_DATA", "data")) / "irc" / "dev"


class CostModel(Model):
    """A model whose answers have one length: adds up what its prompts cost."""

    name = "cost"

    def __init__(self) -> None:
        self.costs = costs_by_rule()
        self.last_prompt: Prompt | None = None
        self.summaries = 0

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """An answer of REPLY tokens, or a summary of SUMMARY, where so much is allowed."""
        rendered = RenderedPrompt.of(prompt.messages)
        if prompt.purpose == "answer":
            self.last_prompt = prompt
            for costs in self.costs.values():
                costs.add_answer(rendered)
            output = "I see. " * (REPLY * CHARACTERS // 7)
        else:
            self.summaries += 1
            output = _summarize(prompt, min(SUMMARY, prompt.max_output) * CHARACTERS)
            for costs in self.costs.values():
                costs.add_summary(rendered, output)
        yield Chunk(output)
        yield Chunk("", "stop", Usage(self.name, int(tokens(rendered.text)), int(tokens(output))))


def _summarize(prompt: Prompt, size: int) -> str:
    """Lines of the material itself, spread over it, until it is full."""
    lines = [
        f"- {one.author.name}: {one.text[:100]} [{one.at:%Y-%m-%d %H:%M} {one.author.name}]"
        for one in prompt.source
    ]
    every = max(1, -(-sum(map(len, lines)) // size))
    return "\n".join(lines[::every])


async def run(messages: Sequence[Message], **overrides: object) -> dict[str, dict[str, float]]:
    """All figures of a replay, by rule."""
    persona = ("You are Nellie. " * SYSTEM)[: SYSTEM * CHARACTERS - len(RULES) - 1]
    async with temporary(persona=persona, **overrides) as (settings, database):
        model = CostModel()
        async with serving(settings, database, model, BenchPlatform()) as nellie:
            sliding, recalled = await _replay(nellie, model, messages, f"{persona}\n{RULES}")
            ledger = await nellie.stores.summaries.ledger(1, limit=100_000)
    ours = model.costs
    answers = len(ours["uncached"].prompts)
    print(f"{answers:,} answers, {len(ledger)} compactions, {model.summaries} summaries")
    print(
        f"mean prompt {mean(ours['uncached'].prompts):,.0f}, of a sliding window"
        f" {mean(sliding['uncached'].prompts):,.0f}, recalled {recalled:,.0f}"
    )
    return {rule: _compare(ours[rule], sliding[rule], recalled) for rule in ours}


def _compare(ours: PromptCosts, sliding: PromptCosts, recalled: float) -> dict[str, float]:
    """The figures by one rule of caching."""
    return {
        "hit_share": round(ours.hit_share, 3),
        "compaction_per_answer": round(ours.summaries / len(ours.prompts)),
        "equivalents_per_answer": round(ours.each),
        "sliding_50": round(sliding.each),
        "ratio": round(ours.each / sliding.each, 3),
        "ratio_to_sliding_without_recall": round(ours.each / (sliding.each - recalled), 3),
    }


async def _replay(
    nellie: Nellie, model: CostModel, messages: Sequence[Message], system: str
) -> tuple[dict[str, PromptCosts], float]:
    """Say everything, compacting as by the clock; a sliding window's costs, and recall's tokens."""
    rng, sliding, recalled, waiting = random.Random(SEED), costs_by_rule(), [], list[Message]()
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
        text = "\n".join([TRANSCRIPT_HEADING, *lines, tail])
        rendered = RenderedPrompt.of([ChatMessage("system", system), ChatMessage("user", text)])
        for costs in sliding.values():
            costs.add_answer(rendered)
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


def _read(folder: Path) -> Iterator[Message]:
    """Every log as the same channel, though each is named as one of its own."""
    channel = Channel("bench", "", "irc")
    for path in sorted(folder.glob("*.raw.txt")) or [folder]:
        for one in UbuntuLog().read(path, channel):
            if isinstance(one, Message):
                yield one


def main() -> None:
    """The figures of a folder of logs; the last line is JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--irc", type=Path, default=IRC, help="a folder of IRC logs, by date")
    parser.add_argument("--high", type=int)
    parser.add_argument("--low", type=int)
    parser.add_argument("--recall", type=int)
    parser.add_argument("--limit", type=int, help="only so many messages")
    args = parser.parse_args()
    messages = list(_read(args.irc))
    names = {"window_high": args.high, "window_low": args.low, "recall": args.recall}
    given = {name: value for name, value in names.items() if value is not None}
    print(json.dumps(asyncio.run(run(messages[: args.limit], **given))))


if __name__ == "__main__":
    main()
