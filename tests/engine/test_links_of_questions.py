"""A link in a question: read with it where pages are opened, and nowhere else."""

from typing import Any

import pytest
from doubles.read_documents import claim_file, document_of, read_file, store_document
from doubles.start_nellie import Start
from doubles.tool_calls import switch_on

from bot.core import asked_files
from bot.core.asked_links import LinksAsked
from bot.domain.model import Turn
from bot.testing import ANA, RunningNellie, ScriptedModel, says

LINK = "https://harbour.example/terms.html"
ASKED = f"what does {LINK} say about notice?"


@pytest.fixture
async def nellie(start_nellie: Start, monkeypatch: pytest.MonkeyPatch) -> RunningNellie:
    monkeypatch.setattr(asked_files, "WITHIN", 0.1)
    return await start_nellie(model=ScriptedModel(says("I do not know.")))


async def links(nellie: RunningNellie) -> list[tuple[Any, ...]]:
    rows = await nellie.rows("SELECT seq, origin, external_id, name FROM posted_file")
    return [tuple(row) for row in rows]


async def test_it_is_read_with_the_question_and_goes_with_it(nellie: RunningNellie) -> None:
    await switch_on(nellie, "fetch_page")

    shown = await nellie.ask(ANA, ASKED, id="q1")

    assert "terms.html is still being read: ask me again in a while." in shown
    assert [one[1:] for one in await links(nellie)] == [("link", LINK, "terms.html")]
    await nellie.parts.inbox.deleted((await nellie.channel_state()).channel, "q1")
    assert await links(nellie) == []


async def test_the_question_waits_for_it(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(says("Thirty days [doc 1].")))
    await switch_on(nellie, "fetch_page")
    turn = await nellie.open_turn(ANA, ASKED)
    while not await links(nellie):
        pass
    claimed = await claim_file(nellie.parts.stores)
    assert (claimed.origin, claimed.file.id) == ("link", LINK)

    await store_document(nellie.parts.stores, claimed, document_of("Notice is thirty days."))
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == f"Thirty days [terms.html, p. 1]({LINK})."
    assert "Notice is thirty days." in nellie.model.prompts[-1].messages[-1].text


async def test_one_that_is_read_while_the_question_is_read_counts_too(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first document of a channel, after the question has seen a channel without any."""
    nellie = await start_nellie(model=ScriptedModel(says("Thirty days [doc 1].")))
    await switch_on(nellie, "fetch_page")
    noted = LinksAsked.note

    async def note(asked: LinksAsked, channel_id: int, turn: Turn) -> bool:
        known = await noted(asked, channel_id, turn)
        await read_file(nellie.parts.stores, document_of("Notice is thirty days."))
        return known

    monkeypatch.setattr(LinksAsked, "note", note)

    assert await nellie.ask(ANA, ASKED) == f"Thirty days [terms.html, p. 1]({LINK})."


@pytest.mark.parametrize("switched", ["", "calculate"])
async def test_where_pages_are_not_opened_it_is_not_read(
    nellie: RunningNellie, switched: str
) -> None:
    if switched:
        await switch_on(nellie, switched)

    assert await nellie.ask(ANA, ASKED) == "I do not know."
    assert await links(nellie) == []


async def test_links_of_talk_and_of_private_questions_are_not_read(nellie: RunningNellie) -> None:
    await switch_on(nellie, "fetch_page")

    await nellie.say(ANA, ASKED)
    await nellie.ask(ANA, ASKED, private=True)

    assert await links(nellie) == []


async def test_three_links_of_a_question_are_read_and_no_picture(nellie: RunningNellie) -> None:
    await switch_on(nellie, "fetch_page")
    many = " ".join(f"https://harbour.example/{n}.html" for n in range(9))

    await nellie.ask(ANA, f"compare {many} with https://harbour.example/quay.png")
    assert len(await links(nellie)) == 3

    await nellie.ask(ANA, "what is on https://harbour.example/quay.png?")
    assert len(await links(nellie)) == 3
