"""What is set in a channel and which documents it has, with forms that change it."""

from collections.abc import Mapping

from aiohttp import web

from adapters.web.changed import LONGEST_ONCE, Outcome, answer_form, new_once
from adapters.web.forms import read_form
from adapters.web.pages.rooms import CHANNEL, Room, number
from bot.domain.page import Change, Visitor

SETTINGS, DOCUMENTS = f"{CHANNEL}/settings", f"{CHANNEL}/documents"


class ChannelSettingsPages(Room):
    """Each form is a change."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get(SETTINGS, self.signed_in(self.settings)),
            web.post(SETTINGS, self.signed_in(self.change)),
            web.get(DOCUMENTS, self.signed_in(self.documents)),
            web.post(DOCUMENTS, self.signed_in(self.change)),
        ]

    async def settings(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What is set."""
        found = await self.page.arranging.settings_of(visitor, number(request, "channel") or 0)
        return self.answers.show(
            request, "channel_settings.html", visitor, settings=found, once=new_once
        )

    async def documents(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What was read of files."""
        found = await self.page.arranging.documents(visitor, number(request, "channel") or 0)
        return self.answers.show(
            request, "channel_documents.html", visitor, found=found, once=new_once
        )

    async def change(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Change something, or ask whether that is meant."""
        channel_id, change = number(request, "channel") or 0, to_change(await read_form(request))
        doing = self._change(visitor, channel_id, change)
        back = f"/channels/{channel_id}"
        return await answer_form(self.answers, request, visitor, doing, back=back)

    async def _change(self, visitor: Visitor, channel_id: int, change: Change) -> Outcome:
        done = await self.page.changing.change(visitor, channel_id, change)
        return Outcome(done.text, confirm=done.confirm, kind=change.kind)


def to_change(given: Mapping[str, str]) -> Change:
    """What a form asks for: its words, with the unit that may stand in a field of its own."""
    return Change(
        kind=given.get("do", ""),
        words=given.get("words", "") + given.get("unit", ""),
        confirmed=given.get("confirmed", ""),
        once=given.get("once", "")[:LONGEST_ONCE],
    )
