"""Interactions: acknowledged in time whatever the load, and answered by their token."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from io import BytesIO
from typing import Any

import discord
import structlog

from adapters.discord.requests import ACKNOWLEDGED, BROKEN, NOBODY
from bot.conversation import Reply
from bot.errors import NellieError
from bot.text import split

SOON = 1.5  # seconds until an interaction is acknowledged, done or not; Discord gives it 3
TOKEN_LIFE = timedelta(minutes=15)
MARGIN = timedelta(seconds=30)
PARTS = 5  # messages that a command's reply may take; beyond that it is a file
LIMIT = 1_900

Confirm = Callable[[str], discord.ui.View] | None

log = structlog.get_logger(__name__)


class Acknowledged(Enum):
    """Who told Discord that an answer comes: what every replica hears of, one acknowledges."""

    HERE = auto()
    ELSEWHERE = auto()
    NOWHERE = auto()


@dataclass
class Ask:
    """An interaction that waits for an answer; its token is known to this process alone."""

    interaction: discord.Interaction[Any]
    private: bool = False
    life: timedelta = TOKEN_LIFE
    original: int = 0
    """The id of the response, once it has text."""
    spent: bool = False
    """Discord has refused its token."""
    _acknowledging: asyncio.Task[Acknowledged] | None = field(default=None, repr=False)

    @property
    def fresh(self) -> bool:
        """Whether its token is still good."""
        left = self.interaction.created_at + self.life - datetime.now(UTC)
        return not self.spent and left > min(MARGIN, self.life / 10)

    async def acknowledge(self) -> bool:
        """Tell Discord, once, that an answer comes; False when that was too late."""
        if not self._acknowledging:
            self._acknowledging = asyncio.create_task(
                acknowledge(self.interaction, private=self.private)
            )
        return await asyncio.shield(self._acknowledging) is not Acknowledged.NOWHERE


class Asks:
    """The interactions whose token may still be good, by the id of their question."""

    def __init__(self, life: timedelta = TOKEN_LIFE) -> None:
        self.life = life
        self._asks: dict[str, Ask] = {}

    def add(self, interaction: discord.Interaction[Any], *, private: bool) -> Ask:
        """Keep one, and let go of those that are too old."""
        for id_ in [id_ for id_, ask in self._asks.items() if not ask.fresh]:
            del self._asks[id_]
        ask = Ask(interaction, private, self.life)
        self._asks[str(interaction.id)] = ask
        return ask

    def get(self, id_: str) -> Ask | None:
        """The interaction that asked a question, if it was one and came to this process."""
        return self._asks.get(id_)


async def acknowledge(interaction: discord.Interaction[Any], *, private: bool) -> Acknowledged:
    """Tell Discord that an answer comes."""
    try:
        await interaction.response.defer(ephemeral=private, thinking=True)
    except discord.InteractionResponded:
        return Acknowledged.HERE
    except discord.HTTPException as error:
        if error.code == ACKNOWLEDGED:
            return Acknowledged.ELSEWHERE
        log.warning("interaction not acknowledged", code=error.code, status=error.status)
        return Acknowledged.NOWHERE
    except BROKEN as error:
        log.warning("interaction not acknowledged", error=type(error).__name__)
        return Acknowledged.NOWHERE
    return Acknowledged.HERE


async def reply_to(
    interaction: discord.Interaction[Any],
    work: Callable[[], Awaitable[Reply | None]],
    *,
    confirm: Confirm = None,
) -> None:
    """Do what was asked for, and show what came of it; what it says is never remembered.

    Of several replicas the one whose acknowledgement Discord takes does it, and no other: what
    it finds may be different the second time. `confirm` makes the buttons below a reply that asks
    first.
    """
    if interaction.client.door.replicas > 1:
        took = await acknowledge(interaction, private=True)
        if took is Acknowledged.ELSEWHERE:
            return
    task = asyncio.ensure_future(_outcome(work))
    await asyncio.wait({task}, timeout=SOON)
    if not task.done():
        await acknowledge(interaction, private=True)
    try:
        await _show(interaction, await task, confirm)
    except discord.HTTPException as error:
        if error.code != ACKNOWLEDGED:
            log.warning("a reply was not shown", code=error.code, status=error.status)
    except BROKEN as error:
        log.warning("a reply was not shown", error=type(error).__name__)


async def _outcome(work: Callable[[], Awaitable[Reply | None]]) -> Reply | None:
    """What the person is told, also where it failed."""
    try:
        return await work()
    except NellieError as error:
        return Reply(str(error))
    except Exception as error:  # whatever it was, the person is told
        log.error("a command failed", error=type(error).__name__)
        log.debug("a command failed", exc_info=error)
        return Reply("This went wrong, and nothing more is known. Please try again.")


async def _show(
    interaction: discord.Interaction[Any], reply: Reply | None, confirm: Confirm
) -> None:
    """By the response, and what is too long for one message behind it."""
    if reply is None:
        done = interaction.response.is_done()
        await (interaction.delete_original_response() if done else interaction.response.defer())
        return
    parts, files = _laid_out(reply, interaction.filesize_limit)
    for number, part in enumerate(parts):
        more: dict[str, Any] = {}
        if confirm and reply.confirm and number == len(parts) - 1:
            more["view"] = confirm(reply.confirm)
        if number == 0:
            await _first(interaction, part, files, private=reply.private, **more)
        else:
            await interaction.followup.send(
                part, allowed_mentions=NOBODY, ephemeral=reply.private, suppress_embeds=True, **more
            )


async def _first(
    interaction: discord.Interaction[Any],
    text: str,
    files: list[discord.File],
    *,
    private: bool,
    **more: Any,
) -> None:
    if interaction.response.is_done():
        await interaction.edit_original_response(
            content=text, attachments=files, allowed_mentions=NOBODY, **more
        )
    else:
        await interaction.response.send_message(
            text, files=files, allowed_mentions=NOBODY, ephemeral=private, suppress_embeds=True,
            **more,
        )  # fmt: skip


def _laid_out(reply: Reply, largest: int) -> tuple[list[str], list[discord.File]]:
    """The messages that a reply takes, and its files."""
    parts, files = split(reply.text, LIMIT), []
    if len(parts) > PARTS:
        files.append(discord.File(BytesIO(reply.text.encode()), "nellie.txt"))
        parts = [parts[0], "(All of it is in the file.)"]
    if reply.attachment:
        content = reply.attachment.encode()
        if len(content) > largest:
            parts = ["This is too much for a file on Discord; an operator can use `nellie export`."]
        else:
            files.append(discord.File(BytesIO(content), "nellie.jsonl"))
    return parts or ["(nothing)"], files
