"""Responses to what people do: acknowledged in time, and told what went wrong."""

from collections.abc import Awaitable, Callable
from traceback import walk_tb

import structlog

from adapters.kit.acknowledgement import run_and_acknowledge
from adapters.slack.command_syntax import add_prefix
from adapters.slack.outgoing import escape
from adapters.slack.payloads import Payload, place_of, response_url_of
from adapters.slack.views import notice_view
from adapters.slack.web_api import WebApi
from bot.domain.errors import NellieError
from bot.text.json_fields import read_field

SORRY = (
    "Sorry, something went wrong on my side, and I could not do this. Please try again; if it"
    " happens again, tell whoever runs me."
)

Ack = Callable[..., Awaitable[object]]

log = structlog.get_logger(__name__, platform="slack")


class Responses:
    """How commands, shortcuts, buttons and views are answered."""

    def __init__(self, api: WebApi) -> None:
        self._api = api

    async def run(self, ack: Ack, body: Payload, work: Awaitable[None]) -> None:
        """Do the work, and acknowledge in time. What fails is told to the person alone."""
        await run_and_acknowledge(self._explain_failure(body, work), ack)

    async def respond(self, body: Payload, content: Payload) -> bool:
        """Answer at the response_url; returns whether Slack accepted it."""
        content = {"replace_original": False, **content}
        accepted = await self._api.respond(response_url_of(body), content)
        if not accepted:
            log.warning("response_not_accepted", type=_type_of(body))
        return accepted

    async def tell(self, body: Payload, text: str) -> None:
        """Show a text to the person alone, by whichever way Slack still offers."""
        text = add_prefix(text)
        content = {"text": escape(text), "response_type": "ephemeral"}
        if response_url_of(body) and await self.respond(body, content):
            return
        channel, person = place_of(body)
        if channel and person:
            await self._api.try_write(
                "chat.postEphemeral",
                feature="private answers",
                channel=channel,
                user=person,
                text=escape(text),
            )
        elif trigger_id := read_field(body, "trigger_id", str, ""):
            await self._api.try_write(
                "views.open", feature="views", trigger_id=trigger_id, view=notice_view(text)
            )

    async def tell_unforeseen(self, body: Payload, error: Exception) -> None:
        """Log an error that nobody foresaw, and tell the person that it happened."""
        if isinstance(error, ValueError) or _is_from_bolt(error):
            log.warning("payload_not_understood", type=_type_of(body), reason=str(error))
        else:
            log.error("interaction_failed", type=_type_of(body), exc_info=error)
        try:
            await self.tell(body, SORRY)
        except ValueError:  # the payload does not say to whom
            log.debug("nobody_to_tell", type=_type_of(body))

    async def _explain_failure(self, body: Payload, work: Awaitable[None]) -> None:
        try:
            await work
        except NellieError as error:
            await self.tell(body, str(error))
        except Exception as error:  # whatever it was, the person is told
            await self.tell_unforeseen(body, error)


def _type_of(body: Payload) -> str:
    return str(body.get("type"))[:60]


def _is_from_bolt(error: Exception) -> bool:
    """Whether Bolt itself failed: it relies on shapes that a payload may not have."""
    *_, (frame, _) = walk_tb(error.__traceback__)
    return str(frame.f_globals.get("__name__", "")).startswith("slack_bolt")
