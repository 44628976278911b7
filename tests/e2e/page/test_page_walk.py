"""One person's day at the page, in a real browser: every step that people take, with pictures."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from doubles.consents import mailbox, send
from doubles.page import PageUnderTest, page_under_test
from doubles.start_nellie import SMALL_WINDOW, TALK
from e2e.page.conftest import Screen
from e2e.page.test_page_in_chromium import sign_in

from bot.domain.errors import ModelUnavailable
from bot.domain.model import Chunk
from bot.store.database import Database
from bot.testing import ANA, BOB
from bot.testing.fake_platform import FakePlatform
from bot.testing.scripted_model import Script, breaks, calls, says

OpenScreen = Callable[..., Awaitable[Screen]]
WRITTEN = (
    "The disk is in the **red box**, as Bob said.\n\n```sh\nmount /dev/sdb1 /mnt/backup\n```\n"
)
DROP = """([zone, name, words]) => {
  const data = new DataTransfer();
  data.items.add(new File([words], name, { type: "text/plain" }));
  for (const kind of ["dragenter", "dragover", "drop"])
    document.querySelector(zone).dispatchEvent(
      new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
}"""

MORE = ("/team", "/models", "/tools", "/limits")
"""For admins."""

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


@pytest.fixture
async def page(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PageUnderTest]:
    """A team with a talk behind it, a tool that changes something, and two models."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}}
    given = {"models": "scripted/two", "admins": (ANA.id,), **SMALL_WINDOW}
    async with page_under_test(database, platform=platform, toolbox=mailbox(), **given) as started:
        nellie = started.nellie
        await nellie.add_history("the backup disk is in the red box", *TALK)
        await nellie.compact()
        nellie.model.follow("answer", says("In the red box, as Bob said."))
        await nellie.ask(ANA, "where is the backup disk?")
        yield started


@pytest.fixture
async def screen(page: PageUnderTest, open_screen: OpenScreen) -> AsyncIterator[Screen]:
    """Ana's window; whatever she does, nothing is loaded from elsewhere, and nothing forbidden."""
    opened = await open_screen(viewport={"width": 1100, "height": 900})
    await sign_in(opened, page)
    yield opened
    assert opened.complaints == []
    assert all(address.startswith(page.url) for address in opened.asked)


async def begin(screen: Screen, question: str, name: str = "plans") -> Any:
    """A conversation of one's own begins with a question; what is said there."""
    await screen.page.get_by_role("link", name="Chat").click()
    await screen.page.get_by_label("Name of the conversation").fill(name)
    box = screen.page.get_by_label("Ask something")
    await box.fill(question)
    await box.press("Enter")
    log = screen.page.get_by_role("log")
    await log.wait_for()
    return log


async def say(screen: Screen, text: str) -> None:
    """Type it, and press Enter."""
    box = screen.page.get_by_label("Your message")
    await box.fill(text)
    await box.press("Enter")


def half_of(gate: asyncio.Event, rest: Script) -> Script:
    """It begins, and goes on once the gate is open."""
    return lambda prompt: (Chunk("The disk is "), gate, *rest(prompt))


async def test_she_is_asked_and_answers_as_she_writes(page: PageUnderTest, screen: Screen) -> None:
    gate = asyncio.Event()
    page.nellie.model.follow("answer", half_of(gate, says(WRITTEN)))

    log = await begin(screen, "where is the backup disk?")
    await log.get_by_text("The disk is").wait_for()
    assert await log.get_by_role("button", name="Stop").is_visible()
    assert await log.locator("pre code").count() == 0
    await screen.keep_picture("chat-writing")
    gate.set()
    await log.locator("pre code").wait_for()
    await log.get_by_role("button", name="Good answer").click()
    await log.locator("[aria-pressed=true]").wait_for()
    await screen.keep_picture("chat")

    assert await log.locator("strong", has_text="red box").count() == 1
    assert await page.nellie.rows("SELECT good FROM rating") == [(True,)]


async def test_an_answer_is_stopped_by_a_key_and_had_again(
    page: PageUnderTest, screen: Screen
) -> None:
    page.nellie.model.follow("answer", half_of(asyncio.Event(), says()), says("In the red box."))
    log = await begin(screen, "where is it?")
    await log.get_by_text("The disk is").wait_for()

    await screen.page.keyboard.press("Escape")
    await log.get_by_text("(stopped)").wait_for()
    await log.get_by_role("button", name="Retry").click()

    await log.get_by_text("In the red box.").wait_for()
    assert await log.get_by_role("button", name="Retry").count() == 0


async def test_who_was_answered_goes_on_typing(page: PageUnderTest, screen: Screen) -> None:
    page.nellie.model.follow("answer", says("First."), says("Second."), says("Third."))
    log = await begin(screen, "where is it?")
    await log.get_by_text("First.").wait_for()

    await say(screen, "and then?")
    await log.get_by_text("Second.").wait_for()
    await screen.page.locator("#text:focus").wait_for()
    async with screen.page.expect_download():
        await say(screen, "/memory export")
    await screen.page.locator("#composer:not([data-sent])").wait_for()
    await say(screen, "and now?")

    await log.get_by_text("Third.").wait_for()


async def test_without_scripts_an_answer_arrives(
    page: PageUnderTest, open_screen: OpenScreen
) -> None:
    gate = asyncio.Event()
    page.nellie.model.follow("answer", half_of(gate, says("red box.")))
    screen = await open_screen(java_script_enabled=False)
    await sign_in(screen, page)
    await screen.page.get_by_label("Ask something").fill("where is the backup disk?")
    await screen.page.get_by_role("button", name="Send").click()
    await screen.page.get_by_role("link", name="Look again").click()
    await screen.page.get_by_role("link", name="Look again").click()
    gate.set()

    await screen.page.get_by_text("The disk is red box.").wait_for()


async def test_what_failed_is_had_again(page: PageUnderTest, screen: Screen) -> None:
    away = ModelUnavailable(model="scripted", reason="it is away")
    page.nellie.model.follow("answer", breaks(away), says("In the red box."))
    log = await begin(screen, "where is it?")

    await log.get_by_role("button", name="Retry").click()

    await log.get_by_text("In the red box.").wait_for()


async def test_a_tool_that_changes_something_is_allowed(
    page: PageUnderTest, screen: Screen
) -> None:
    page.nellie.model.follow("answer", calls(send("rent"), text="I will."), says("It is sent."))
    log = await begin(screen, "write to the landlord")
    await log.get_by_role("button", name="Allow").wait_for()
    await screen.page.reload()
    await screen.keep_picture("consent")

    await log.get_by_role("button", name="Allow").click()

    await log.get_by_text("It is sent.").wait_for()
    assert await page.nellie.rows("SELECT state FROM consent") == [("allowed",)]


async def test_a_file_is_dragged_in_and_answered_from(page: PageUnderTest, screen: Screen) -> None:
    page.nellie.model.follow("answer", says("Hello."), says("Thirty days [doc 1]."))
    log = await begin(screen, "hello")
    await log.get_by_text("Hello.").wait_for()
    reading = asyncio.create_task(page.nellie.parts.reading_queue.run())

    await screen.page.evaluate(DROP, ["#composer", "terms.txt", "Notice is thirty days."])
    await screen.keep_picture("file")
    await say(screen, "what is the notice?")

    await log.get_by_text("Thirty days (terms.txt).").wait_for()
    reading.cancel()
    assert "Notice is thirty days." in page.nellie.model.prompts[-1].messages[-1].text


async def test_what_is_found_is_forgotten(page: PageUnderTest, screen: Screen) -> None:
    await screen.page.get_by_role("link", name="Memory").click()
    await screen.page.get_by_role("link", name="#general").click()
    await screen.page.get_by_role("searchbox").fill("where is the backup disk?")
    await screen.page.get_by_role("button", name="Search").click()
    found = screen.page.locator("article", has_text="the backup disk is in the red box")
    await screen.keep_picture("search")

    await found.get_by_role("button", name="Forget").click()
    await screen.keep_picture("forget")
    await screen.page.get_by_role("button", name="Yes").click()
    await screen.page.get_by_text("Forgotten").wait_for()

    assert await page.nellie.find_traces("red box") == []
    await screen.page.get_by_role("link", name="Changes").click()
    await screen.page.get_by_role("cell", name="forgot").first.wait_for()


async def test_why_she_answered_so_and_with_which_model(
    page: PageUnderTest, screen: Screen
) -> None:
    await screen.page.get_by_role("link", name="Questions", exact=True).click()
    await screen.page.get_by_role("link", name="Why").first.click()
    await screen.page.get_by_text("the backup disk is in the red box").first.wait_for()
    await screen.keep_picture("why")

    await screen.open(f"/channels/{await page.nellie.channel_id()}/settings")
    await screen.page.get_by_role("combobox", name="Model").select_option("scripted/two")
    await (
        screen.page.locator("section", has=screen.page.locator("#model"))
        .get_by_role("button", name="Set")
        .first.click()
    )
    await screen.page.get_by_text("scripted/two").first.wait_for()

    assert (await page.nellie.channel_state()).model == "scripted/two"


async def test_a_narrow_dark_window_has_all_of_it(
    page: PageUnderTest, open_screen: OpenScreen, axe: str
) -> None:
    screen = await open_screen(
        viewport={"width": 360, "height": 740}, color_scheme="dark", bypass_csp=True
    )
    await sign_in(screen, page)
    page.nellie.model.follow("answer", says(WRITTEN))
    log = await begin(screen, "where is the backup disk? " + "x" * 400)
    await log.locator("pre code").wait_for()
    await screen.keep_picture("chat-narrow")
    here = f"/channels/{await page.nellie.channel_id()}"
    [(turn,)] = await page.nellie.rows("SELECT max(id) FROM turn")

    for path in [
        screen.page.url.removeprefix(page.url),
        "/chat",
        f"{here}/settings",
        *MORE,
        f"{here}/documents",
        f"/turns/{turn}",
    ]:
        await screen.open(path)
        assert await screen.page.evaluate("document.documentElement.scrollWidth") <= 360, path
        await screen.page.evaluate(axe)
        found = await screen.page.evaluate("() => axe.run()")
        wrong = [(one["id"], node["html"]) for one in found["violations"] for node in one["nodes"]]
        assert wrong == [], path
