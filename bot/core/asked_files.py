"""The files that a question came with or stands beside; what is still read is waited for."""

import re
import time
from collections.abc import AsyncGenerator, Iterable, Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from bot.core.asked_links import LinksAsked
from bot.core.turn_run import TurnRun
from bot.domain.documents import FilePost
from bot.domain.model import Message, Turn
from bot.language.file_choice import choose_files
from bot.language.intents.file_summaries import read_file_summary
from bot.memory.document_summaries import Ask, Asked, DocumentSummaries
from bot.store.file_news import FileNews
from bot.store.posted_files import PostedFiles

WITHIN = 20.0  # seconds that a question waits for files which are still being read
APART = "\n\n"
LOOK = 1.0  # seconds between looks at how far it is
NOT_READ = "I could not read {name}: {reason}."
STILL_READ = "{name} is still being read{progress}: ask me again in a while."
PUT_OFF = "{name} is not read yet: {reason}. I try it again."
NOT_KEPT = "I did not read {name}: of a question that is not remembered, no file is kept."
PARTS = "Of {name}: {notes}."

_NAMED = re.compile(r"\[(?:file|sound): ")


@dataclass(frozen=True, slots=True)
class AskedFiles:
    """How far reading them is."""

    own: tuple[FilePost, ...] = ()
    """Of the question, and of the message that it is about."""
    beside: tuple[FilePost, ...] = ()
    """Of the conversation that it belongs to."""
    not_kept: tuple[str, ...] = ()
    """The names of those that nobody will read."""
    summed_up: tuple[FilePost, ...] = ()
    """Of its own, those that are asked for in short."""

    @property
    def summed_documents(self) -> list[int]:
        """The documents of those that are asked for in short."""
        return [one.document_id for one in self.summed_up if one.document_id]

    @property
    def being_read(self) -> list[FilePost]:
        """Those worth waiting for: nothing has gone wrong with them so far."""
        return [one for one in (*self.own, *self.beside) if one.state == "waiting" and not one.note]

    @property
    def any_read(self) -> bool:
        """Whether there is something to find in them, also if it was read a moment ago."""
        return any(one.document_id for one in (*self.own, *self.beside))

    @property
    def told(self) -> list[str]:
        """What people are told below the answer."""
        sentences = [NOT_KEPT.format(name=name) for name in self.not_kept]
        sentences += filter(None, (_tell(one) for one in self.own if one not in self.summed_up))
        return sentences + [_tell(one) for one in self.beside if one.state == "waiting"]

    @property
    def shown(self) -> list[str]:
        """What the model is told."""
        parts = [
            PARTS.format(name=one.file.shown_name, notes="; ".join(one.notes))
            for one in (*self.own, *self.beside)
            if one.notes
        ]
        return [*self.told, *filter(None, map(_tell_unreadable, self.beside)), *parts]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesAsked:
    """Looks at files where a question stands."""

    posted: PostedFiles
    news: FileNews
    links: LinksAsked
    summaries: DocumentSummaries

    async def read(
        self, channel_id: int, turn: Turn, about: Sequence[Message], beside: Sequence[Message]
    ) -> AskedFiles:
        """Those of the question and of what it is `about`, and those that stand `beside` it.

        Nothing is looked up where no message names a file, and the question neither links to
        anything nor names a file itself.
        """
        trigger = turn.trigger
        about = [*about, *(one for one in beside if one.id == trigger.reply_to)]
        asked = [trigger, *about] if turn.remembered else about
        own = set(_numbers(asked))
        if await self.links.note(channel_id, turn):
            own.add(trigger.seq)
        others = set(_numbers(beside)) - own
        not_kept = () if turn.remembered else trigger.files
        posts = await self.posted.of_messages(channel_id, [*own, *others]) if own | others else []
        near = [own & {trigger.seq}, _numbers(about), others]
        summed_up = await self._choose(channel_id, trigger, near, is_near=bool(posts))
        known = dict.fromkeys((*summed_up, *(one for one in posts if one.seq in own)))
        return AskedFiles(
            tuple(known),
            tuple(one for one in posts if one.seq in others and one not in known),
            tuple(one.shown_name for one in not_kept if one.kind == "document"),
            tuple(summed_up),
        )

    async def _choose(
        self, channel_id: int, trigger: Message, near: Sequence[Iterable[int]], *, is_near: bool
    ) -> list[FilePost]:
        """The files that a question wants summed up."""
        asked = None if trigger.author.bot else read_file_summary(trigger.text, trigger.at)
        if asked is None or not (is_near or asked.names_file or asked.words):
            return []
        return choose_files(asked, near, await self.posted.in_channel(channel_id))

    async def wait(self, run: TurnRun, files: AskedFiles) -> None:
        """Wait until they are read, with a status; no longer than a person waits for an answer."""
        channel_id, ends = run.lease.channel_id, time.monotonic() + WITHIN
        waiting = files.being_read
        seqs = [one.seq for one in waiting]
        while waiting and not run.stopped and (left := ends - time.monotonic()) > 0:
            run.tell(_status(waiting[0]))
            await run.unless_stopped(self.news.wait(channel_id, min(left, LOOK)))
            found = await self.posted.of_messages(channel_id, seqs)
            waiting = AskedFiles(tuple(found)).being_read

    async def sum_up(
        self, run: TurnRun, question: Message, files: AskedFiles, ask: Ask, *, room: int
    ) -> AsyncGenerator[str]:
        """The files that are asked for in short; of those that were not read, why."""
        for number, post in enumerate(files.summed_up):
            yield APART if number else ""
            if not post.document_id:
                yield _tell(post)
                continue
            asked = Asked(post, question, room, f"nellie:{run.lease.channel_id}")
            async with aclosing(self.summaries.pieces(asked, ask, run.tell)) as pieces:
                async for piece in pieces:
                    yield piece


def _numbers(messages: Iterable[Message]) -> Iterator[int]:
    return (one.seq for one in messages if one.seq and _NAMED.search(one.text))


def _status(post: FilePost) -> str:
    return f"reading {post.file.shown_name}{_progress(post)}"


def _progress(post: FilePost) -> str:
    return f", {post.progress}" if post.progress else ""


def _tell(post: FilePost) -> str:
    if post.state != "waiting":
        return _tell_unreadable(post)
    name = post.file.shown_name
    if post.note:
        return PUT_OFF.format(name=name, reason=post.note.rstrip("."))
    progress = f" ({post.progress})" if post.progress else ""
    return STILL_READ.format(name=name, progress=progress)


def _tell_unreadable(post: FilePost) -> str:
    if post.state != "unreadable":
        return ""
    return NOT_READ.format(name=post.file.shown_name, reason=post.note.rstrip("."))
