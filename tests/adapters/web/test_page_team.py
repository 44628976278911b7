"""People and keys, models, tools and limits: for admins, with no secret among it."""

import asyncio
import re
from pathlib import Path

import pytest
from doubles.page import Browser, PageUnderTest, StartPage
from structlog.testing import capture_logs

from bot.domain.model import Channel
from bot.store.api_keys import NewKey
from bot.testing import ANA, BOB, CARL
from bot.testing.fake_platform import FakePlatform

PAGES = ["/team", "/models", "/tools", "/limits"]
SECRET = Channel("fake", "team", "C2", "takeover-plans")
FORMS = [
    {"do": "add", "program": "ci"},
    {"do": "change", "key": "nellie-abcdefgh"},
    {"do": "revoke", "key": "nellie-abcdefgh"},
    {"do": "sign-out", "session": "1"},
]
_KEY = re.compile(r"nellie-[A-Za-z0-9]{43}")


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """Carl is an admin and reads one channel of two; in both, something was set."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, CARL.id}, "C2": {BOB.id}}
    page = await start_page(
        platform=platform,
        admins=(CARL.id,),
        limit_tokens=1_000_000,
        limit_person_minute=7,
        prices=("extractive=0.25/0.025/2.0",),
    )
    for channel in (None, SECRET):
        where = {"channel": channel} if channel else {}
        await page.nellie.say(BOB, "the falcon lands on friday", **where)
        await page.nellie.run_command("tools on now", BOB, admin=True, **where)
    return page


async def test_a_key_that_opens_nothing_yet_says_so(start_page: StartPage) -> None:
    told = []
    for settings in ({}, {"api": "127.0.0.1:8080"}):
        page = await start_page(**settings)
        told.append(
            "The API is not served yet" in (await (await page.operator()).get("/team")).text
        )

    assert told == [True, False]


async def make_key(browser: Browser, **form: str) -> str:
    """A key that was made at the page."""
    answer = await browser.post("/team", {"do": "add", "program": "ci", **form})
    assert answer.status == 200, answer.text
    [key] = _KEY.findall(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    return str(key)


@pytest.mark.parametrize("path", PAGES)
async def test_who_is_no_admin_finds_none_of_it(page: PageUnderTest, path: str) -> None:
    ana, carl = await page.signed_in(ANA), await page.signed_in(CARL)

    assert (await ana.get(path)).status == 404
    assert 'href="/team"' not in (await ana.get("/")).text
    assert (await carl.get(path)).status == 200
    assert 'href="/team"' in (await carl.get("/")).text


@pytest.mark.parametrize("form", FORMS)
async def test_who_is_no_admin_changes_none_of_it(
    page: PageUnderTest, form: dict[str, str]
) -> None:
    ana = await page.signed_in(ANA)

    assert (await ana.post("/team", form)).status == 404
    assert await page.nellie.rows("SELECT * FROM api_key") == []
    assert (await ana.get("/you")).status == 200


async def test_a_key_is_shown_once_and_listed_by_its_beginning(page: PageUnderTest) -> None:
    carl = await page.signed_in(CARL)

    with capture_logs() as logged:
        key = await make_key(carl, models="gpt-*,auto", expires="30d", team="builds")
    listed = (await carl.get("/team")).text
    changes = (await carl.get("/changes?action=made+a+key")).text

    found = await page.nellie.parts.stores.api_keys.find(key)
    assert found is not None
    assert (found.person_id, found.team, [*found.models]) == ("ci", "builds", ["gpt-*", "auto"])
    assert key[:15] in listed
    assert "gpt-*, auto" in listed
    assert f"made a key: {key[:15]}…" in changes
    for text in (listed, changes, str(logged)):
        assert key not in text


async def test_a_key_of_ones_own_is_ones_own(page: PageUnderTest) -> None:
    key = await make_key(await page.signed_in(CARL), program="")

    found = await page.nellie.parts.stores.api_keys.find(key)

    assert found is not None
    assert (found.platform, found.workspace, found.person_id) == ("fake", "team", CARL.id)


@pytest.mark.parametrize("program", ["fake:team/U2", "slack:T1/U1", "a/U2", "x" * 101])
async def test_no_key_is_made_for_somebody_else(page: PageUnderTest, program: str) -> None:
    for browser in (await page.signed_in(CARL), await page.operator()):
        answer = await browser.post("/team", {"do": "add", "program": program})

        assert (answer.status, "Keys of people are made by" in answer.text) == (400, True)
    assert await page.nellie.rows("SELECT * FROM api_key") == []


@pytest.mark.parametrize(
    ("form", "says"),
    [
        ({"expires": "soon"}, "is no time"),
        ({"expires": "2001-01-01"}, "is over already"),
        ({"models": "," * 5}, "Name between one and"),
        ({"models": "x" * 200}, "Name between one and"),
        ({"team": "x" * 200}, "A team"),
    ],
)
async def test_what_cannot_be_done_is_told(
    page: PageUnderTest, form: dict[str, str], says: str
) -> None:
    carl = await page.signed_in(CARL)

    answer = await carl.post("/team", {"do": "add", "program": "ci", **form})

    assert (answer.status, says in answer.text) == (400, True), answer.text
    assert await page.nellie.rows("SELECT * FROM api_key") == []


async def test_at_the_machine_a_key_needs_a_program(page: PageUnderTest) -> None:
    operator = await page.operator()

    answer = await operator.post("/team", {"do": "add", "program": " "})

    assert (answer.status, "For which program?" in answer.text) == (400, True)


async def test_a_form_that_is_sent_twice_makes_one_key(page: PageUnderTest) -> None:
    carl = await page.signed_in(CARL)
    form = {"do": "add", "program": "ci", "once": "A" * 22}

    answers = await asyncio.gather(*(carl.post("/team", form) for _ in range(4)))

    assert sorted(one.status for one in answers) == [200, 409, 409, 409]
    assert len(await page.nellie.rows("SELECT * FROM api_key")) == 1


async def test_a_key_is_held_to_something_else_and_revoked(page: PageUnderTest) -> None:
    carl, keys = await page.signed_in(CARL), page.nellie.parts.stores.api_keys
    key = await make_key(carl)
    form = {"do": "change", "key": key[:15], "models": "auto", "expires": "2099-01-01"}

    too_late = await carl.post("/team", form)
    changed = await carl.post("/team", {**form, "expires": "90d"})
    held = await keys.find(key)
    revoked = await carl.post("/team", {"do": "revoke", "key": key[:15]})
    again = await carl.post("/team", {"do": "revoke", "key": key[:15]})

    assert [one.status for one in (too_late, changed, revoked, again)] == [400, 200, 200, 400]
    assert held is not None
    assert [*held.models] == ["auto"]
    assert held.expires_at is not None
    assert await keys.find(key) is None
    rows = await page.nellie.rows("SELECT action FROM audit ORDER BY id DESC LIMIT 3")
    assert [one for (one,) in rows] == ["revoked a key", "changed a key", "made a key"]


@pytest.mark.parametrize("key", ["", "nellie-", "%", "nellie-%%%%%%%%", "x" * 10_000, "me"])
async def test_what_is_no_key_is_not_revoked(page: PageUnderTest, key: str) -> None:
    carl = await page.signed_in(CARL)
    await make_key(carl)

    assert (await carl.post("/team", {"do": "revoke", "key": key})).status == 404
    assert len(await page.nellie.parts.stores.api_keys.list()) == 1


async def test_somebody_is_signed_out_everywhere(page: PageUnderTest) -> None:
    carl, ana = await page.signed_in(CARL), await page.signed_in(ANA)
    other = await page.signed_in(ANA)
    listed = (await carl.get("/team")).text
    assert "2 browsers" in listed
    [session] = re.findall(
        r'name="session" value="(\d+)"><button class="plain" aria-label="Sign out ana"', listed
    )

    answer = await carl.post("/team", {"do": "sign-out", "session": session})

    assert answer.status == 200
    assert [(await one.get("/you")).status for one in (ana, other, carl)] == [303, 303, 200]
    assert "signed somebody out: of fake" in (await carl.get("/changes")).text


@pytest.mark.parametrize("session", ["", "-1", "9" * 18, "9" * 40, "x", "٣"])
async def test_what_is_no_session_signs_nobody_out(page: PageUnderTest, session: str) -> None:
    carl = await page.signed_in(CARL)

    assert (await carl.post("/team", {"do": "sign-out", "session": session})).status == 404
    assert (await carl.get("/you")).status == 200


async def test_models_tools_and_limits_are_as_they_are_set(page: PageUnderTest) -> None:
    id_ = await page.nellie.channel_id()
    for where in (None, SECRET):
        more = {"channel": where} if where else {}
        await page.nellie.run_command("model set extractive", BOB, admin=True, **more)
    carl = await page.signed_in(CARL)

    models, tools, limits = [(await carl.get(path)).text for path in PAGES[1:]]

    assert "0.25/0.025/0.25/2" in models
    assert f'href="/channels/{id_}/settings#model">#general' in models
    assert f'href="/channels/{id_}/settings#tools">#general' in tools
    assert "NELLIE_LIMIT_PERSON_MINUTE" in limits
    assert "<td>7</td>" in limits
    assert "The common</b> 1,000,000 tokens a day" in limits
    for text in (models, tools, limits):
        assert "takeover-plans" not in text


async def test_no_secret_is_on_any_page(
    start_page: StartPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = tmp_path / "mcp.json"
    listed.write_text(
        '{"mcpServers": {"hidden": {"command": "/nowhere/at-all", "args": ["--key=CANARY-1"],'
        ' "env": {"TOKEN": "CANARY-2"}}, "far": {"url": "http://127.0.0.1:9/CANARY-3?k=CANARY-4",'
        ' "headers": {"Authorization": "Bearer CANARY-5"}}}}'
    )
    platform = FakePlatform()
    platform.readers = {"C1": {CARL.id}}
    secrets = {
        "OPENAI_API_KEY": "CANARY-6",
        "OPENAI_BASE_URL": "https://user:CANARY-7@127.0.0.1:9/v1",
        "NELLIE_TGI_API_KEY": "CANARY-8",
        "NELLIE_EMBEDDINGS_KEY": "CANARY-9",
        "NELLIE_BRAVE_KEY": "CANARY-10",
        "NELLIE_MCP": str(listed),
    }
    for name, value in secrets.items():  # the doctor, too, reads them there
        monkeypatch.setenv(name, value)
    with capture_logs() as logged:
        page = await start_page(platform=platform, admins=(CARL.id,))
        await page.nellie.ask(CARL, "when does the falcon land?")
        id_, carl = await page.nellie.channel_id(), await page.signed_in(CARL)
        await page.nellie.parts.stores.api_keys.add(
            NewKey(platform="", workspace="", person_id="ci", name="ci")
        )
        paths = [
            *("/", "/channels", "/turns", "/changes", "/doctor", "/you", *PAGES),
            *(f"/channels/{id_}{rest}" for rest in ("", "/settings", "/documents", "/turns")),
        ]
        answers = [await carl.get(path) for path in paths]
        answers += [
            await carl.post(f"/channels/{id_}/settings", {"do": "tools-on", "words": "no_such"}),
            await carl.post(f"/channels/{id_}/settings", {"do": "model", "words": "openai/x"}),
        ]

    assert [one.status for one in answers] == [200] * len(paths) + [400, 400]
    for text in (*(one.text for one in answers), str(logged)):
        assert "CANARY" not in text
