"""The pictures in docs/page.md: the page as a browser shows it.

`make picture` lets a team talk, asks her something at the page in Chromium, and keeps what is seen
of the chat and of "why". People's lines are written here; the answer is a stand-in's of a language
model. What is around it, and all numbers, is what happened. Needs what `make e2e` needs for the
page (tests/e2e/page/requirements.txt, and Chromium).
"""

import asyncio
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from doubles.page import OPERATOR, PageUnderTest, page_under_test  # noqa: E402  # found from here on
from doubles.start_nellie import SMALL_WINDOW  # noqa: E402

from bot.domain.model import Channel  # noqa: E402
from bot.domain.page import SIGN_IN, TERMINAL  # noqa: E402
from bot.testing import ANA, BOB  # noqa: E402
from bot.testing.postgres import temporary_database  # noqa: E402
from bot.testing.scripted_model import ScriptedModel, says  # noqa: E402

HERE = Path(__file__).parent
TALK = (
    (BOB, "The backup disk is in the red box, in room 4.12. Marta has the key."),
    (ANA, "Before it is taken out it has to be unmounted: sudo umount /mnt/backup"),
    (BOB, "And the label on it says HARBOUR-2, not HARBOUR-1: that one is broken."),
    *((BOB, f"Ship {number} is due at pier {number % 7} after lunch.") for number in range(40)),
)
QUESTION = "Where is the backup disk, and what do I do before I take it out?"
ANSWER = (
    "It is in the **red box in room 4.12**; Marta has the key. Take the one that is labelled"
    " *HARBOUR-2*.\n\nBefore you take it out, unmount it:\n\n```sh\nsudo umount /mnt/backup\n```\n"
)
WINDOW, TALL = {"width": 900, "height": 700}, {"width": 900, "height": 1150}


async def talked(page: PageUnderTest) -> None:
    """A channel of the console in which people have talked, and a model that answers."""
    channel = Channel("console", "local", "harbour", "harbour")
    for author, text in TALK:
        await page.nellie.say(author, text, channel=channel)
    await page.nellie.compact(channel)
    page.nellie.model.follow("answer", says(*(f"{word} " for word in ANSWER.split(" "))))


async def take(browser: Any, page: PageUnderTest) -> None:
    """Ask, and look why."""
    context = await browser.new_context(viewport=WINDOW, color_scheme="light")
    screen = await context.new_page()
    await screen.goto(page.url + SIGN_IN + await page.link(OPERATOR, TERMINAL))
    await screen.get_by_role("button", name="Sign in").click()
    await screen.get_by_role("link", name="Chat").click()
    await screen.get_by_role("link", name="harbour").click()
    await screen.get_by_label("Your message").fill(QUESTION)
    await screen.keyboard.press("Enter")
    await screen.get_by_role("log").locator("pre code").wait_for()
    await screen.get_by_role("button", name="Good answer").last.wait_for()
    await screen.screenshot(path=HERE / "page-chat.png")
    await screen.set_viewport_size(TALL)
    await screen.get_by_role("link", name="Why").last.click()
    await screen.get_by_text("What the prompt was made of").wait_for()
    await screen.screenshot(path=HERE / "page-why.png")
    await context.close()


async def main() -> None:
    """Both."""
    from playwright.async_api import async_playwright

    found = shutil.which("chromium") or shutil.which("google-chrome")
    async with (
        temporary_database() as database,
        async_playwright() as driver,
        page_under_test(database, model=ScriptedModel(), **SMALL_WINDOW) as page,
    ):
        await talked(page)
        browser = await driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        await take(browser, page)
        await browser.close()


if __name__ == "__main__":
    asyncio.run(main())
