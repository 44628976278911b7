"""Numbers at the page: by day, model, channel and person, what moves, and who is told of whom."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from html import unescape
from itertools import pairwise

import pytest
from doubles.page import Browser, PageUnderTest, StartPage
from doubles.page_shape import Shape
from doubles.start_nellie import SMALL_WINDOW, TALK

from adapters.web.charts import Chart, charts
from adapters.web.rendering import seconds, short
from bot.domain.model import Author, Channel
from bot.domain.page import Day, Numbers, Spread, Used
from bot.page.numbers import FRESH, LISTED
from bot.testing import ANA, BOB, CARL, GENERAL
from bot.testing.fake_platform import FakePlatform

SECRET = Channel("fake", "team", "C2", "takeover-plans")
PRICES = "scripted=1/0.1/2"


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """Bob asks in two channels, of which Ana and Carl, an admin, read one; Ana asks as well."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id, CARL.id}, "C2": {BOB.id}}
    page = await start_page(platform=platform, prices=PRICES, admins=(CARL.id,), **SMALL_WINDOW)
    await page.nellie.ask(BOB, "where is the backup disk?")
    await page.nellie.ask(ANA, "and where is the key?")
    for number in range(3):
        await page.nellie.ask(BOB, f"when does the falcon land, {number}?", channel=SECRET)
    return page


