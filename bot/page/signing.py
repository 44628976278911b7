"""Who looks at the page: links that sign in once, cookies, and whether people are still there."""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar

import structlog

from bot.domain.page import (
    TERMINAL,
    LinkSpent,
    NotThere,
    OfferedLink,
    SessionInfo,
    TooManyTries,
    Visitor,
)
from bot.domain.ports import Adapter
from bot.gateway.callers.memberships import Memberships
from bot.gateway.callers.wrong_keys import WrongKeys
from bot.store.page_sessions import PageSessions, StoredSession

T = TypeVar("T")

MOST_WRONG = 20  # wrong links from one address in a minute

log = structlog.get_logger(__name__)


class SigningIn:
    """Links and cookies.

    A cookie is looked up for every request: signed out, it ends at once, in every replica. What is
    slowed down are links; a cookie that has ended is sent again by honest browsers.
    """

    def __init__(
        self,
        store: PageSessions,
        adapters: Mapping[str, Adapter],
        admins: Collection[str],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._admins = admins
        self._wrong = WrongKeys(clock, most=MOST_WRONG)
        self._memberships = Memberships(adapters, clock)

    async def look_at_link(self, secret: str, address: str) -> OfferedLink:
        """Whose link it is; it stays good. Raises LinkSpent, TooManyTries."""
        self._refuse_many(address)
        return self._good(await self._store.find_link(secret), address)

    async def sign_in(self, secret: str, address: str, former: str) -> str:
        """Use a link up; returns the secret of a new cookie. Raises LinkSpent, TooManyTries."""
        self._refuse_many(address)
        return self._good(await self._store.sign_in(secret, former), address)

    async def visitor(self, cookie: str) -> Visitor | None:
        """Who sent this cookie; None where nobody is signed in with it, or is there no more."""
        found = await self._store.find(cookie)
        if found is None:
            return None
        if await self._memberships.has_left(found.person):
            await self._store.end_of(found.person)
            log.warning("page_sessions_ended", platform=found.person.platform, reason="left")
            return None
        return self._to_visitor(found)

    async def sign_out(self, visitor: Visitor, *, everywhere: bool) -> None:
        """End this session, or each of this person."""
        await self._store.end(visitor, everywhere=everywhere)

    async def sessions(self, visitor: Visitor) -> Sequence[SessionInfo]:
        """Where this person is signed in."""
        return await self._store.of(visitor)

    def _refuse_many(self, address: str) -> None:
        if wait := self._wrong.wait(address):
            raise TooManyTries(wait=round(wait) or 1)

    def _good(self, found: T | None, address: str) -> T:
        if found is None:
            self._wrong.add(address)
            raise LinkSpent
        return found

    def _to_visitor(self, found: StoredSession) -> Visitor:
        person = found.person
        return Visitor(
            session=found.id,
            platform=person.platform,
            workspace=person.workspace,
            person_id=person.person_id,
            name=person.name,
            admin=person.platform == TERMINAL or person.person_id in self._admins,
        )


def require_admin(visitor: Visitor) -> None:
    """Raises NotThere for everybody else."""
    if not visitor.admin:
        raise NotThere
