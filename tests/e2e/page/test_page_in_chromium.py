"""The page in a real browser: signing in, reading, its policy, and whether everybody can use it."""

from collections.abc import Awaitable, Callable

import pytest
from doubles.markup_injections import INJECTIONS
from doubles.page import OPERATOR, PageUnderTest
from doubles.start_nellie import TALK
from e2e.page.conftest import Screen

from bot.domain.model import Author
from bot.domain.page import SIGN_IN, TERMINAL
from bot.testing import ANA, BOB
from bot.testing.scripted_model import says

OpenScreen = Callable[..., Awaitable[Screen]]

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]

SOUND = "() => { window.ran = []; window.alert = (what) => window.ran.push(what); }"


@pytest.fixture
async def talked(page: PageUnderTest) -> PageUnderTest:
    """Something is remembered, and something was asked."""
    nellie = page.nellie
    await nellie.add_history("the backup disk is in the red box", *TALK)
    nellie.model.follow("answer", says("In the red box, as Bob said."))
    await nellie.ask(ANA, "where is the backup disk?")
    return page


async def sign_in(screen: Screen, page: PageUnderTest, person: Author = ANA) -> None:
    await screen.open(SIGN_IN + await page.link(person))
    await screen.page.get_by_role("button", name="Sign in").click()
    await screen.page.wait_for_url(page.url + "/chat")


async def paths(page: PageUnderTest) -> list[str]:
    """A page of each kind."""
    here = f"/channels/{await page.nellie.channel_id()}"
    [(turn,)] = await page.nellie.rows("SELECT max(id) FROM turn")
    lists = ["/", "/?all=1", "/channels", "/turns", "/changes", "/doctor", "/you", "/nowhere"]
    lists += [
        "/chat",
        "/team",
        "/models",
        "/tools",
        "/limits",
        f"{here}/settings",
        f"{here}/documents",
    ]
    lists += [f"{here}/archive"]
    return [*lists, here, f"{here}/search?q=disk", f"{here}/turns", f"/turns/{turn}", "/sign-in"]


async def test_from_a_link_to_why_she_answered_so(
    talked: PageUnderTest, open_screen: OpenScreen
) -> None:
    screen = await open_screen(viewport={"width": 1100, "height": 900})
    await sign_in(screen, talked)
    await screen.page.get_by_role("link", name="Overview").click()
    await screen.page.wait_for_url(talked.url + "/")
    await screen.keep_picture("overview")

    await screen.page.get_by_role("link", name="Memory").click()
    await screen.page.get_by_role("link", name="#general").click()
    await screen.keep_picture("memory")
    before = await screen.page.locator("article").count()
    await screen.page.get_by_role("link", name="Older").click()
    await screen.page.locator("article").nth(before).wait_for()
    await screen.page.get_by_role("searchbox").fill("where is the backup disk?")
    await screen.page.get_by_role("button", name="Search").click()
    await screen.page.get_by_text("the backup disk is in the red box").wait_for()
    await screen.keep_picture("search")
    await screen.page.get_by_role("link", name="Questions", exact=True).click()
    await screen.page.get_by_role("link", name="Why").first.click()
    await screen.page.get_by_text("What the prompt was made of").wait_for()
    await screen.keep_picture("why")

    assert await screen.page.get_by_text("In the red box, as Bob said.").count() == 1
    await screen.page.get_by_role("link", name="ana").click()
    await screen.page.get_by_role("button", name="Sign out everywhere").click()
    await screen.page.get_by_text("You are signed out").wait_for()
    assert screen.complaints == []
    assert all(address.startswith(talked.url) for address in screen.asked)


async def test_at_this_machine_the_link_signs_in_by_itself(
    talked: PageUnderTest, open_screen: OpenScreen
) -> None:
    screen = await open_screen()

    await screen.open(SIGN_IN + await talked.link(OPERATOR, TERMINAL, at_once=True))

    await screen.page.wait_for_url(talked.url + "/chat")
    assert screen.complaints == []


async def test_it_can_be_read_without_scripts(
    talked: PageUnderTest, open_screen: OpenScreen
) -> None:
    screen = await open_screen(java_script_enabled=False)
    await sign_in(screen, talked)

    await screen.open(f"/channels/{await talked.nellie.channel_id()}")
    await screen.page.get_by_role("link", name="Older").click()
    await screen.page.wait_for_url("**?before=*")
    await screen.page.get_by_role("button", name="dark").click()

    assert await screen.page.locator("html[data-theme=dark]").count() == 1
    assert await screen.page.locator("article").count() > 10


@pytest.mark.parametrize("look", ["light", "dark"])
async def test_everybody_can_use_it(
    talked: PageUnderTest, open_screen: OpenScreen, axe: str, look: str
) -> None:
    # Only here the policy is put aside, for what looks the page over.
    screen = await open_screen(bypass_csp=True, color_scheme=look)
    await sign_in(screen, talked)

    for path in await paths(talked):
        await screen.open(path)
        await screen.page.evaluate(axe)
        found = await screen.page.evaluate("() => axe.run()")
        assert [(path, one["id"], one["nodes"]) for one in found["violations"]] == []


@pytest.mark.parametrize("width", [360, 768, 1600])
async def test_nothing_is_wider_than_the_window(
    talked: PageUnderTest, open_screen: OpenScreen, width: int
) -> None:
    await talked.nellie.say(BOB, "x" * 3_000)
    screen = await open_screen(viewport={"width": width, "height": 740}, color_scheme="dark")
    await sign_in(screen, talked)

    for path in await paths(talked):
        await screen.open(path)
        assert await screen.page.evaluate("document.documentElement.scrollWidth") <= width, path
    await screen.open("/")
    await screen.keep_picture(f"dark-{width}")


async def test_words_of_others_run_nothing(page: PageUnderTest, open_screen: OpenScreen) -> None:
    for number, words in enumerate(INJECTIONS):
        await page.nellie.say(Author(f"U{number + 9}", words), words)
    page.nellie.model.follow("answer", *(says(words) for words in INJECTIONS[-20:]))
    for words in INJECTIONS[-20:]:
        await page.nellie.ask(BOB, words)
    screen = await open_screen()
    await screen.page.add_init_script(f"({SOUND})()")
    await sign_in(screen, page)
    here = f"/channels/{await page.nellie.channel_id()}"

    for path in (here, f"{here}?before=60", f"{here}?before=30", f"{here}/turns", "/turns"):
        await screen.open(path)
        assert await screen.page.evaluate("window.ran") == [], path
    assert screen.complaints == []
    assert all(address.startswith(page.url) for address in screen.asked)


async def test_anothers_page_cannot_send_its_forms(
    talked: PageUnderTest, open_screen: OpenScreen
) -> None:
    screen = await open_screen()
    await sign_in(screen, talked)
    evil = f"""<form method="post" action="{talked.url}/sign-out"><button>win</button></form>"""
    await screen.page.route(
        "http://evil.example.org/*",
        lambda route: route.fulfill(body=evil, content_type="text/html"),
    )

    await screen.page.goto("http://evil.example.org/")
    await screen.page.get_by_role("button", name="win").click()
    await screen.page.get_by_text("Another site sent this").wait_for()

    await screen.open("/you")
    assert await screen.page.get_by_role("button", name="Sign out everywhere").count() == 1
