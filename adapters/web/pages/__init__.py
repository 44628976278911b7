"""What is shown at which address: a room for each subject."""

from collections.abc import Iterator

from aiohttp import web

from adapters.web.answers import Answers
from adapters.web.desk import Desk
from adapters.web.pages.account import AccountPages
from adapters.web.pages.archive import ArchivePages
from adapters.web.pages.channel_settings import ChannelSettingsPages
from adapters.web.pages.chat import ChatPages
from adapters.web.pages.doctor import DoctorPage
from adapters.web.pages.memory import MemoryPages
from adapters.web.pages.overview import OverviewPages
from adapters.web.pages.places import PlacePages
from adapters.web.pages.questions import QuestionPages
from adapters.web.pages.signing import SigningPages
from adapters.web.pages.team import TeamPages
from adapters.web.pages.turns import TurnPages
from adapters.web.settings import WebSettings
from bot.domain.page import Page


def routes(
    page: Page, answers: Answers, desk: Desk, settings: WebSettings
) -> Iterator[web.RouteDef]:
    """All of them."""
    yield from SigningPages(page, answers).routes()
    chat = ChatPages(page, answers, desk)
    yield from chat.routes()
    yield from PlacePages(page, answers, chat).routes()
    yield from TurnPages(page, answers, desk, settings).routes()
    yield from OverviewPages(page, answers).routes()
    yield from MemoryPages(page, answers).routes()
    yield from ChannelSettingsPages(page, answers).routes()
    yield from ArchivePages(page, answers).routes()
    yield from QuestionPages(page, answers).routes()
    yield from TeamPages(page, answers).routes()
    yield from DoctorPage(page, answers).routes()
    yield from AccountPages(page, answers).routes()
