"""Every interaction has a listener in Bolt's app. Loaded with the first of them."""

import re
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult

from adapters.slack.command_syntax import COMMAND
from adapters.slack.commands import SlashCommands
from adapters.slack.consent_buttons import ACTION
from adapters.slack.home import CHOOSE_CHANNEL, HELP
from adapters.slack.interactions import Interactions
from adapters.slack.library_log import LIBRARY_LOGGER
from adapters.slack.outgoing import GO_ON, RATE, RETRY, STOP
from adapters.slack.responses import Responses
from adapters.slack.task_shortcuts import ASKING, SENTIMENT
from adapters.slack.views import ASK_ABOUT, CANCEL, CONFIRM, SUMMARIZE
from adapters.slack.workspace import Workspace

SHORTCUTS = (ASK_ABOUT, SUMMARIZE, SENTIMENT, *ASKING)
ANY = re.compile(r".*", re.DOTALL)


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
