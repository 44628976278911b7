"""The page as browsers meet it: a real port, cookies, and what a browser says of a request."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from adapters.kit.listening import Place
from adapters.web.adapter import WebAdapter
from adapters.web.settings import WebSettings
from bot.domain.model import Author
from bot.domain.page import SIGN_IN, TERMINAL
from bot.page.building import build_page
from bot.store.database import Database
from bot.store.page_sessions import Person
from bot.testing import RunningNellie, running_nellie

StartPage = Callable[..., Awaitable["PageUnderTest"]]
"""Starts one, with settings of the test's own."""

OPERATOR = Author("you", "you")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str


class Browser:
    """One browser: it follows nowhere by itself, and keeps its cookies."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def get(self, path: str, **headers: str) -> Answer:
        """Open a page."""
        return await self._ask("GET", path, headers)

    async def post(
        self, path: str, form: Mapping[str, str] | None = None, **headers: str
    ) -> Answer:
        """Send a form of our own page, unless `headers` say that another one's it is."""
        own = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"} if not headers else {}
        return await self._ask("POST", path, {**own, **headers}, data=dict(form or {}))

    async def sign_in(self, secret: str) -> Answer:
        """Press the button behind a link."""
        return await self.post("/sign-in", {"secret": secret})

    async def events(self, path: str, **headers: str) -> AsyncIterator[tuple[str, str]]:
        """What a page that looks on is told: names and data, until they end."""
        given = headers or {"Sec-Fetch-Site": "same-origin"}
        named = {name.replace("_", "-"): value for name, value in given.items()}
        async with self.session.get(f"{self.url}{path}", headers=named) as answer:
            assert answer.status == 200, await answer.text()
            assert answer.content_type == "text/event-stream"
            name, lines = "", list[str]()
            async for line in answer.content:
                said = line.decode().rstrip("\n")
                if said.startswith("event: "):
                    name = said.removeprefix("event: ")
                elif said.startswith("data: "):
                    lines.append(said.removeprefix("data: "))
                elif not said and name:
                    yield name, "\n".join(lines)
                    name, lines = "", []

    @property
    def cookies(self) -> dict[str, str]:
        """Those that it would send."""
        return {one.key: one.value for one in self.session.cookie_jar}

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], **more: Any) -> Answer:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"{self.url}{path}"
        async with self.session.request(
            method, url, headers=named, allow_redirects=False, **more
        ) as answer:
            return Answer(status=answer.status, headers=answer.headers, text=await answer.text())


@dataclass(slots=True)
class Clock:
    """Time as the page has it."""

    ahead: float = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.ahead


@dataclass(frozen=True, slots=True, kw_only=True)
class PageUnderTest:
    """The page, and the Nellie behind it."""

    nellie: RunningNellie
    url: str
    clock: Clock
    _stack: AsyncExitStack

    def later(self, seconds: float) -> None:
        """Let time pass for what is remembered of platforms and numbers."""
        self.clock.ahead += seconds

    async def browser(self) -> Browser:
        """One in which nobody is signed in."""
        jar = aiohttp.CookieJar(unsafe=True)
        session = aiohttp.ClientSession(cookie_jar=jar)
        return Browser(self.url, await self._stack.enter_async_context(session))

    async def link(self, person: Author, platform: str = "fake", **fields: Any) -> str:
        """The secret of a link that signs somebody in."""
        whose = Person(platform=platform, workspace="team", person_id=person.id, name=person.name)
        return await self.nellie.parts.stores.page_sessions.add_link(whose, **fields)

    async def signed_in(self, person: Author, platform: str = "fake") -> Browser:
        """A browser in which somebody is."""
        browser = await self.browser()
        answer = await browser.sign_in(await self.link(person, platform))
        assert answer.status == 303, answer.text
        return browser

    async def operator(self) -> Browser:
        """A browser of who sits at the machine."""
        return await self.signed_in(OPERATOR, TERMINAL)


def secret_in(text: str) -> str:
    """The secret of the link that a text holds."""
    [found] = re.findall(rf"{SIGN_IN}(\w{{43}})\b", text)
    return str(found)


@asynccontextmanager
async def page_under_test(
    database: Database, *, url: str = "", **given: Any
) -> AsyncIterator[PageUnderTest]:
    """The page on a database; `given` is what bot.testing.running_nellie takes."""
    adapter = WebAdapter(WebSettings(Place("127.0.0.1", 0), url))
    async with AsyncExitStack() as stack:
        nellie = await stack.enter_async_context(
            running_nellie(database, adapters=[adapter], **given)
        )
        clock = Clock()
        adapter.show(build_page(nellie.parts, clock=clock))
        serving = asyncio.create_task(nellie.parts.supervisor.serve([adapter]))
        stack.push_async_callback(_stop, serving)
        while not adapter.connected():  # noqa: ASYNC110  # it tells nobody else
            await asyncio.sleep(0)
        port = adapter.port
        yield PageUnderTest(
            nellie=nellie, url=f"http://127.0.0.1:{port}", clock=clock, _stack=stack
        )


async def _stop(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
