"""Bolt's app: who may come in, what is kept before Slack is told so, and who handles the rest."""

from collections.abc import Awaitable, Callable
from traceback import walk_tb
from typing import Any

import structlog
from slack_bolt.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from adapters.slack.api import LIBRARY
from adapters.slack.commands import Interactions
from adapters.slack.home import CHOOSE, HELP
from adapters.slack.intake import Intake
from adapters.slack.outgoing import AGAIN, RATE
from adapters.slack.typed import COMMAND
from adapters.slack.windows import ASK_ABOUT, CANCEL, CONFIRM, SUMMARIZE
from adapters.slack.workspace import Workspace
from bot.archive import want
from bot.errors import DatabaseUnavailable

UNKEPT = 503  # not committed, the database being away: Slack has to deliver the event again
SHORTCUTS = (ASK_ABOUT, SUMMARIZE)

log = structlog.get_logger(__name__)


def app(workspace: Workspace, intake: Intake, people: Interactions) -> AsyncApp:
    """The app of one workspace: events are taken in by a middleware, people have listeners."""

    async def authorize() -> AuthorizeResult:
        # Known since the start: asking Slack here could fail, and Bolt would drop the event.
        me = workspace.me
        return AuthorizeResult(
            enterprise_id=None, team_id=me.team, bot_user_id=me.user, bot_id=me.bot,
            bot_token=workspace.settings.bot_token,
        )  # fmt: skip

    bolt = AsyncApp(
        name="nellie", logger=LIBRARY, client=workspace.api.web(""), authorize=authorize,
        signing_secret=workspace.settings.signing_secret,
    )  # fmt: skip

    async def keep(
        req: AsyncBoltRequest, next_: Callable[[], Awaitable[BoltResponse]]
    ) -> BoltResponse:
        if req.body.get("type") == "event_callback":
            return await _kept(intake, req)
        if req.body.get("type") == "app_rate_limited":
            log.warning("slack: so much is said that Slack leaves events out; reading them later")
            intake.back()
            return BoltResponse(status=200, body="")
        return await next_()

    async def failed(error: Exception, body: dict[str, Any]) -> None:
        kind = str(body.get("type"))[:60]
        if isinstance(error, ValueError) or _is_bolts(error):
            log.warning("slack: not understood", type=kind, reason=str(error))
        else:
            log.error("slack: an interaction failed", type=kind, exc_info=error)

    bolt.middleware(keep)
    bolt.error(failed)
    bolt.command(COMMAND)(people.command)
    bolt.shortcut(ASK_ABOUT)(people.ask_about)
    bolt.shortcut(SUMMARIZE)(people.summarize)
    bolt.view(ASK_ABOUT)(people.asked_about)
    bolt.action(RATE)(people.rate)
    bolt.action(AGAIN)(people.again)
    bolt.action(CONFIRM)(people.confirm)
    bolt.action(CANCEL)(people.cancel)
    bolt.action(CHOOSE)(people.choose)
    bolt.action(HELP)(people.help)
    return bolt


def _is_bolts(error: Exception) -> bool:
    """Bolt itself stumbled: it trusts in shapes that a payload may not have."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__", "")).startswith("slack_bolt")


async def _kept(intake: Intake, request: AsyncBoltRequest) -> BoltResponse:
    """An event is acknowledged once it is kept, and not otherwise: then it comes again."""
    event = request.body.get("event")
    kind = str(event.get("type"))[:60] if isinstance(event, dict) else "none"
    try:
        await intake.take(want(request.body, "event", dict))
    except DatabaseUnavailable as error:
        log.warning("slack: an event was not acknowledged", type=kind, reason=str(error))
        return BoltResponse(status=UNKEPT, body="")
    except ValueError as error:
        log.warning("slack: an event was not understood", type=kind, reason=str(error))
        return BoltResponse(status=400, body="")
    except Exception as error:  # a fault of ours is no reason to lose what was said
        log.error("slack: an event was not taken in", type=kind, exc_info=error)
        return BoltResponse(status=UNKEPT, body="")
    return BoltResponse(status=200, body="")
