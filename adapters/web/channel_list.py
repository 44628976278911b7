"""A page of the channels that somebody reads, of those whose names hold some words. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import combining, normalize

from adapters.web.rendering import channel_name
from bot.domain.page import ReadableChannel

PAGE = 100
LONGEST = 200  # characters of what is looked for that are read


@dataclass(frozen=True, slots=True)
class ChannelPage:
    """What of a list is shown."""

    channels: Sequence[ReadableChannel]
    number: int
    """Of the page, from 1 on."""
    found: int
    """Channels, on all pages."""

    @property
    def first(self) -> int:
        """The place of its first channel, from 1 on."""
        return (self.number - 1) * PAGE + 1

    @property
    def has_next(self) -> bool:
        """Whether there is more."""
        return self.number * PAGE < self.found


def find_page(channels: Sequence[ReadableChannel], words: str, number: int) -> ChannelPage:
    """The page of this number, or the last one where there are not so many."""
    wanted = fold(words[:LONGEST]).split()
    found = [one for one in channels if _holds(one, wanted)] if wanted else channels
    last = max(1, -(-len(found) // PAGE))
    number = min(max(1, number), last)
    return ChannelPage(found[(number - 1) * PAGE : number * PAGE], number, len(found))


def fold(text: str) -> str:
    """Without the differences that nobody types: case, width, accents."""
    plain = normalize("NFKD", normalize("NFKD", text).casefold())
    return "".join(letter for letter in plain if not combining(letter))


def _holds(one: ReadableChannel, wanted: Sequence[str]) -> bool:
    name = fold(channel_name(one.channel))
    return all(word in name for word in wanted)
