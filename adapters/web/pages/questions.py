"""What was asked and answered, and why she answered so."""

from aiohttp import web

from adapters.web.bars import WIDTH, parts_of, score_bars, times_of
from adapters.web.pages.rooms import CHANNEL, NUMBER, Room, asked_number, number
from bot.domain.page import Visitor


class QuestionPages(Room):
    """Questions, and each by itself."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/turns", self.signed_in(self.turns)),
            web.get(f"{CHANNEL}/turns", self.signed_in(self.turns)),
            web.get(f"/turns/{{turn:{NUMBER}}}", self.signed_in(self.why)),
        ]

    async def turns(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What was asked, in a channel or in all of the visitor's."""
        channel_id, before = number(request, "channel"), asked_number(request, "before")
        turns = await self.page.asking.turns(visitor, channel_id, before)
        return self.answers.show(
            request, "turns.html", visitor, here="/turns", turns=turns, channel_id=channel_id
        )

    async def why(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What an answer was made from."""
        why = await self.page.asking.why(visitor, number(request, "turn") or 0)
        best = max((one.score.total for one in why.recalled), default=0.0)
        return self.answers.show(
            request,
            "why.html",
            visitor,
            why=why,
            parts=parts_of(why.trace) if why.trace else (),
            times=times_of(why.trace) if why.trace else (),
            recalled=[(one, score_bars(one.score, best)) for one in why.recalled],
            width=WIDTH,
        )
