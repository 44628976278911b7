"""Bolt's app, loaded once somebody presses a button or gives a command: it is 6 MB."""

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING

import structlog

from adapters.slack.commands import SlashCommands
from adapters.slack.interactions import Interactions
from adapters.slack.responses import Responses
from adapters.slack.workspace import Workspace

if TYPE_CHECKING:
    from slack_bolt.async_app import AsyncApp


MODULES = ("adapters.slack.bolt_app", "slack_bolt.adapter.socket_mode.async_internals")

log = structlog.get_logger(__name__, platform="slack")


class NotLoaded(Exception):
    """Bolt cannot be loaded: nothing is acknowledged, and Slack tells who pressed."""


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
        """The app. Answers go on while it is loaded for the first time: 70 ms of computing.

        Raises NotLoaded.
        """
        if self._app:
            return self._app
        try:
            for name in MODULES:
                await asyncio.to_thread(import_module, name)
            return self._app or self._make()  # somebody else may have pressed meanwhile
        except Exception as error:  # such as a library that was replaced under a running process
            log.error("interactions_not_loaded", exc_info=error)
            raise NotLoaded from error

    def _make(self) -> "AsyncApp":
        from adapters.slack.bolt_app import make_app

        self._app = make_app(
            workspace=self._workspace,
            responses=self._responses,
            slash_commands=self._slash_commands,
            interactions=self._interactions,
        )
        return self._app
