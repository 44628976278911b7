"""Browsers without a screen: what a page takes to come, and how many bytes it is."""

import gzip
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median, quantiles

import aiohttp

from bot.store.database import Database
from bot.store.page_sessions import PageSessions, Person

_STATIC = re.compile(r'(?:href|src)="(/static/[^"]+)"')


@dataclass(frozen=True, slots=True)
class Browser:
    """Somebody who is signed in."""

    url: str
    session: aiohttp.ClientSession

    async def took(self, path: str) -> float:
        """Milliseconds until the last byte of a page is there."""
        began = time.perf_counter()
        await self.text(path)
        return (time.perf_counter() - began) * 1_000

    async def text(self, path: str) -> str:
        """A page."""
        async with self.session.get(self.url + path) as answer:
            text = await answer.text()
        assert answer.status == 200, f"{path}: {answer.status}"
        return text

    async def weigh(self, path: str) -> Mapping[str, int]:
        """The bytes of a page with all that it loads: as they are, and as they are sent."""
        page = await self.text(path)
        bodies = [page.encode()]
        for address in _STATIC.findall(page):
            async with self.session.get(self.url + address) as answer:
                bodies.append(await answer.read())
        squeezed = sum(len(gzip.compress(body)) for body in bodies)
        return {"bytes": sum(map(len, bodies)), "sent_bytes": squeezed, "requests": len(bodies)}


@asynccontextmanager
async def signed_in(database: Database, url: str, person: Person) -> AsyncIterator[Browser]:
    """A browser of somebody, for as long as the block lasts."""
    secret = await PageSessions(database).add_link(person)
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        own = {"Origin": url, "Sec-Fetch-Site": "same-origin"}
        form = {"secret": secret}
        async with session.post(f"{url}/sign-in", data=form, headers=own, allow_redirects=False):
            yield Browser(url, session)


@asynccontextmanager
async def anybody(url: str) -> AsyncIterator[Browser]:
    """A browser of nobody in particular."""
    async with aiohttp.ClientSession() as session:
        yield Browser(url, session)


async def read_again_and_again(
    browser: Browser, paths: Mapping[str, Sequence[str]], times: int
) -> Mapping[str, Sequence[float]]:
    """By name, what its pages took, each kind in turn so that all see the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in paths}
    for number in range(times):
        for name, several in paths.items():
            taken[name].append(await browser.took(several[number % len(several)]))
    return taken


def percentiles(times: Sequence[float]) -> tuple[float, float]:
    """The median, and what 95 of a hundred stay under."""
    last = quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]
    return round(median(times), 1), round(last, 1)
