"""People and conversations of the workspace: each is looked up once and kept for a while."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any

from adapters.slack.api_errors import SlackRefused
from adapters.slack.incoming import (
    BotIdentity,
    Names,
    channels_in,
    display_name,
    people_in,
)
from adapters.slack.lookups import Lookups
from adapters.slack.time_zones import zone_of
from adapters.slack.web_api import WebApi
from bot.domain.model import Author, Channel
from bot.text.json_fields import read_field

NAMES_WITHIN = 0.3  # seconds that accepting a message waits for names
TYPES = "public_channel,private_channel,mpim,im"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace."""

    id: str
    name: str
    admin: bool = False
    zone: tzinfo = UTC
    """Where their days begin and end."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A channel, private channel, group message or direct message."""

    id: str
    name: str = ""
    direct: bool = False
    member: bool = False
    """Whether Nellie is in it."""
    creator: str = ""
    public: bool = False
    """Everybody in the workspace may know of it."""


class Directory:
    """People and conversations of one workspace."""

    def __init__(self, api: WebApi, identity: BotIdentity) -> None:
        self._api = api
        self._identity = identity
        self._people: Lookups[Person] = Lookups(self._fetch_person)
        self._conversations: Lookups[Conversation] = Lookups(self._fetch_conversation)

    async def names(
        self, ids: Iterable[str], seconds: float | None = NAMES_WITHIN
    ) -> dict[str, str]:
        """What people are called; who is not found in time is left out."""
        wanted = [id_ for id_ in ids if id_ != self._identity.user_id]
        await self._people.fetch(wanted, seconds, old_will_do=True)
        found = {id_: person.name for id_ in wanted if (person := self._people.get(id_))}
        return found | {self._identity.user_id: "Nellie"}

    async def author(self, id_: str) -> Author:
        """A person, by the name that is known."""
        names = await self.names([id_])
        return Author(id_, names.get(id_) or id_)

    async def conversation(self, id_: str, seconds: float | None = None) -> Conversation | None:
        """A conversation; None where Nellie cannot see it."""
        await self._conversations.fetch([id_], seconds)
        return self._conversations.get(id_)

    async def know_name(self, id_: str) -> None:
        """See to it that a conversation's name is known; one of an hour ago will do."""
        await self._conversations.fetch([id_], NAMES_WITHIN, old_will_do=True)

    async def is_admin(self, person: str, channel: str) -> bool:
        """Whether Slack gives a person rights over a channel: an admin's, or its creator's."""
        await self._people.fetch([person], None)
        known, conversation = self._people.get(person), await self.conversation(channel)
        created = conversation and conversation.creator == person
        return bool((known and known.admin) or created)

    async def time_zone(self, person: str) -> tzinfo:
        """Where a person's days begin and end; UTC where Slack does not say."""
        await self._people.fetch([person], None, old_will_do=True)
        known = self._people.get(person)
        return known.zone if known else UTC

    async def names_in(
        self, messages: Iterable[dict[str, Any]], here: str, seconds: float = NAMES_WITHIN
    ) -> Names:
        """The names that are needed to read messages of one conversation."""
        read = list(messages)
        people = self.names({id_ for one in read for id_ in people_in(one)}, seconds)
        named = {id_ for one in read for id_ in channels_in(one)}
        if not named:  # as nearly all messages: no tasks for them
            return Names(await people, {})
        return Names(*await asyncio.gather(people, self.channel_names(named, here, seconds)))

    async def channel_names(
        self, ids: Iterable[str], here: str, seconds: float = NAMES_WITHIN
    ) -> dict[str, str]:
        """The names that may be told in a conversation: of public channels, and its own."""
        wanted = list(ids)
        await self._conversations.fetch(wanted, seconds)
        known = {id_: self._conversations.get(id_) for id_ in wanted}
        return {
            id_: found.name
            for id_, found in known.items()
            if found and found.name and (found.public or id_ == here)
        }

    def channel(self, id_: str, *, direct: bool = False) -> Channel:
        """The channel of memory that a conversation is."""
        known = self._conversations.get(id_)
        return Channel(
            platform="slack",
            workspace=self._identity.team_id,
            id=id_,
            name=known.name if known else "",
            direct=direct or bool(known and known.direct),
        )

    def rename(self, id_: str, name: str) -> None:
        """A conversation has a new name."""
        old = self._conversations.get(id_) or Conversation(id_, member=True)
        self._conversations.put(id_, replace(old, name=name))

    def forget(self, id_: str) -> None:
        """Look a conversation up again when it is needed next."""
        self._conversations.forget(id_)

    async def list_joined(self) -> list[Conversation]:
        """Every conversation that Nellie is in, those of many people first."""
        found = [one async for one in self._list_conversations()]
        for conversation in found:
            self._conversations.put(conversation.id, conversation)
        return sorted(found, key=lambda conversation: conversation.direct)

    async def list_shared_with(self, person: str) -> set[str]:
        """The ids of the conversations that both Nellie and a person are in."""
        return {conversation.id async for conversation in self._list_conversations(user=person)}

    async def _list_conversations(self, **arguments: Any) -> AsyncIterator[Conversation]:
        cursor: dict[str, str] = {}
        while True:
            page = await self._api.read(
                "users.conversations",
                types=TYPES,
                exclude_archived="true",
                limit=200,
                **arguments,
                **cursor,
            )
            for entry in read_field(page, "channels", list, []):
                yield replace(_to_conversation(entry), member=True)
            next_cursor = read_field(
                read_field(page, "response_metadata", dict, {}), "next_cursor", str, ""
            )
            if not next_cursor:
                return
            cursor = {"cursor": next_cursor}

    async def _fetch_person(self, id_: str) -> Person | None:
        method, key = ("bots.info", "bot") if id_.startswith("B") else ("users.info", "user")
        try:
            user = read_field(await self._api.read(method, **{key: id_}), key, dict)
        except SlackRefused as error:
            self._api.note_refusal(method, error, feature="names of people")
            return None
        admin = any(user.get(right) is True for right in ("is_admin", "is_owner"))
        name = display_name(user, read_field(user, "profile", dict, user))
        return Person(id_, name or id_, admin, zone_of(user))

    async def _fetch_conversation(self, id_: str) -> Conversation | None:
        try:
            answer = await self._api.read("conversations.info", channel=id_)
        except SlackRefused as error:
            self._api.note_refusal("conversations.info", error, feature="names of channels")
            return None
        return _to_conversation(read_field(answer, "channel", dict))


def _to_conversation(entry: Any) -> Conversation:
    direct = read_field(entry, "is_im", bool, False)
    member = read_field(entry, "is_member", bool, False) or read_field(
        entry, "is_mpim", bool, False
    )
    return Conversation(
        id=read_field(entry, "id", str),
        name="" if direct else read_field(entry, "name", str, ""),
        direct=direct,
        member=direct or member,
        creator=read_field(entry, "creator", str, ""),
        public=not (direct or read_field(entry, "is_private", bool, True)),
    )
