"""Words of others on the page stay words: messages, names, channels, files, models, summaries."""

from datetime import UTC, datetime, timedelta

import pytest
from doubles.markup_injections import INJECTIONS, LINKS
from doubles.page import PageUnderTest, StartPage
from doubles.page_chat import Talk
from doubles.page_shape import Shape

from adapters.web.links import web_link
from adapters.web.markdown import to_html
from adapters.web.rendering import clip
from bot.domain.documents import PostedFile
from bot.domain.model import Author, Channel, Segment, Statement
from bot.store.api_keys import NewKey
from bot.store.page_sessions import Person
from bot.store.reminders import NewReminder
from bot.store.summaries import Compacted
from bot.testing import ANA, GENERAL, new_message
from bot.testing.fake_platform import FakePlatform
from bot.testing.scripted_model import says

ELEMENTS = {
    *("html", "head", "meta", "title", "link", "script", "body", "a", "header", "nav", "ul", "li"),
    *("main", "h1", "h2", "p", "b", "span", "time", "form", "input", "button", "footer", "article"),
    *("section", "details", "summary", "div", "dl", "dt", "dd", "svg", "rect", "table", "thead"),
    *("tbody", "tr", "th", "td", "code", "pre", "h3", "label", "select", "option", "textarea"),
    *("path", "noscript"),
    *("em", "strong", "s", "br", "hr", "h4", "h5", "h6", "ol", "blockquote"),  # of Markdown
}
FOLLOWED = "noopener noreferrer nofollow"
OURS = {
    *("theme", "secret", "back", "q", "everywhere", "all", "do", "words", "once", "confirmed"),
    *("unit", "program", "team", "models", "expires", "key", "session"),
}


def read(words: str) -> str:
    """What is seen of words that are read as Markdown."""
    return Shape(to_html(words)).text


def check_shape(text: str, scripts: int = 2) -> Shape:
    """Nothing on a page but what our templates write, whatever words stand there."""
    shape = Shape(text)
    for tag, attributes in shape.elements:
        assert tag in ELEMENTS, tag
        assert not any(name.startswith(("on", "hx-on", "style")) for name in attributes), attributes
        for name in ("href", "src", "action", "hx-get"):
            leads = attributes.get(name) or ""
            away = (tag, name, attributes.get("rel")) == ("a", "href", FOLLOWED)
            own = leads.startswith(("/", "#", "https://fake.example.org/")) or not leads
            assert leads.startswith(("https://", "http://")) if away else own, leads
            assert not leads.startswith("//")
    assert len(shape.all("script")) == scripts
    assert {one.get("name") or "q" for one in shape.all("input")} <= OURS
    assert not any("srcdoc" in attributes for _, attributes in shape.elements)
    return shape


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """A page whose channels Ana reads."""
    platform = FakePlatform()
    platform.readers = {one: {ANA.id} for one in ("C1", *map(str, range(len(INJECTIONS))))}
    return await start_page(platform=platform)


async def test_there_are_a_hundred_of_them() -> None:
    assert len({*INJECTIONS}) >= 100


async def test_messages_and_names_stay_words(page: PageUnderTest) -> None:
    for number, words in enumerate(INJECTIONS):
        await page.nellie.say(Author(f"U{number + 100}", words), words, link=LINKS[0])
    browser = await page.signed_in(ANA)
    path = f"/channels/{await page.nellie.channel_id()}"

    shown, older = "", path
    while older:
        text = (await browser.get(older)).text
        shown += check_shape(text).text
        before = text.partition(f'href="{path}?before=')[2].partition('"')[0]
        older = f"{path}?before={before}" if before else ""

    for words in INJECTIONS:
        assert words in shown, words  # the name
        assert read(words) in shown, words


async def test_questions_and_what_a_model_says_stay_words(page: PageUnderTest) -> None:
    page.nellie.model.follow("answer", *(says(words) for words in INJECTIONS))
    for words in INJECTIONS:
        await page.nellie.ask(Author("U9", words), words)
    browser = await page.signed_in(ANA)

    shown = ""
    for (turn,) in await page.nellie.rows("SELECT id FROM turn ORDER BY id"):
        shown += check_shape((await browser.get(f"/turns/{turn}")).text).text
    listed = check_shape((await browser.get("/turns")).text).text

    assert all(shown.count(read(words)) >= 2 for words in INJECTIONS)
    assert read(INJECTIONS[-1]) in listed


