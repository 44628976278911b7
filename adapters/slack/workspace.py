"""One workspace as the adapter knows it: who Nellie is there, and what all work there shares."""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import structlog

from adapters.kit.background_tasks import BackgroundTasks
from adapters.kit.offers import Offers
from adapters.slack.api_errors import INVALID_TOKEN, SlackRefused
from adapters.slack.directory import Directory
from adapters.slack.history import History
from adapters.slack.incoming import BotIdentity
from adapters.slack.members import Members
from adapters.slack.own_posts import OwnPosts
from adapters.slack.rate_limits import RateLimits
from adapters.slack.readers import Readers
from adapters.slack.review import Review
from adapters.slack.settings import SlackSettings
from adapters.slack.unheard import UnheardBots
from adapters.slack.web_api import WebApi
from bot.domain.bounded_cache import BoundedCache
from bot.domain.errors import SettingsError
from bot.text.json_fields import read_field

RESPONSE_URLS = 1_000  # questions whose address for answers is remembered

log = structlog.get_logger(__name__, platform="slack")


class Workspace:
    """A workspace whose token was accepted."""

    def __init__(self, *, settings: SlackSettings, api: WebApi, identity: BotIdentity) -> None:
        self.settings = settings
        self.api = api
        self.identity = identity
        self.directory = Directory(api, identity)
        self.history = History(
            api=api, directory=self.directory, identity=identity, bots=settings.bots
        )
        self.members = Members(api)
        self.readers = Readers(api, identity.team_id)
        self.own_posts = OwnPosts(api, identity)
        self.rate_limits = RateLimits(reviews=settings.reviews)
        self.unheard_bots = UnheardBots(
            identity=identity, bots=settings.bots, replicas=self.rate_limits
        )
        self.review = Review(
            api=api,
            directory=self.directory,
            identity=identity,
            bots=settings.bots,
            pace=self.rate_limits.reviews,
        )
        self.background = BackgroundTasks("slack")
        self.response_urls: BoundedCache[str, str] = BoundedCache(RESPONSE_URLS)
        """Where private answers go, by the id of the question: Slack gives an address for each."""
        self.running_turns = RunningTurns()
        self.offers = Offers()
        self.removed = asyncio.Event()
        """The app, or its token, was taken out of the workspace."""

    def mark_removed(self, reason: str) -> None:
        """Log once that nothing can be done in this workspace any more."""
        if not self.removed.is_set():
            self.removed.set()
            fix = "install the app again and put its new token into SLACK_BOT_TOKEN"
            log.error("removed_from_workspace", reason=reason, fix=fix)


class RunningTurns:
    """The turns that this process is answering, by channel and thread: what Slack's Stop means."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], int] = {}

    def find(self, channel_id: str, thread: str) -> int | None:
        """The id of the turn in a thread."""
        return self._turns.get((channel_id, thread))

    @contextmanager
    def track(self, channel_id: str, thread: str, turn_id: int) -> Iterator[None]:
        """Know of a turn as long as the block lasts."""
        self._turns[channel_id, thread] = turn_id
        try:
            yield
        finally:
            if self._turns.get((channel_id, thread)) == turn_id:
                del self._turns[channel_id, thread]


class SignIn:
    """Asks Slack once who the token belongs to, and gives everybody the same workspace."""

    def __init__(self, settings: SlackSettings, api: WebApi) -> None:
        self._settings = settings
        self._api = api
        self._workspace: Workspace | None = None
        self._lock = asyncio.Lock()

    async def workspace(self) -> Workspace:
        """The workspace. Raises SettingsError when Slack does not accept the token."""
        async with self._lock:
            if self._workspace is None:
                identity = await self._identify()
                self._workspace = Workspace(
                    settings=self._settings, api=self._api, identity=identity
                )
            return self._workspace

    async def _identify(self) -> BotIdentity:
        try:
            return _to_identity(await self._api.read("auth.test"))
        except SlackRefused as error:
            if error.error not in INVALID_TOKEN:
                raise
            reason = f"Slack does not accept it ({error.error}); copy it from OAuth & Permissions"
            raise SettingsError(name="SLACK_BOT_TOKEN", reason=reason) from None


def _to_identity(answer: Mapping[str, object]) -> BotIdentity:
    fields = dict(answer)
    try:
        url = read_field(fields, "url", str, "")
        return BotIdentity(
            team_id=read_field(fields, "team_id", str),
            user_id=read_field(fields, "user_id", str),
            bot_id=read_field(fields, "bot_id", str),
            url=url if url.endswith("/") else f"{url}/",
        )
    except ValueError:
        reason = "it is no token of an app's bot; take the Bot User OAuth Token"
        raise SettingsError(name="SLACK_BOT_TOKEN", reason=reason) from None
