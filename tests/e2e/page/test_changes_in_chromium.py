"""What one changes at the page, in a real browser: with a click, with two, and without scripts."""

from collections.abc import Awaitable, Callable

import pytest
from doubles.page import PageUnderTest
from e2e.page.conftest import Screen

from bot.domain.page import SIGN_IN
from bot.testing import ANA, BOB

OpenScreen = Callable[..., Awaitable[Screen]]

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]


async def sign_in(screen: Screen, page: PageUnderTest) -> None:
    page.nellie.platform.admins.add(ANA.id)
    await page.nellie.say(BOB, "the falcon lands on friday")
    await screen.open(SIGN_IN + await page.link(ANA))
    await screen.page.get_by_role("button", name="Sign in").click()
    await screen.page.wait_for_url(page.url + "/chat")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
async def test_a_message_is_forgotten_and_a_model_set(
    page: PageUnderTest, open_screen: OpenScreen, scripts: bool
) -> None:
    screen = await open_screen(
        viewport={"width": 360, "height": 740}, java_script_enabled=scripts, color_scheme="dark"
    )
    await sign_in(screen, page)
    here, seen = f"/channels/{await page.nellie.channel_id()}", screen.page

    await screen.open(here)
    await seen.get_by_role("button", name="forget… message 1").click()
    await seen.get_by_text("This forgets 1 message").wait_for()
    await screen.keep_picture("sure-360")
    await seen.get_by_role("button", name="Yes, do it").click()
    await seen.get_by_text("Forgotten: 1 message").wait_for()
    await seen.get_by_role("link", name="To the memory").click()
    await seen.get_by_role("link", name="Settings").click()
    await screen.keep_picture("settings-360")
    model = seen.get_by_role("region", name="Model")
    await model.get_by_role("combobox", name="Model").select_option("extractive")
    await model.get_by_role("button", name="Set").first.click()
    await seen.get_by_text("From now on extractive answers here").wait_for()
    await screen.open("/changes")

    assert await seen.get_by_text("forgot a message: 1 message").count() == 1
    assert await page.nellie.texts() == []
    assert (await page.nellie.channel_state()).model == "extractive"
    assert screen.complaints == []


async def test_a_double_click_makes_one_key_and_shows_it(
    page: PageUnderTest, open_screen: OpenScreen
) -> None:
    screen = await open_screen()
    await sign_in(screen, page)

    await screen.open("/team")
    await screen.page.get_by_label("Name of the program").fill("ci")
    await screen.keep_picture("team")
    await screen.page.get_by_role("button", name="Make it").dblclick()
    await screen.page.get_by_text("It is shown this once").wait_for()

    shown = await screen.page.locator("pre").inner_text()
    assert await page.nellie.parts.stores.api_keys.find(shown.strip()) is not None
    assert len(await page.nellie.parts.stores.api_keys.list()) == 1
    assert screen.complaints == []