async def test_names_of_channels_stay_words(page: PageUnderTest) -> None:
    for number, words in enumerate(INJECTIONS):
        await page.nellie.say(ANA, "hello", channel=Channel("fake", "team", str(number), words))
        await page.nellie.ask(ANA, "hello?", channel=Channel("fake", "team", str(number), words))
    browser = await page.signed_in(ANA)

    pages = ["/channels", "/channels?page=2"]
    listed = "".join([check_shape((await browser.get(one)).text).text for one in pages])
    check_shape((await browser.get("/")).text)
    check_shape((await browser.get("/turns")).text)
    for (id_,) in await page.nellie.rows("SELECT id FROM channel"):
        check_shape((await browser.get(f"/channels/{id_}")).text)

    assert all(words.lstrip("#") in listed for words in INJECTIONS)


async def test_what_is_searched_for_stays_words(page: PageUnderTest) -> None:
    await page.nellie.say(ANA, "hello")
    browser = await page.signed_in(ANA)
    path = f"{page.url}/channels/{await page.nellie.channel_id()}/search"

    for words in INJECTIONS:
        async with browser.session.get(f"{page.url}/channels", params={"q": words}) as answer:
            check_shape(await answer.text())
        async with browser.session.get(path, params={"q": words}) as answer:
            [search] = [
                one
                for one in check_shape(await answer.text()).all("input")
                if one.get("name") == "q"
            ]
            assert search["value"] == words


async def test_who_signs_in_and_where_stays_words(page: PageUnderTest) -> None:
    for words in INJECTIONS:
        browser = await page.browser()
        person = Author("U7", words)
        check_shape((await browser.get(f"/sign-in/{await page.link(person)}")).text)
        await browser.sign_in(await page.link(person))
        for path in ("/you", "/changes"):
            check_shape((await browser.get(path)).text)


