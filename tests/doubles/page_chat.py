"""Somebody who talks with her at the page."""

import re
from dataclasses import dataclass
from typing import Self

from doubles.page import Answer, Browser

DONE = "done"


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation, as one browser leads it."""

    browser: Browser
    path: str

    @classmethod
    async def begin(cls, browser: Browser, name: str = "plans", token: str = "") -> Self:
        """A new one."""
        given = {"name": name, "token": token or await token_in(browser, "/chat")}
        answer = await browser.post("/chat", given)
        assert answer.status == 303, answer.text
        return cls(browser, answer.headers["Location"].partition("#")[0])

    @property
    def channel_id(self) -> int:
        """The row of its channel."""
        return int(self.path.rpartition("/")[2])

    async def say(self, text: str, token: str = "") -> Answer:
        """Send the form."""
        given = {"text": text, "token": token or await token_in(self.browser, self.path)}
        return await self.browser.post(self.path, given)

    async def ask(self, text: str) -> int:
        """Ask; the turn that is shown as being answered, or as the newest one."""
        answer = await self.say(text)
        assert answer.status == 303, answer.text
        return max(self.turns(await self.look()))

    async def look(self) -> str:
        """The conversation as it stands."""
        answer = await self.browser.get(self.path)
        assert answer.status == 200, answer.text
        return answer.text

    async def events(self, turn: int) -> list[tuple[str, str]]:
        """Look on until it has ended."""
        return [one async for one in self.browser.events(f"/chat/turns/{turn}/events")]

    async def answer(self, turn: int) -> str:
        """What is shown in the end."""
        name, html = (await self.events(turn))[-1]
        assert name == DONE
        return html

    async def press(self, turn: int, what: str, **form: str) -> Answer:
        """Press a button of an answer."""
        return await self.browser.post(f"/chat/turns/{turn}/{what}", form)

    @staticmethod
    def turns(text: str) -> list[int]:
        """The turns that stand on a page."""
        return [int(one) for one in re.findall(r'id="turn-(\d+)"', text)]


async def token_in(browser: Browser, path: str) -> str:
    """What the form there makes one question of."""
    answer = await browser.get(path)
    assert answer.status == 200, answer.text
    return re.findall(r'name="token" value="(\w{32})"', answer.text)[0]
