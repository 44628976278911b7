"""What a person may read from outside Slack, through a key: the conversations that they are in.

Slack is asked each time, but for half a minute: whoever lists what they may read asks of many.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from adapters.slack.api_errors import SlackRefused
from adapters.slack.web_api import WebApi
from bot.domain.bounded_cache import BoundedCache
from bot.domain.model import Channel
from bot.text.json_fields import read_field

FRESH = 30.0  # seconds for which the conversations of a person are remembered
REMEMBERED = 1_000  # people
DIRECTS = 20_000  # direct messages of which it is known whose they are
PAGES = 50  # of conversations that are read of one person; what comes after them is not told
PAGE = 999  # the most that Slack gives: who is in 10,000 is known after eleven requests
GONE = {"user_not_found", "user_not_visible", "users_not_found"}  # as Slack says it
TYPES = "public_channel,private_channel,mpim"


class Readers:
    """Looks up what people are in."""

    def __init__(self, api: WebApi, team_id: str) -> None:
        self._api = api
        self._team_id = team_id
        self._known: BoundedCache[str, tuple[float, frozenset[str]]] = BoundedCache(REMEMBERED)
        """By person: until when it holds, and the ids of their conversations."""
        self._asking: BoundedCache[str, asyncio.Lock] = BoundedCache(REMEMBERED)
        self._directs: BoundedCache[str, str] = BoundedCache(DIRECTS)
        """By direct message, whose it is: that never changes."""
        self._list_directs_after = 0.0

    async def may_read(self, channel: Channel, person: str) -> bool:
        """Whether they are in a conversation, and Nellie too. Raises SlackUnreachable.

        Not what they could join: they see there for themselves what a channel is, and are seen.
        Neither what Slack refuses to say.
        """
        if channel.workspace != self._team_id or not person:
            return False
        try:
            if channel.direct:
                return await self._is_theirs(channel.id, person)
            return channel.id in await self._conversations(person)
        except SlackRefused as error:
            self._api.note_refusal("users.conversations", error, feature="channels of keys")
            return False

    async def readable(self, channels: Sequence[Channel], person: str) -> Mapping[Channel, bool]:
        """The same of many at once; direct messages of which nothing is known yet are left out."""
        if not person:
            return dict.fromkeys(channels, False)
        try:
            mine = await self._conversations(person)
            whose = await self._whose_directs(person) if any(map(_is_direct, channels)) else {}
        except SlackRefused as error:
            self._api.note_refusal("users.conversations", error, feature="channels of keys")
            return dict.fromkeys(channels, False)
        answers = {
            one: whose[one.id] == person if one.direct else one.id in mine
            for one in channels
            if not one.direct or one.id in whose
        }
        return {one: yes and one.workspace == self._team_id for one, yes in answers.items()}

    async def is_member(self, workspace: str, person: str) -> bool | None:
        """Whether they can still sign in. Raises SlackUnreachable."""
        if workspace != self._team_id or not person:
            return None
        try:
            return await self._has_account(person)
        except SlackRefused as error:
            if error.error in GONE:
                return False
            self._api.note_refusal("users.info", error, feature="keys")
            return None

    async def _is_theirs(self, direct: str, person: str) -> bool:
        async with self._asking.setdefault("", asyncio.Lock()):
            if direct not in self._directs:
                await self._list_directs()
            if direct not in self._directs:  # one that is closed is in no list
                answer = await self._api.read("conversations.info", channel=direct)
                self._note({"id": direct, **read_field(answer, "channel", dict, {})})
        return self._directs.get(direct) == person and await self._has_account(person)

    async def _whose_directs(self, person: str) -> Mapping[str, str]:
        """Of those that are known; nobody's where this person has no account any more."""
        async with self._asking.setdefault("", asyncio.Lock()):
            await self._list_directs()
        if await self._has_account(person):
            return self._directs
        return dict.fromkeys(self._directs, "")

    async def _list_directs(self) -> None:
        if time.monotonic() >= self._list_directs_after:
            self._list_directs_after = time.monotonic() + FRESH
            async for entry in self._list(types="im"):
                self._note(entry)

    def _note(self, entry: Any) -> None:
        whose = read_field(entry, "user", str, "") if entry.get("is_im") is True else ""
        self._directs[read_field(entry, "id", str)] = whose

    async def _conversations(self, person: str) -> frozenset[str]:
        async with self._asking.setdefault(person, asyncio.Lock()):
            until, found = self._known.get(person, (0.0, frozenset()))
            if until < time.monotonic():
                asked = time.monotonic()
                found = await self._read(person)
                self._known[person] = asked + FRESH, found
            return found

    async def _read(self, person: str) -> frozenset[str]:
        if not await self._has_account(person):
            return frozenset()
        found = self._list(user=person, types=TYPES)
        return frozenset([read_field(entry, "id", str) async for entry in found])

    async def _list(self, **what: str) -> AsyncIterator[Any]:
        """Conversations, from users.conversations."""
        cursor: dict[str, str] = {}
        for _ in range(PAGES):
            page = await self._api.read("users.conversations", limit=PAGE, **what, **cursor)
            for entry in read_field(page, "channels", list, []):
                yield entry
            metadata = read_field(page, "response_metadata", dict, {})
            if not (after := read_field(metadata, "next_cursor", str, "")):
                return
            cursor = {"cursor": after}

    async def _has_account(self, person: str) -> bool:
        """Whether they can still sign in: a key dies with the account."""
        user = read_field(await self._api.read("users.info", user=person), "user", dict, {})
        return user.get("deleted") is not True and user.get("is_bot") is not True


def _is_direct(channel: Channel) -> bool:
    return channel.direct
