"""/key: a person's own keys of the API: made, listed and revoked."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.language.expiry import parse_expiry
from bot.store.api_keys import SHOWN, ApiKeys, NewKey, StoredKey
from bot.text.plurals import counted

MOST_MODELS = 20  # names that a key may be held to
LONGEST_MODEL = 100  # characters of one
HOW = (
    "For example /key new, or /key new expires=30d models=gpt-*,auto: for so long, and for these"
    " models alone."
)
EVERYWHERE = {"0.0.0.0", "[::]", "::"}  # noqa: S104  # as NELLIE_API may say; nothing listens here
NOT_HERE = (
    "A key is for your eyes alone, and here others would see it too. Ask me in a direct message:"
    " /key new"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCommands:
    """Makes, shows and revokes the keys of who asks."""

    api_keys: ApiKeys
    address: str | None
    """Where programs find the API; None where it is not served."""

    async def new(self, request: Request) -> Reply:
        """Make a key and show it, this once, to its person alone."""
        person, channel = request.person, request.state.channel
        if not (channel.direct or request.whispered):
            raise CommandError(reason=NOT_HERE)
        if person.bot or person.nellie:
            raise CommandError(reason="Keys are for people.")
        models, expires_at = _parse(request.rest)
        new = NewKey(
            platform=channel.platform,
            workspace=channel.workspace,
            person_id=person.id,
            name=person.name or person.id,
            team=channel.workspace,
            models=models,
            expires_at=expires_at,
        )
        key, stored = await self.api_keys.add(new)
        lines = [
            "This is your key. I show it this once and keep no copy: put it where your program"
            " reads it, and tell it to nobody.",
            "",
            key,
            "",
            f"It is you: what it uses is on your budget. {_describe(stored)}.",
            self._where(),
            f"/key revoke {stored.prefix} ends it.",
        ]
        return Reply("\n".join(lines))

    async def list(self, request: Request) -> Reply:
        """Show the keys of who asks, none of them whole."""
        keys = await self.api_keys.list(request.state.channel.platform, request.person.id)
        if not keys:
            return Reply("You have no key. /key new makes one.")
        lines = [f"{key.prefix}…  {_describe(key)}" for key in keys]
        return Reply("\n".join(["Your keys:", *lines, "/key revoke and a beginning ends one."]))

    async def revoke(self, request: Request) -> Reply:
        """End one key of who asks, or all of them."""
        which = request.rest.strip().rstrip("….")
        if not which:
            raise CommandError(reason="Revoke which? /key list shows them; /key revoke all.")
        every = which.lower() == "all"
        ended = await self.api_keys.revoke(
            None if every else which[:SHOWN],
            platform=request.state.channel.platform,
            person_id=request.person.id,
        )
        if not ended:
            raise CommandError(reason="You have no such key. /key list shows those that you have.")
        return Reply(f"Revoked: {counted(len(ended), 'key')}. Programs notice within ten seconds.")

    def _where(self) -> str:
        if self.address is None:
            return "The API is not served yet: whoever operates me sets NELLIE_API."
        host, _, port = self.address.rpartition(":")
        if host in EVERYWHERE:
            return f"Programs find me at port {port} of my machine: http://its-name:{port}/v1."
        found = f"http://{host or '127.0.0.1'}:{port}/v1"
        return f"Programs find me at {found}, unless whoever operates me says otherwise."


def _parse(words: str) -> tuple[tuple[str, ...], datetime | None]:
    """What a key is held to. Raises CommandError."""
    models: tuple[str, ...] = ()
    expires_at = None
    for word in words.split():
        name, _, value = word.partition("=")
        if name.lower() == "models" and value:
            models = parse_models(value)
        elif name.lower() == "expires" and value:
            try:
                expires_at = parse_expiry(value, datetime.now(UTC))
            except ValueError as error:
                raise CommandError(reason=f"No key was made: {error}.") from None
        else:
            raise CommandError(reason=f"I do not know “{word[:40]}” here. {HOW}")
    return models, expires_at


def parse_models(text: str) -> tuple[str, ...]:
    """The names of models, with commas between them. Raises CommandError."""
    names = tuple(dict.fromkeys(filter(None, map(str.strip, text.split(",")))))
    if not names or len(names) > MOST_MODELS or any(len(name) > LONGEST_MODEL for name in names):
        raise CommandError(reason=f"Name between one and {MOST_MODELS} models. {HOW}")
    return names


def _describe(key: StoredKey) -> str:
    """What a key may be used for, until when, and when it was."""
    models = ", ".join(key.models) if key.models else "all models"
    ends = f"until {key.expires_at:%Y-%m-%d %H:%M} UTC" if key.expires_at else "without an end"
    used = f", last used {key.last_used_at:%Y-%m-%d %H:%M} UTC" if key.last_used_at else ""
    return f"{models}, {ends}{used}"
