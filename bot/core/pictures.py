"""Pictures of a question: fetched for its prompt, shown to a model that sees, and kept nowhere.

Each answer asks its platform for them anew, with the bot's own rights, and our own database for
what was brought at the page; one that is gone by then is told.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import groupby

import structlog

from bot.domain.documents import FilePost, NotReadable, PostedFile
from bot.domain.image_checks import BROKEN, MOVES, TOO_LARGE, find_flaw
from bot.domain.images import Image, UnseenPicture
from bot.domain.model import Message, Prompt, Turn
from bot.domain.ports import Adapter
from bot.llm.answers.silences import closing_at_once
from bot.llm.fallback import Fallback
from bot.store.posted_files import PostedFiles
from bot.store.uploads import Uploads, is_upload
from bot.telemetry import metrics
from bot.text.sanitize import defuse

MOST = 4  # pictures of one question
MOST_BYTES = 4_000_000  # of one picture
MOST_HELD = 96_000_000  # bytes of all answers that are being made here
WITHIN = 6.0  # seconds that an answer waits for its pictures, all at once
NAMED = "[picture: "  # as bot.domain.documents.PostedFile is named in its message's text

MANY = f"I look at {MOST} pictures at once"
LATE = "it did not come in time"
NOT_FETCHED = "it could not be fetched just now"
NO_PICTURE = "it is no PNG, JPEG, GIF or WebP"
BUSY = "too many pictures are being looked at just now"
NO_ROOM = "there is no room for it in this model's context"
NO_SIGHT = "{models} cannot see pictures"
_LABELS = {
    MANY: "too_many",
    LATE: "late",
    NOT_FETCHED: "not_fetched",
    NO_PICTURE: "no_picture",
    BUSY: "busy",
    TOO_LARGE: "too_large",
    BROKEN: "broken",
    MOVES: "animated",
}

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Posted:
    """A picture and the message that it came with."""

    file: PostedFile
    message: Message
    beside: bool
    """It came with the conversation, not with the question."""

    def unseen(self, reason: str) -> UnseenPicture:
        return UnseenPicture(self.file.shown_name, reason, self.beside)


@dataclass(frozen=True, slots=True)
class QuestionPictures:
    """What a question brings: its own pictures first, then the newest of its conversation."""

    images: tuple[Image, ...] = ()
    unseen: tuple[UnseenPicture, ...] = ()

    @property
    def tokens(self) -> int:
        """Our estimate of what they take."""
        return sum(image.tokens for image in self.images)

    def within(self, tokens: int) -> "QuestionPictures":
        """The first ones, which take so many tokens at most; there is no room for the others."""
        images, dropped = list(self.images), list[UnseenPicture]()
        while sum(image.tokens for image in images) > tokens:
            last = images.pop()
            dropped.insert(0, UnseenPicture(last.name, NO_ROOM, last.beside))
        return QuestionPictures(tuple(images), (*dropped, *self.unseen))

    def told(self, prompt: Prompt) -> str:
        """What people are told of the question's own pictures; empty where the prompt has them."""
        shown = {id(image) for message in prompt.messages for image in message.images}
        dropped = [one for one in self.images if id(one) not in shown and not one.beside]
        reasons = {one.name: NO_ROOM for one in dropped}
        reasons |= {one.name: one.reason for one in self.unseen if not one.beside}
        told = "; ".join(f"{_as_code(name)}: {reason}" for name, reason in reasons.items())
        return defuse(f"I have not seen {told}.") if told else ""


