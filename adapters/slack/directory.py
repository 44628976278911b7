"""Who and where: people and channels of the workspace, asked for once and kept for a while."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

import structlog

from adapters.slack.api import Api, SlackRefused
from adapters.slack.incoming import Me, display_name
from adapters.slack.markup import linked
from bot.archive import want
from bot.conversation import Author, Channel
from bot.errors import NellieError

PATIENCE = 0.3  # seconds that accepting a message waits for names
KEPT = 10_000  # people, and as many channels
AT_ONCE = 8  # requests for people, and for channels
FRESH = 3600.0  # seconds until a name is asked for again
FRESH_UNKNOWN = 60.0  # and one that could not be found
KINDS = "public_channel,private_channel,mpim,im"

T = TypeVar("T")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in the workspace."""

    id: str
    name: str
    admin: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation in the workspace."""

    id: str
    name: str = ""
    direct: bool = False
    member: bool = False
    """Nellie is in it."""
    creator: str = ""


@dataclass
class _Kept(Generic[T]):
    """Answers by id: the newest ones, each fetched once at a time."""

    fetch: Callable[[str], Awaitable[T | None]]
    found: dict[str, tuple[float, T | None]] = field(default_factory=dict)
    pending: dict[str, asyncio.Task[None]] = field(default_factory=dict)
    few: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))

    def known(self, id_: str) -> T | None:
        return self.found.get(id_, (0.0, None))[1]

    def fresh(self, id_: str) -> bool:
        return self.found.get(id_, (0.0, None))[0] > time.monotonic()

    def put(self, id_: str, value: T | None) -> None:
        self.found.pop(id_, None)
        self.found[id_] = (time.monotonic() + (FRESH if value else FRESH_UNKNOWN), value)
        while len(self.found) > KEPT:
            del self.found[next(iter(self.found))]

    async def get(self, ids: Iterable[str], seconds: float | None) -> None:
        """Fetch what is not known, waiting at most so long; what comes later is kept too."""
        missing = [id_ for id_ in ids if not self.fresh(id_)]
        for id_ in missing:
            if id_ not in self.pending:
                self.pending[id_] = asyncio.create_task(self._fetch(id_))
        if tasks := [self.pending[id_] for id_ in missing if id_ in self.pending]:
            await asyncio.wait(tasks, timeout=seconds)

    async def _fetch(self, id_: str) -> None:
        try:
            async with self.few:
                self.put(id_, await self.fetch(id_))
        except (NellieError, ValueError) as error:
            log.debug("slack: not looked up", reason=str(error))
            if id_ not in self.found:
                self.put(id_, None)
        finally:
            self.pending.pop(id_, None)


class Directory:
    """People and rooms of one workspace."""

    def __init__(self, api: Api, me: Me) -> None:
        self._api, self._me = api, me
        self._people: _Kept[Person] = _Kept(self._person)
        self._rooms: _Kept[Room] = _Kept(self._room)

    async def names(self, ids: Iterable[str], seconds: float | None = PATIENCE) -> dict[str, str]:
        """What people are called; who cannot be found in time is left out."""
        wanted = [id_ for id_ in ids if id_ != self._me.user]
        await self._people.get(wanted, seconds)
        found = {id_: person.name for id_ in wanted if (person := self._people.known(id_))}
        return found | {self._me.user: "Nellie"}

    async def author(self, id_: str) -> Author:
        """A person, by the name that is known."""
        names = await self.names([id_])
        return Author(id_, names.get(id_) or id_)

    async def room(self, id_: str, seconds: float | None = None) -> Room | None:
        """A conversation; None where she cannot see it."""
        await self._rooms.get([id_], seconds)
        return self._rooms.known(id_)

    async def may(self, person: str, channel: str) -> bool:
        """Whether Slack gives a person rights over a channel: an admin's, or its creator's."""
        await self._people.get([person], None)
        known, room = self._people.known(person), await self.room(channel)
        return bool((known and known.admin) or (room and room.creator == person))

    def room_names(self, text: str) -> dict[str, str]:
        """The names of the channels that are known; others keep the label in the text."""
        rooms = {id_: self._rooms.known(id_) for id_ in linked(text)}
        return {id_: room.name for id_, room in rooms.items() if room and room.name}

    def channel(self, id_: str, *, direct: bool = False) -> Channel:
        """The channel of memory that a conversation is."""
        room = self._rooms.known(id_)
        name = room.name if room else ""
        return Channel("slack", self._me.team, id_, name, direct or bool(room and room.direct))

    def put(self, room: Room) -> None:
        """What an event says of a room."""
        self._rooms.put(room.id, room)

    def renamed(self, id_: str, name: str) -> None:
        """A room has a new name."""
        old = self._rooms.known(id_) or Room(id_, member=True)
        self.put(replace(old, name=name))

    def forget(self, id_: str) -> None:
        """Ask again when it is needed next."""
        self._rooms.found.pop(id_, None)

    async def mine(self) -> list[Room]:
        """Every conversation that she is in, those of many before those of one."""
        found = [room async for room in self._listed("users.conversations")]
        return sorted(found, key=lambda room: room.direct)

    async def shared_with(self, person: str) -> set[str]:
        """The ids of the conversations that both she and a person are in."""
        return {room.id async for room in self._listed("users.conversations", user=person)}

    async def _listed(self, method: str, **asked: Any) -> AsyncIterator[Room]:
        cursor = ""
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = await self._api.read(
                method, types=KINDS, exclude_archived="true", limit=200, **asked, **more
            )
            for one in want(page, "channels", list, []):
                room = replace(_room(one), member=True)
                if not asked:
                    self.put(room)
                yield room
            cursor = want(want(page, "response_metadata", dict, {}), "next_cursor", str, "")
            if not cursor:
                return

    async def _person(self, id_: str) -> Person | None:
        method, key = ("bots.info", "bot") if id_.startswith("B") else ("users.info", "user")
        try:
            user = want(await self._api.read(method, **{key: id_}), key, dict)
        except SlackRefused as error:
            self._api.lacks(method, "names of people", error)
            return None
        admin = any(user.get(right) is True for right in ("is_admin", "is_owner"))
        name = display_name(user, want(user, "profile", dict, user))
        return Person(id_, name or id_, admin)

    async def _room(self, id_: str) -> Room | None:
        try:
            page = await self._api.read("conversations.info", channel=id_)
        except SlackRefused as error:
            self._api.lacks("conversations.info", "names of channels", error)
            return None
        return _room(want(page, "channel", dict))


def _room(said: Any) -> Room:
    direct = want(said, "is_im", bool, False)
    return Room(
        id=want(said, "id", str),
        name="" if direct else want(said, "name", str, ""),
        direct=direct,
        member=direct or want(said, "is_member", bool, False) or want(said, "is_mpim", bool, False),
        creator=want(said, "creator", str, ""),
    )
