"""A document, or any text, in a few lines: all of it is read, in rounds where it is long."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace

from bot.domain.documents import FilePost, FoundPassage, Passage
from bot.domain.errors import CommandError, ContextOverflow
from bot.domain.model import Message, Prompt
from bot.prompting.document_prompt import Material, Noun, build_document_prompt, format_material
from bot.store.documents import Documents
from bot.telemetry import metrics
from bot.text.citations import format_citation, take_marks
from bot.text.sanitize import clean, defuse
from bot.text.tokens import estimate

LINES, OF_PART = 15, 8  # of a summary, and of a part where there are several
SMALLEST_ROOM = 256  # tokens of passages in one prompt
MOST_CITED = 3  # pages of one line
GONE = "{name} was taken back meanwhile."

Ask = Callable[[Prompt], AsyncGenerator[str]]
"""One call of the model, with what it costs seen to."""
Show = Callable[[str], None]
"""Tells people how far it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A file to sum up, and how."""

    post: FilePost
    request: Message | None
    """In whose language."""
    room: int
    """Tokens of passages in one prompt."""
    cache_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """What is read from its beginning to its end, and how."""

    name: str
    noun: Noun = "file"
    request: Message | None = None
    """In whose language; None for its own."""
    room: int
    """Tokens of passages in one prompt."""
    cache_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSummaries:
    """Reads a document as it is stored, in its order."""

    documents: Documents

    async def pieces(self, asked: Asked, ask: Ask, show: Show) -> AsyncGenerator[str]:
        """The summary, line by line. Raises CommandError, and what the model raises."""
        found = await self._read(asked.post)
        yield defuse(_heading(asked.post))
        whole = Whole(
            name=asked.post.file.shown_name,
            request=asked.request,
            room=asked.room,
            cache_key=asked.cache_key,
        )
        async with aclosing(sum_up(found, whole, ask, show)) as lines:
            async for line in lines:
                yield line

    async def _read(self, post: FilePost) -> list[FoundPassage]:
        passages: list[Passage] = []
        while post.document_id:
            after = passages[-1].number if passages else 0
            more = await self.documents.passages(post.channel_id, post.document_id, after=after)
            passages += more
            if not more:
                break
        if not passages:
            raise CommandError(reason=GONE.format(name=post.file.shown_name))
        return await asyncio.to_thread(lambda: [_found(post, one) for one in passages])


async def sum_up(
    found: Sequence[FoundPassage], whole: Whole, ask: Ask, show: Show
) -> AsyncGenerator[str]:
    """The lines that say what passages say, each line with a line break before it.

    Of a long text, counting takes seconds: that is done in a thread, so that all others go on.
    Raises what the model raises.
    """
    room, material = whole.room, [Material(one, (one.passage.number,)) for one in found]
    while True:
        reading = _Reading(replace(whole, room=room), ask, show)
        begun = False
        try:
            async with aclosing(reading.lines(material)) as lines:
                async for line in lines:
                    begun = True
                    yield line
            return
        except ContextOverflow:
            room //= 2
            if begun or room < SMALLEST_ROOM:
                raise


class _Reading:
    """One way through a text, with so much of it in each prompt."""

    def __init__(self, whole: Whole, ask: Ask, show: Show) -> None:
        self._whole = whole
        self._ask = ask
        self._show = show

    async def lines(self, material: Sequence[Material]) -> AsyncGenerator[str]:
        """The lines, each with its pages."""
        name, noun, whole = self._whole.name, self._whole.noun, list(material)
        parts = await asyncio.to_thread(_divide, material, self._whole.room)
        what = f"a {noun}"
        if len(parts) > 1:
            points: list[Material] = []
            for number, part in enumerate(parts, start=1):
                self._show(f"reading {name}, part {number} of {len(parts)}")
                points += await self._points(part, whole, f"part {number} of a {noun}")
            what, material = "", await self._shortened(points, whole)
            self._show(f"summing up {name}")
        prompt = await self._prompt(material, what, LINES)
        text, known = "", {one.found.passage.number: one.found for one in whole}
        async with aclosing(self._ask(prompt)) as pieces:
            async for piece in pieces:
                text += piece
                *done, text = text.split("\n")
                for line in filter(str.strip, done):
                    yield _render(line, known, material)
        if text.strip():
            yield _render(text, known, material)

    async def _shortened(
        self, points: list[Material], whole: Sequence[Material]
    ) -> Sequence[Material]:
        """Points that fit into one prompt: neighbours are joined until they do."""
        while len(parts := await asyncio.to_thread(_divide, points, self._whole.room)) > 1:
            shorter: list[Material] = []
            for part in parts:
                shorter += await self._points(part, whole, "")
            if len(shorter) >= len(points):
                return parts[0]
            points = shorter
        return points

    async def _points(
        self, part: Sequence[Material], whole: Sequence[Material], what: str
    ) -> list[Material]:
        text, prompt = "", await self._prompt(part, what, OF_PART)
        async with aclosing(self._ask(prompt)) as pieces:
            async for piece in pieces:
                text += piece
        known = {one.found.passage.number: one.found for one in whole}
        return [_point(line, known, part) for line in text.split("\n") if line.strip()]

    async def _prompt(self, material: Sequence[Material], what: str, lines: int) -> Prompt:
        asked = self._whole
        return await asyncio.to_thread(
            build_document_prompt,
            material,
            asked.request,
            what=what,
            noun=asked.noun,
            lines=lines,
            room=asked.room,
            cache_key=asked.cache_key,
        )


def _divide(material: Sequence[Material], room: int) -> list[list[Material]]:
    """In its order, as much in each part as fits."""
    parts: list[list[Material]] = [[]]
    left = room
    for one in material:
        cost = estimate(format_material(one, room)) + 1
        if cost > left and parts[-1]:
            parts.append([])
            left = room
        parts[-1].append(one)
        left -= cost
    return parts


def _point(line: str, known: dict[int, FoundPassage], part: Sequence[Material]) -> Material:
    """What a model says of a part; it rests on all of that where it does not say on what."""
    text, numbers = _read_line(line, known)
    numbers = numbers or tuple(dict.fromkeys((part[0].numbers[0], part[-1].numbers[-1])))
    first, last = known[numbers[0]].passage, known[numbers[-1]].passage
    passage = replace(first, text=text, heading="", last_page=max(first.last_page, last.last_page))
    return Material(replace(known[numbers[0]], passage=passage, tokens=estimate(text)), numbers)


def _render(line: str, known: dict[int, FoundPassage], material: Sequence[Material]) -> str:
    """A line with its pages; with those of all that it was made from, where it names none."""
    text, numbers = _read_line(line, known)
    metrics.citations.add("given", by=len(numbers))
    if numbers:
        pages = [(known[number].pages, known[number].link) for number in numbers[:MOST_CITED]]
    else:
        first, last = material[0].found, material[-1].found
        passage = replace(first.passage, last_page=last.passage.last_page)
        pages = [(replace(first, passage=passage).pages, first.link)]
    cited = [format_citation("", one, link) for one, link in dict.fromkeys(pages) if one]
    return defuse(clean(f"\n- {' '.join([text, ', '.join(cited)]).rstrip()}"))


def _read_line(line: str, known: dict[int, FoundPassage]) -> tuple[str, tuple[int, ...]]:
    text, numbers = take_marks(line.strip())
    given = tuple(number for number in numbers if number in known)
    metrics.citations.add("not_given", by=len(numbers) - len(given))
    return text.strip().removeprefix("-").removeprefix("*").strip(), given


def _heading(post: FilePost) -> str:
    about = ", ".join(filter(None, (post.kind, post.counted_pages)))
    name = format_citation(post.file.shown_name, "", post.link)
    name = name if name.startswith("[") else name[1:-1]  # without a link, it stands by itself
    return f"{name}{f' ({about})' if about else ''}:"


def _found(post: FilePost, passage: Passage) -> FoundPassage:
    return FoundPassage(
        document_id=post.document_id or 0,
        name=post.file.shown_name,
        passage=passage,
        tokens=estimate(passage.text),
        link=post.link,
        author=post.author,
        at=post.at,
        kind=post.kind,
    )