def table(text: str, name: str) -> Sequence[Sequence[str]]:
    """The cells of a table, row by row."""
    part = text.partition(f'aria-label="Numbers by {name}"')[2].partition("</table>")[0]
    rows = part.split("<tr>")[2:]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in rows]
    return [[unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in cells]


def tile(text: str, name: str) -> str:
    """What stands in a tile."""
    [found] = re.findall(rf"<dt>{re.escape(name)}</dt><dd>(.*?)</dd>", text)
    return unescape(found)


async def sums(browser: Browser, path: str, name: str) -> dict[str, str]:
    """By what a table's rows are of, the number beside it."""
    return {row[0]: row[1] for row in table((await browser.get(path)).text, name)}


async def test_where_nothing_was_asked_the_way_to_the_chat_is_shown(page: PageUnderTest) -> None:
    asked = (await (await page.signed_in(ANA)).get("/")).text
    nothing = (await (await page.operator()).get("/")).text

    says = "Nothing was asked in 30 days. Talk with her in the"
    assert says not in asked
    assert nothing.count(says) == 1
    assert "None in 30 days." not in nothing


async def test_numbers_are_counted_by_day_and_model(page: PageUnderTest) -> None:
    text = (await (await page.signed_in(ANA)).get("/")).text

    assert tile(text, "Questions, 30 days") == "2"
    assert tile(text, "Answered") == "2"
    assert tile(text, "Asked today (UTC)") == "2"
    assert tile(text, "Channels") == "1"
    assert re.fullmatch(r"\d+\.\d s", tile(text, "First text (95 of 100 within)"))
    days = table(text, "day")
    assert [row[0] for row in days] == [
        f"{datetime.now(UTC).date() - timedelta(days=ago)}" for ago in range(30)
    ]
    assert days[0][1:4] == ["2", "2", "0"]
    assert days[1][1:4] == ["0", "0", "0"]
    [[model, calls, *_, cost]] = table(text, "model")
    assert (model, calls) == ("scripted", "2")
    assert float(cost) > 0


@pytest.mark.parametrize("days", ["7", "30", "90"])
async def test_a_period_is_chosen(page: PageUnderTest, days: str) -> None:
    await page.nellie.rows("UPDATE turn SET created_at = now() - interval '40 days'")
    browser = await page.signed_in(ANA)

    text = (await browser.get(f"/?days={days}")).text

    assert len(table(text, "day")) == int(days)
    assert tile(text, f"Questions, {days} days") == ("2" if days == "90" else "0")
    assert f"<option selected>{days}</option>" in text


@pytest.mark.parametrize("days", ["", "8", "-7", "9" * 30, "7.0", "x"])
async def test_an_odd_period_is_none(page: PageUnderTest, days: str) -> None:
    text = (await (await page.signed_in(ANA)).get(f"/?days={days}")).text

    assert "Questions, 30 days" in text


async def test_numbers_of_one_channel_are_for_who_reads_it(page: PageUnderTest) -> None:
    general, secret = [await page.nellie.channel_id(one) for one in (GENERAL, SECRET)]
    ana, bob = await page.signed_in(ANA), await page.signed_in(BOB)

    assert tile((await bob.get(f"/?channel={secret}")).text, "Questions, 30 days") == "3"
    assert tile((await ana.get(f"/?channel={general}")).text, "Questions, 30 days") == "2"
    for path in (f"/?channel={secret}", f"/now?channel={secret}", "/?channel=999999"):
        assert (await ana.get(path)).status == 404
    for admin in (f"/?all=1&channel={secret}", f"/now?all=1&channel={secret}"):
        assert (await (await page.signed_in(CARL)).get(admin)).status == 404
    assert f'hx-get="/now?channel={secret}"' in (await bob.get(f"/?channel={secret}")).text


async def test_channels_that_an_admin_does_not_read_are_a_sum(page: PageUnderTest) -> None:
    carl = await page.signed_in(CARL)

    everything = await sums(carl, "/?all=1", "channel")
    theirs = await sums(carl, "/", "channel")

    assert everything == {"#general": "2", "1 other channel": "3"}
    assert theirs == {"#general": "2"}


async def test_what_others_cost_is_told_to_admins_alone(page: PageUnderTest) -> None:
    carl, ana = await page.signed_in(CARL), await page.signed_in(ANA)

    assert await sums(carl, "/", "person") == {BOB.name: "1", ANA.name: "1"}
    assert await sums(carl, "/?all=1", "person") == {BOB.name: "4", ANA.name: "1"}
    assert await sums(ana, "/", "person") == {f"{ANA.name} (you)": "1"}
    assert await sums(ana, "/?all=1", "person") == {f"{ANA.name} (you)": "1"}
    assert "What you used" in (await ana.get("/")).text


async def test_of_whom_nothing_is_remembered_nothing_is_told(page: PageUnderTest) -> None:
    await page.nellie.run_command("memory forget me yes-999", BOB)
    reply = await page.nellie.run_command("memory forget me", BOB)
    await page.nellie.run_command(f"memory {reply.confirm}", BOB)

    people = await sums(await page.signed_in(CARL), "/", "person")

    assert people == {ANA.name: "1", "background work": "1"}


async def test_many_channels_and_people_are_one_line(page: PageUnderTest) -> None:
    platform = page.nellie.platform
    for number in range(LISTED + 4):
        platform.readers[f"R{number}"] = {ANA.id, CARL.id}
        asker = Author(f"U{number}", f"asker {number}")
        await page.nellie.ask(asker, "why?", channel=Channel("fake", "team", f"R{number}", "room"))
    page.later(30)
    carl = await page.signed_in(CARL)

    channels = table((await carl.get("/?all=1")).text, "channel")
    people = table((await carl.get("/?all=1")).text, "person")

    assert len(channels) == len(people) == LISTED + 1
    assert channels[-1][0] == "6 other channels"
    assert people[-1][0] == "4 others"  # Ana and Bob are U1 and U2
    assert sum(int(row[1]) for row in channels) == sum(int(row[1]) for row in people) == 19


async def test_what_moves_is_asked_for_by_itself(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    shape = Shape((await browser.get("/")).text)
    [live] = [one for one in shape.all("div") if "data-live" in one]
    await page.nellie.rows("UPDATE turn SET state = 'waiting', finished_at = NULL")
    await page.nellie.rows(
        "INSERT INTO posted_file (channel_id, seq, external_id, name, media_type, size, alt,"
        " address, state) SELECT id, 1, 'F1', 'a.pdf', '', 1, '', '', 'waiting' FROM channel"
        " WHERE external_id = 'C1'"
    )

    soon = (await browser.get(str(live["hx-get"]))).text
    page.later(5)
    later = (await browser.get(str(live["hx-get"]))).text

    assert "every 15s" in str(live["hx-trigger"])
    assert [tile(text, "Waiting for an answer") for text in (soon, later)] == ["0", "2"]
    assert tile(later, "Documents to read") == "1"
    assert "As of" in later


async def test_what_waits_for_a_summary_is_told(page: PageUnderTest) -> None:
    await page.nellie.add_history(*TALK)
    high = page.nellie.parts.budget.high
    [(tokens,)] = await page.nellie.rows(
        "SELECT window_tokens FROM channel WHERE external_id = 'C1'"
    )
    rows = await page.nellie.rows(
        "SELECT sum(tokens) OVER (ORDER BY said_at, message.seq), said_at FROM message"
        " JOIN channel c ON c.id = channel_id AND c.external_id = 'C1'"
        " ORDER BY said_at, message.seq"
    )
    waiting = [at for so_far, at in rows if so_far > high]
    browser = await page.signed_in(ANA)

    text = (await browser.get("/now")).text
    await page.nellie.compact()
    page.later(5)
    after = (await browser.get("/now")).text

    assert f"Waiting for a summary: {len(waiting)} messages ({tokens - high:,} tokens)" in text
    assert f"{waiting[0].astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" in text
    assert "No summary is due" in after


async def test_numbers_hold_for_a_minute_and_say_of_when_they_are(page: PageUnderTest) -> None:
    browser = await page.signed_in(ANA)
    before = (await browser.get("/")).text
    await page.nellie.ask(ANA, "and the lamp?")

    soon = (await browser.get("/")).text
    page.later(FRESH)
    later = (await browser.get("/")).text

    asked = [tile(text, "Questions, 30 days") for text in (before, soon, later)]
    assert asked == ["2", "2", "3"]
    assert "counted again after a minute" in before


def numbers(*days: Day) -> Numbers:
    return Numbers(
        at=datetime.now(UTC),
        days=days,
        by_model={},
        by_channel=(),
        by_person=(),
        channels=0,
        heard=0,
        first_text=None,
        whole_seconds=None,
        choices=(),
    )


def rectangles(chart: Chart) -> dict[str, list[tuple[float, ...]]]:
    """By kind, what is drawn: from where on, and how wide and high."""
    outline = re.compile(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)h-\3z")
    return {
        shape.kind: [tuple(map(float, found)) for found in outline.findall(shape.path)]
        for shape in chart.shapes
    }


def test_columns_are_as_high_as_their_numbers() -> None:
    start = date(2026, 11, 1)
    used = Used(fresh=100, cached=300, output=50, cost=0.5)
    days = (
        Day(day=start, questions=4, answers=2, failures=1, used=used),
        Day(day=start + timedelta(days=1), first_text=Spread(1.0, 4.0), good=2),
        Day(day=start + timedelta(days=2), questions=2, answers=2, used=Used(cost=0.0)),
    )

    questions, first_texts, tokens, marks, cost = charts(numbers(*days))

    assert rectangles(questions) == {
        "good": [(2, 60, 196, 60), (402, 60, 196, 60)],
        "bad": [(2, 30, 196, 30)],
        "other": [(2, 0, 196, 30)],
    }
    assert (questions.top, questions.says) == (4, "6 in 3 days")
    assert rectangles(first_texts) == {"fresh": [(202, 90, 196, 30)], "other": [(202, 0, 196, 90)]}
    [column] = first_texts.columns
    assert column.says == "2026-11-02: 1 s until the first text (median), 4 s for 95 of 100"
    heights = [height for parts in rectangles(tokens).values() for *_, height in parts]
    assert sum(heights) == pytest.approx(120, abs=0.2)
    assert [column.says for column in marks.columns] == ["2026-11-02: 2 marked good"]
    assert [column.says for column in cost.columns] == ["2026-11-01: 0.5"]


def test_what_there_is_none_of_has_no_chart() -> None:
    drawn = charts(numbers(Day(day=date(2026, 11, 1))))

    assert [chart.title for chart in drawn] == ["Questions", "Time to the first text", "Tokens"]
    assert not any(chart.shapes or chart.columns for chart in drawn)


def test_columns_of_many_days_do_not_touch() -> None:
    days = [Day(day=date(2026, 9, 1) + timedelta(days=at), questions=1) for at in range(90)]

    [other] = rectangles(charts(numbers(*days))[0]).values()

    assert len(other) == 90
    assert all(x + width < after for (x, _, width, _), (after, *_) in pairwise(other))


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0"), (9_999, "9,999"), (12_345, "12.3 k"), (7_654_321, "7.65 M"), (3 * 10**9, "3 G")],
)
def test_large_counts_are_short(number: int, said: str) -> None:
    assert short(number) == said
    assert seconds(number) == (f"{number:,.1f} s" if number < 100 else f"{number:,} s")
