"""Summaries that are made by choosing sentences of what was said."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heapreplace
from math import inf, log, log1p

from bot.domain.documents import FoundPassage
from bot.domain.model import Prompt
from bot.language.terms import PLEASANTRIES, extract_terms
from bot.llm.extractive.questions import is_question
from bot.llm.extractive.sentences import split_sentences
from bot.prompting.message_line import display_name
from bot.text.citations import break_up_citations
from bot.text.fences import flatten
from bot.text.tokens import clip, estimate

SENTENCE_LIMIT = 300
"""Characters of a quote or of a line in a summary."""
CATCHUP = 2  # times the tokens that are asked for: that much is read of a summary
OPENING = 1.2  # times the weight of what a passage begins with
MOST_SENTENCES = 10_000  # of a document: the first ones of each passage, where it has more
CHOSEN = "I have no language model here: these are sentences of what was said."
QUOTED = "I have no language model here: these are its own sentences."
FLOOR = 0.2
"""The share of the best line's score below which a line is not worth its room."""

_PARTICULAR = re.compile(r"\d|/|https?:|`")
_ABOUT_DECISION = re.compile(
    r"\b(?:agreed?|because|deadline|decided?|done|fixed|instead|must|needs?|now|should|solved|try"
    r"|use|will|works?)\b",
    re.IGNORECASE,
)
_SOURCE = re.compile(r"\[(\d+)\]$")
_CITATION = re.compile(r"\[[\d\s,#–-]+\]$")


@dataclass(frozen=True, slots=True)
class Written:
    """Lines, and what is told below them."""

    lines: Sequence[str]
    note: str = ""


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


def write_summary(prompt: Prompt) -> Written:
    """Chosen sentences, each with its source; two thirds of them at most."""
    candidates = list(_find_candidates(prompt))
    whole = sum(estimate(candidate.line) for candidate in candidates)
    return Written(choose_lines(candidates, min(prompt.max_output, whole * 2 // 3)))


def write_digest(prompt: Prompt) -> Written:
    """The same for people, who are told that nobody wrote it for them."""
    return replace(write_summary(prompt), note=prompt.failed or CHOSEN)


def write_catchup(prompt: Prompt) -> Written:
    """What was said for people, who are told that nobody wrote it for them."""
    written = choose_of_talk(prompt)
    told = written.note if prompt.failed else f"{CHOSEN} {written.note}".strip()
    return replace(written, note=told)


def choose_of_talk(prompt: Prompt) -> Written:
    """All that was said, where that is short; else the same, and how much of it is left out."""
    candidates, limit = list(_find_candidates(prompt)), prompt.max_output * CATCHUP
    lines = [candidate.line for candidate in candidates]
    if estimate("\n".join(lines)) > limit:
        lines = choose_lines(candidates, limit)
    said = {message.seq for message in prompt.source if message.text.strip()}
    shown = {int(found[1]) for line in lines if (found := _SOURCE.search(line))}
    missing = len(said - shown)
    failed = f"{prompt.failed} " if prompt.failed else ""
    left_out = f"{missing:,} of {len(said):,} messages are left out here." if missing else ""
    return Written(lines, f"{failed}{left_out}".strip())


def write_document(prompt: Prompt) -> Written:
    """Sentences of a document or a text that say what it is about, each behind it its passage."""
    of_each = max(MOST_SENTENCES // max(len(prompt.passages), 1), 1)
    candidates = [
        Candidate(
            _format_line("- ", sentence, f" [doc {one.passage.number}]", prompt.max_output),
            list(extract_terms(sentence)),
            _weigh(sentence) * (1 if number else OPENING),
        )
        for one in prompt.passages
        for number, sentence in enumerate(_sentences_of(one, of_each))
    ]
    lines = choose_lines(candidates, prompt.max_output) if candidates else []
    return Written(lines, prompt.failed or QUOTED)


def _sentences_of(found: FoundPassage, most: int) -> list[str]:
    return _split_sentences(break_up_citations(found.passage.text))[:most]


def without_source(line: str) -> str:
    """A line of a summary, as people read it."""
    return _SOURCE.sub("", line).rstrip()


def _find_candidates(prompt: Prompt) -> Iterator[Candidate]:
    # Whose name occurs says nothing about the subject.
    names = {term for message in prompt.source for term in extract_terms(message.author.name)}
    noise = PLEASANTRIES | names
    for message in prompt.source:
        before, after = f"- {display_name(message)}: ", f" [{message.seq}]"
        for sentence in _split_sentences(message.text):
            found = [term for term in extract_terms(sentence) if term not in noise]
            weight = _weigh(sentence) * (0.5 if message.author.nellie else 1)
            line = _format_line(before, sentence, after, prompt.max_output)
            yield Candidate(line, found, weight)


def _weigh(sentence: str) -> float:
    weight = 0.4 if is_question(sentence) else 1.0
    for hint in (_PARTICULAR, _ABOUT_DECISION):
        weight *= 1.3 if hint.search(sentence) else 1
    return weight


def _split_sentences(text: str) -> list[str]:
    """The first sentences of a text; what follows in a long paste is seldom its point."""
    return [part for part in split_sentences(text[:4000])[:20] if part.strip()]


def _format_line(before: str, text: str, after: str, limit: int) -> str:
    left = max(limit - estimate(before) - estimate(f".{after}\n"), 16)
    text = clip(flatten(text, SENTENCE_LIMIT), left)
    # What a person wrote must not pass for the line's own sources.
    return f"{before}{text}{'.' * bool(_CITATION.search(text))}{after}"
