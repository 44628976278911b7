"""Signing in at the page: a link works once, and a cookie until somebody ends it."""

import asyncio
import re
from pathlib import Path

import pytest
from doubles.page import OPERATOR, PageUnderTest, StartPage, secret_in

from bot.domain.errors import CommandError
from bot.domain.model import Author, Channel
from bot.domain.page import SIGN_IN, TERMINAL
from bot.gateway.callers.memberships import FRESH
from bot.page.signing import MOST_WRONG
from bot.store.served_page import announced
from bot.testing import ANA, BOB, GENERAL
from bot.testing.fake_platform import FakePlatform

HERE = Channel("fake", "team", "D1", direct=True)
WRONG = "A" * 43


async def test_a_link_from_the_chat_signs_its_person_in(start_page: StartPage) -> None:
    page = await start_page(web="127.0.0.1:8082")
    reply = await page.nellie.run_command("web", ANA, channel=HERE)
    browser = await page.browser()
    secret = secret_in(reply.text)

    offered = await browser.get(f"/sign-in/{secret}")
    answer = await browser.sign_in(secret)

    assert reply.private
    assert "Sign in as ana" in offered.text
    assert (answer.status, answer.headers["Location"]) == (303, "/chat")
    assert ">ana<" in (await browser.get("/")).text


async def test_a_link_is_good_once(page: PageUnderTest) -> None:
    secret = await page.link(ANA)
    await (await page.browser()).sign_in(secret)
    thief = await page.browser()

    answer = await thief.sign_in(secret)

    assert answer.status == 403
    assert "was used already" in answer.text
    assert thief.cookies == {}
    assert (await thief.get("/")).headers["Location"] == "/sign-in"


async def test_of_two_at_once_one_gets_in(page: PageUnderTest) -> None:
    secret = await page.link(ANA)
    browsers = [await page.browser() for _ in range(8)]

    answers = await asyncio.gather(*(one.sign_in(secret) for one in browsers))

    assert sorted(one.status for one in answers) == [303, *[403] * 7]


async def test_looking_at_a_link_uses_it_up_for_nobody(page: PageUnderTest) -> None:
    secret = await page.link(ANA)
    preview = await page.browser()
    for method in ("GET", "HEAD"):
        async with preview.session.request(method, f"{page.url}/sign-in/{secret}") as looked:
            assert looked.status == 200
    assert preview.cookies == {}

    answer = await (await page.browser()).sign_in(secret)

    assert answer.status == 303


async def test_a_link_ends_after_ten_minutes(page: PageUnderTest) -> None:
    secret = await page.link(ANA)
    await page.nellie.rows("UPDATE page_link SET until = now() - interval '1 second'")
    browser = await page.browser()

    assert (await browser.get(f"/sign-in/{secret}")).status == 403
    assert (await browser.sign_in(secret)).status == 403


async def test_a_newer_link_takes_the_place_of_a_former_one(page: PageUnderTest) -> None:
    former, newer = await page.link(ANA), await page.link(ANA)
    of_bob = await page.link(BOB)

    answers = [await (await page.browser()).sign_in(one) for one in (former, newer, of_bob)]

    assert [one.status for one in answers] == [403, 303, 303]


async def test_secrets_stand_nowhere(page: PageUnderTest) -> None:
    secret = await page.link(ANA)
    assert await page.nellie.find_traces(secret) == []
    browser = await page.browser()
    await browser.sign_in(secret)

    assert await page.nellie.find_traces(browser.cookies["nellie"]) == []
    assert await page.nellie.find_traces(secret) == []


async def test_a_session_that_somebody_planted_is_not_taken_over(page: PageUnderTest) -> None:
    browser = await page.browser()
    planted = "B" * 43
    browser.session.cookie_jar.update_cookies({"nellie": planted})

    await browser.sign_in(await page.link(ANA))

    assert browser.cookies["nellie"] != planted
    other = await page.browser()
    other.session.cookie_jar.update_cookies({"nellie": planted})
    assert (await other.get("/you")).status == 303


