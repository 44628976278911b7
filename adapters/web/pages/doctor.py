"""What is wrong, and what mends it."""

from aiohttp import web

from adapters.web.pages.rooms import Room
from bot.domain.page import Visitor


class DoctorPage(Room):
    """For admins."""

    def routes(self) -> list[web.RouteDef]:
        """One."""
        return [web.get("/doctor", self.signed_in(self.doctor))]

    async def doctor(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Its findings."""
        examined = await self.page.examining.examine(visitor)
        return self.answers.show(request, "doctor.html", visitor, here="/doctor", examined=examined)
