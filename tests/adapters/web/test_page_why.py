"""Why: the prompt's parts and times as bars, what was recalled and why, documents, the cache."""

from dataclasses import replace

import pytest
from doubles.fake_toolbox import FakeToolbox
from doubles.library import pages, shelve
from doubles.markup_injections import INJECTIONS
from doubles.page import Browser, PageUnderTest, StartPage
from doubles.page_shape import Shape
from doubles.start_nellie import SMALL_WINDOW, TALK

from adapters.web.bars import WIDTH, parts_of, score_bars, times_of
from bot.domain.answer_trace import AnswerTrace, RecallScore
from bot.domain.model import Chunk, Usage
from bot.testing import ANA, BOB, GENERAL
from bot.testing.fake_platform import FakePlatform
from bot.testing.scripted_model import calls, says

CONTRACT = pages(
    "The parties of this contract are Harbour Supplies and the rowing club.",
    "Either party may end the contract with a notice of thirty days before the end of a quarter.",
)
TRACE = AnswerTrace(waited_ms=0, first_text_ms=1, whole_ms=1)


@pytest.fixture
async def page(start_page: StartPage) -> PageUnderTest:
    """A page whose channel Ana reads, with a small window."""
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id, BOB.id}}
    return await start_page(platform=platform, **SMALL_WINDOW)


async def ask(page: PageUnderTest, text: str, **fields: object) -> int:
    turn = await page.nellie.open_turn(ANA, text, **fields)
    await page.nellie.parts.lanes.idle()
    return turn


async def why(page: PageUnderTest, turn: int, browser: Browser | None = None) -> Shape:
    browser = browser or await page.signed_in(ANA)
    answer = await browser.get(f"/turns/{turn}")
    assert answer.status == 200
    return Shape(answer.text)


async def test_parts_and_times_are_drawn_and_stand_in_a_table(page: PageUnderTest) -> None:
    await page.nellie.add_history("the backup disk is in the red box", *TALK)

    shape = await why(page, await ask(page, "where is the backup disk?"))

    for words in ("What the prompt was made of", "Where the time went", "First words after"):
        assert words in shape.text
    for words in ("Who she is, and her rules", "What was said lately", "What was recalled"):
        assert words in shape.text
    assert "Searched memory" in shape.text
    bars = [one for one in shape.all("rect") if (one["class"] or "").startswith("bar-")]
    assert len(bars) > 8
    assert all(0 < float(one["width"] or 0) <= WIDTH for one in bars)
    assert all(one.get("aria-hidden") == "true" for one in shape.all("svg") if "role" not in one)


async def test_what_was_recalled_has_its_score_and_leads_to_where_it_was_said(
    page: PageUnderTest,
) -> None:
    link = "https://fake.example.org/C1/p1"
    await page.nellie.say(BOB, "the backup disk is in the red box", link=link)
    await page.nellie.add_history(*TALK)

    shape = await why(page, await ask(page, "where is the backup disk?"))

    channel = await page.nellie.channel_id()
    leads = [one["href"] for one in shape.all("a")]
    assert link in leads
    assert f"/channels/{channel}/messages/1#m1" in leads
    trace = await page.nellie.parts.stores.answer_traces.get(channel, 1)
    assert trace
    scores = dict(trace.recalled)
    assert f"{scores[1].total:.2f}words {scores[1].words:.2f}" in shape.text.replace("\n", "")


async def test_documents_are_named_with_page_and_place(page: PageUnderTest) -> None:
    await page.nellie.say(BOB, "see the contract", link="https://fake.example.org/C1/p1")
    channel = await page.nellie.channel_id()
    await shelve(page.nellie.database, channel, "contract.pdf", CONTRACT, seq=1, author="bob")

    turn = await ask(page, "how many days of notice does a party of the contract have?")
    shape = await why(page, turn)

    assert "[doc 1]" in shape.text
    assert "contract.pdf" in shape.text
    assert "p. 2" in shape.text
    assert "Parts of documents" in shape.text


async def test_names_of_documents_stay_words(page: PageUnderTest) -> None:
    await page.nellie.say(BOB, "see the contracts")
    channel, database = await page.nellie.channel_id(), page.nellie.database
    document = await shelve(database, channel, "contract.pdf", CONTRACT, seq=1)
    turn = await ask(page, "how many days of notice does a party of the contract have?")
    browser = await page.signed_in(ANA)
    elements = [tag for tag, _ in (await why(page, turn, browser)).elements]

    for words in INJECTIONS:
        await page.nellie.rows(
            "UPDATE posted_file SET name = :name WHERE document_id = :id RETURNING 1",
            name=words,
            id=document,
        )
        shape = await why(page, turn, browser)
        assert [tag for tag, _ in shape.elements] == elements
        assert words in shape.text


async def test_what_is_forgotten_is_counted_and_not_shown(page: PageUnderTest) -> None:
    page.nellie.model.follow("answer", says("No idea."))
    await page.nellie.say(BOB, "the backup disk is in the red box", id="box")
    await page.nellie.say(BOB, "the backup disk was in the blue box", id="blue")
    await page.nellie.add_history(*TALK)
    channel, database = await page.nellie.channel_id(), page.nellie.database
    await shelve(database, channel, "disks.pdf", pages("the backup disk is new"), seq=2)
    turn = await ask(page, "where is the backup disk?")
    browser = await page.signed_in(ANA)
    before = (await why(page, turn, browser)).text

    await page.nellie.parts.inbox.deleted(GENERAL, "box")
    after = (await why(page, turn, browser)).text
    await page.nellie.parts.inbox.deleted(GENERAL, "blue")
    last = (await why(page, turn, browser)).text

    assert "red box" in before
    assert "disks.pdf" in before
    assert "red box" not in after
    assert "blue box" in after
    assert "of what it was made from is forgotten since" in after
    assert "blue box" not in last
    assert "disks.pdf" not in last
    assert "of what it was made from are forgotten since" in last