async def test_signing_in_again_ends_the_former_session(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    former = browser.cookies["nellie"]

    await browser.sign_in(await page.link(BOB))

    old = await page.browser()
    old.session.cookie_jar.update_cookies({"nellie": former})
    assert (await old.get("/you")).status == 303
    assert "bob" in (await browser.get("/you")).text


async def test_the_cookie_is_out_of_reach(start_page: StartPage) -> None:
    plain = await start_page()
    answer = await (await plain.browser()).sign_in(await plain.link(ANA))

    said = answer.headers["Set-Cookie"]

    assert said.startswith("nellie=")
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= {part.strip() for part in said.split(";")}
    assert "Secure" not in said
    assert "Domain" not in said


async def test_behind_https_the_cookie_is_secure(start_page: StartPage) -> None:
    page = await start_page(url="https://nellie.example.org")
    browser = await page.browser()
    form = {"secret": await page.link(ANA)}

    answer = await browser.post("/sign-in", form, Origin="https://nellie.example.org")

    said = answer.headers["Set-Cookie"]
    assert said.startswith("__Host-nellie=")
    assert "Secure" in said


async def test_signing_out_ends_the_session_itself(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    kept = browser.cookies["nellie"]

    answer = await browser.post("/sign-out")

    assert answer.headers["Location"] == "/sign-in"
    thief = await page.browser()
    thief.session.cookie_jar.update_cookies({"nellie": kept})
    assert (await thief.get("/you")).status == 303


async def test_signing_out_everywhere_ends_all_of_ones_own(page: PageUnderTest) -> None:
    first, second = await page.signed_in(ANA), await page.signed_in(ANA)
    other, link = await page.signed_in(BOB), await page.link(ANA)

    await first.post("/sign-out", {"everywhere": "1"})

    assert (await second.get("/you")).status == 303
    assert (await (await page.browser()).sign_in(link)).status == 403
    assert (await other.get("/you")).status == 200


async def test_a_session_ends_after_14_days_without_use(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    age = "UPDATE page_session SET seen_at = now() - interval '{}'"

    await page.nellie.rows(age.format("13 days 23 hours"))
    assert (await browser.get("/you")).status == 200
    await page.nellie.rows(age.format("14 days 1 second"))

    assert (await browser.get("/you")).status == 303


async def test_who_left_the_platform_is_signed_out(database, start_page: StartPage) -> None:  # type: ignore[no-untyped-def]  # a fixture of the kit
    class Leaving(FakePlatform):
        left = False

        async def is_member(self, workspace: str, person_id: str) -> bool | None:
            return not self.left

    platform = Leaving()
    page = await start_page(platform=platform)
    browser = await page.signed_in(ANA)
    platform.left = True  # before anybody has asked

    answer = await browser.get("/")

    assert answer.headers["Location"] == "/sign-in"
    assert await page.nellie.rows("SELECT count(*) FROM page_session") == [(0,)]
    assert FRESH <= 300


async def test_wrong_links_slow_their_address_down(page: PageUnderTest) -> None:
    browser = await page.browser()
    good = await page.link(ANA)
    statuses = [(await browser.sign_in(WRONG)).status for _ in range(MOST_WRONG + 1)]

    answer = await browser.sign_in(good)

    assert statuses == [*[403] * MOST_WRONG, 429]
    assert answer.status == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60
    assert (await browser.get(f"/sign-in/{good}")).status == 429


async def test_in_a_channel_a_link_is_only_whispered(start_page: StartPage) -> None:
    page = await start_page(web="127.0.0.1:8082")
    with pytest.raises(CommandError, match="Ask me in a direct message"):
        await page.nellie.run_command("web", ANA, channel=GENERAL)
    assert await page.nellie.rows("SELECT count(*) FROM page_link") == [(0,)]

    reply = await page.nellie.run_command("web", ANA, channel=GENERAL, whispered=True)

    assert secret_in(reply.text)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"web": "127.0.0.1:9"}, "http://127.0.0.1:9/sign-in/"),
        ({"web": "9"}, "http://127.0.0.1:9/sign-in/"),
        ({"web": "0.0.0.0:9"}, "http://its-name:9/sign-in/"),
        ({"web": "9", "web_url": "https://n.example.org/"}, "https://n.example.org/sign-in/"),
    ],
)
async def test_a_link_leads_where_people_find_the_page(
    start_page: StartPage, settings: dict[str, str], told: str
) -> None:
    page = await start_page(**settings)

    reply = await page.nellie.run_command("web", ANA, channel=HERE)

    assert re.search(rf"^{re.escape(told)}\w{{43}}$", reply.text, re.MULTILINE)


async def test_who_sits_where_nellie_web_runs_is_given_a_link_to_it(
    start_page: StartPage, tmp_path: Path
) -> None:
    page = await start_page(home=tmp_path)
    desk = Channel(TERMINAL, "", "desk")

    with announced(tmp_path, page.url):
        reply = await page.nellie.run_command("web", OPERATOR, channel=desk, whispered=True)
        with pytest.raises(CommandError, match="NELLIE_WEB"):
            await page.nellie.run_command("web", ANA, channel=HERE)

    secret = secret_in(reply.text)
    assert f"{page.url}{SIGN_IN}{secret}" in reply.text
    assert (await (await page.browser()).sign_in(secret)).status == 303
    with pytest.raises(CommandError, match="say"):
        await page.nellie.run_command("web", OPERATOR, channel=desk, whispered=True)


async def test_where_no_page_is_served_no_link_is_made(page: PageUnderTest) -> None:
    with pytest.raises(CommandError, match="NELLIE_WEB"):
        await page.nellie.run_command("web", ANA, channel=HERE)
    bot = Author("B1", "bot", bot=True)
    with pytest.raises(CommandError, match="for people"):
        await page.nellie.run_command("web", bot, channel=HERE)


async def test_at_this_machine_no_button_is_needed(page: PageUnderTest) -> None:
    browser = await page.browser()
    at_once = await page.link(OPERATOR, TERMINAL, at_once=True)
    assert "data-at-once" in (await browser.get(f"/sign-in/{at_once}")).text

    plain = await page.link(OPERATOR, TERMINAL)

    assert "data-at-once" not in (await browser.get(f"/sign-in/{plain}")).text


async def test_what_people_do_is_in_the_list_of_changes(page: PageUnderTest) -> None:
    ana, bob, you = await page.signed_in(ANA), await page.signed_in(BOB), await page.operator()
    await bob.post("/sign-out", {"everywhere": "1"})

    own, all_of_it = (await ana.get("/changes")).text, (await you.get("/changes")).text

    assert "ana" in own
    assert "bob" not in own
    assert "<td>signed out everywhere<" in all_of_it
    assert all_of_it.count("<td>signed in<") == 3


async def test_who_is_forgotten_is_signed_out_and_named_nowhere(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    await page.link(ANA)
    traces = page.nellie.parts.stores.api_traces
    assert (await traces.count(ANA.id)).page == 3

    await traces.forget(ANA.id)

    assert (await browser.get("/you")).status == 303
    assert await page.nellie.find_traces(ANA.id) == []
    assert await page.nellie.find_traces("ana") == []
    assert (await traces.count(ANA.id)).page == 0
