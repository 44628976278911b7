"""The page as an adapter: it hears nothing for memory, and shows people what there is."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Self

import structlog

from adapters.kit.listening import THIS_MACHINE, Place
from adapters.web.settings import NAME, URL, WebSettings
from bot.domain.errors import SettingsError
from bot.domain.findings import Finding
from bot.domain.model import Turn
from bot.domain.page import Page
from bot.domain.ports import Adapter, Commands, DeliveryLog, Inbox, TurnControl

log = structlog.get_logger(__name__, platform="web")


class WebAdapter(Adapter):
    """A page for browsers at NELLIE_WEB."""

    name = "web"
    hears = False

    def __init__(self, settings: WebSettings) -> None:
        self.port = 0
        """Where it listens, once it does."""
        self.served_at = settings.base_url
        self.settings = settings
        self._page: Page | None = None

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """Where NELLIE_WEB is set."""
        settings = WebSettings.read(environ)
        return cls(settings) if settings else None

    @classmethod
    def at(cls, port: int) -> Self:
        """On this machine alone; 0 is any port that is free."""
        return cls(WebSettings(Place(THIS_MACHINE, port)))

    def show(self, page: Page) -> None:
        """What people see."""
        self._page = page

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Show it, until cancelled."""
        if self._page is None:
            raise SettingsError(name=NAME, reason="the page is shown by `nellie run` alone")
        from adapters.web.server import serve  # only here: it loads a web server

        async with serve(self.settings, self._page) as self.port:
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
        """Nobody asks here in turns."""
        async for _ in text:
            delivery_log.require_lease()

    async def checks(self) -> AsyncIterator[Finding]:
        """Where it will listen, and who can reach that."""
        settings = self.settings
        if settings.place.is_open and not settings.is_secure:
            mend = f"put TLS before it and set {URL}=https://…, or set {NAME}=127.0.0.1:PORT"
            what = f"open to the network at {settings.place}, without https"
            yield Finding("address", "note", what, mend)
        else:
            yield Finding("address", "ok", f"at {settings.base_url}")
