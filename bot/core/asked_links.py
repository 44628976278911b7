"""What a question links to is read with it, where addresses are opened in its channel."""

from dataclasses import dataclass

from bot.domain.model import Turn
from bot.store.file_news import FileNews
from bot.store.posted_files import PostedFiles
from bot.tools.registry import Registry
from bot.tools.web.addresses import LONGEST, find_links
from bot.tools.web.links import OPENS, file_at

MOST = 3  # links of a question


@dataclass(frozen=True, slots=True, kw_only=True)
class LinksAsked:
    """Lets links of questions be read, each once, as files of the question."""

    posted: PostedFiles
    news: FileNews
    registry: Registry

    async def note(self, channel_id: int, turn: Turn) -> bool:
        """Whether the question has links that are read with it. One that is not kept has none."""
        files = [file_at(address) for address in find_links(turn.trigger.text)[:MOST]]
        files = [one for one in files if one.kind == "document" and len(one.id) <= LONGEST]
        if not (files and turn.remembered and turn.trigger.seq):
            return False
        if not await self.registry.is_on(channel_id, OPENS):
            return False
        await self.posted.add_links(channel_id, turn.trigger.seq, files)
        self.news.come()
        return True
