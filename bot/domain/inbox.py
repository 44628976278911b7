"""What platforms are offered to report what happens on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.documents import PostedFile
from bot.domain.model import Channel, Message, Received


class Inbox(Protocol):
    """Where a platform reports what happened. What a call accepts is committed when it returns.

    received = await inbox.receive(message)
    if received.turn:
        await turns.wait_until_ended(received.turn)
    """

    async def receive(self, message: Message) -> Received:
        """Remember a message, and open a turn if it is meant for Nellie.

        The same message twice changes nothing. Raises Refused (say why, do not repeat) and
        DatabaseUnavailable (do not acknowledge: let the platform deliver it again).
        """
        ...

    async def edited(
        self,
        channel: Channel,
        message_id: str,
        text: str,
        at: datetime | None = None,
        files: Sequence[PostedFile] | None = None,
    ) -> None:
        """Rewrite a remembered message in place; what asks now is also received, with `edited_at`.

        `at` is the platform's own time of the edit: one that was made before another, and comes
        after it, by whichever replica, changes nothing. `files` are those that it has now: what is
        gone of them is forgotten, what is new is read; None leaves them as they are.
        """
        ...

    async def file_deleted(self, platform: str, workspace: str, file_id: str) -> None:
        """Forget a file, wherever it was posted, and everything that rests on it."""
        ...

    async def file_changed(self, platform: str, workspace: str, file_id: str) -> None:
        """A file says something else now: it is read again, in place of what was read of it."""
        ...

    async def reposted(self, former_id: str, message: Message) -> None:
        """A message was replaced by another of the same words: memory and answer stay, as its."""
        ...

    async def deleted(self, channel: Channel, message_id: str) -> None:
        """Forget a message, everything that rests on it, and any answer still owed for it."""
        ...

    async def joined(self, channel: Channel) -> int:
        """Nellie is in a channel of several people: she introduces herself, then reads it in.

        The introduction is a turn (`Adapter.deliver`). Raises NotIntroduced: call it again later.
        """
        ...

    async def removed(self, channel: Channel, thread: str = "") -> None:
        """Nellie was shown out of a channel, or it was deleted; or a thread of it was.

        What becomes of its memory, NELLIE_FORGET_REMOVED_DAYS says. Not for what is archived, or
        cannot be read for now: `joined` and `catch_up` take it back.
        """
        ...

    async def renamed(self, channel: Channel) -> None:
        """The channel has a new name; messages remembered under the old one keep it."""
        ...

    async def catch_up(self, channel: Channel) -> int:
        """Read in what was said while nobody listened; returns how many messages were new.

        Call it for direct messages, and `joined` for all others: at the start, after every fresh
        connection, and hourly. Reads `Adapter.history` from the cursor, which moves only when all
        was read; questions younger than NELLIE_CATCHUP are answered. Raises what `history` raises.
        """
        ...

    async def review(self, channel: Channel, *, thorough: bool = True) -> None:
        """Take over what was deleted or edited while nobody listened (`Adapter.standing`).

        Call it after `catch_up` of all channels: nobody waits for it. `thorough` looks back for
        days, as after an absence, otherwise for hours.
        """
        ...

    async def known_channels(self, platform: str, workspace: str = "") -> list[Channel]:
        """The channels of a workspace, or of all, that are remembered; the busiest first.

        Without those that were `removed` and not `joined` or read again since then.
        """
        ...

    async def known_threads(self, channel: Channel, address: str) -> list[str]:
        """The threads of a channel of which something is remembered and that were not `removed`.

        `address` is what the links of messages on the platform hold (`Standing.address`).
        """
        ...
