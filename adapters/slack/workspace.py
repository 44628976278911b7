"""One workspace as the adapter knows it: who she is there, and what is shared by all work."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from adapters.slack.api import DEAD, Api, SlackRefused
from adapters.slack.background import Background
from adapters.slack.directory import Directory
from adapters.slack.history import History
from adapters.slack.incoming import Me
from adapters.slack.limits import Rates
from adapters.slack.posts import Finder
from adapters.slack.settings import SlackSettings
from bot.archive import want
from bot.errors import SettingsError

KEPT = 1_000  # addresses for private answers

log = structlog.get_logger(__name__)


@dataclass
class Whispers:
    """Where private answers go, by the id of the question: Slack gives an address for each."""

    addresses: dict[str, str] = field(default_factory=dict)

    def keep(self, question: str, address: str) -> None:
        """Remember an address; the oldest is forgotten when there are too many."""
        self.addresses[question] = address
        while len(self.addresses) > KEPT:
            del self.addresses[next(iter(self.addresses))]


class Workspace:
    """What is known of a workspace once its token was accepted."""

    def __init__(self, settings: SlackSettings, api: Api, me: Me) -> None:
        self.settings, self.api, self.me = settings, api, me
        self.directory = Directory(api, me)
        self.history = History(api, self.directory, me, settings.bots)
        self.replicas: Callable[[], int] = lambda: 1
        """How many replicas share Slack's rates; known once the door is."""
        self.rates = Rates(lambda: self.replicas())
        self.finder = Finder(api)
        self.background = Background()
        self.whispers = Whispers()
        self.running: dict[tuple[str, str], int] = {}
        """The turns that are answered here, by channel and thread: what Stop means."""
        self.gone = asyncio.Event()
        """The app was taken out of the workspace, or its token."""

    def leave(self, reason: str) -> None:
        """Say once that nothing can be said here any more."""
        if not self.gone.is_set():
            self.gone.set()
            log.error(
                "slack: not served any more", reason=reason,
                what_to_do="install the app again and put its new token into SLACK_BOT_TOKEN",
            )  # fmt: skip


async def introduced(settings: SlackSettings, api: Api) -> Me:
    """Who the token says she is. Raises SettingsError when Slack does not accept it."""
    try:
        answer = await api.read("auth.test")
    except SlackRefused as error:
        if error.error in DEAD:
            reason = f"Slack does not accept it ({error.error}); copy it from OAuth & Permissions"
            raise SettingsError(name="SLACK_BOT_TOKEN", reason=reason) from None
        raise
    return _me(answer)


def _me(answer: Mapping[str, object]) -> Me:
    said = dict(answer)
    try:
        url = want(said, "url", str, "")
        return Me(
            team=want(said, "team_id", str),
            user=want(said, "user_id", str),
            bot=want(said, "bot_id", str),
            url=url if url.endswith("/") else f"{url}/",
        )
    except ValueError:
        reason = "it is no token of an app's bot; take the Bot User OAuth Token"
        raise SettingsError(name="SLACK_BOT_TOKEN", reason=reason) from None
