"""Where one is signed in, and what was changed."""

from aiohttp import web

from adapters.web.answers import SIGN_IN
from adapters.web.forms import read_form
from adapters.web.pages.rooms import Room, asked_number
from bot.domain.page import Visitor


class AccountPages(Room):
    """Of the visitor; for admins, what everybody changed."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/you", self.signed_in(self.you)),
            web.get("/changes", self.signed_in(self.changes)),
            web.post("/sign-out", self.signed_in(self.sign_out)),
        ]

    async def you(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Where one is signed in."""
        sessions = await self.page.signing.sessions(visitor)
        return self.answers.show(request, "you.html", visitor, here="/you", sessions=sessions)

    async def changes(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What was changed, by whom."""
        before, action = asked_number(request, "before"), request.query.get("action", "")
        changes = await self.page.changing.changes(visitor, action, before)
        return self.answers.show(
            request,
            "changes.html",
            visitor,
            here="/changes",
            changes=changes,
            action=action if action in changes.actions else "",
            moved=before is not None,
        )

    async def sign_out(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Leave, here or everywhere."""
        given = await read_form(request)
        await self.page.signing.sign_out(visitor, everywhere="everywhere" in given)
        response = self.answers.go(request, SIGN_IN)
        self.answers.cookies.sign_out(response)
        return response
