"""/web: a link to the page in a browser, for its person alone, good once and for minutes."""

from dataclasses import dataclass

from bot.commands.request import Request
from bot.domain.errors import CommandError
from bot.domain.model import Reply
from bot.domain.page import SIGN_IN
from bot.store.page_sessions import LINK_SECONDS, PageSessions, Person

EVERYWHERE = {"0.0.0.0", "[::]", "::"}  # noqa: S104  # as NELLIE_WEB may say; nothing listens here
NOT_HERE = (
    "A link that signs you in is for your eyes alone, and here others would see it too. Ask me in a"
    " direct message: /web"
)
NOT_SERVED = "The page is not served yet: whoever operates me sets NELLIE_WEB."


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCommand:
    """Makes links that sign in."""

    sessions: PageSessions
    address: str | None
    """host:port where the page is served; None where it is not."""
    url: str | None
    """How people reach it, where that is known."""

    async def run(self, request: Request) -> Reply:
        """Give a link to its person alone."""
        person, channel = request.person, request.state.channel
        if not (channel.direct or request.whispered):
            raise CommandError(reason=NOT_HERE)
        if person.bot or person.nellie:
            raise CommandError(reason="The page is for people.")
        if self.address is None:
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
            find_page(self.address, self.url) + SIGN_IN + secret,
            f"This link signs you in once, within {LINK_SECONDS / 60:.0f} minutes; it is you, so"
            " give it to nobody.",
        ]
        return Reply("\n".join(lines))


def find_page(address: str, url: str | None) -> str:
    """Where people find the page, as far as that is known."""
    if url:
        return url.rstrip("/")
    host, _, port = address.rpartition(":")
    return f"http://{'its-name' if host in EVERYWHERE else host or '127.0.0.1'}:{port}"
