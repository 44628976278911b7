"""The endpoint as an adapter: it hears nothing for memory, and answers programs."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Self

import structlog

from adapters.api.settings import NAME, ApiSettings
from bot.domain.errors import SettingsError
from bot.domain.findings import Finding
from bot.domain.model import Turn
from bot.domain.ports import Adapter, Commands, DeliveryLog, Gateway, Inbox, TurnControl

log = structlog.get_logger(__name__, platform="api")


class ApiAdapter(Adapter):
    """An OpenAI endpoint at NELLIE_API."""

    name = "api"
    hears = False

    def __init__(self, settings: ApiSettings) -> None:
        self.port = 0
        """Where it listens, once it does."""
        self.served_at = settings.base_url
        self._settings = settings
        self._gateway: Gateway | None = None

    @classmethod
    def configured(cls, environ: Mapping[str, str]) -> Self | None:
        """Where NELLIE_API is set."""
        settings = ApiSettings.read(environ)
        return cls(settings) if settings else None

    def use(self, gateway: Gateway) -> None:
        """What answers programs."""
        self._gateway = gateway

    async def run(self, inbox: Inbox, turns: TurnControl, commands: Commands) -> None:
        """Answer programs, until cancelled."""
        if self._gateway is None:
            raise SettingsError(name=NAME, reason="programs are answered by `nellie run` alone")
        from adapters.api.server import serve  # only here: it loads a web server

        async with serve(self._settings, self._gateway) as self.port:
            log.info("listening", address=str(self._settings.place))
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
        place = self._settings.place
        if place.is_open:
            mend = f"put TLS before it, or listen on this machine alone: {NAME}=127.0.0.1:PORT"
            yield Finding("address", "note", f"open to the network at {place}", mend)
        else:
            yield Finding("address", "ok", f"at {self._settings.base_url}")
