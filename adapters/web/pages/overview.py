"""Numbers: what was asked, how it went, and what it cost."""

from aiohttp import web

from adapters.web.charts import HEIGHT, WIDTH, charts
from adapters.web.pages.rooms import Room
from bot.domain.page import Visitor


class OverviewPages(Room):
    """The first page, and its numbers alone."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get("/", self.signed_in(self.overview)),
            web.get("/numbers", self.signed_in(self.numbers)),
        ]

    async def overview(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Numbers, with all around them."""
        return await self._show(request, visitor, "overview.html")

    async def numbers(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Numbers alone, which the overview asks for again and again."""
        return await self._show(request, visitor, "numbers.html")

    async def _show(self, request: web.Request, visitor: Visitor, template: str) -> web.Response:
        everything = visitor.admin and request.query.get("all") == "1"
        numbers = await self.page.counting.numbers(visitor, everything=everything)
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
