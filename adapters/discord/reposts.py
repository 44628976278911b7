"""Proxies such as PluralKit: what a person wrote is deleted, and a webhook posts it again.

Which of the two comes first is not said. Until both have come, nothing is decided: the deletion of
a question waits for a moment, and so does a webhook's message that may be its second copy.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

import discord

from adapters.discord import incoming
from adapters.discord.client import Client
from adapters.discord.incoming import Location
from adapters.kit.background_tasks import BackgroundTasks
from bot.domain.bounded_cache import BoundedCache
from bot.domain.ports import Inbox

WITHIN = 10.0  # seconds between a message and its copy
HOLD = 2.5  # seconds that a deletion, or a webhook that is heard, waits for its counterpart
CHANNELS = 1_000  # with messages that may be posted again
KEPT = 20  # such messages of a channel
PROXIES = frozenset({466378653216014359, 431544605209788416})  # PluralKit, Tupperbox
LONGEST_TAG = 40  # characters with which a person chose the proxy: they are not posted again
# A tag is no sentence: one word at most, parted by a sign that does not punctuate what is said.
BEFORE = re.compile(r"\W*\w*\s*[^\w\s.,;!?'’\"@#<>]+\s*")
AFTER = re.compile(r"\s*[^\w\s.,;!?'’\"@#<>]+\s*\w*\W*")
TAKEN_BACK = re.compile(
    r"\b(no|not|non|none|never|nope|dont|ne|pas|jamais|nicht|nein|kein\w*|nie|nada|não|не|нет)\b",
    re.IGNORECASE,
)

Put = Callable[[Any, Callable[[Location], Awaitable[None]]], None]
"""Queues a step for a channel."""


@dataclass(slots=True, eq=False)
class Original:
    """A person's message that may be posted again."""

    message: discord.Message
    noted_at: float
    asks: bool
    """It opened a turn, or certainly will."""
    deleted: bool = False
    copy: discord.Message | None = None

    @property
    def moved(self) -> bool:
        """It is gone, and its copy is there."""
        return self.deleted and self.copy is not None


class Reposts:
    """The newest messages of each channel, to be recognized."""

    def __init__(
        self, *, client: Client, inbox: Inbox, background: BackgroundTasks, put: Put
    ) -> None:
        self._client = client
        self._inbox = inbox
        self._background = background
        self._put = put
        self._originals: BoundedCache[int, deque[Original]] = BoundedCache(CHANNELS)

    def note(self, message: discord.Message) -> None:
        """This is taken in; a person's may be posted again."""
        if incoming.is_by_bot(message):
            return
        now, channel_id = time.monotonic(), message.channel.id
        self._drop_old(now)
        known = self._originals.get(channel_id, deque(maxlen=KEPT))
        known.append(Original(message, now, incoming.is_addressed(message, self._client.own_id)))
        self._originals[channel_id] = known  # the newest channel

    def _drop_old(self, now: float) -> None:
        """Channels where nobody has said anything lately: a message of the library's is 4 kB."""
        while self._originals:
            channel_id, known = next(iter(self._originals.items()))
            if now - known[-1].noted_at <= WITHIN:
                return
            del self._originals[channel_id]

    def note_turn(self, message: discord.Message) -> None:
        """It has opened a turn: without a mention, too, where it follows up."""
        for original in self._recent(message.channel.id):
            original.asks |= original.message is message

    def takes(self, message: discord.Message, receive: Callable[[], None]) -> bool:
        """Whether a message is, or may be, the copy of another: then nobody else takes it in.

        A webhook that is heard may speak for itself after all: then it is received.
        """
        by_webhook = message.webhook_id and message.author.id != self._client.own_id
        original = self._match(message) if by_webhook else None
        if original is None:
            return False
        original.copy = message
        if original.deleted:
            self._move(original)
        elif self._client.listens_to(message):
            self._later(original, receive)
        return True

    def keeps(self, channel_id: int, message_id: int, forget: Callable[[list[int]], None]) -> bool:
        """Whether what was deleted goes on, or may: its copy is there, or is waited for.

        Only a question waits for its copy, so that it is not answered twice.
        """
        known = (one for one in self._recent(channel_id) if one.message.id == message_id)
        original = next(known, None)
        if original is None:
            return False
        original.deleted = True
        if original.copy:
            self._move(original)
        elif original.asks:
            self._later(original, lambda: forget([message_id]))
        else:
            return False
        return True

    def _later(self, original: Original, then: Callable[[], None]) -> None:
        async def wait() -> None:
            await asyncio.sleep(HOLD)
            if not original.moved:
                then()

        self._background.start(wait(), "copy of a message")

    def _move(self, original: Original) -> None:
        self._put(original.message.channel, lambda location: self._hand_over(original, location))

    async def _hand_over(self, original: Original, location: Location) -> None:
        """The copy is its author's: a proxy speaks for a person."""
        former, copy = original.message, original.copy
        if copy:
            copy.embeds = []  # the proxy's own, such as what it replies to; or a link's preview
        if copy and (read := await self._client.read_message(copy, location)):
            addressed = read.addressed or incoming.is_addressed(former, self._client.own_id)
            author = incoming.to_author(former.author)
            message = replace(read, author=author, addressed=addressed)
            await self._inbox.reposted(str(former.id), message)

    def _match(self, copy: discord.Message) -> Original | None:
        """The message that a webhook may have posted again; the newest, where there are several."""
        for original in self._recent(copy.channel.id):
            if original.copy is None and self._is_copy(copy, original.message):
                return original
        return None

    def _is_copy(self, copy: discord.Message, original: discord.Message) -> bool:
        """The same text, or by a proxy the same without what stood around it to choose it."""
        said, before = copy.content.strip(), original.content.strip()
        if said:
            proxy = copy.application_id in PROXIES or self._client.listens_to(copy)
            return said == before or (proxy and _is_tagged(before, said))
        names = [file.filename for file in copy.attachments]
        return bool(names) and names == [file.filename for file in original.attachments]

    def _recent(self, channel_id: int) -> list[Original]:
        now = time.monotonic()
        known = self._originals.get(channel_id, deque())
        return [one for one in reversed(known) if now - one.noted_at <= WITHIN]


def _is_tagged(text: str, said: str) -> bool:
    """Whether a text is what was said, with a tag before it, after it, or both."""
    if len(text) - len(said) > LONGEST_TAG:
        return False
    for start in {text.find(said), text.rfind(said)} - {-1}:
        before, after = text[:start], text[start + len(said) :]
        tagged = (not before or BEFORE.fullmatch(before)) and (not after or AFTER.fullmatch(after))
        if tagged and not TAKEN_BACK.search(f"{before} {after}"):
            return True
    return False
