"""What model servers keep of prompts, by several rules, and what prompts cost by each.

Costs are in uncached input tokens. A token is four characters, and nothing expires.
"""

from bisect import bisect, insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.domain.model import ChatMessage

CHARACTERS = 4  # of a token
LEAST, STEP = 1_024, 128  # tokens from which on, and in which steps, beginnings are cached
READ, WRITTEN, OUTPUT = 0.1, 1.25, 5  # prices, where an uncached input token costs 1
LOOKED_AT, KEPT = 80, 4  # a prompt's marks: so many are looked for, and so many kept


def tokens(text: str) -> float:
    """As the published figures count them."""
    return len(text) / CHARACTERS


@dataclass(frozen=True)
class RenderedPrompt:
    """A prompt as one text, with its marks."""

    text: str
    ends: tuple[int, ...]

    @classmethod
    def of(cls, messages: Sequence[ChatMessage]) -> "RenderedPrompt":
        """The messages below one another, each after its role."""
        text, ends = "", list[int]()
        for one in messages:
            text += f"{one.role}: "
            ends += [len(text) + end for end in one.ends]
            text += f"{one.text}\n"
        return cls(text.removesuffix("\n"), tuple(ends))


class PromptCache(Protocol):
    """The prompts so far of one channel, as a server keeps them."""

    def add(self, prompt: RenderedPrompt) -> tuple[float, float]:
        """Tokens of it that were there, and that cost more because they are from now on."""


@dataclass
class NoCache:
    """A server that keeps nothing."""

    def add(self, prompt: RenderedPrompt) -> tuple[float, float]:
        """Nothing, and nothing."""
        return 0, 0


@dataclass
class BeginningsCache:
    """OpenAI before GPT-5.6, and others that keep what they read: any beginning in common counts.

    From 1,024 tokens on, in steps of 128; keeping costs nothing.
    """

    seen: list[str] = field(default_factory=list)
    """In alphabetical order."""

    def add(self, prompt: RenderedPrompt) -> tuple[float, float]:
        """The longest beginning in common with an earlier one."""
        at = bisect(self.seen, prompt.text)
        beside = self.seen[max(0, at - 1) : at + 1]
        common = max((_common_length(prompt.text, one) for one in beside), default=0)
        insort(self.seen, prompt.text)
        found = common // CHARACTERS
        return (found // STEP * STEP if found >= LEAST else 0), 0


@dataclass
class MarksCache:
    """OpenAI since GPT-5.6: only what ends at a mark is kept, and found at a mark alone.

    From 1,024 tokens on; what is written costs a quarter more than input. Where nothing is marked,
    the server itself marks the end of the last message (`implicit`), or keeps nothing.
    """

    implicit: bool

    kept: set[tuple[int, int]] = field(default_factory=set)
    """By its length, a fingerprint of each beginning."""

    def add(self, prompt: RenderedPrompt) -> tuple[float, float]:
        """The longest beginning that was kept, and what is new up to the last mark."""
        ends = prompt.ends or ((len(prompt.text),) if self.implicit else ())
        marks = [
            (end, hash(prompt.text[:end])) for end in ends[-LOOKED_AT:] if end >= LEAST * CHARACTERS
        ]
        hit = max((mark[0] for mark in marks if mark in self.kept), default=0)
        self.kept.update(marks[-KEPT:])
        last = marks[-1][0] if marks else 0
        return hit / CHARACTERS, max(0, last - hit) / CHARACTERS


@dataclass
class PromptCosts:
    """What one policy's prompts cost by one rule."""

    cache: PromptCache
    prompts: list[float] = field(default_factory=list)
    """Tokens of each answer's prompt, of which so many were cached:"""
    hits: list[float] = field(default_factory=list)
    paid: float = 0.0
    summaries: float = 0.0

    def add_answer(self, prompt: RenderedPrompt) -> None:
        """Add an answer's prompt."""
        hit, written = self.cache.add(prompt)
        self.prompts.append(tokens(prompt.text))
        self.hits.append(hit)
        self.paid += _cost(prompt, hit, written)

    def add_summary(self, prompt: RenderedPrompt, output: str) -> None:
        """Add a compaction's call."""
        self.summaries += _cost(prompt, *self.cache.add(prompt)) + OUTPUT * tokens(output)

    @property
    def hit_share(self) -> float:
        """The share of the answers' prompts that was cached."""
        return sum(self.hits) / sum(self.prompts)

    @property
    def each(self) -> float:
        """Uncached input tokens that an answer comes to."""
        return (self.paid + self.summaries) / len(self.prompts)


def costs_by_rule() -> dict[str, PromptCosts]:
    """Nothing yet, by each rule."""
    return {
        "beginnings": PromptCosts(BeginningsCache()),
        "marks": PromptCosts(MarksCache(implicit=True)),
        "marks_off": PromptCosts(MarksCache(implicit=False)),
        "uncached": PromptCosts(NoCache()),
    }


def _cost(prompt: RenderedPrompt, hit: float, written: float) -> float:
    return tokens(prompt.text) - (1 - READ) * hit + (WRITTEN - 1) * written


def _common_length(one: str, other: str) -> int:
    """Characters that both begin with."""
    length = min(len(one), len(other))
    return bisect(range(length), 0, key=lambda at: one[: at + 1] != other[: at + 1])