async def test_of_a_question_that_is_forgotten_nothing_recalled_is_shown(
    page: PageUnderTest,
) -> None:
    await page.nellie.add_history("the backup disk is in the red box", *TALK)
    turn = await ask(page, "where is the backup disk?", id="asked")

    await page.nellie.parts.inbox.deleted(GENERAL, "asked")
    shape = await why(page, turn)

    assert "red box" not in shape.text
    assert "the question is not remembered" in shape.text
    assert "What the prompt was made of" in shape.text


async def test_an_answer_from_before_this_was_kept_still_opens(page: PageUnderTest) -> None:
    await page.nellie.add_history("the backup disk is in the red box", *TALK)
    turn = await ask(page, "where is the backup disk?")
    await page.nellie.rows("DELETE FROM answer_trace")

    shape = await why(page, turn)

    assert "How this answer was made is not kept" in shape.text
    assert "The window was shown from" in shape.text
    assert "the backup disk is in the red box" in shape.text
    assert "What it rests on" in shape.text


async def test_the_share_of_the_cache_and_the_cost_are_told(start_page: StartPage) -> None:
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id}}
    page = await start_page(platform=platform, prices="scripted=2/1/4")
    used = Usage("m", input=1_000, output=10, cached=750)
    page.nellie.model.follow(
        "answer", lambda prompt: (Chunk("Yes."), Chunk(usage=used, finish="stop"))
    )

    shape = await why(page, await ask(page, "is it open?"))

    assert "From the cache75 %" in shape.text
    assert "Cost0.0013" in shape.text
    assert "Given to models1,000 tokens" in shape.text


async def test_a_summary_that_was_written_anew_is_told(page: PageUnderTest) -> None:
    await page.nellie.add_history(*TALK)
    await page.nellie.compact()
    turn = await ask(page, "is it open?")
    browser = await page.signed_in(ANA)
    same = (await why(page, turn, browser)).text

    await page.nellie.rows("UPDATE digest SET text = 'something else' RETURNING 1")
    anew = (await why(page, turn, browser)).text

    assert "The summary that it was shown is still the channel's." in same
    assert "has been written anew since" in anew


async def test_tools_and_their_words_have_their_bars(start_page: StartPage) -> None:
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id}}
    page = await start_page(platform=platform, toolbox=FakeToolbox())
    page.nellie.model.follow("answer", calls(("search", '{"query": "rent"}')), says("It is 900."))

    shape = await why(page, await ask(page, "how high is the rent?"))

    assert "What tools say of themselves" in shape.text
    assert "What tools were asked and said" in shape.text
    assert "Calls of tools" in [one.get("aria-label") for one in shape.all("div")]


async def test_who_does_not_read_the_channel_is_not_told(page: PageUnderTest) -> None:
    turn = await ask(page, "is it open?")
    page.nellie.platform.readers["C1"] = {ANA.id}
    browser = await page.signed_in(BOB)

    assert (await browser.get(f"/turns/{turn}")).status == 404


async def test_of_a_private_question_its_asker_sees_sizes_alone(page: PageUnderTest) -> None:
    page.nellie.model.follow("answer", says("In the", finish="length"))
    await page.nellie.add_history("the backup disk is in the red box", *TALK)

    turn = await ask(page, "where is the backup disk?", private=True)
    shape = await why(page, turn)

    assert "What the prompt was made of" in shape.text
    assert "Of a private question, nothing is kept of what was recalled." in shape.text
    assert "red box" not in shape.text
    assert (await (await page.signed_in(BOB)).get(f"/turns/{turn}")).status == 404


def test_times_make_up_the_whole() -> None:
    stages = {"queue": 1, "gather": 30, "recall": 20, "model": 900, "deliver": 9}
    trace = replace(TRACE, waited_ms=100, whole_ms=1_100, stages=stages)

    shares = times_of(trace)

    assert sum(one.amount for one in shares) == 1_100
    assert [one.amount for one in shares] == [101, 20, 10, 900, 9, 60]
    assert sum(one.part for one in shares) == pytest.approx(1)


def test_what_is_there_is_seen_however_little_it_is() -> None:
    parts = {"window": 9_999, "question": 1}

    first, second = parts_of(replace(TRACE, parts=parts))

    assert (second.percent, second.width) == ("under 1 %", 0.5)
    assert first.width <= WIDTH
    assert parts_of(TRACE) == []
    assert times_of(replace(TRACE, whole_ms=0)) == []


@pytest.mark.parametrize("best", [0.0, 2.0])
def test_a_message_without_a_score_has_no_bar(best: float) -> None:
    assert score_bars(RecallScore(), best) == []


def test_bars_of_a_score_stand_one_behind_the_other() -> None:
    score = RecallScore(words=1.0, meaning=0.5, conversation=0.5)

    assert score_bars(score, 2.0) == [
        ("fresh", 0.0, 50.0),
        ("output", 50.0, 25.0),
        ("written", 75.0, 25.0),
    ]
