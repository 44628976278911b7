"""What of an answer stands in Slack already, found by the turn's id in the metadata."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from adapters.slack.api import Api, SlackRefused
from adapters.slack.incoming import Me
from adapters.slack.outgoing import marked
from bot.conversation import Turn

LATE = 5.0  # seconds after which a request that was cut off has certainly arrived
LOOKS = (0.0, 0.7, 1.5)  # seconds before each look for a message that may have arrived
KNOWN = 5_000  # messages of our own that are remembered, to be told from a dead replica's


def thread(turn: Turn) -> str:
    """The thread that an answer goes to; what she says by the clock alone is in none."""
    return "" if turn.trigger.author.nellie else turn.trigger.thread or turn.trigger.id


@dataclass(frozen=True, slots=True)
class Found:
    """A message of ours in the thread, with its part; None for a stream that was never ended."""

    ts: str
    part: int | None


@dataclass
class Finder:
    """Looks into threads."""

    api: Api
    known: dict[str, int] = field(default_factory=dict)
    """The newest messages that this process has posted, and for which turn."""

    def keep(self, ts: str, turn: Turn) -> None:
        """Remember a message as posted here."""
        self.known[ts] = turn.id
        while len(self.known) > KNOWN:
            del self.known[next(iter(self.known))]

    async def find(self, turn: Turn, me: Me) -> list[Found]:
        """The messages of a turn, oldest first."""
        found = []
        for message in await self._replies(turn):
            if me.user != message.get("user") and me.bot != message.get("bot_id"):
                continue
            ts, about = str(message.get("ts")), marked(message)
            if about and about[0] == turn.id:
                found.append(Found(ts, about[1]))
            elif not message.get("metadata") and self.known.get(ts, turn.id) == turn.id:
                found.append(Found(ts, None))
        return sorted(found, key=lambda one: float(one.ts))

    async def part(self, turn: Turn, me: Me, part: int | None) -> str | None:
        """A part that may have been posted; None when it is not there after some time."""
        for pause in LOOKS:
            await asyncio.sleep(pause)
            for one in await self.find(turn, me):
                if one.part == part and one.ts not in self.known:
                    return one.ts
        return None

    async def _replies(self, turn: Turn) -> list[dict[str, Any]]:
        asked = {"channel": turn.channel.id, "include_all_metadata": "true", "limit": 200}
        if root := thread(turn):
            method, asked = (
                "conversations.replies",
                {**asked, "ts": root, "oldest": turn.trigger.id},
            )
        else:
            asked["oldest"] = f"{turn.trigger.at.timestamp():.6f}"
            method = "conversations.history"
        found: list[dict[str, Any]] = []
        cursor = ""
        while True:
            try:
                page = await self.api.read(
                    method, **asked, **({"cursor": cursor} if cursor else {})
                )
            except SlackRefused as error:
                if error.error in {"thread_not_found", "message_not_found"}:
                    return found
                raise
            messages = page.get("messages")
            found += [one for one in messages or () if isinstance(one, dict)]
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return found
