"""Search engines: a SearXNG of one's own, or Brave. The operator chooses, so both are trusted."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.config.settings import Settings
from bot.domain.tool_errors import ToolFailed
from bot.text.json_fields import read_field

BRAVE = "https://api.search.brave.com/res/v1/web/search"
COUNT = 20  # results that are asked for
_TAG = re.compile(r"</?[a-z][^<>]{0,100}>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    title: str
    address: str
    snippet: str


class Engine(Protocol):
    """What searches the web."""

    name: str

    async def search(self, query: str) -> list[Hit]:
        """What it finds, the best first. Raises ToolFailed, in a sentence for people."""
        ...


def find_engine(settings: Settings) -> Engine | None:
    """The engine of the settings; a SearXNG of one's own goes first."""
    if settings.searxng:
        return SearXNG(settings.searxng)
    if settings.brave_key:
        return Brave(settings.brave_key.get_secret_value())
    return None


@dataclass(frozen=True, slots=True)
class SearXNG:
    """An instance that answers in JSON."""

    url: str
    name = "SearXNG"

    async def search(self, query: str) -> list[Hit]:
        """As `GET /search?q=&format=json` answers. Raises ToolFailed."""
        status, answer = await _ask(
            self.name, f"{self.url.rstrip('/')}/search", {"q": query, "format": "json"}, {}
        )
        if status == 403:
            raise ToolFailed(
                reason="SearXNG does not answer in JSON: its settings.yml needs json among"
                " search.formats."
            )
        found = _read(self.name, status, answer)
        return list(_hits(found, snippet="content"))


@dataclass(frozen=True, slots=True)
class Brave:
    """Brave's Search API."""

    key: str
    url: str = BRAVE
    name = "Brave"

    async def search(self, query: str) -> list[Hit]:
        """As its web search answers. Raises ToolFailed."""
        headers = {"X-Subscription-Token": self.key, "Accept": "application/json"}
        values = {"q": query, "count": str(COUNT), "text_decorations": "false"}
        status, answer = await _ask(self.name, self.url, values, headers)
        if status in (401, 403, 422):
            raise ToolFailed(reason="Brave refuses the key in NELLIE_BRAVE_KEY.")
        web = _read(self.name, status, answer).get("web") or {}
        return list(_hits(web if isinstance(web, dict) else {}, snippet="description"))


async def _ask(
    name: str, url: str, values: Mapping[str, str], headers: Mapping[str, str]
) -> tuple[int, bytes]:
    from bot.tools.web.asking import ask  # only here: a library of 8 MB is behind it

    return await ask(name, url, values, headers)


def _read(name: str, status: int, answer: bytes) -> dict[str, Any]:
    if status == 429:
        raise ToolFailed(reason=f"{name} takes no more searches for now. Try again later.")
    if status != 200:
        raise ToolFailed(reason=f"{name} answers {status}, and no results.")
    try:
        found = json.loads(answer)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ToolFailed(reason=f"{name} answers with something that is no JSON of results.")
    return found


def _hits(found: Mapping[str, Any], *, snippet: str) -> Iterator[Hit]:
    results = found.get("results")
    for result in results if isinstance(results, list) else ():
        if isinstance(result, dict):
            title, address, text = (_text(result, name) for name in ("title", "url", snippet))
            if address:
                yield Hit(_plain(title), address.strip(), _plain(text))


def _text(result: dict[str, Any], name: str) -> str:
    return read_field(result, name, str) if isinstance(result.get(name), str) else ""


def _plain(text: str) -> str:
    from html import unescape  # only here: a table of 2,200 names is behind it

    return unescape(_TAG.sub("", text))
