"""Interactions: acknowledged in time whatever the load, and answered by their token."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum, auto

import discord
import structlog

from adapters.discord import posting
from adapters.discord.event_queue import CutOff, EventQueue
from adapters.discord.garbled import Garbled
from adapters.discord.incoming import Location
from adapters.discord.retries import ALREADY_ACKNOWLEDGED, TRANSIENT_ERRORS
from adapters.kit.acknowledgement import run_and_acknowledge
from bot.domain.bounded_cache import BoundedCache
from bot.domain.errors import Refused
from bot.domain.model import Message, Received
from bot.domain.ports import Commands, Inbox, TurnControl

TOKEN_LIFETIME = timedelta(minutes=15)
MARGIN = timedelta(seconds=30)  # before its end, in which a token is not used any more
CHANGED = 5_000  # messages of which it is known that they were edited or deleted
DIALOGS = 1_000  # that are open at once
NOT_STORED = "I could not take this in; please ask again."

Interaction = posting.Interaction

log = structlog.get_logger(__name__, platform="discord")


class Acknowledgement(Enum):
    """Which replica's acknowledgement Discord took: all of them hear of an interaction."""

    HERE = auto()
    ELSEWHERE = auto()
    NOWHERE = auto()


@dataclass(kw_only=True)
class PendingInteraction:
    """An interaction that waits for an answer. Only a process that heard of it has its token."""

    interaction: Interaction
    private: bool = False
    lifetime: timedelta = TOKEN_LIFETIME
    response_id: int = 0
    """The message id of the response, once it has text."""
    token_refused: bool = False
    """Discord has said that the token is not valid any more."""
    by_button: bool = False
    """A button was pressed: its message is no place for the answer."""
    about: discord.Message | None = None
    """The message from whose menu it was asked, as it stands now; None once that has changed."""
    _acknowledging: asyncio.Task[Acknowledgement] | None = field(default=None, repr=False)

    @property
    def token_valid(self) -> bool:
        """Whether Discord should still take the token."""
        left = self.interaction.created_at + self.lifetime - datetime.now(UTC)
        return not self.token_refused and left > min(MARGIN, self.lifetime / 10)

    async def acknowledge(self) -> bool:
        """Tell Discord, once, that an answer comes; False when that was too late."""
        if not self._acknowledging:
            self._acknowledging = asyncio.create_task(
                acknowledge(self.interaction, private=self.private, thinking=not self.by_button)
            )
        return await asyncio.shield(self._acknowledging) is not Acknowledgement.NOWHERE


class PendingInteractions:
    """The interactions whose token may still be valid, by the id of their question."""

    def __init__(self) -> None:
        self._pending: dict[str, PendingInteraction] = {}
        self._changed: BoundedCache[int, None] = BoundedCache(CHANGED)
        """The messages that were edited or deleted last."""

    def add(
        self,
        interaction: Interaction,
        *,
        private: bool,
        about: discord.Message | None = None,
        question_id: str = "",
    ) -> PendingInteraction:
        """Keep one, and let go of those that are too old.

        `question_id` is that of a button's question; every other has that of its interaction.
        """
        self._pending = {id_: one for id_, one in self._pending.items() if one.token_valid}
        if about and about.id in self._changed:
            about = None
        pending = PendingInteraction(
            interaction=interaction, private=private, about=about, by_button=bool(question_id)
        )
        self._pending[question_id or str(interaction.id)] = pending
        return pending

    def get(self, question_id: str) -> PendingInteraction | None:
        """The interaction that asked a question, if this process has heard of it."""
        return self._pending.get(question_id)

    def changed(self, message_ids: Iterable[int]) -> None:
        """These messages are no longer what they were: let go of what was said in them."""
        ids = set(message_ids)
        self._changed.update(dict.fromkeys(ids))
        for one in self._pending.values():
            if one.about and one.about.id in ids:
                one.about = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """Takes in what people ask by a command."""

    inbox: Inbox
    turns: TurnControl
    event_queue: EventQueue
    pending: PendingInteractions

    async def ask(
        self, interaction: Interaction, question: Message, about: discord.Message | None = None
    ) -> None:
        """Queue a question; its interaction is acknowledged once it is committed, or soon."""
        if not isinstance(interaction.token, str):
            raise Garbled("its token is no text")
        pending = self.pending.add(interaction, private=question.private, about=about)
        received = self.event_queue.put(
            _queue_of(interaction), lambda: self._receive(question, pending)
        )
        try:
            await run_and_acknowledge(received, pending.acknowledge)
        except Refused as error:
            await _edit_response(interaction, str(error))
        except CutOff:
            return  # it may be stored, and then it is answered
        except Exception:  # it was dropped, or failed: the event queue has logged that
            if self.turns.replicas == 1:  # else another replica may have stored it
                await _edit_response(interaction, NOT_STORED)

    async def _receive(self, question: Message, pending: PendingInteraction) -> Received:
        """Take a question in; what it is about is remembered where Nellie hears its author."""
        about = pending.about
        if about and pending.interaction.client.listens_to(about):
            location = Location(question.channel, question.thread)
            quoted = await pending.interaction.client.read_message(about, location)
            question = replace(question, about=quoted)
        return await self.inbox.receive(question)


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """What commands and buttons need. They find it at the client of their interaction."""

    turns: TurnControl
    commands: Commands
    questions: Questions
    open_dialogs: BoundedCache[str, None] = field(default_factory=lambda: BoundedCache(DIALOGS))
    """The ids of those that people may still submit."""


def services_of(interaction: Interaction) -> Services:
    """The services of the client that heard of an interaction."""
    services: Services = interaction.client.services
    return services


ABSENT = "I am not in this channel: I remember nothing here."


def is_present(interaction: Interaction) -> bool:
    """Whether Nellie can read the channel of an interaction. Discord offers commands elsewhere."""
    rights = interaction.app_permissions
    return not interaction.guild_id or not rights.value or rights.view_channel


async def acknowledge(
    interaction: Interaction, *, private: bool, thinking: bool = True
) -> Acknowledgement:
    """Tell Discord that an answer comes; or, not thinking, that a press of a button was heard."""
    try:
        await interaction.response.defer(ephemeral=private, thinking=thinking)
    except discord.InteractionResponded:
        return Acknowledgement.HERE
    except discord.HTTPException as error:
        if error.code == ALREADY_ACKNOWLEDGED:
            return Acknowledgement.ELSEWHERE
        log.warning("interaction_not_acknowledged", code=error.code, status=error.status)
        return Acknowledgement.NOWHERE
    except TRANSIENT_ERRORS as error:
        log.warning("interaction_not_acknowledged", error=type(error).__name__)
        return Acknowledgement.NOWHERE
    return Acknowledgement.HERE


async def _edit_response(interaction: Interaction, text: str) -> None:
    try:
        await posting.edit_response(interaction, text)
    except discord.HTTPException as error:
        log.warning("reply_not_shown", code=error.code)


def _queue_of(interaction: Interaction) -> int:
    """The channel in whose order a question is taken in: a thread's is its parent."""
    return getattr(interaction.channel, "parent_id", None) or interaction.channel_id or 0
