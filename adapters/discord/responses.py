"""Responses to commands and buttons: shown to the person, and never remembered."""

from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

import discord
import structlog

from adapters.discord import posting
from adapters.discord.garbled import is_garbled
from adapters.discord.interactions import Acknowledgement, Interaction, acknowledge, services_of
from adapters.discord.retries import ALREADY_ACKNOWLEDGED, TRANSIENT_ERRORS
from adapters.kit.acknowledgement import run_and_acknowledge
from bot.domain.errors import NellieError
from bot.domain.model import Reply
from bot.text.chunking import split
from bot.text.graphemes import UTF_16

PARTS = 5  # messages that a reply may take; a longer one is a file
LIMIT = 1_900  # characters of each of them
FAILED = "This went wrong, and nothing more is known. Please try again."

Confirm = Callable[[str], discord.ui.View] | None

log = structlog.get_logger(__name__, platform="discord")


async def reply_to(
    interaction: Interaction,
    work: Callable[[], Awaitable[Reply | None]],
    *,
    confirm: Confirm = None,
    private: bool = True,
) -> None:
    """Do what was asked for, and show its reply, which is never remembered.

    Of several replicas, only the one whose acknowledgement Discord takes does it: done a second
    time, it may come out differently. `confirm` makes the buttons below a reply that asks first.
    Of what is not `private`, everybody sees the reply: Discord is told so before it is there.
    """
    if services_of(interaction).turns.replicas > 1:
        taken = await acknowledge(interaction, private=private)
        if taken is Acknowledgement.ELSEWHERE:
            return
    reply = await run_and_acknowledge(
        _reply_of(work), lambda: acknowledge(interaction, private=private), only_if_late=True
    )
    try:
        await _show(interaction, reply, confirm)
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:
            log.warning("reply_not_shown", code=error.code, status=error.status)
    except TRANSIENT_ERRORS as error:
        log.warning("reply_not_shown", error=type(error).__name__)


async def _reply_of(work: Callable[[], Awaitable[Reply | None]]) -> Reply | None:
    """The reply; where the work failed, what the person is told about it."""
    try:
        return await work()
    except NellieError as error:
        return Reply(str(error))
    except Exception as error:  # whatever it was, the person is told
        tell = log.warning if is_garbled(error) else log.error
        tell("command_failed", error=type(error).__name__)
        log.debug("command_failed", exc_info=error)
        return Reply(FAILED)


async def _show(interaction: Interaction, reply: Reply | None, confirm: Confirm) -> None:
    """Respond with the first message of a reply, and follow up with the others."""
    if reply is None:
        done = interaction.response.is_done()
        await (interaction.delete_original_response() if done else interaction.response.defer())
        return
    parts, files = _layout(reply, interaction.filesize_limit)
    for number, part in enumerate(parts, 1):
        options: dict[str, Any] = {}
        if confirm and reply.confirm and number == len(parts):
            options["view"] = confirm(reply.confirm)
        if number == 1:
            await _respond(interaction, part, files, private=reply.private, **options)
        else:
            await posting.follow_up(interaction, part, ephemeral=reply.private, **options)


async def _respond(
    interaction: Interaction, text: str, files: list[discord.File], *, private: bool, **options: Any
) -> None:
    if interaction.response.is_done():
        await posting.edit_response(interaction, text, attachments=files, **options)
    else:
        await posting.respond(interaction, text, files=files, ephemeral=private, **options)


def _layout(reply: Reply, size_limit: int) -> tuple[list[str], list[discord.File]]:
    """The messages that a reply takes, and its files."""
    parts, files = split(reply.text, LIMIT, UTF_16), []
    if len(parts) > PARTS:
        files.append(discord.File(BytesIO(reply.text.encode()), "nellie.txt"))
        parts = [parts[0], "(All of it is in the file.)"]
    if reply.attachment:
        content = reply.attachment.encode()
        if len(content) > size_limit:
            parts = ["This is too much for a file on Discord; an operator can use `nellie export`."]
        else:
            files.append(discord.File(BytesIO(content), "nellie.jsonl"))
    return parts or ["(nothing)"], files
