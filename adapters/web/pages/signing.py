"""Signing in by a link, and out; and the look, which needs nobody."""

from aiohttp import web

from adapters.web.answers import SIGN_IN
from adapters.web.cookies import THEMES
from adapters.web.forms import read_form
from adapters.web.guards import local_path
from adapters.web.headers import KEEP_NOTHING
from adapters.web.pages.rooms import Room


class SigningPages(Room):
    """What is open to everybody."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get(SIGN_IN, self.explain),
            web.get(SIGN_IN + "/{secret}", self.offer),
            web.post(SIGN_IN, self.sign_in),
            web.post("/theme", self.set_theme),
            web.get("/healthz", self.healthz),
        ]

    async def explain(self, request: web.Request) -> web.Response:
        """How to get a link."""
        return self.answers.show(request, "sign_in.html", link=None, secret="")

    async def offer(self, request: web.Request) -> web.Response:
        """A button: what only looks at links, as previews do, uses none up."""
        secret = request.match_info["secret"]
        link = await self.page.signing.look_at_link(secret, request.remote or "")
        return self.answers.show(request, "sign_in.html", link=link, secret=secret)

    async def sign_in(self, request: web.Request) -> web.Response:
        """Use a link up."""
        given = await read_form(request)
        former = self.answers.cookies.session(request)
        secret = await self.page.signing.sign_in(
            given.get("secret", ""), request.remote or "", former
        )
        response = self.answers.go(request, "/chat")
        self.answers.cookies.sign_in(response, secret)
        return response

    async def set_theme(self, request: web.Request) -> web.Response:
        """Light, dark, or as the system has it."""
        given = await read_form(request)
        response = self.answers.go(request, local_path(given.get("back", "")))
        if (theme := given.get("theme", "")) in THEMES:
            self.answers.cookies.set_theme(response, theme)
        return response

    async def healthz(self, request: web.Request) -> web.Response:
        """That it runs; for whoever asks."""
        return web.json_response({"alive": True}, headers={"Cache-Control": KEEP_NOTHING})
