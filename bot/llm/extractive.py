"""No language model at all: it answers by quoting and summarizes by choosing sentences."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from heapq import heapify, heappop, heapreplace
from math import inf, log, log1p

from bot.context import name
from bot.conversation import Chunk, Message, Prompt, Purpose, Usage
from bot.language.words import PLEASANTRIES, plain, terms
from bot.ports import Model
from bot.settings import Settings
from bot.text import boundary
from bot.tokens import clip, estimate

QUOTING = "I have no language model here, so I quote what was said:"
NOTHING = (
    "Nothing was said about that here, as far as I remember. (I have no language model and can "
    "only quote; whoever runs me can name one in NELLIE_MODEL, for example openai/<name>.)"
)
NEW = "That is new to me. Ask me about it later, and I quote what was said."
GREETING = "Hello! I remember what is said here: ask me about it, and I quote it for you."

QUOTES = 3
SENTENCE_LIMIT = 300
"""Characters of a quote or of a line in a summary."""
FLOOR = 0.2
"""The share of the best line's score below which a line is not worth its room."""

_SENTENCE_END = re.compile(r"(?<=\w\w[.!?])\s+(?=[^\W\d_a-z])|(?<=[。！？])|\n+")
_QUESTION = re.compile(r"[?？][\s)\]\"'”’]*$")
_PARTICULAR = re.compile(r"\d|/|https?:|`")
_DECISIVE = re.compile(
    r"\b(?:agreed?|because|deadline|decided?|done|fixed|instead|must|needs?|now|should|solved|try"
    r"|use|will|works?)\b",
    re.IGNORECASE,
)
_SOURCES = re.compile(r"\[[\d\s,#–-]+\]$")


class Extractive(Model):
    """Deterministic, free and offline; everything it says was said by somebody in the channel."""

    def __init__(self, name: str = "", settings: Settings | None = None) -> None:
        self.name = "extractive"

    async def stream(self, prompt: Prompt) -> AsyncIterator[Chunk]:
        for number, line in enumerate(_WRITERS[prompt.purpose](prompt)):
            yield Chunk(f"\n{line}" if number else line)
        yield Chunk(finish="stop", usage=Usage(model=self.name, input=0, output=0))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that may be chosen, the terms of what it says, and how much it matters."""

    line: str
    terms: Sequence[str]
    weight: float = 1.0


def choose(candidates: Sequence[Candidate], budget: int) -> list[str]:
    """The most telling lines that fit into the tokens, in their order; at least one.

    A line is telling when its words are at the centre of what all lines are about; a word that
    was chosen counts half from then on, so that the next line says something else.
    """
    spread = Counter(term for candidate in candidates for term in candidate.terms)
    worth = {term: log1p(n) * log(1 + len(candidates) / n) for term, n in spread.items()}

    def score(candidate: Candidate) -> float:
        total = sum(worth[term] for term in candidate.terms)
        return candidate.weight * total / (len(candidate.terms) + 4)

    chosen: list[int] = []
    for number in _best_first(candidates, score):
        cost = estimate(f"{candidates[number].line}\n")
        if cost > budget and chosen:
            continue
        chosen.append(number)
        budget -= cost
        for term in candidates[number].terms:
            worth[term] /= 2
    return [candidates[number].line for number in sorted(chosen)]


def _best_first(
    candidates: Sequence[Candidate], score: Callable[[Candidate], float]
) -> Iterator[int]:
    """Numbers of candidates, best first while their scores sink; what is far below is left out."""
    heap = [(-score(candidate), number) for number, candidate in enumerate(candidates)]
    heapify(heap)
    limit = inf
    while heap and heap[0][0] < limit:
        stale, number = heap[0]
        fresh = -score(candidates[number])
        if fresh > stale:
            heapreplace(heap, (fresh, number))
            continue
        limit = min(limit, fresh * FLOOR)
        heappop(heap)
        yield number


def _answer(prompt: Prompt) -> list[str]:
    if quotes := quotable(prompt)[:QUOTES]:
        return [QUOTING, *map(_quote, quotes)]
    asked = prompt.trigger.text if prompt.trigger else ""
    if terms(asked).keys() <= PLEASANTRIES:
        return [GREETING]
    return [NOTHING if _asks(asked) else NEW]


def quotable(prompt: Prompt) -> list[Message]:
    """What people said of what was recalled, best first.

    The more words of the question a line holds, the further it comes to the front; questions go
    two places back. What was recalled for the talk around it holds none, and quotes badly: it is
    left out where others do.
    """
    asked = prompt.trigger
    wanted = terms(asked.text).keys() if asked else set[str]()
    seen = {"", plain(asked.text) if asked else ""}
    found = []
    for message in prompt.recalled:
        own = message.author.nellie or (asked is not None and message.id == asked.id)
        if not own and (text := plain(message.text)) not in seen:
            seen.add(text)
            found.append(message)
    shared = {id(message): len(wanted & terms(message.text).keys()) for message in found}
    found = [message for message in found if shared[id(message)]] or found
    behind = {
        id(message): place + 2.5 * _asks(message.text) - 2 * shared[id(message)]
        for place, message in enumerate(found)
    }
    return sorted(found, key=lambda message: behind[id(message)])


def _quote(message: Message) -> str:
    at = message.at.astimezone(UTC)
    text = _short(message.text)
    return f"> {name(message)}, {at:%Y-%m-%d %H:%M}: {text} {message.link}".rstrip()


def _summary(prompt: Prompt) -> list[str]:
    """Chosen sentences, each with its source; two thirds of them at most."""
    budget = prompt.max_output
    # Who is spoken to says nothing about what is spoken of.
    names = {term for message in prompt.source for term in terms(message.author.name)}
    noise = PLEASANTRIES | names
    candidates = []
    for message in prompt.source:
        before, after = f"- {name(message)}: ", f" [{message.seq}]"
        for sentence in _sentences(message.text):
            telling = [term for term in terms(sentence) if term not in noise]
            weight = _weight(sentence) * (0.5 if message.author.nellie else 1)
            candidates.append(Candidate(_line(before, sentence, after, budget), telling, weight))
    whole = sum(estimate(candidate.line) for candidate in candidates)
    return choose(candidates, min(budget, whole * 2 // 3))


def _weight(sentence: str) -> float:
    weight = 0.4 if _asks(sentence) else 1.0
    for hint in (_PARTICULAR, _DECISIVE):
        weight *= 1.3 if hint.search(sentence) else 1
    return weight


def _sentences(text: str) -> list[str]:
    """The first sentences of a text; what follows in a long paste is seldom its point."""
    return [part for part in _SENTENCE_END.split(text[:4000])[:20] if part and part.strip()]


def _line(before: str, text: str, after: str, room: int) -> str:
    left = max(room - estimate(before) - estimate(f".{after}\n"), 16)
    said = clip(_short(text), left)
    # What a person wrote must not pass for the line's own sources.
    return f"{before}{said}{'.' * bool(_SOURCES.search(said))}{after}"


def _short(text: str) -> str:
    flat = _flat(text)
    if len(flat) <= SENTENCE_LIMIT:
        return flat
    return flat[: boundary(flat, SENTENCE_LIMIT - 1)].rstrip() + "…"


def _flat(text: str) -> str:
    return " ".join(text.split())


def _asks(text: str) -> bool:
    return bool(_QUESTION.search(text))


_WRITERS: dict[Purpose, Callable[[Prompt], list[str]]] = {
    "answer": _answer,
    "compaction": _summary,
    "digest": _summary,
    "catchup": _summary,
}
