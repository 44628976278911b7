"""The buttons below an answer that asks whether a tool may change something."""

import re
from collections.abc import Sequence
from typing import Any

from adapters.slack.commands import joined_channel
from adapters.slack.consent_blocks import MAY_I, consent_blocks
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
from bot.domain.consents import ConsentQuestion, decision_id
from bot.domain.errors import CommandError
from bot.domain.model import Turn
from bot.domain.ports import TurnControl
from bot.text.json_fields import read_field

ACTION = re.compile(r"consent:(?:yes|no):\d{1,18}")


class ConsentButtons:
    """Decides a question, once; what was decided stands in the place of its buttons."""

    def __init__(self, workspace: Workspace, responses: Responses, turns: TurnControl) -> None:
        self._workspace = workspace
        self._responses = responses
        self._turns = turns

    async def press(self, ack: Ack, body: Payload) -> None:
        """Somebody pressed one."""
        await self._responses.run(ack, body, self._press(body))

    async def _press(self, body: Payload) -> None:
        directory, person = self._workspace.directory, person_of(body)
        consent_id = to_turn_id(action_value(body))
        allows = read_field(action_of(body), "action_id", str).startswith("consent:yes:")
        channel = await joined_channel(directory, channel_of(body))
        await self._workspace.members.require(channel, person)
        asking = await self._turns.asking(consent_id)
        private = bool(asking and asking.private)
        if asking and private and (url := response_url_of(body)):
            self._workspace.response_urls[decision_id(asking)] = url
        rights = not private and await self._has_rights(asking, person, channel.id)
        try:
            end = await self._turns.consent(
                consent_id, await directory.author(person), allows=allows, has_rights=rights
            )
        except CommandError:  # with the sentence, the buttons go that do nothing more
            left = await self._turns.open_consents(asking.id) if asking else ()
            await self._replace(body, left, "", private=private)
            raise
        await self._replace(body, end.left, end.text, private=private)

    async def _has_rights(self, asking: Turn | None, person: str, channel_id: str) -> bool:
        """Rights count where they were asked for: a button cannot be taken elsewhere."""
        is_here = asking is not None and asking.channel.id == channel_id
        return is_here and await self._workspace.directory.is_admin(person, channel_id)

    async def _replace(
        self, body: Payload, left: Sequence[ConsentQuestion], line: str, *, private: bool
    ) -> None:
        """The buttons of what may still be asked stay; what was decided stands above them."""
        message = read_field(body, "message", dict, {})
        shown = [one for one in read_field(message, "blocks", list, []) if isinstance(one, dict)]
        below = [*([_line(line)] if line else []), *consent_blocks(left)]
        if private or not shown:
            text = escape(line or MAY_I)
            instead = {"replace_original": True, "text": text, "blocks": below}
            gone: dict[str, Any] = {"delete_original": True}
            await self._responses.respond(body, instead if below else gone)
            return
        await self._workspace.api.try_write(
            "chat.update",
            feature="buttons that go away",
            channel=channel_of(body),
            ts=read_field(message, "ts", str),
            text=read_field(message, "text", str, ""),
            blocks=[*(one for one in shown if not _decides(one)), *below],
        )


def _decides(block: dict[str, Any]) -> bool:
    elements = read_field(block, "elements", list, [])
    return any(
        isinstance(one, dict) and ACTION.fullmatch(str(one.get("action_id", "")))
        for one in elements
    )


def _line(text: str) -> dict[str, Any]:
    return {"type": "context", "elements": [{"type": "plain_text", "text": text[:2_000]}]}
