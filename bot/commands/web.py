"""/web: a link to the page in a browser, for its person alone, good once and for minutes."""

from dataclasses import dataclass
from pathlib import Path

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Channel, Reply
from bot.domain.page import SIGN_IN, TERMINAL
from bot.store.page_sessions import LINK_SECONDS, PageSessions, Person
from bot.store.served_page import find_served

EVERYWHERE = {"0.0.0.0", "[::]", "::"}  # noqa: S104  # as NELLIE_WEB may say; nothing listens here
NOT_HERE = (
    "A link that signs you in is for your eyes alone, and here others would see it too. Ask me in a"
    " direct message: /web"
)
NOT_SERVED = "The page is not served yet: whoever operates me sets NELLIE_WEB, or says nellie web."


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCommand:
    """Makes links that sign in."""

    sessions: PageSessions
    address: str | None
    """host:port where the page is served; None where it is not."""
    url: str | None
    """How people reach it, where that is known."""
    home: Path
    """Where `nellie web` says that it serves the page, for who sits at this machine."""

    async def run(self, request: Request) -> Reply:
        """Give a link to its person alone."""
        person, channel = request.person, request.state.channel
        if not (channel.direct or request.whispered):
            raise CommandError(reason=NOT_HERE)
        if person.bot or person.nellie:
            raise CommandError(reason="The page is for people.")
        page = self._find(channel)
        if page is None:
            raise CommandError(reason=NOT_SERVED)
        secret = await self.sessions.add_link(
            Person(
                platform=channel.platform,
                workspace=channel.workspace,
                person_id=person.id,
                name=person.name or person.id,
            )
        )
        lines = [
            "What I remember, what was asked and what it cost, to look at:",
            page + SIGN_IN + secret,
            f"This link signs you in once, within {LINK_SECONDS / 60:.0f} minutes; it is you, so"
            " give it to nobody.",
        ]
        return Reply("\n".join(lines))

    def _find(self, channel: Channel) -> str | None:
        if self.address is not None:
            return find_page(self.address, self.url)
        return find_served(self.home) if channel.platform == TERMINAL else None


def find_page(address: str, url: str | None) -> str:
    """Where people find the page, as far as that is known."""
    if url:
        return url.rstrip("/")
    host, _, port = address.rpartition(":")
    return f"http://{'its-name' if host in EVERYWHERE else host or '127.0.0.1'}:{port}"
