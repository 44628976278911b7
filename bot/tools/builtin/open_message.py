"""open_message: the talk around one message of this channel."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from sys import maxsize
from urllib.parse import urlsplit

from bot.domain.model import Message
from bot.domain.tool_errors import ToolFailed
from bot.domain.toolbox import ToolContext
from bot.domain.tools import Tool
from bot.store.messages import Messages
from bot.tools.arguments import Arguments
from bot.tools.builtin.tool import Told, schema, text_of
from bot.tools.quotes import quote_messages

AROUND, MOST_AROUND = 8, 25  # messages to either side
THREAD = 40  # messages of a thread, its first included

TOOL = Tool(
    name="open_message",
    description="Opens a message of this channel by its link (or the end of one, as it stands"
    " beside recalled messages), and shows the talk around it: its thread, or what was said before"
    " and after.",
    schema=schema(
        ("link",),
        link=text_of("The link of the message, or its last part."),
        around={"type": "integer", "description": f"Messages before and after; {AROUND} usually."},
    ),
    status="opening a message",
)
NOT_HERE = "I know no message of this channel by that link. Links to other channels are not opened."


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """Reads what stands around a message."""

    messages: Messages
    tool = TOOL
    missing = ""

    async def run(self, arguments: Arguments, context: ToolContext) -> Told:
        """The talk around a message, as quotes. Raises ToolFailed."""
        link = arguments.required("link", 500).strip("<>").partition("|")[0]
        around = arguments.number("around", AROUND, 1, MOST_AROUND)
        message = await self._find(link, context)
        if message is None or message.seq == context.turn.trigger.seq:
            raise ToolFailed(reason=NOT_HERE)
        talk = await self._read_around(message, around, context)
        text, shown = quote_messages(talk)
        head = f"The talk around the message of {message.author.name}, as quotes:"
        return Told(f"{head}\n{text}", tuple(one.seq for one in shown))

    async def _find(self, link: str, context: ToolContext) -> Message | None:
        for id_ in _ids_in(link):
            found = await self.messages.find(context.turn.channel, context.channel_id, id_)
            if found and ("/" not in link or _is_same(link, found.link)):
                return found
        return None

    async def _read_around(
        self, message: Message, around: int, context: ToolContext
    ) -> list[Message]:
        channel, channel_id = context.turn.channel, context.channel_id
        without = context.turn.trigger.seq
        if message.thread:
            talk = await self.messages.thread(
                channel, channel_id, message.thread, before=maxsize, limit=THREAD
            )
        else:
            seqs = range(max(1, message.seq - around), message.seq + around + 1)
            talk = await self.messages.get(channel, channel_id, list(seqs))
        if message not in talk:
            talk = [*talk, message]
        nearest = sorted(talk, key=lambda one: abs(one.seq - message.seq))[: 2 * around + 1]
        return sorted(
            (one for one in nearest if one.seq != without), key=lambda one: (one.at, one.seq)
        )


def _ids_in(link: str) -> Iterator[str]:
    """The ids that the last part of a link may be: p1700000000123456 is 1700000000.123456."""
    last = urlsplit(link).path.rstrip("/").rpartition("/")[2] if "/" in link else link
    yield last
    if stamp := re.fullmatch(r"p?(\d{7,})(\d{6})", last):
        yield f"{stamp[1]}.{stamp[2]}"


def _is_same(link: str, own: str) -> bool:
    """Whether two links lead to one message; what follows a ? only says how it is shown."""
    return bool(own) and _plain(link) == _plain(own)


def _plain(link: str) -> tuple[str, str]:
    parts = urlsplit(link)
    return parts.netloc.lower(), parts.path.rstrip("/")
