"""Private answers that Slack shows nowhere else: in the direct messages of who asked."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog

from adapters.slack.api_errors import SlackRefused, SlackUnconfirmed
from adapters.slack.outgoing import metadata
from adapters.slack.workspace import Workspace
from bot.domain.errors import PrivateAnswerDropped
from bot.domain.model import Turn
from bot.domain.ports import DeliveryLog
from bot.text.json_fields import read_field

ATTEMPTS = 4  # at something of which Slack does not say whether it was done

T = TypeVar("T")

log = structlog.get_logger(__name__, platform="slack")


async def until_confirmed(call: Callable[[], Awaitable[T]]) -> T:
    """Do again what Slack does not confirm, a few times. Raises SlackUnconfirmed after the last."""
    for attempt in range(1, ATTEMPTS):
        try:
            return await call()
        except SlackUnconfirmed:
            await asyncio.sleep(attempt / 2)
    return await call()


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectAnswer:
    """An answer in its asker's messages with Nellie, where nobody else reads."""

    workspace: Workspace
    turn: Turn
    delivery_log: DeliveryLog

    async def show(self, part: int, content: dict[str, Any]) -> None:
        """Show a part, once. Raises PrivateAnswerDropped where Slack does not take it.

        Raises SlackUnconfirmed and SlackUnreachable where nobody knows, and Fenced.
        """
        try:
            channel = await until_confirmed(self._open)
            await self._post(channel, part, content)
        except (SlackRefused, ValueError) as error:
            reason = f"Slack takes no direct message to its asker ({error})"
            raise PrivateAnswerDropped(reason=reason) from None
        log.info("private_answer_by_direct_message", turn=self.turn.id)

    async def _open(self) -> str:
        opened = await self.workspace.api.write(
            "conversations.open", lease=self.delivery_log, users=self.turn.asker.id
        )
        return read_field(read_field(opened, "channel", dict), "id", str)

    async def _post(self, channel: str, part: int, content: dict[str, Any]) -> None:
        """Post it, or put it where an earlier attempt has posted it."""
        look_first = self.turn.attempts > 1

        async def post() -> None:
            nonlocal look_first
            ts = await self._find(channel, part) if look_first else None
            look_first = True
            await self.workspace.api.write(
                "chat.update" if ts else "chat.postMessage",
                lease=self.delivery_log,
                channel=channel,
                ts=ts,
                text=content["text"],
                blocks=[self._head(), *content["blocks"]],
                metadata=metadata(self.turn.id, part),
            )

        await until_confirmed(post)

    async def _find(self, channel: str, part: int) -> str | None:
        """Where a part may stand already. Without the right to look, it may come twice."""
        try:
            return await self.workspace.own_posts.find_direct(self.turn, channel, part)
        except SlackRefused as error:
            log.warning("own_posts_not_searched", turn=self.turn.id, reason=str(error))
            return None

    def _head(self) -> dict[str, Any]:
        """Which question it answers: in direct messages that is not to be seen."""
        where = f"#{self.turn.channel.name}" if self.turn.channel.name else "a channel"
        text = {"type": "plain_text", "text": f"You asked me this privately in {where}."}
        return {"type": "context", "elements": [text]}
