"""Recall by index: filled in the background, true to every change, missed by nobody."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import sqlalchemy as sa
import structlog
from doubles.canned_responses import HTML, CannedResponse
from doubles.openai_server import OpenAIServer
from doubles.sample_messages import (
    ANA,
    NELLIE,
    ROOM,
    rows,
    sample_message,
    sample_new_message,
    wait_until_blocked,
)

from bot.config.settings import Settings
from bot.limits.call_queue import CallQueue
from bot.limits.quotas import Quotas
from bot.llm.embedding.embedder import Embedder
from bot.memory.recall import Recall
from bot.memory.semantic_index import SemanticIndex
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embeddings import PAGE, Embeddings
from bot.store.locks import Locks
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.search import Search
from bot.store.stores import Stores
from bot.store.usage import UsageLog

TOLD = ("the automobile is in the garage", *(f"lunch number {n} was fine" for n in range(30)), "!")
ASKED = "who took the vehicle?"


@pytest.fixture
async def double() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as opened:
        opened.synonyms = {"automobile": "vehicle", "wagon": "vehicle"}
        yield opened


Made = Callable[..., SemanticIndex]


@pytest.fixture
async def made(database: Database, double: OpenAIServer) -> AsyncIterator[Made]:
    opened = list[SemanticIndex]()
    locks = Locks(database)

    def make(name: str = "double", database: Database = database, **given: object) -> SemanticIndex:
        settings = Settings(embeddings=f"openai/{name}", embeddings_url=double.url, **given)  # type: ignore[arg-type]
        embedder = Embedder.from_settings(settings)
        queue = CallQueue(1, max_waiting=1)
        quotas = Quotas.on(Stores.on(database, lease=15), settings, queue)
        index = SemanticIndex(
            embeddings=Embeddings(database, embedder.name),
            embedder=embedder,
            usage=UsageLog(database),
            quotas=quotas,
            locks=locks,
            patience=0.3,
        )
        opened.append(index)
        return index

    yield make
    for one in opened:
        await one.close()
    await locks.close()


@pytest.fixture
async def index(made: Made) -> SemanticIndex:
    index = made()
    await index.prepare()
    return index


@pytest.fixture
async def room(database: Database) -> int:
    room = await Channels(database).id(ROOM)
    await Messages(database).add(
        room, [sample_new_message(f"m{n}", text) for n, text in enumerate(TOLD)]
    )
    return room


async def recalled(database: Database, room: int, index: SemanticIndex | None) -> list[str]:
    recall = Recall(search=Search(database), messages=Messages(database), semantic_index=index)
    trigger = replace(sample_message("q", ASKED, replace(ANA, id="U9", name="zoe")), seq=999_999)
    return [one.text for one in await recall.find(room, trigger)]


async def embedded(database: Database) -> list[int]:
    return await rows(database, "SELECT seq FROM embedding WHERE vector IS NOT NULL ORDER BY seq")


async def test_finds_what_shares_no_word(
    database: Database, room: int, index: SemanticIndex
) -> None:
    assert await recalled(database, room, None) == []

    await index.fill()

    assert (await recalled(database, room, index))[0] == TOLD[0]


async def test_whom_it_asks_about_is_no_part_of_what_it_means(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    recall = Recall(search=Search(database), messages=Messages(database), semantic_index=index)

    await recall.find(room, replace(sample_message("q", "what does Ana drive?"), seq=999_999))

    assert double.embedded_texts == [["what does drive?"]]


async def test_embeds_newest_first_a_page_at_a_time(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    assert await index.fill() == len(TOLD) - 1  # the newest waits for the one after it

    assert [len(texts) for texts in double.embedded_texts] == [2 * PAGE, 2 * (len(TOLD) - 1 - PAGE)]
    assert double.embedded_texts[0][0] == f"Ana: {TOLD[-2]}"
    assert double.embedded_texts[0][1] == "\n".join(f"Ana: {text}" for text in TOLD[-3:])
    assert await embedded(database) == list(range(1, len(TOLD)))


async def test_what_is_said_later_is_embedded_too_and_nothing_twice(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    await index.fill()
    assert await index.fill() == 0
    asked = len(double.embedded_texts)

    await Messages(database).add(
        room, [sample_new_message(f"n{n}", f"later {n}") for n in range(40)]
    )

    assert await index.fill() == 40
    assert await embedded(database) == list(range(1, len(TOLD) + 40))
    assert len(double.embedded_texts) == asked + 3


async def test_nellie_s_own_and_forgotten_messages_are_not_embedded(
    database: Database, index: SemanticIndex, double: OpenAIServer
) -> None:
    room = await Channels(database).id(ROOM)
    own = sample_new_message("h", "I think so", NELLIE)
    await Messages(database).add(
        room, [sample_new_message("a"), own, sample_new_message("gone"), sample_new_message("b")]
    )
    await MessageEdits(database).forget(room, [3])

    await index.fill()

    assert await embedded(database) == [1]
    assert "gone" not in str(double.embedded_texts)


async def test_an_edit_embeds_it_and_its_neighbours_anew(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    await index.fill()

    await MessageEdits(database).edit(room, "m5", "the wagon is blue", 4)

    assert set(range(1, len(TOLD))) - set(await embedded(database)) == {5, 6, 7}
    double.requests.clear()
    assert await index.fill() == 3
    assert "Ana: the wagon is blue" in double.embedded_texts[0]
    assert "the wagon is blue" in (await recalled(database, room, index))[:2]


async def test_what_is_forgotten_is_in_no_vector(
    database: Database, room: int, index: SemanticIndex
) -> None:
    await index.fill()

    await MessageEdits(database).forget(room, [1])

    assert await rows(database, "SELECT seq FROM embedding WHERE seq = 1") == []
    assert 2 not in await embedded(database)  # its neighbour's holds some of it
    assert await index.fill() == 1
    assert TOLD[0] not in await recalled(database, room, index)


async def test_what_changes_while_it_is_embedded_is_embedded_again(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    double.respond_with(CannedResponse(delay=0.5))
    filling = asyncio.create_task(index.fill())
    while not double.embedded_texts:  # noqa: ASYNC110  # it happens in the double
        await asyncio.sleep(0.01)

    await MessageEdits(database).forget(room, [len(TOLD) - 1])
    await MessageEdits(database).edit(room, f"m{len(TOLD) - 3}", "the wagon is blue", 4)
    await filling

    assert await embedded(database) == list(range(1, len(TOLD) - 1))
    assert any("Ana: the wagon is blue" in texts for texts in double.embedded_texts)
    assert "the wagon is blue" in (await recalled(database, room, index))[:2]


async def test_another_model_embeds_everything_anew(
    database: Database, room: int, index: SemanticIndex, made: Made, double: OpenAIServer
) -> None:
    await index.fill()
    double.vector_size = 32
    other = made("other")
    await other.prepare()

    assert await recalled(database, room, other) == []  # the former model's count no more
    assert await other.fill() == len(TOLD) - 1

    assert (await recalled(database, room, other))[0] == TOLD[0]
    assert await rows(database, "SELECT DISTINCT model FROM embedding") == ["openai/other"]


async def test_vectors_of_another_size_are_left_out(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer
) -> None:
    await index.fill()
    double.vector_size = 32

    assert await recalled(database, room, index) == []


@pytest.mark.parametrize(
    "play",
    [
        CannedResponse(delay=5),
        CannedResponse(ending="stall"),
        CannedResponse(ending="garbage"),
        CannedResponse(ending="unfinished"),
        HTML,
        CannedResponse(status=500, error="out of memory"),
        CannedResponse(text="", ending="cut"),
    ],
)
async def test_a_fault_changes_nothing_but_the_score(
    database: Database, room: int, index: SemanticIndex, double: OpenAIServer, play: CannedResponse
) -> None:
    await Messages(database).add(
        room, [sample_new_message("v", "the vehicle is sold"), sample_new_message("w", "yes")]
    )
    words = await recalled(database, room, None)
    await index.fill()
    double.default_response = play

    began = time.monotonic()
    with structlog.testing.capture_logs() as logs:
        found = [await recalled(database, room, index) for _ in range(3)]

    assert found == [words] * 3
    assert time.monotonic() - began < 2
    assert [line["event"] for line in logs] == ["embedder_failed"]


async def test_a_failed_fill_goes_on_where_it_was(
    database: Database,
    room: int,
    index: SemanticIndex,
    double: OpenAIServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    double.respond_with(CannedResponse(), HTML)
    now = time.monotonic()

    assert await index.fill() == PAGE
    assert await index.fill() == 0  # it rests

    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    assert await index.fill() == len(TOLD) - 1 - PAGE


async def test_replicas_share_the_work(
    database: Database, room: int, index: SemanticIndex, made: Made, double: OpenAIServer
) -> None:
    other = made()
    await other.prepare()

    counts = await asyncio.gather(index.fill(), other.fill())

    assert sum(counts) == len(TOLD) - 1
    assert len(double.embedded_texts) == 2


async def test_each_call_is_charged_to_its_channel(
    database: Database, room: int, index: SemanticIndex
) -> None:
    await index.fill()
    await recalled(database, room, index)
    await index.close()

    found = await rows(database, "SELECT channel_id, purpose, model, input > 0 FROM usage")
    assert found == [(room, "embedding", "openai/double", True)] * 3


async def test_a_question_waits_for_no_charge(
    database: Database, room: int, index: SemanticIndex
) -> None:
    await index.fill()

    async with database.begin() as connection:
        await connection.execute(sa.text("LOCK TABLE usage"))
        async with asyncio.timeout(10):
            assert (await recalled(database, room, index))[0] == TOLD[0]
        await wait_until_blocked(database)
    await index.close()

    assert len(await rows(database, "SELECT id FROM usage")) == 3


async def test_a_used_up_budget_lets_embedding_wait(
    database: Database, room: int, made: Made
) -> None:
    index = made(limit_channel_tokens=10)
    await index.prepare()

    assert await index.fill() == PAGE

    assert await index.fill() == 0


async def test_without_pgvector_words_have_to_do(
    address: str, database: Database, room: int, made: Made, double: OpenAIServer
) -> None:
    plain = "a_role_without_rights"
    for statement in (f"CREATE ROLE {plain} LOGIN", f"GRANT ALL ON TABLE message TO {plain}"):
        await rows(database, statement)
    restricted = Database(address.replace("//postgres@", f"//{plain}@"))
    index = made(database=restricted)

    with structlog.testing.capture_logs() as logs:
        await index.prepare()

    assert [line["log_level"] for line in logs] == ["warning"]
    assert "pgvector" in logs[0]["event"]
    assert (await index.fill(), await recalled(database, room, index)) == (0, [])
    assert double.embedded_texts == []
    await restricted.close()
    await rows(database, f"DROP OWNED BY {plain}")
    await rows(database, f"DROP ROLE {plain}")
