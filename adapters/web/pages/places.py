"""Where one may talk with her, and conversations that begin."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from aiohttp import web

from adapters.web.forms import read_form
from adapters.web.pages.chat import LARGEST, ChatPages, address_of, token_of
from adapters.web.pages.rooms import Room
from bot.domain.errors import CommandError
from bot.domain.page import Visitor, is_at_machine

FIRST_NAME = "Conversation of {:%d %B %Y, %H:%M}"


@dataclass(frozen=True, slots=True)
class PlacePages(Room):
    """All the places."""

    chat: ChatPages

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/chat", self.signed_in(self.places)),
            web.post("/chat", self.signed_in(self.chat.desk.whole(self.begin))),
        ]

    async def places(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Where one may talk."""
        return await self._show_places(request, visitor)

    async def begin(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Begin a conversation, with a first question where one is given."""
        given = await read_form(request, LARGEST)
        name = given.get("name", "").strip() or FIRST_NAME.format(datetime.now().astimezone())
        token = token_of(given)
        try:
            begun = await self.page.chatting.begin(visitor, name, token)
        except CommandError as error:
            return await self._show_places(request, visitor, error=str(error), given=given)
        if not given.get("text", "").strip():
            return self.answers.go(request, address_of(begun.channel_id, known=begun.is_known))
        return await self.chat.take(request, visitor, begun.channel_id, given, known=begun.is_known)

    async def _show_places(
        self,
        request: web.Request,
        visitor: Visitor,
        *,
        error: str = "",
        given: Mapping[str, str] | None = None,
    ) -> web.Response:
        return self.answers.show(
            request,
            "chat.html",
            visitor,
            status=422 if error else 200,
            here="/chat",
            places=await self.page.chatting.places(visitor),
            token=secrets.token_hex(16),
            error=error,
            given=given or {},
            offered=self.chat.desk.offered if is_at_machine(visitor) else None,
        )
