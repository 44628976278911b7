"""What she remembers of a channel, and what she would recall."""

from urllib.parse import urlencode

from aiohttp import web

from adapters.web.channel_list import LONGEST, PAGE, find_page
from adapters.web.pages.rooms import CHANNEL, NUMBER, Room, asked_number, number
from bot.domain.page import Visitor


class MemoryPages(Room):
    """The channels that one reads, and the memory of each."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/channels", self.signed_in(self.channels)),
            web.get(CHANNEL, self.signed_in(self.memory)),
            web.get(f"{CHANNEL}/messages/{{message:{NUMBER}}}", self.signed_in(self.memory)),
            web.get(f"{CHANNEL}/search", self.signed_in(self.search)),
        ]

    async def channels(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Which channels one reads."""
        listed, words = await self.page.remembering.channels(visitor), request.query.get("q", "")

        def where(number: int) -> str:
            asked = {"q": words[:LONGEST]} if words else {}
            return f"/channels?{urlencode({**asked, 'page': number})}"

        return self.answers.show(
            request,
            "channels.html",
            visitor,
            here="/channels",
            complete=listed.complete,
            many=len(listed.channels) > PAGE,
            shown=find_page(listed.channels, words, asked_number(request, "page") or 1),
            asked=words[:LONGEST],
            where=where,
        )

    async def memory(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What is remembered of a channel: lately, or around a message."""
        channel_id, around = number(request, "channel") or 0, number(request, "message")
        before, remembering = asked_number(request, "before"), self.page.remembering
        timeline = await remembering.timeline(visitor, channel_id, before=before, around=around)
        return self.answers.show(
            request,
            "memory.html",
            visitor,
            memory=await remembering.memory(visitor, channel_id),
            timeline=timeline,
            found=None,
            asked="",
            moved=(before or around) is not None,
            whole=around,
        )

    async def search(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What would be recalled for some words."""
        channel_id, words = number(request, "channel") or 0, request.query.get("q", "")
        found = await self.page.remembering.search(visitor, channel_id, words)
        return self.answers.show(
            request,
            "memory.html",
            visitor,
            memory=await self.page.remembering.memory(visitor, channel_id),
            timeline=None,
            found=found,
            asked=words,
            moved=True,
            whole=None,
        )
