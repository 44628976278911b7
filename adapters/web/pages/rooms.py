"""What the rooms share: who is signed in, and numbers in addresses."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from adapters.web.answers import SIGN_IN, Answers
from bot.domain.page import Page, Visitor

Show = Callable[[web.Request, Visitor], Awaitable[web.StreamResponse]]
Handle = Callable[[web.Request], Awaitable[web.StreamResponse]]

NUMBER = r"\d{1,18}"  # no more than the database counts to
CHANNEL = f"/channels/{{channel:{NUMBER}}}"


@dataclass(frozen=True, slots=True)
class Room:
    """Pages of one subject, each a call of the port and a template."""

    page: Page
    answers: Answers

    def signed_in(self, show: Show) -> Handle:
        """A handler for who is signed in; everybody else is shown how to."""

        async def handle(request: web.Request) -> web.StreamResponse:
            cookie = self.answers.cookies.session(request)
            visitor = await self.page.signing.visitor(cookie) if cookie else None
            if visitor:
                return await show(request, visitor)
            response = self.answers.go(request, SIGN_IN)
            if cookie:
                self.answers.cookies.sign_out(response)
            return response

        return handle


def number(request: web.Request, name: str) -> int | None:
    """A number in the address, where that has one of this name."""
    found = request.match_info.get(name)
    return int(found) if found else None


def asked_number(request: web.Request, name: str) -> int | None:
    """A number behind the question mark; anything else counts as none."""
    return to_number(request.query.get(name, ""))


def to_number(text: str) -> int | None:
    """A number that somebody sent; None for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 18 else None
