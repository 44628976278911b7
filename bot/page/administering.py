"""People and keys, for admins.

A key is a person, and reads what they read: at the page, an admin makes keys for themselves and
for programs, never for somebody else.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commands.key import parse_models
from bot.domain.errors import CommandError
from bot.domain.page import (
    TERMINAL,
    MadeKey,
    NewPageKey,
    NotThere,
    ShownKey,
    SignedIn,
    Team,
    Visitor,
)
from bot.language.expiry import parse_expiry
from bot.page.noting import Noting
from bot.page.signing import require_admin
from bot.store.api_keys import BEGINNING, ApiKeys, NewKey, StoredKey
from bot.store.page_operating import PageOperating
from bot.store.page_sessions import PageSessions
from bot.text.sanitize import clean

LONGEST = 100  # characters of a program's name, and of a team's
WHICH = "For which program? Give it a name, such as ci."
NO_PERSON = (
    "A program's name has at most 100 characters, without : and /. Keys of people are made by"
    " themselves (/key new), or at Nellie's machine (nellie keys add)."
)
NO_KEY = "There is no such key any more."
_PREFIX = re.compile(BEGINNING + r"[A-Za-z0-9_-]{8}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Administering:
    """Keys are made, held to something and revoked; people are signed out."""

    noting: Noting
    keys: ApiKeys
    sessions: PageSessions
    store: PageOperating
    admins: Collection[str]
    serves_api: bool

    async def team(self, visitor: Visitor) -> Team:
        """People and keys. Raises NotThere for who is no admin."""
        require_admin(visitor)
        return Team(
            keys=[_shown(key) for key in await self.keys.list()],
            signed_in=[
                SignedIn(
                    session=one.session,
                    platform=one.platform,
                    name=one.name,
                    browsers=one.browsers,
                    seen=one.seen,
                )
                for one in await self.store.signed_in()
            ],
            admins=sorted(self.admins),
            may_have_key=visitor.platform != TERMINAL,
            serves_api=self.serves_api,
        )

    async def add_key(self, visitor: Visitor, asked: NewPageKey) -> MadeKey:
        """Make a key; it is told this once."""
        require_admin(visitor)
        new = _parse(visitor, asked)
        key, stored = await self.noting.run(
            visitor,
            "made a key",
            lambda: self.keys.add(new),
            lambda made: f"{made[1].prefix}…",
            once=asked.once,
        )
        return MadeKey(key=key, shown=_shown(stored))

    async def change_key(self, visitor: Visitor, prefix: str, asked: NewPageKey) -> ShownKey:
        """Hold a key to other models, and to another end."""
        require_admin(visitor)
        models, expires_at = _parse_limits(asked)
        known = _known(prefix)

        async def change() -> StoredKey:
            found = await self.keys.change(known, models=models, expires_at=expires_at)
            if found is None:
                raise CommandError(reason=NO_KEY)
            return found

        return _shown(
            await self.noting.run(visitor, "changed a key", change, lambda _: f"{known}…")
        )

    async def revoke_key(self, visitor: Visitor, prefix: str) -> None:
        """End a key."""
        require_admin(visitor)
        known = _known(prefix)

        async def revoke() -> None:
            if not await self.keys.revoke(known):
                raise CommandError(reason=NO_KEY)

        await self.noting.run(visitor, "revoked a key", revoke, lambda _: f"{known}…")

    async def sign_out(self, visitor: Visitor, session: int) -> None:
        """Sign the person of a session out, in every browser of theirs."""
        require_admin(visitor)
        person = await self.store.person_of(session)
        if person is None:
            raise NotThere
        await self.noting.run(
            visitor,
            "signed somebody out",
            lambda: self.sessions.end_of(person),
            lambda _: f"of {person.platform}",
        )


def _parse(visitor: Visitor, asked: NewPageKey) -> NewKey:
    """What a key is made with. Raises CommandError."""
    models, expires_at = _parse_limits(asked)
    program, team = clean(asked.program).strip(), clean(asked.team).strip()
    if len(team) > LONGEST:
        raise CommandError(reason=f"A team's name has at most {LONGEST} characters.")
    if program:
        if len(program) > LONGEST or any(mark in program for mark in ":/"):
            raise CommandError(reason=NO_PERSON)
        platform, workspace, person_id, name = "", "", program, program
    elif visitor.platform == TERMINAL:
        raise CommandError(reason=WHICH)
    else:
        platform, workspace = visitor.platform, visitor.workspace
        person_id, name = visitor.person_id, visitor.name
    return NewKey(
        platform=platform,
        workspace=workspace,
        person_id=person_id,
        name=name,
        team=team or workspace,
        models=models,
        expires_at=expires_at,
    )


def _parse_limits(asked: NewPageKey) -> tuple[tuple[str, ...], datetime | None]:
    """The models and the end of a key. Raises CommandError."""
    models = parse_models(clean(asked.models)) if asked.models.strip() else ()
    try:
        return models, parse_expiry(asked.expires.strip() or "never", datetime.now(UTC))
    except ValueError as error:
        raise CommandError(reason=f"{error}.") from None


def _known(prefix: str) -> str:
    if not _PREFIX.fullmatch(prefix):
        raise NotThere
    return prefix


def _shown(key: StoredKey) -> ShownKey:
    named = key.name or key.person_id
    return ShownKey(
        prefix=key.prefix,
        person=f"{named} ({key.platform})" if key.platform else named,
        team=key.team,
        models=key.models,
        made=key.created_at,
        expires=key.expires_at,
        used=key.last_used_at,
        trusted=key.trusted,
    )
