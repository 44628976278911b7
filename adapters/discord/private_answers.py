"""Private answers: by the token of their interaction, and then in the asker's direct messages."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import discord
import structlog

from adapters.discord.client import Client
from adapters.discord.outgoing import Ending, Gone
from adapters.discord.own_posts import OwnPosts
from adapters.discord.retries import retry_request
from adapters.discord.surfaces import ChannelSurface, InteractionSurface
from bot.domain.errors import PrivateAnswerDropped
from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog

TOO_MANY_REQUESTS = 429
HEADER = "-# You asked me this privately in {where}.\n"

log = structlog.get_logger(__name__, platform="discord")


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectMessages:
    """Where a private answer goes that its interaction can show no longer."""

    client: Client
    own_posts: OwnPosts

    async def open(self, turn: Turn, delivery_log: DeliveryLog) -> "DirectSurface":
        """The asker's direct messages, with what an earlier attempt has shown there.

        Raises PrivateAnswerDropped where there is no way to them.
        """
        asker = discord.Object(int(turn.asker.id) if turn.asker.id.isdecimal() else 0)
        with _dropped_where_refused():
            direct = await retry_request(lambda: self.client.create_dm(asker), delivery_log)
        channel = self.client.get_partial_messageable(direct.id)
        found = await self.own_posts.find_direct(turn, channel) if turn.attempts > 1 else ()
        log.info("private_answer_by_direct_message", turn=turn.id)
        return DirectSurface(channel, turn, delivery_log, found)


class DirectSurface(ChannelSurface):
    """The asker's direct messages: they say which question is answered there."""

    def __init__(
        self,
        channel: discord.PartialMessageable,
        turn: Turn,
        delivery_log: DeliveryLog,
        found: tuple[str, ...],
    ) -> None:
        super().__init__(channel, turn, delivery_log)
        self.found = found
        """What stands there already of this answer, by part."""
        self._first = found[0] if found else ""

    async def post(self, part: int, text: str, ending: Ending) -> str:
        with _dropped_where_refused():
            post_id = await super().post(part, text if part else self._head() + text, ending)
        if not part:
            self._first = post_id
        return post_id

    async def edit(self, post_id: str, text: str, ending: Ending) -> None:
        head = self._head() if post_id == self._first else ""
        with _dropped_where_refused():
            await super().edit(post_id, head + text, ending)

    def _head(self) -> str:
        channel = self.turn.channel
        if channel.direct:
            return ""
        return HEADER.format(where=f"#{channel.name}" if channel.name else "a channel")


@dataclass(slots=True, kw_only=True)
class PrivateSurface:
    """A private answer whose token is known: once that is void, all of it moves to the asker.

    So it does when its message has gone, with its channel, say: nobody but Nellie can take it away.
    """

    by_token: InteractionSurface
    direct_messages: DirectMessages
    _direct: DirectSurface | None = None
    _shown: dict[int, tuple[str, Ending]] = field(default_factory=dict)
    """By part, what is shown of it."""
    _parts: dict[str, int] = field(default_factory=dict)
    """By message, the part that it shows: known by the id under which it was posted first."""
    _moved: dict[int, str] = field(default_factory=dict)
    """By part, its message in the direct messages."""

    def __post_init__(self) -> None:
        self._parts = {post_id: part for part, post_id in enumerate(self.by_token.turn.posted)}

    @property
    def channel(self) -> discord.PartialMessageable:
        """Where it was asked."""
        return self.by_token.channel

    async def post(self, part: int, text: str, ending: Ending) -> str:
        """Show a part, and return its message's id. Raises PrivateAnswerDropped."""
        self._shown[part] = text, ending
        if self._direct is None:
            try:
                post_id = await self.by_token.post(part, text, ending)
            except Gone:
                await self._move()
            else:
                self._parts[post_id] = part
                return post_id
        else:
            await self._show(part)
        self._parts[self._moved[part]] = part
        return self._moved[part]

    async def edit(self, post_id: str, text: str, ending: Ending) -> None:
        """Replace what a message shows. Raises PrivateAnswerDropped."""
        part = self._parts[post_id]
        self._shown[part] = text, ending
        if self._direct is None:
            try:
                await self.by_token.edit(post_id, text, ending)
            except Gone:
                await self._move()
        else:
            await self._show(part)

    async def delete(self, post_id: str) -> None:
        """Delete a message. Raises Gone."""
        part = self._parts[post_id]
        if self._direct is None:
            await self.by_token.delete(post_id)
        elif part in self._moved:
            await self._direct.delete(self._moved.pop(part))

    def notice(self) -> str:
        """How many questions are before this one."""
        return self.by_token.notice()

    async def _move(self) -> None:
        """Show the whole of it, as far as it has come, where the asker can still read it."""
        turn, delivery_log = self.by_token.turn, self.by_token.delivery_log
        self._direct = await self.direct_messages.open(turn, delivery_log)
        self._moved = dict(enumerate(self._direct.found))
        for part in sorted(self._shown):
            await self._show(part)

    async def _show(self, part: int) -> None:
        if self._direct is None:
            raise Gone
        if part in self._moved:
            await self._direct.edit(self._moved[part], *self._shown[part])
        else:
            self._moved[part] = await self._direct.post(part, *self._shown[part])


@contextmanager
def _dropped_where_refused() -> Iterator[None]:
    """Discord takes no direct message to this person; what may pass is raised as it is."""
    try:
        yield
    except (Gone, discord.HTTPException) as error:
        if getattr(error, "status", 0) == TOO_MANY_REQUESTS or isinstance(
            error, discord.DiscordServerError
        ):
            raise
        reason = f"Discord takes no direct message to its asker ({getattr(error, 'code', 404)})"
        raise PrivateAnswerDropped(reason=reason) from None