@dataclass(slots=True, kw_only=True)
class Pictures:
    """Finds and fetches the pictures of questions."""

    files: PostedFiles
    uploads: Uploads
    adapters: Mapping[str, Adapter]
    _held: int = field(default=0, init=False)
    """Bytes of pictures that are in memory now."""

    @asynccontextmanager
    async def of(
        self,
        turn: Turn,
        channel_id: int,
        model: Fallback,
        *,
        about: Sequence[Message],
        conversation: Sequence[Message],
    ) -> AsyncIterator[QuestionPictures]:
        """What this question brings, held as long as its answer is made.

        Of one that is not remembered, what the conversation brings is not looked at.
        """
        others = conversation[::-1] if turn.remembered else ()
        posted = await self._find(channel_id, [turn.trigger, *about], others)
        if not posted:
            yield QuestionPictures()
        elif await model.can_see() is False:
            metrics.pictures.add("blind", by=len(posted))
            reason = NO_SIGHT.format(models=model.name.replace(",", " and "))
            yield QuestionPictures(unseen=tuple(one.unseen(reason) for one in posted))
        else:
            hold = _Hold(self, channel_id)
            try:
                yield await hold.fetch(self.adapters[turn.channel.platform], posted)
            finally:
                self._held -= hold.held

    def take(self, count: int) -> None:
        """Make room for so many bytes more. Raises _LeftOut where there is none."""
        if self._held + count > MOST_HELD:
            raise _LeftOut(BUSY)
        self._held += count

    async def _find(
        self, channel_id: int, asked: Sequence[Message], others: Sequence[Message]
    ) -> list[_Posted]:
        """The question's own, then those of the conversation; each once."""
        messages = [(one, False) for one in asked] + [(one, True) for one in others]
        seqs = [one.seq for one, _ in messages if one.seq and not one.files and NAMED in one.text]
        rows = await self.files.of_messages(channel_id, seqs) if seqs else []
        stored = {seq: [row.file for row in of_it] for seq, of_it in groupby(rows, _seq)}
        found: dict[str, _Posted] = {}
        for message, beside in messages:
            for file in message.files or stored.get(message.seq, ()):
                if file.kind == "picture":
                    found.setdefault(file.id, _Posted(file, message, beside))
        return list(found.values())


class _LeftOut(Exception):
    """A picture is not shown. Its text is the reason, for people."""


class _Hold:
    """The pictures of one answer, while they are fetched and as long as they are needed."""

    def __init__(self, pictures: Pictures, channel_id: int) -> None:
        self._pictures = pictures
        self._channel_id = channel_id
        self.held = 0
        """Bytes that were taken of what all answers may hold."""

    async def fetch(self, adapter: Adapter, posted: Sequence[_Posted]) -> QuestionPictures:
        """All at once, and side by side; of the conversation's, no more than there is room for."""
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(self._fetch(adapter, one)) for one in posted[:MOST]]
        found: list[Image | UnseenPicture] = [task.result() for task in running]
        found += [one.unseen(MANY) for one in posted[MOST:] if not one.beside]
        for one in found:
            metrics.pictures.add("given" if isinstance(one, Image) else _label(one.reason))
        images = tuple(one for one in found if isinstance(one, Image))
        return QuestionPictures(
            images, tuple(one for one in found if isinstance(one, UnseenPicture))
        )

    async def _fetch(self, adapter: Adapter, one: _Posted) -> Image | UnseenPicture:
        try:
            async with asyncio.timeout(WITHIN):
                data = await self._read(adapter, one)
                image = await asyncio.to_thread(_checked, data)
        except (_LeftOut, NotReadable) as error:
            return one.unseen(str(error))
        except TimeoutError:
            return one.unseen(LATE)
        except Exception as error:  # whatever a platform's library raises
            log.info("picture_not_fetched", error=type(error).__name__)
            return one.unseen(NOT_FETCHED)
        return replace(image, name=one.file.shown_name, beside=one.beside)

    async def _read(self, adapter: Adapter, one: _Posted) -> bytes:
        data, message = bytearray(), one.message
        if is_upload(one.file):
            pieces = self._pictures.uploads.open(self._channel_id, one.file.id)
        else:
            pieces = adapter.open_file(message.channel, message.id, one.file, small=True)
        async with closing_at_once(pieces):
            async for piece in pieces:
                if len(data) + len(piece) > MOST_BYTES:
                    raise _LeftOut(TOO_LARGE)
                self._pictures.take(len(piece))
                self.held += len(piece)
                data += piece
        return bytes(data)


def _checked(data: bytes) -> Image:
    """What a server will take. Raises _LeftOut. Not on the event loop: it may be made slow."""
    image = Image.read(data)
    if image is None:
        raise _LeftOut(NO_PICTURE)
    if flaw := find_flaw(image):
        raise _LeftOut(flaw)
    return image


def _seq(post: FilePost) -> int:
    return post.seq


def _label(reason: str) -> str:
    return _LABELS.get(reason, "not_readable")


def _as_code(name: str) -> str:
    """A file's name, of which no sign means anything."""
    plain = name.replace("`", "'")
    return f"`{plain}`"
