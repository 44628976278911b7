"""No language model at all: it answers by quoting and summarizes by choosing sentences."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from heapq import heapify, heappop, heapreplace
from math import inf, log, log1p

from bot.config.settings import Settings
from bot.domain.model import Chunk, Message, Prompt, Purpose, Usage
from bot.domain.ports import Model
from bot.language.terms import PLEASANTRIES, extract_terms, is_pleasantry, normalize
from bot.prompting.message_line import display_name
from bot.text.fences import flatten
from bot.text.tokens import clip, estimate

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
_ABOUT_DECISION = re.compile(
    r"\b(?:agreed?|because|deadline|decided?|done|fixed|instead|must|needs?|now|should|solved|try"
    r"|use|will|works?)\b",
    re.IGNORECASE,
)
_CITATION = re.compile(r"\[[\d\s,#–-]+\]$")


class Extractive(Model):
    """Deterministic, free and offline; everything it says was said by somebody in the channel."""

    filters_thoughts = True  # it has none, and what people said stays as it is

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


def choose_lines(candidates: Sequence[Candidate], limit: int) -> list[str]:
    """The most central lines that fit into the tokens, in their order; at least one.

    A line is central when its words are what all lines are about; a word that was chosen counts
    half from then on, so that the next line says something else.
    """
    frequency = Counter(term for candidate in candidates for term in candidate.terms)
    worth = {term: log1p(n) * log(1 + len(candidates) / n) for term, n in frequency.items()}

    def score(candidate: Candidate) -> float:
        total = sum(worth[term] for term in candidate.terms)
        return candidate.weight * total / (len(candidate.terms) + 4)

    numbers: list[int] = []
    for number in _best_first(candidates, score):
        cost = estimate(f"{candidates[number].line}\n")
        if cost > limit and numbers:
            continue
        numbers.append(number)
        limit -= cost
        for term in candidates[number].terms:
            worth[term] /= 2
    return [candidates[number].line for number in sorted(numbers)]


def _best_first(
    candidates: Sequence[Candidate], score: Callable[[Candidate], float]
) -> Iterator[int]:
    """Numbers of candidates, best first while their scores sink; what is far below is left out."""
    heap = [(-score(candidate), number) for number, candidate in enumerate(candidates)]
    heapify(heap)
    floor = inf
    while heap and heap[0][0] < floor:
        former, number = heap[0]
        current = -score(candidates[number])
        if current > former:
            heapreplace(heap, (current, number))
            continue
        floor = min(floor, current * FLOOR)
        heappop(heap)
        yield number


def _write_answer(prompt: Prompt) -> list[str]:
    if messages := find_quotable(prompt)[:QUOTES]:
        return [QUOTING, *map(_format_quote, messages)]
    question = prompt.trigger.text if prompt.trigger else ""
    if is_pleasantry(question):
        return [GREETING]
    return [NOTHING if _is_question(question) else NEW]


def find_quotable(prompt: Prompt) -> list[Message]:
    """What people said of what was recalled, best first.

    The more words of the question a message holds, the further it comes to the front; questions
    go further back. A message that holds none was recalled for the talk around it, and quotes
    badly: it is left out where others hold some.
    """
    trigger = prompt.trigger
    wanted = extract_terms(trigger.text).keys() if trigger else set[str]()
    texts = {"", normalize(trigger.text) if trigger else ""}
    found: list[tuple[Message, int]] = []
    for message in prompt.recalled:
        is_own = message.author.nellie or (trigger is not None and message.id == trigger.id)
        if not is_own and (text := normalize(message.text)) not in texts:
            texts.add(text)
            found.append((message, len(wanted & extract_terms(message.text).keys())))
    found = [(message, shared) for message, shared in found if shared] or found
    positions = [
        position + 2.5 * _is_question(message.text) - 2 * shared
        for position, (message, shared) in enumerate(found)
    ]
    order = sorted(range(len(found)), key=positions.__getitem__)
    return [found[number][0] for number in order]


def _format_quote(message: Message) -> str:
    at = message.at.astimezone(UTC)
    text = flatten(message.text, SENTENCE_LIMIT)
    return f"> {display_name(message)}, {at:%Y-%m-%d %H:%M}: {text} {message.link}".rstrip()


def _write_summary(prompt: Prompt) -> list[str]:
    """Chosen sentences, each with its source; two thirds of them at most."""
    limit = prompt.max_output
    # Whose name occurs says nothing about the subject.
    names = {term for message in prompt.source for term in extract_terms(message.author.name)}
    noise = PLEASANTRIES | names
    candidates = []
    for message in prompt.source:
        before, after = f"- {display_name(message)}: ", f" [{message.seq}]"
        for sentence in _split_sentences(message.text):
            found = [term for term in extract_terms(sentence) if term not in noise]
            weight = _weigh(sentence) * (0.5 if message.author.nellie else 1)
            line = _format_line(before, sentence, after, limit)
            candidates.append(Candidate(line, found, weight))
    whole = sum(estimate(candidate.line) for candidate in candidates)
    return choose_lines(candidates, min(limit, whole * 2 // 3))


def _weigh(sentence: str) -> float:
    weight = 0.4 if _is_question(sentence) else 1.0
    for hint in (_PARTICULAR, _ABOUT_DECISION):
        weight *= 1.3 if hint.search(sentence) else 1
    return weight


def _split_sentences(text: str) -> list[str]:
    """The first sentences of a text; what follows in a long paste is seldom its point."""
    return [part for part in _SENTENCE_END.split(text[:4000])[:20] if part and part.strip()]


def _format_line(before: str, text: str, after: str, limit: int) -> str:
    left = max(limit - estimate(before) - estimate(f".{after}\n"), 16)
    text = clip(flatten(text, SENTENCE_LIMIT), left)
    # What a person wrote must not pass for the line's own sources.
    return f"{before}{text}{'.' * bool(_CITATION.search(text))}{after}"


def _is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


_WRITERS: dict[Purpose, Callable[[Prompt], list[str]]] = {
    "answer": _write_answer,
    "compaction": _write_summary,
    "digest": _write_summary,
    "catchup": _write_summary,
}
