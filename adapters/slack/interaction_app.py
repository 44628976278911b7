"""Bolt's app, loaded once somebody presses a button or gives a command: it is 6 MB."""

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

from adapters.slack.commands import SlashCommands
from adapters.slack.interactions import Interactions
from adapters.slack.responses import Responses
from adapters.slack.workspace import Workspace

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp


class InteractionApp:
    """Makes the app of one workspace when it is asked for."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        responses: Responses,
        slash_commands: SlashCommands,
        interactions: Interactions,
    ) -> None:
        self._workspace = workspace
        self._responses = responses
        self._slash_commands = slash_commands
        self._interactions = interactions
        self._app: AsyncApp | None = None

    async def load(self) -> "AsyncApp":
        """The app. Answers go on while it is loaded for the first time: 70 ms of computing."""
        if not self._app:
            await asyncio.to_thread(import_module, "adapters.slack.bolt_app")
        return self._app or self._make()

    def _make(self) -> "AsyncApp":
        from adapters.slack.bolt_app import make_app

        self._app = make_app(
            workspace=self._workspace,
            responses=self._responses,
            slash_commands=self._slash_commands,
            interactions=self._interactions,
        )
        return self._app
