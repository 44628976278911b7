"""What buttons below an answer share: what one asks for is done once, and it goes away."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import discord

from adapters.discord import posting
from adapters.discord.interactions import (
    ABSENT,
    Acknowledgement,
    Interaction,
    acknowledge,
    is_present,
    services_of,
)
from adapters.discord.rights import refusal_in
from adapters.kit.acknowledgement import run_and_acknowledge
from bot.domain.errors import CommandError, NellieError

T = TypeVar("T")


async def press(
    interaction: Interaction,
    work: Callable[[], Awaitable[T]],
    take_away: Callable[[T | None], Awaitable[None]],
) -> T | None:
    """Do the work for who may read here, then take away the buttons that do nothing more.

    `take_away` is given what the work returned, or None where there was nothing to do. What fails
    is told to the person alone. Of several replicas, the one works whose acknowledgement Discord
    takes. Returns what the work returned, None where it did not.
    """
    replicas = services_of(interaction).turns.replicas
    if replicas > 1 and await _acknowledge(interaction) is Acknowledgement.ELSEWHERE:
        return None

    async def work_for_readers() -> T:
        refusal = refusal_in(interaction) if is_present(interaction) else ABSENT
        if refusal:
            raise _Refusal(reason=refusal)
        return await work()

    try:
        done = await run_and_acknowledge(work_for_readers(), lambda: _acknowledge(interaction))
    except CommandError as error:  # with the sentence, the buttons go that do nothing more
        await take_away(None)
        await posting.follow_up(interaction, str(error), ephemeral=True)
    except NellieError as error:
        await posting.follow_up(interaction, str(error), ephemeral=True)
    else:
        await take_away(done)
        return done
    return None


async def remove_buttons(interaction: Interaction, is_gone: Callable[[str], bool]) -> None:
    """Take buttons of the message away, by their ids; the others stay."""
    if message := interaction.message:
        view = discord.ui.View.from_message(message, timeout=None)
        for item in list(view.children):
            if is_gone(str(getattr(item, "custom_id", ""))):
                view.remove_item(item)
        await posting.edit_buttons(interaction, view)


class _Refusal(NellieError):
    """Who presses may not read here, or Nellie is not here: others may press. Details: reason."""

    text = "{reason}"


async def _acknowledge(interaction: Interaction) -> Acknowledgement:
    return await acknowledge(interaction, private=False, thinking=False)
