"""Passages by meaning: embedded page by page, the newest document first, gone with the document."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from doubles.library import pages, shelve
from doubles.openai_server import OpenAIServer
from doubles.sample_messages import ROOM, rows, sample_message

from bot.config.settings import Settings
from bot.limits.call_queue import CallQueue
from bot.limits.quotas import Quotas
from bot.memory.passage_recall import PassageRecall
from bot.memory.semantic_index import SemanticIndex
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embeddings import LONGEST, PAGE
from bot.store.passage_embeddings import PassageEmbeddings
from bot.store.posted_files import delete_documents
from bot.store.stores import Stores

ASKED = "who took the vehicle?"
OTHERS = [f"lunch number {number} was fine" for number in range(30)]


@pytest.fixture
async def double() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as opened:
        opened.synonyms = {"automobile": "vehicle"}
        yield opened


@pytest.fixture
async def index(database: Database, double: OpenAIServer) -> AsyncIterator[SemanticIndex]:
    settings = Settings(embeddings="openai/double", embeddings_url=double.url)
    stores = Stores.on(database, lease=15)
    quotas = Quotas.on(stores, settings, CallQueue(1, max_waiting=1))
    made = SemanticIndex.from_settings(settings, database, stores, quotas)
    assert made
    await made.prepare()
    yield made
    await made.close()
    await stores.locks.close()


async def _embedded(database: Database) -> list[tuple[int, int]]:
    found = await rows(
        database, "SELECT CAST(seq >> 20 AS text) || '.' || (seq & 1048575) FROM passage_embedding"
    )
    return sorted(tuple(map(int, one.split("."))) for one in found)  # type: ignore[misc]


async def _found(database: Database, room: int, index: SemanticIndex | None) -> list[str]:
    recall = PassageRecall.on(Stores.on(database, lease=15), index)
    trigger = replace(sample_message("q", ASKED), seq=9)
    return [one.passage.text for one in await recall.find_passages(room, trigger, tokens=800)]


async def test_finds_a_passage_that_shares_no_word(
    database: Database, room: int, index: SemanticIndex
) -> None:
    wanted = "the automobile is in the garage"
    await shelve(database, room, "cars.pdf", pages(*OTHERS, wanted))
    assert await _found(database, room, index) == []

    assert await index.fill() == len(OTHERS) + 1

    assert (await _found(database, room, index))[0] == wanted
    assert await _found(database, room, None) == []


async def test_the_newest_document_is_embedded_first_a_page_at_a_time_and_once(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    old = await shelve(database, room, "old.pdf", pages("old words", heading="Above"), title="T")
    new = await shelve(database, room, "new.pdf", pages(*OTHERS))

    assert await index.fill() == len(OTHERS) + 1

    sizes = [2 * PAGE, 2 * (len(OTHERS) - PAGE), 2]
    assert [len(texts) for texts in double.embedded_texts] == sizes
    assert double.embedded_texts[-1] == ["T\nAbove\nold words"] * 2
    every = [(old, 1), *((new, number) for number in range(1, len(OTHERS) + 1))]
    assert await _embedded(database) == every
    assert await index.fill() == 0
    await shelve(database, room, "newest.pdf", pages("newest words"))
    assert await index.fill() == 1


async def test_a_long_passage_is_embedded_in_two_halves_that_leave_nothing_out(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    text = " ".join(f"word{number}" for number in range(LONGEST // 6))
    await shelve(database, room, "long.pdf", pages(text))

    await index.fill()

    first, second = double.embedded_texts[0]
    assert len(first) < 0.6 * len(text)
    again = len(first) + len(second) - len(text)
    assert again <= 1
    assert first + second[again:] == text


async def test_nothing_is_left_of_a_document_that_is_gone(
    database: Database, room: int, index: SemanticIndex
) -> None:
    gone = await shelve(database, room, "gone.pdf", pages(*OTHERS))
    kept = await shelve(database, room, "kept.pdf", pages("kept words"))
    await index.fill()

    async with database.begin() as connection:
        await delete_documents(connection, room, [gone])

    assert await _embedded(database) == [(kept, 1)]
    assert await rows(database, "SELECT CAST(document_id AS text) FROM embedded_document") == [
        str(kept)
    ]


async def test_what_is_forgotten_while_it_is_embedded_leaves_no_vector(
    database: Database, room: int, index: SemanticIndex
) -> None:
    gone = await shelve(database, room, "gone.pdf", pages("some words"))
    embeddings = PassageEmbeddings(database, "test/one")
    assert await embeddings.prepare()
    page = await embeddings.missing(room)
    async with database.begin() as connection:
        await delete_documents(connection, room, [gone])

    await embeddings.put(room, page, {page[0].seq: [0.1, 0.2]})

    assert await _embedded(database) == []
    assert await embeddings.due() == []


async def test_other_channels_are_not_searched(
    database: Database, room: int, index: SemanticIndex
) -> None:
    other = await Channels(database).id(replace(ROOM, id="C2"))
    await shelve(database, other, "cars.pdf", pages(*OTHERS, "the automobile is in the garage"))
    await index.fill()

    assert await _found(database, room, index) == []
    assert index.passages
    assert await index.passages.find_nearest(room, ASKED, limit=5) == []


async def test_a_question_is_embedded_and_charged_once_for_messages_and_documents(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    assert index.passages

    await index.find_nearest(room, ASKED, limit=5)
    await index.passages.find_nearest(room, ASKED, limit=5)

    assert double.embedded_texts == [[ASKED]]
    await index.close()
    assert len(await rows(database, "SELECT purpose FROM usage")) == 1


async def test_an_embedder_that_fails_leaves_words(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    await shelve(database, room, "cars.pdf", pages(*OTHERS, "somebody took the vehicle"))
    await index.fill()
    await double.__aexit__(None, None, None)

    assert await _found(database, room, index) == ["somebody took the vehicle"]
    assert not index.is_available
