"""What is set in a channel and which documents it has, with forms that change it."""

import secrets
from collections.abc import Awaitable, Callable, Mapping

from aiohttp import web

from adapters.web.forms import read_form
from adapters.web.pages.rooms import CHANNEL, Room, number
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.page import Change, DoneAlready, NotAsked, Visitor

SETTINGS, DOCUMENTS = f"{CHANNEL}/settings", f"{CHANNEL}/documents"
REFUSED = {CommandError: 400, NotAllowed: 403, DoneAlready: 409, NotAsked: 503}

Act = Callable[[Visitor, Mapping[str, str]], Awaitable[Mapping[str, object]]]


class ChannelSettingsPages(Room):
    """Each form is a change; what came of it is the answer to it, with no script."""

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
        channel_id, given = number(request, "channel") or 0, await read_form(request)
        change = to_change(given)
        try:
            done = await self.page.changing.change(visitor, channel_id, change)
        except tuple(REFUSED) as error:
            return self._say(request, visitor, str(error), status=REFUSED[type(error)])
        return self._say(request, visitor, done.text, confirm=done.confirm, kind=change.kind)

    def _say(
        self,
        request: web.Request,
        visitor: Visitor,
        text: str,
        *,
        status: int = 200,
        confirm: str = "",
        kind: str = "",
    ) -> web.Response:
        return self.answers.show(
            request,
            "done.html",
            visitor,
            status=status,
            text=text,
            confirm=confirm,
            kind=kind,
            once=new_once,
            refused=status >= 400,
            back=request.path.rpartition("/")[0],
        )


def to_change(given: Mapping[str, str]) -> Change:
    """What a form asks for: its words, with the unit that may stand in a field of its own."""
    return Change(
        kind=given.get("do", ""),
        words=given.get("words", "") + given.get("unit", ""),
        confirmed=given.get("confirmed", ""),
        once=given.get("once", "")[:64],
    )


def new_once() -> str:
    """For a form that must not be carried out twice."""
    return secrets.token_urlsafe(16)
