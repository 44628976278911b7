"""The introduction: before anything is read back, once in a channel, and again until it stands.

It is owed as a turn, to a message that nobody sees: however many replicas look, it is opened once,
and a crash neither loses nor doubles it.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.config.settings import Settings
from bot.core.acceptance import Acceptance
from bot.domain.errors import NotIntroduced
from bot.domain.model import NELLIE, Channel, Message
from bot.store.introductions import TRIGGER, Introductions
from bot.store.message_inserts import NewMessage
from bot.text.plurals import counted

WITHIN = 60.0  # seconds that reading back waits for it
CLOCKS_DIFFER = timedelta(minutes=2)  # the platform's and ours, at the most


@dataclass(frozen=True, slots=True, kw_only=True)
class Introducer:
    """Introduces Nellie."""

    introductions: Introductions
    acceptance: Acceptance

    async def introduce(self, channel: Channel) -> None:
        """Return once she has introduced herself, now or long ago. Raises NotIntroduced."""
        channel_id = await self.acceptance.channels.id(channel)
        if await self.introductions.introduced(channel_id):
            return
        turn_id = await self._owe(channel, channel_id)
        try:
            async with asyncio.timeout(WITHIN):
                await self.acceptance.lanes.wait_until_ended(turn_id)
        except TimeoutError:
            raise NotIntroduced(reason="it is still being posted") from None
        turn = await self.introductions.find(channel_id, TRIGGER)
        if not (turn and turn.posted):
            raise NotIntroduced(reason="it could not be posted")
        await self.introductions.mark_introduced(channel_id)

    async def _owe(self, channel: Channel, channel_id: int) -> int:
        """The id of its turn: opened where there was none, again where it came to nothing."""
        acceptance = self.acceptance
        trigger = _build_trigger(channel, acceptance.settings)
        stub = NewMessage(trigger, remembered=False)
        received = await acceptance.store(channel_id, stub, opens_turn=True)
        if received.turn:
            return received.turn
        turn = await self.introductions.find(channel_id, TRIGGER)
        if turn is None:
            await self.introductions.make_room(channel_id, TRIGGER)
            received = await acceptance.store(channel_id, stub, opens_turn=True)
            if received.turn:
                return received.turn
            raise NotIntroduced(reason="it was not opened")
        if not (turn.open or turn.posted):
            lease = await self.introductions.reopen(
                channel_id, turn.id, trigger, owner=acceptance.lanes.owner
            )
            if lease:
                acceptance.lanes.resume(lease)
        return turn.id


def introduction_text(settings: Settings) -> str:
    """What she remembers, who can see it, and how to forget."""
    what = "what is said to me here" if settings.listen == "mentions" else "what is said here"
    days = settings.backfill_days
    back = f", and what was said in the last {counted(days, 'day')}" if days else ""
    return (
        f"Hi, I am Nellie. I remember {what} from now on{back}, for this channel alone: everyone"
        " here can ask me about it, nobody elsewhere can. Mention me to ask something. What I hold"
        " is shown by /memory show; /memory forget me and /memory optout make me forget you."
    )


def _build_trigger(channel: Channel, settings: Settings) -> Message:
    """What it answers. Its author is Nellie, which no platform's message can be.

    A replica of the former version takes it for a scheduled digest: of no time at all, so that
    nothing is posted.
    """
    now = datetime.now(UTC)
    return Message(
        channel=channel,
        id=TRIGGER,
        author=NELLIE,
        text=f"{now.isoformat()} {now.isoformat()}",
        at=now - CLOCKS_DIFFER,
        reply=introduction_text(settings),
        session=TRIGGER,
    )
