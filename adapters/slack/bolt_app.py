"""Events are committed before Slack is told so; every interaction has a listener in Bolt's app.

Bolt hears of no events: its middleware would only add to the time before they are committed.
"""

import re
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from adapters.slack.backfill import Backfill
from adapters.slack.command_syntax import COMMAND
from adapters.slack.commands import SlashCommands
from adapters.slack.consent_buttons import ACTION
from adapters.slack.events import Events
from adapters.slack.home import CHOOSE_CHANNEL, HELP
from adapters.slack.interactions import Interactions
from adapters.slack.library_log import LIBRARY_LOGGER
from adapters.slack.outgoing import GO_ON, RATE, RETRY, STOP
from adapters.slack.responses import Responses
from adapters.slack.task_shortcuts import ASKING, SENTIMENT
from adapters.slack.views import ASK_ABOUT, CANCEL, CONFIRM, SUMMARIZE
from adapters.slack.workspace import Workspace
from bot.domain.errors import DatabaseUnavailable
from bot.text.json_fields import read_field

NOT_COMMITTED = 503  # Slack has to deliver the event again
SHORTCUTS = (ASK_ABOUT, SUMMARIZE, SENTIMENT, *ASKING)
ANY = re.compile(r".*", re.DOTALL)

log = structlog.get_logger(__name__, platform="slack")


def make_app(
    *,
    workspace: Workspace,
    responses: Responses,
    slash_commands: SlashCommands,
    interactions: Interactions,
) -> AsyncApp:
    """The app of one workspace."""

    async def authorize() -> AuthorizeResult:
        # Known since the sign-in: asking Slack here could fail, and Bolt would drop the event.
        return AuthorizeResult(
            enterprise_id=None,
            team_id=workspace.identity.team_id,
            bot_user_id=workspace.identity.user_id,
            bot_id=workspace.identity.bot_id,
            bot_token=workspace.settings.bot_token,
        )

    async def failed(error: Exception, body: dict[str, Any]) -> None:
        await responses.tell_unforeseen(body, error)

    app = AsyncApp(
        name="nellie",
        logger=LIBRARY_LOGGER,
        client=workspace.api.make_client(""),
        authorize=authorize,
        signing_secret=workspace.settings.signing_secret,
    )
    app.error(failed)
    app.command(COMMAND)(slash_commands.command)
    app.command(ANY)(slash_commands.command)  # whatever it was called in the app's settings
    _listen_to_interactions(app, interactions)
    return app


def _listen_to_interactions(app: AsyncApp, interactions: Interactions) -> None:
    app.shortcut(ASK_ABOUT)(interactions.ask_about)
    app.shortcut(SUMMARIZE)(interactions.summarize)
    app.view(ASK_ABOUT)(interactions.submit_question)
    app.shortcut(SENTIMENT)(interactions.task_shortcuts.sentiment)
    for asking in ASKING:
        app.shortcut(asking)(interactions.task_shortcuts.open)
        app.view(asking)(interactions.task_shortcuts.submit)
    app.action(RATE)(interactions.rate)
    app.action(RETRY)(interactions.retry)
    app.action(GO_ON)(interactions.go_on_button.press)
    app.action(ACTION)(interactions.consent_buttons.press)
    app.action(STOP)(interactions.stop)
    app.action(CONFIRM)(interactions.confirm)
    app.action(CANCEL)(interactions.cancel)
    app.action(CHOOSE_CHANNEL)(interactions.choose_channel)
    app.action(HELP)(interactions.help)
    for of_an_earlier_version in (app.action, app.shortcut, app.view):
        of_an_earlier_version(ANY)(interactions.unknown)


class EventReceiver:
    """Acknowledges an event once it is committed, and not otherwise: then Slack sends it again."""

    def __init__(self, *, events: Events, backfill: Backfill) -> None:
        self._events = events
        self._backfill = backfill

    async def take(self, body: Mapping[str, Any]) -> BoltResponse | None:
        """Take an event in; None for what is none."""
        if body.get("type") == "event_callback":
            return BoltResponse(status=await self._commit(body), body="")
        if body.get("type") == "app_rate_limited":
            log.warning("events_left_out", reason="Slack limits how many it delivers an hour")
            self._backfill.request()
            return BoltResponse(status=200, body="")
        return None

    async def _commit(self, body: Mapping[str, Any]) -> int:
        event = body.get("event")
        kind = str(event.get("type"))[:60] if isinstance(event, dict) else "none"
        try:
            await self._events.handle(read_field(body, "event", dict))
        except DatabaseUnavailable as error:
            log.warning("event_not_acknowledged", type=kind, reason=str(error))
            return NOT_COMMITTED
        except ValueError as error:
            log.warning("event_not_understood", type=kind, reason=str(error))
            return 400
        except Exception as error:  # a fault of ours is no reason to lose a message
            log.error("event_failed", type=kind, exc_info=error)
            return NOT_COMMITTED
        return 200
