"""Numbers: what was asked, how it went, and what it cost."""

from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from adapters.web.charts import HEIGHT, WIDTH, charts
from adapters.web.number_cells import OF_DAY, OF_USED, day_cells, used_cells
from adapters.web.pages.rooms import Room, asked_number
from bot.domain.page import PERIODS, Scope, Visitor


class OverviewPages(Room):
    """The first page, and by itself what moves on it."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/", self.signed_in(self.overview)),
            web.get("/now", self.signed_in(self.now)),
        ]

    async def overview(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Numbers, with all around them."""
        scope = _scope(request, visitor)
        numbers = await self.page.counting.numbers(visitor, scope)
        return self.answers.show(
            request,
            "overview.html",
            visitor,
            here="/",
            scope=scope,
            where=_where(scope),
            periods=PERIODS,
            numbers=numbers,
            now=await self.page.counting.now(visitor, scope),
            charts=charts(numbers),
            heads={"day": [*OF_DAY], "used": [*OF_USED]},
            day_cells=day_cells,
            used_cells=used_cells,
            width=WIDTH,
            height=HEIGHT,
        )

    async def now(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What moves, which the overview asks for again and again."""
        now = await self.page.counting.now(visitor, _scope(request, visitor))
        return self.answers.show(request, "now.html", visitor, now=now)


def _scope(request: web.Request, visitor: Visitor) -> Scope:
    """What the address asks for; anything odd in it counts as not said."""
    days = asked_number(request, "days")
    return Scope(
        everything=visitor.admin and request.query.get("all") == "1",
        channel_id=asked_number(request, "channel"),
        days=days if days in PERIODS else Scope().days,
    )


def _where(scope: Scope) -> str:
    """What stands behind the question mark for the same numbers."""
    said: dict[str, Any] = {"all": "1"} if scope.everything else {}
    if scope.channel_id is not None:
        said["channel"] = scope.channel_id
    return f"?{urlencode(said)}" if said else ""
