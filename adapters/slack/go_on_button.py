"""The button "Go on" below an answer that was cut short."""

from adapters.kit import button_presses
from adapters.slack.commands import joined_channel
from adapters.slack.outgoing import GO_ON
from adapters.slack.payloads import (
    Payload,
    action_value,
    channel_of,
    person_of,
    response_url_of,
    to_turn_id,
)
from adapters.slack.responses import Ack, Responses
from adapters.slack.workspace import Workspace
from bot.domain.continuations import continuation_id
from bot.domain.errors import CommandError
from bot.domain.ports import TurnControl
from bot.text.json_fields import read_field


class GoOnButton:
    """Asks for the rest of an answer, once, and goes away."""

    def __init__(self, workspace: Workspace, responses: Responses, turns: TurnControl) -> None:
        self._workspace = workspace
        self._responses = responses
        self._turns = turns

    async def press(self, ack: Ack, body: Payload) -> None:
        """Somebody pressed it."""
        await self._responses.run(ack, body, self._press(body))

    async def _press(self, body: Payload) -> None:
        directory, person = self._workspace.directory, person_of(body)
        turn_id = to_turn_id(action_value(body))
        channel = await joined_channel(directory, channel_of(body))
        await self._workspace.members.require(channel, person)
        turn = await self._turns.get(turn_id)
        private = bool(turn and turn.private)
        if turn and private and (url := response_url_of(body)):
            self._workspace.response_urls[continuation_id(turn)] = url
        try:
            await button_presses.go_on(self._turns, turn_id, await directory.author(person))
        except CommandError:  # with the sentence, the button goes that does nothing more
            await self._take_away(body, private=private)
            raise
        await self._take_away(body, private=private)

    async def _take_away(self, body: Payload, *, private: bool) -> None:
        message = read_field(body, "message", dict, {})
        shown = [one for one in read_field(message, "blocks", list, []) if isinstance(one, dict)]
        if private or not shown:
            await self._responses.respond(body, {"delete_original": True})
            return
        await self._workspace.api.try_write(
            "chat.update",
            feature="buttons that go away",
            channel=channel_of(body),
            ts=read_field(message, "ts", str),
            text=read_field(message, "text", str, ""),
            blocks=[block for block in shown if not _is_own(block)],
        )


def _is_own(block: Payload) -> bool:
    elements = read_field(block, "elements", list, [])
    return any(isinstance(one, dict) and one.get("action_id") == GO_ON for one in elements)
