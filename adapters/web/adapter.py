"""The page as an adapter: it shows people what there is, and lets them talk with her."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Self

import structlog

from adapters.kit.listening import THIS_MACHINE, Place
from adapters.web.desk import Desk, Offered
from adapters.web.settings import NAME, URL, WebSettings
from adapters.web.streams import Streams
from bot.domain.delivery_log import own_id
from bot.domain.errors import SettingsError
from bot.domain.findings import Finding
from bot.domain.model import Channel, Turn
from bot.domain.page import PAGE, TERMINAL
from bot.domain.ports import Adapter, Commands, DeliveryLog, Inbox, TurnControl

if TYPE_CHECKING:
    from bot.domain.page import Page

log = structlog.get_logger(__name__, platform="web")


class WebAdapter(Adapter):
    """A page for browsers at NELLIE_WEB."""

    name = PAGE
    hears = False
    finds_posts = True  # nothing that it shows outlives its process
    stands_in_for = (TERMINAL,)

    def __init__(self, settings: WebSettings) -> None:
        self.port = 0
        """Where it listens, once it does."""
        self.served_at = settings.base_url
        self.settings = settings
        self.streams = Streams()
        """Answers to what was asked here."""
        self._page: Page | None = None
        self._offered: Offered | None = None

    def offer(self, channel_id: int, questions: Sequence[str]) -> None:
        """Before `run`: questions to try in a channel, for who sits at the machine itself."""
        self._offered = Offered(channel_id, questions)

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """Where NELLIE_WEB is set."""
        settings = WebSettings.read(environ)
        return cls(settings) if settings else None

    @classmethod
    def at(cls, port: int) -> Self:
        """On this machine alone; 0 is any port that is free."""
        return cls(WebSettings(Place(THIS_MACHINE, port)))

    def show(self, page: "Page") -> None:
        """What people see."""
        self._page = page

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Show it, until cancelled."""
        if self._page is None:
            raise SettingsError(name=NAME, reason="the page is shown by `nellie run` alone")
        from adapters.web.server import serve  # only here: it loads a web server

        desk = Desk(inbox, turns, self.streams, self._offered)
        async with serve(self.settings, self._page, desk) as self.port:
            log.info("listening", address=str(self.settings.place))
            try:
                await asyncio.Event().wait()
            finally:
                self.port = 0

    def connected(self) -> bool:
        """Whether it listens."""
        return self.port > 0

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        """Let browsers look on. What is remembered of it, memory shows; else it is kept a while."""
        delivery_log.require_lease()
        stream = self.streams.begin(turn, delivery_log)
        try:
            async for piece in text:
                delivery_log.require_lease()
                stream.add(piece)
            await delivery_log.add(own_id(turn))
        finally:
            self.streams.end(stream)

    async def has_rights_over(self, channel: Channel, person_id: str) -> bool:
        """In a conversation of one's own, and at one's own machine, one has all rights."""
        return True

    async def checks(self) -> AsyncIterator[Finding]:
        """Where it will listen, and who can reach that."""
        settings = self.settings
        if settings.place.is_open and not settings.is_secure:
            mend = f"put TLS before it and set {URL}=https://…, or set {NAME}=127.0.0.1:PORT"
            what = f"open to the network at {settings.place}, without https"
            yield Finding("address", "note", what, mend)
        else:
            yield Finding("address", "ok", f"at {settings.base_url}")
