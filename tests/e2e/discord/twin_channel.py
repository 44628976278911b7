"""A channel at the twin: what people do there and see of Nellie."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from e2e.discord.edge import Edge


@dataclass
class TwinChannel:
    """A channel at the twin that no other test uses, and its people."""

    edge: Edge
    id: str

    async def say(self, text: str, *, to: str = "", user: int = 0) -> str:
        """Ana (0) or Bob (1) says something; its id."""
        reference = {"message_id": to, "channel_id": self.id} if to else None
        who = self.edge.twin["users"][user]
        message = await self.edge.act("say", channel=self.id, user=who, text=text, to=reference)
        return str(message["id"])

    async def ask(self, text: str, **more: Any) -> str:
        """The same, with a mention of Nellie."""
        return await self.say(f"<@{self.edge.twin['bot']}> {text}", **more)

    async def interact(self, kind: int, *, message: str | None = None, **data: Any) -> str:
        """An interaction of this type; its id."""
        who = self.edge.twin["users"][0]
        interaction = await self.edge.act(
            "interact", type=kind, channel=self.id, user=who, message=message, data=data
        )
        return str(interaction["id"])

    async def slash(self, name: str, **options: Any) -> str:
        """A slash command with its text options."""
        given = [{"name": key, "type": 3, "value": one} for key, one in options.items()]
        known = next(one for one in self.edge.commands if one["name"] == name)
        return await self.interact(2, id=known["id"], name=name, type=1, options=given)

    async def press(self, message: dict[str, Any], label: str) -> None:
        """A button under a message."""
        rows = [one for row in message["components"] for one in row["components"]]
        found = [
            one for one in rows if label in (one.get("label"), one.get("emoji", {}).get("name"))
        ]
        assert found, f"no {label!r} in {rows}"
        await self.interact(
            3, message=message["id"], custom_id=found[0]["custom_id"], component_type=2
        )

    async def posts(self) -> list[dict[str, Any]]:
        """Nellie's messages, oldest first."""
        found = await self.edge.act("messages", channel=self.id)
        mine = [one for one in found if one["author"]["id"] == self.edge.twin["bot"]]
        return sorted(mine, key=lambda one: int(one["id"]))

    async def replies(self, asked: str) -> list[dict[str, Any]]:
        """Nellie's messages in reply to this one."""
        return [
            one
            for one in await self.posts()
            if (one.get("message_reference") or {}).get("message_id") == asked
        ]

    async def wait_for_answer(self, asked: str, text: str) -> dict[str, Any]:
        """Nellie's one reply to this, once it ends so."""
        found: list[dict[str, Any]] = []

        async def is_there() -> bool:
            found[:] = await self.replies(asked)
            return len(found) == 1 and found[0]["content"].endswith(text)

        await until(is_there, found)
        return found[0]

    async def wait_for_post(self, text: str) -> dict[str, Any]:
        """A message of Nellie's, once it ends so."""
        found: list[dict[str, Any]] = []

        async def is_there() -> bool:
            found[:] = [one for one in await self.posts() if one["content"].endswith(text)]
            return bool(found)

        await until(is_there, found)
        return found[0]


async def until(true: Callable[[], Awaitable[bool]], seen: Any, seconds: float = 30) -> None:
    """Return once it is true; what was `seen` (or is, by a call) is in the error otherwise."""
    ends = time.monotonic() + seconds
    while not await true():
        if time.monotonic() > ends:
            last = seen() if callable(seen) else seen
            raise AssertionError(f"not within {seconds} s: {str(last)[-4_000:]}")
        await asyncio.sleep(0.1)
