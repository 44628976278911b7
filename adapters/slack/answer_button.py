"""What buttons below an answer share: what one asks for is done once, and it goes away."""

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from adapters.slack.commands import joined_channel
from adapters.slack.consent_blocks import MAY_I
from adapters.slack.outgoing import escape
from adapters.slack.payloads import (
    Payload,
    action_of,
    action_value,
    channel_of,
    person_of,
    response_url_of,
    to_turn_id,
)
from adapters.slack.responses import Ack, Responses
from adapters.slack.workspace import Workspace
from bot.domain.errors import CommandError
from bot.domain.model import Author, Turn
from bot.domain.ports import TurnControl
from bot.text.json_fields import read_field


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Who pressed which button, and where; they may read there."""

    id: int
    """What the button knows."""
    action: str
    channel: str
    person: Author
    turn: Turn | None
    """The answer below which it stands; None where it is not known any more."""

    @property
    def private(self) -> bool:
        """Whether only its asker sees that answer."""
        return self.turn is not None and self.turn.private


@dataclass(frozen=True, slots=True)
class Left:
    """What stands below the answer in the place of the buttons."""

    line: str = ""
    blocks: Sequence[Payload] = ()


class AnswerButton(ABC):
    """A kind of button below answers; `own` are its action ids."""

    own: re.Pattern[str]

    def __init__(self, workspace: Workspace, responses: Responses, turns: TurnControl) -> None:
        self._workspace = workspace
        self._responses = responses
        self._turns = turns

    @abstractmethod
    async def find(self, id_: int) -> Turn | None:
        """The answer below which a button stands."""

    @abstractmethod
    def question_id(self, turn: Turn) -> str:
        """The id of the question that a press asks: a private answer goes where it was pressed."""

    @abstractmethod
    async def carry_out(self, press: Press) -> Left:
        """Do what it asks for. Raises CommandError where there is nothing to do any more."""

    async def left(self, turn: Turn | None) -> Left:
        """What stands there where there was nothing to do."""
        return Left()

    async def press(self, ack: Ack, body: Payload) -> None:
        """Somebody pressed one."""
        await self._responses.run(ack, body, self._press(body))

    async def _press(self, body: Payload) -> None:
        directory, id_ = self._workspace.directory, to_turn_id(action_value(body))
        channel = await joined_channel(directory, channel_of(body))
        await self._workspace.members.require(channel, person_of(body))
        press = Press(
            id=id_,
            action=read_field(action_of(body), "action_id", str),
            channel=channel.id,
            person=await directory.author(person_of(body)),
            turn=await self.find(id_),
        )
        if press.turn and press.private and (url := response_url_of(body)):
            self._workspace.response_urls[self.question_id(press.turn)] = url
        try:
            left = await self.carry_out(press)
        except CommandError:  # with the sentence, the buttons go that do nothing more
            await self._replace(body, await self.left(press.turn), private=press.private)
            raise
        await self._replace(body, left, private=press.private)

    async def _replace(self, body: Payload, left: Left, *, private: bool) -> None:
        message = read_field(body, "message", dict, {})
        shown = [one for one in read_field(message, "blocks", list, []) if isinstance(one, dict)]
        below = [*([_line(left.line)] if left.line else []), *left.blocks]
        if private or not shown:
            text = escape(left.line or MAY_I)
            instead = {"replace_original": True, "text": text, "blocks": below}
            gone: Payload = {"delete_original": True}
            await self._responses.respond(body, instead if below else gone)
            return
        await self._workspace.api.try_write(
            "chat.update",
            feature="buttons that go away",
            channel=channel_of(body),
            ts=read_field(message, "ts", str),
            text=read_field(message, "text", str, ""),
            blocks=[*(block for block in shown if not self._is_own(block)), *below],
        )

    def _is_own(self, block: Payload) -> bool:
        elements = read_field(block, "elements", list, [])
        return any(
            isinstance(one, dict) and self.own.fullmatch(str(one.get("action_id", "")))
            for one in elements
        )


def _line(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text[:2_000]}]}
