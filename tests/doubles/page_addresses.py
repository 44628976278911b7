"""Every address that the page answers to, as the application itself has it: none is forgotten."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from adapters.kit.listening import Place
from adapters.web.desk import Desk
from adapters.web.server import make_application
from adapters.web.settings import WebSettings
from adapters.web.streams import Streams
from bot.domain.page import Page
from bot.domain.ports import Commands, Inbox, TurnControl

OPEN = {
    *(("GET", "/sign-in"), ("GET", "/sign-in/{secret}"), ("POST", "/sign-in")),
    *(("POST", "/theme"), ("GET", "/healthz"), ("GET", "/static/{path}")),
}
"""What is answered without a session."""


@dataclass(frozen=True, slots=True)
class Address:
    """A method and a path, with the names of what is filled in."""

    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_open(self) -> bool:
        """Whether it needs no session."""
        return (self.method, self.path) in OPEN

    def at(self, values: Mapping[str, object]) -> str:
        """The path with these ids."""
        return self.path.format_map({"secret": "x" * 43, "path": "x", "message": 1, **values})


def _all() -> list[Address]:
    """They are listed before anything is asked of the page or of the desk: neither is needed."""
    settings = WebSettings(Place("127.0.0.1", 0), "")
    desk = Desk(cast(Inbox, None), cast(TurnControl, None), cast(Commands, None), Streams())
    application = make_application(settings, cast(Page, None), desk)
    found = []
    for route in application.router.routes():
        assert route.resource is not None
        if route.method != "HEAD":
            found.append(Address(route.method, route.resource.canonical))
    return found


ADDRESSES = _all()
FORMS = [one for one in ADDRESSES if one.method != "GET"]
WITH_IDS = [one for one in ADDRESSES if "{channel}" in one.path or "{turn}" in one.path]
