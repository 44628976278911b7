"""What is believed of a model's summary: its statements, each held against what was said. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC

from bot.domain.errors import ModelError, UnusableSummary
from bot.domain.model import Message, Statement
from bot.language.relative_dates import add_dates
from bot.llm.answers.thoughts import strip_thoughts
from bot.memory.grounding import Evidence
from bot.prompting.message_line import A_BOT, display_name, quote
from bot.text.tokens import clip, estimate

STATEMENT_LIMIT = 80  # tokens that one statement may take
MAX_CHARACTERS_PER_TOKEN = 25

_LINE = re.compile(r"\s*(?:[-*•]|\d+[.)])\s+(?:(?P<kind>decision|question): ?)?(?P<text>.*)", re.I)
_NUMBER = re.compile(r"\d{1,18}")
_TIME = re.compile(
    r"(?:(?P<day>\d{4}-\d\d-\d\d)[ T])?(?P<clock>\d\d:\d\d)(?: UTC)?(?: #\w+)?[\s:,]*"
    r"(?P<name>[^;]*)"
)


@dataclass(frozen=True, slots=True)
class ParsedSummary:
    """What is believed of a model's summary."""

    statements: tuple[Statement, ...]
    flagged: Counter[str]
    """By kind, statements left out because something in them was never said."""


def parse_summary(text: str, block: Sequence[Message], *, limit: int, model: str) -> ParsedSummary:
    """The statements of a model's summary.

    Raises UnusableSummary where there are none, and ModelError when it is too long. A line
    that names no message rests on all of them; one that says what was never said in the block is
    left out. Words like tomorrow get their dates.
    """
    text = strip_thoughts(text)
    if len(text) > (longest := limit * MAX_CHARACTERS_PER_TOKEN):
        reason = f"its summary has {len(text)} characters, not {longest}."
        raise ModelError(model=model, reason=reason)
    evidence, flagged = Evidence.from_messages(block), Counter[str]()
    statements: dict[str, Statement] = {}
    for line in text.splitlines():
        statement = _parse_line(line, block)
        if statement is None or statement.text in statements:
            continue
        cited = [message for message in block if message.seq in statement.sources]
        if kind := evidence.find_unfounded(statement.text, cited):
            flagged[kind] += 1
        else:
            statements[statement.text] = _finish(statement, cited or block)
    if not statements:
        raise UnusableSummary(model=model)
    tokens = sum(estimate(statement.text) for statement in statements.values())
    if tokens > 2 * limit:
        raise ModelError(model=model, reason=f"its summary has {tokens} tokens, not {limit}.")
    return ParsedSummary(tuple(statements.values()), flagged)


def split_by_block(text: str, blocks: Sequence[Sequence[Message]]) -> list[str]:
    """The lines of a summary of several blocks, for each the lines that rest on it alone.

    What rests on two blocks, or does not say on which, would outlive what it rests on: it is left
    out.
    """
    if len(blocks) == 1:
        return [text]
    parts: list[list[str]] = [[] for _ in blocks]
    messages = [message for block in blocks for message in block]
    for line in text.splitlines():
        statement = _parse_line(line, messages)
        sources = set(statement.sources) if statement else set()
        for part, block in zip(parts, blocks, strict=True):
            if sources and sources <= {message.seq for message in block}:
                part.append(line)
    return ["\n".join(part) for part in parts]


def _parse_line(line: str, block: Sequence[Message]) -> Statement | None:
    """A line of a summary as a statement; None when it is none."""
    match = _LINE.fullmatch(line)
    if not match:
        return None
    text, sources = match["text"].rstrip(" ."), set[int]()
    while text.endswith("]") and (start := text.rfind("[")) >= 0:
        cited = _parse_citation(text[start + 1 : -1], block)
        if cited is None:
            break
        sources |= cited
        text = text[:start].rstrip()
    text = " ".join(quote(text).split())
    kind = (match["kind"] or "fact").lower()
    return Statement(text, tuple(sorted(sources)), kind) if text else None


def _parse_citation(text: str, block: Sequence[Message]) -> set[int] | None:
    """The messages that the end of a line names by number, or by time and name; None if neither."""
    if not text.strip("0123456789,#– -"):
        numbers = {int(number) for number in _NUMBER.findall(text)}
        return {message.seq for message in block} & numbers
    times = [_TIME.match(part.strip(" []")) for part in text.split(";")]
    if not all(times):
        return None
    return {message.seq for message in block for time in times if time and _is_at(message, time)}


def _is_at(message: Message, time: re.Match[str]) -> bool:
    at = message.at.astimezone(UTC)
    name = time["name"].strip().casefold()
    return (
        f"{at:%H:%M}" == time["clock"]
        and time["day"] in (None, f"{at:%Y-%m-%d}")
        and name in _names_of(message)
    )


def _names_of(message: Message) -> tuple[str, ...]:
    """How a citation may call its author: not at all, or a bot without saying that it is one."""
    shown = display_name(message).casefold()
    return ("", shown, shown.removesuffix(A_BOT))


def _finish(statement: Statement, sources: Sequence[Message]) -> Statement:
    """At its size, with relative words dated where all that it rests on was said on one day.

    That is a day of those who said it: their messages have the times that their clocks showed.
    """
    days = {message.at.date() for message in sources}
    text = add_dates(statement.text, days.pop()) if len(days) == 1 else statement.text
    return replace(statement, text=clip(text, STATEMENT_LIMIT))
