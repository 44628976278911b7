"""For admins: people and keys, models, tools and limits."""

from collections.abc import Mapping

from aiohttp import web

from adapters.web.changed import LONGEST_ONCE, Outcome, answer_form, new_once
from adapters.web.forms import read_form
from adapters.web.pages.rooms import Room
from bot.domain.page import NewPageKey, Visitor

TEAM = "/team"
DONE = {
    "change": "This holds from now on; programs notice within ten seconds.",
    "revoke": "The key is revoked; programs notice within ten seconds.",
    "sign-out": "Signed out, in every browser of theirs.",
}


class TeamPages(Room):
    """Nobody else finds them."""

    def routes(self) -> list[web.RouteDef]:
        """All of them."""
        return [
            web.get(TEAM, self.signed_in(self.team)),
            web.post(TEAM, self.signed_in(self.change)),
            web.get("/models", self.signed_in(self.models)),
            web.get("/tools", self.signed_in(self.tools)),
            web.get("/limits", self.signed_in(self.limits)),
        ]

    async def team(self, request: web.Request, visitor: Visitor) -> web.Response:
        """People and keys."""
        team = await self.page.administering.team(visitor)
        return self.answers.show(
            request, "team.html", visitor, here=TEAM, team=team, made=None, once=new_once
        )

    async def change(self, request: web.Request, visitor: Visitor) -> web.Response:
        """Make, change or revoke a key, or sign somebody out."""
        given = await read_form(request)
        if given.get("do") == "add":
            return await self._add(request, visitor, given)
        doing = self._change(visitor, given)
        return await answer_form(self.answers, request, visitor, doing, back=TEAM)

    async def models(self, request: web.Request, visitor: Visitor) -> web.Response:
        """The models that may answer."""
        models = await self.page.operating.models(visitor)
        return self.answers.show(request, "models.html", visitor, here=TEAM, models=models)

    async def tools(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What can be called at all."""
        tools = await self.page.operating.tools(visitor)
        return self.answers.show(request, "tools.html", visitor, here=TEAM, tools=tools)

    async def limits(self, request: web.Request, visitor: Visitor) -> web.Response:
        """What may be asked and spent."""
        limits = await self.page.operating.limits(visitor)
        return self.answers.show(request, "limits.html", visitor, here=TEAM, limits=limits)

    async def _add(
        self, request: web.Request, visitor: Visitor, given: Mapping[str, str]
    ) -> web.Response:
        """The one answer in which a key stands."""
        made = []

        async def add() -> Outcome:
            made.append(await self.page.administering.add_key(visitor, to_key(given)))
            return Outcome("")

        answer = await answer_form(self.answers, request, visitor, add(), back=TEAM)
        if not made:
            return answer
        return self.answers.show(request, "key.html", visitor, here=TEAM, made=made[0])

    async def _change(self, visitor: Visitor, given: Mapping[str, str]) -> Outcome:
        administering, what = self.page.administering, given.get("do", "")
        match what:
            case "change":
                await administering.change_key(visitor, given.get("key", ""), to_key(given))
            case "revoke":
                await administering.revoke_key(visitor, given.get("key", ""))
            case "sign-out":
                session = given.get("session", "")
                is_number = session.isascii() and session.isdecimal() and len(session) <= 18
                await administering.sign_out(visitor, int(session) if is_number else 0)
            case _:
                raise web.HTTPNotFound
        return Outcome(DONE[what])


def to_key(given: Mapping[str, str]) -> NewPageKey:
    """What a form asks of a key."""
    return NewPageKey(
        program=given.get("program", ""),
        team=given.get("team", ""),
        models=given.get("models", ""),
        expires=given.get("expires", ""),
        once=given.get("once", "")[:LONGEST_ONCE],
    )
