"""Whose key it is that a caller sends: a key is a person, and ends with the person's access."""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Self
from urllib.parse import unquote

import structlog

from bot.domain.api import ApiError, Caller
from bot.domain.bounded_cache import BoundedCache
from bot.domain.errors import DatabaseUnavailable
from bot.domain.ports import Adapter
from bot.gateway.callers.memberships import Memberships
from bot.gateway.callers.wrong_keys import WrongKeys
from bot.gateway.errors import unavailable
from bot.store.api_keys import ApiKeys, StoredKey
from bot.store.stores import Stores
from bot.text.sanitize import clean

REMEMBERED = 5.0  # seconds that a key is known without looking: revoked, it ends within them
KEYS = 10_000  # keys that are remembered at a time
LONGEST_NAME = 200  # characters of what a front end says of who sits before it
FRONT_END = "X-OpenWebUI-User-"  # how the headers begin that say it

log = structlog.get_logger(__name__)


class Keys:
    """The keys that callers send."""

    def __init__(
        self,
        store: ApiKeys,
        adapters: Mapping[str, Adapter],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._wrong = WrongKeys(clock)
        self._found: BoundedCache[str, tuple[float, StoredKey]] = BoundedCache(KEYS)
        self._memberships = Memberships(adapters, clock)

    @classmethod
    def on(cls, stores: Stores, adapters: Mapping[str, Adapter]) -> Self:
        """On the stores of a replica, with the platforms by name."""
        return cls(stores.api_keys, adapters)

    async def identify(self, key: str, address: str, headers: Mapping[str, str]) -> Caller:
        """Who calls. Raises ApiError.

        Of an address that sent many wrong keys, only keys that were right before are looked at.
        """
        wait = self._wrong.wait(address)
        if wait and key not in self._found:
            raise _too_many(wait)
        try:
            found = await self._find(key)
            if found and await self._memberships.has_left(found):
                await self._end(key, found)
                found = None
        except DatabaseUnavailable as error:
            raise unavailable(error) from None
        if found is None:
            self._found.pop(key, None)
            self._wrong.add(address)
            raise _wrong()
        return _seated(_to_caller(found), headers)

    async def good(self, ids: Collection[int]) -> set[int]:
        """Which of these keys can still be used: calls that are under way end with theirs."""
        found = await self._store.get_good(ids)
        left = await asyncio.gather(*(self._memberships.has_left(one) for one in found))
        return {one.id for one, gone in zip(found, left, strict=True) if not gone}

    async def _find(self, key: str) -> StoredKey | None:
        at, found = self._found.get(key, (0.0, None))
        if found and self._clock() - at < REMEMBERED:
            return found
        found = await self._store.find(key)
        if found:
            self._found[key] = self._clock(), found
        return found

    async def _end(self, key: str, found: StoredKey) -> None:
        """A person who has left has no keys any more, wherever they are asked for."""
        self._found.pop(key, None)
        ended = await self._store.revoke(platform=found.platform, person_id=found.person_id)
        log.warning("keys_revoked", platform=found.platform, keys=len(ended), reason="left")


def _wrong() -> ApiError:
    return ApiError(
        "This API key is not known, or it has expired or was revoked. Make a new one with"
        " /key new, or ask whoever operates Nellie.",
        status=401,
        code="invalid_api_key",
    )


def _too_many(wait: float) -> ApiError:
    return ApiError(
        f"Too many wrong API keys came from your address. Try again in {wait:.0f} s.",
        status=429,
        type="rate_limit_error",
        code="too_many_wrong_keys",
        retry_after=wait,
    )


def _to_caller(key: StoredKey) -> Caller:
    return Caller(
        key_id=key.id,
        platform=key.platform,
        workspace=key.workspace,
        person_id=key.person_id,
        name=key.name,
        team=key.team,
        models=tuple(key.models),
        trusted=key.trusted,
    )


def _seated(caller: Caller, headers: Mapping[str, str]) -> Caller:
    """The person who sits before a trusted front end, where it says who that is.

    They are on none of our platforms: what it says opens no channel.
    """
    if not caller.trusted:
        return caller
    told = {name.lower(): value for name, value in headers.items()}
    said = {
        field: clean(unquote(told.get(f"{FRONT_END}{field}".lower(), ""))).strip()[:LONGEST_NAME]
        for field in ("Id", "Email", "Name")
    }
    id_ = said["Id"] or said["Email"]
    if not id_:
        return caller
    name = said["Name"] or said["Email"] or id_
    seat = f"{caller.person_id}/{id_}"
    return replace(caller, platform="", workspace="", person_id=seat, name=name)