async def test_addresses_stay_words(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    for words in INJECTIONS:
        async with browser.session.get(f"{page.url}/{words.replace('?', '')}") as answer:
            check_shape(await answer.text())


async def test_summaries_and_the_digest_stay_words(page: PageUnderTest) -> None:
    nellie = page.nellie
    start = datetime.now(UTC) - timedelta(days=1)
    for number in range(len(INJECTIONS)):
        await nellie.parts.inbox.receive(new_message(ANA, "hello", at=start, id=f"s{number}"))
    state = await nellie.channel_state()
    statements = tuple(
        Statement(words, (number,), "decision") for number, words in enumerate(INJECTIONS, 1)
    )
    segment = Segment(1, state.seq, statements, (), start, start, 10)
    made = Compacted(
        segments=(segment,),
        digest="\n".join(INJECTIONS),
        messages=state.seq,
        tokens_before=1,
        model=INJECTIONS[0],
    )
    assert await nellie.parts.stores.summaries.commit(state, made)
    browser = await page.signed_in(ANA)

    shown = check_shape((await browser.get(f"/channels/{state.id}")).text).text

    assert all(words in shown for words in INJECTIONS)
    assert read("\n".join(INJECTIONS)) in shown


@pytest.mark.parametrize("address", LINKS)
def test_what_would_run_is_no_link(address: str) -> None:
    assert web_link(address) == ""


def test_a_link_is_a_link() -> None:
    assert web_link("https://fake.example.org/a?b=c#d") == "https://fake.example.org/a?b=c#d"


async def test_a_message_of_a_megabyte_is_cut_in_lists_and_whole_on_its_own(
    page: PageUnderTest,
) -> None:
    long = "<b>" + "x" * 999_990 + "</b>"
    await page.nellie.say(ANA, long)
    await page.nellie.ask(ANA, "y" * 999_990)
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    listed = (await browser.get(f"/channels/{id_}")).text
    alone = (await browser.get(f"/channels/{id_}/messages/1")).text
    turns = (await browser.get(f"/channels/{id_}/turns")).text

    assert len(listed) < 20_000
    assert "characters more]" in listed
    assert long in check_shape(alone).text
    assert len(turns) < 20_000


async def test_names_in_every_script_are_shown(page: PageUnderTest) -> None:
    names = [
        "Ана",
        "安娜",
        "أنا",
        "אנה",
        "आना",
        "Ἄννα",
        "👩🏽‍🚀",
        "a\u202eb",
        "\U000e0041\U000e0042",
    ]
    for number, name in enumerate(names):
        await page.nellie.say(Author(f"U{number + 50}", name), f"I am {name}")
    browser = await page.signed_in(ANA)

    shown = check_shape((await browser.get(f"/channels/{await page.nellie.channel_id()}")).text)

    assert all(name in shown.text for name in names[:7])
    assert "\u202e" not in shown.text
    assert "\U000e0041" not in shown.text


def test_a_cut_says_how_much_is_missing() -> None:
    assert clip("x" * 5_000, 10) == "x" * 10 + " […4,990 characters more]"
    assert clip("short") == "short"


async def test_what_is_set_and_asked_for_stays_words(page: PageUnderTest) -> None:
    page.nellie.platform.admins.add(ANA.id)
    await page.nellie.say(ANA, "hello")
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()
    path = f"/channels/{id_}/settings"
    reminders = page.nellie.parts.stores.reminders
    at = datetime.now(UTC) + timedelta(days=1)

    for number, words in enumerate(INJECTIONS):
        answers = [
            await browser.post(path, {"do": "persona", "words": words}),
            await browser.post(path, {"do": "forget-words", "words": words}),
            await browser.post(path, {"do": "tools-on", "words": words}),
            await browser.post(path, {"do": "docs-forget", "words": words}),
        ]
        reminder = await reminders.add(
            NewReminder(
                channel_id=id_,
                channel=GENERAL,
                person=Author(ANA.id, words),
                text=words,
                at=at,
                zone="UTC",
                key=str(number),
            )
        )
        for answer in answers:
            check_shape(answer.text)
        settings = check_shape((await browser.get(path)).text).text
        assert settings.count(words) >= 2, words
        await reminders.cancel(id_, reminder.id, ANA.id, everybodys=False)


async def test_names_of_files_keys_and_people_stay_words(start_page: StartPage) -> None:
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id}}
    page = await start_page(platform=platform, admins=(ANA.id, *INJECTIONS[:5]))
    stores = page.nellie.parts.stores
    for number, words in enumerate(INJECTIONS):
        file = PostedFile(id=f"F{number}", name=words)
        await page.nellie.say(Author("U9", words), "see", files=(file,), link=LINKS[0])
        person = Person(platform="fake", workspace="team", person_id=f"P{number}", name=words)
        secret = await stores.page_sessions.add_link(person)
        await stores.page_sessions.sign_in(secret, "")
        await stores.api_keys.add(
            NewKey(platform="", workspace="", person_id=f"K{number}", name=words, team=words)
        )
    browser, id_ = await page.signed_in(ANA), await page.nellie.channel_id()

    documents, team = [
        check_shape((await browser.get(path)).text).text
        for path in (f"/channels/{id_}/documents", "/team")
    ]

    for words in INJECTIONS:
        assert " ".join(words.split())[:40] in documents, words
        assert team.count(words) >= 3, words


async def test_names_of_conversations_stay_words(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    for words in INJECTIONS:
        name = " ".join(words.split())[:100]
        talk = await Talk.begin(browser, name)
        for path in (talk.path, f"/channels/{talk.channel_id}/settings", f"{talk.path}?before=1"):
            shape = Shape((await browser.get(path)).text)
            assert not any(one.startswith("on") for _, given in shape.elements for one in given)
            assert len(shape.all("script")) == 2, name
            assert not shape.all("iframe") + shape.all("img") + shape.all("base")
        assert name.lstrip("#") in Shape(await talk.look()).text
