"""The pages of who is signed in, each a call of the port and a template."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from adapters.web.answers import SIGN_IN, Answers
from adapters.web.charts import HEIGHT, WIDTH, charts
from adapters.web.forms import read_form
from bot.domain.page import Page, Visitor

Show = Callable[[web.Request, Visitor], Awaitable[web.Response]]
Handle = Callable[[web.Request], Awaitable[web.Response]]

NUMBER = r"\d{1,18}"  # no more than the database counts to
_CHANNEL = f"/channels/{{channel:{NUMBER}}}"


@dataclass(frozen=True, slots=True)
class Pages:
    """What is shown at which address."""

    page: Page
    answers: Answers

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        signed_in = self._signed_in
        return [
            web.get("/", signed_in(self.overview)),
            web.get("/numbers", signed_in(self.numbers)),
            web.get("/channels", signed_in(self.channels)),
            web.get(_CHANNEL, signed_in(self.memory)),
            web.get(f"{_CHANNEL}/messages/{{message:{NUMBER}}}", signed_in(self.memory)),
            web.get(f"{_CHANNEL}/search", signed_in(self.search)),
            web.get(f"{_CHANNEL}/turns", signed_in(self.turns)),
            web.get("/turns", signed_in(self.turns)),
            web.get(f"/turns/{{turn:{NUMBER}}}", signed_in(self.why)),
            web.get("/doctor", signed_in(self.doctor)),
            web.get("/changes", signed_in(self.changes)),
            web.get("/you", signed_in(self.you)),
            web.post("/sign-out", signed_in(self.sign_out)),
        ]

    async def overview(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Numbers, with all around them."""
        return await self._numbers(request, visitor, "overview.html")

    async def numbers(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Numbers alone, which the overview asks for again and again."""
        return await self._numbers(request, visitor, "numbers.html")

    async def channels(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Which channels one reads."""
        listed = await self.page.channels(visitor)
        return self.answers.show(request, "channels.html", visitor, here="/channels", listed=listed)

    async def memory(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What is remembered of a channel: lately, or around a message."""
        channel_id, around = _number(request, "channel"), _number(request, "message")
        before = _asked_number(request, "before")
        timeline = await self.page.timeline(visitor, channel_id or 0, before=before, around=around)
        return self.answers.show(
            request,
            "memory.html",
            visitor,
            memory=await self.page.memory(visitor, channel_id or 0),
            timeline=timeline,
            found=None,
            asked="",
            moved=(before or around) is not None,
            whole=around,
        )

    async def search(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What would be recalled for some words."""
        channel_id, words = _number(request, "channel") or 0, request.query.get("q", "")
        found = await self.page.search(visitor, channel_id, words)
        return self.answers.show(
            request,
            "memory.html",
            visitor,
            memory=await self.page.memory(visitor, channel_id),
            timeline=None,
            found=found,
            asked=words,
            moved=True,
            whole=None,
        )

    async def turns(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What was asked, in a channel or in all of the visitor's."""
        channel_id, before = _number(request, "channel"), _asked_number(request, "before")
        turns = await self.page.turns(visitor, channel_id, before)
        return self.answers.show(
            request, "turns.html", visitor, here="/turns", turns=turns, channel_id=channel_id
        )

    async def why(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What an answer was made from."""
        why = await self.page.why(visitor, _number(request, "turn") or 0)
        return self.answers.show(request, "why.html", visitor, why=why)

    async def doctor(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What is wrong, and what mends it."""
        examined = await self.page.examine(visitor)
        return self.answers.show(request, "doctor.html", visitor, here="/doctor", examined=examined)

    async def changes(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What was changed, by whom."""
        before = _asked_number(request, "before")
        changes = await self.page.audit(visitor, before)
        return self.answers.show(
            request,
            "changes.html",
            visitor,
            here="/changes",
            changes=changes,
            moved=before is not None,
        )

    async def you(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Where one is signed in."""
        sessions = await self.page.sessions(visitor)
        return self.answers.show(request, "you.html", visitor, here="/you", sessions=sessions)

    async def sign_out(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Leave, here or everywhere."""
        given = await read_form(request)
        await self.page.sign_out(visitor, everywhere="everywhere" in given)
        response = self.answers.go(request, SIGN_IN)
        self.answers.cookies.sign_out(response)
        return response

    def _signed_in(self, show: Show) -> Handle:
        async def handle(request: web.Request) -> web.Response:
            cookie = self.answers.cookies.session(request)
            visitor = await self.page.visitor(cookie) if cookie else None
            if visitor:
                return await show(request, visitor)
            response = self.answers.go(request, SIGN_IN)
            if cookie:
                self.answers.cookies.sign_out(response)
            return response

        return handle

    async def _numbers(self, request: web.Request, visitor: Visitor, template: str) -> web.Response:
        everything = visitor.admin and request.query.get("all") == "1"
        numbers = await self.page.numbers(visitor, everything=everything)
        return self.answers.show(
            request,
            template,
            visitor,
            here="/",
            numbers=numbers,
            charts=charts(numbers.days),
            width=WIDTH,
            height=HEIGHT,
        )


def _number(request: web.Request, name: str) -> int | None:
    """A number in the address, where that has one of this name."""
    found = request.match_info.get(name)
    return int(found) if found else None


def _asked_number(request: web.Request, name: str) -> int | None:
    """A number behind the question mark; anything else counts as none."""
    found = request.query.get(name, "")
    return int(found) if found.isascii() and found.isdecimal() and len(found) <= 18 else None
