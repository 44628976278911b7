"""What an embedder does not take keeps nobody waiting; where vectors cannot be kept, words do."""

from collections.abc import AsyncIterator, Callable

import pytest
import structlog
from doubles.openai_server import OpenAIServer
from doubles.sample_messages import ROOM, rows, sample_new_message

from bot.config.settings import Settings
from bot.domain.model import Channel
from bot.limits.call_queue import CallQueue
from bot.limits.quotas import Quotas
from bot.llm.embedding.embedder import Embedder
from bot.memory.semantic_index import SemanticIndex
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embeddings import Embeddings
from bot.store.locks import Locks
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.stores import Stores
from bot.store.usage import UsageLog

OTHER = Channel("slack", "T1/C2", "other")
SAID = [f"lunch number {n}" for n in range(40)]


@pytest.fixture
async def double() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as opened:
        yield opened


Made = Callable[[], SemanticIndex]


@pytest.fixture
async def made(database: Database, double: OpenAIServer) -> AsyncIterator[Made]:
    locks, opened = Locks(database), list[SemanticIndex]()

    def make() -> SemanticIndex:
        settings = Settings(embeddings="openai/double", embeddings_url=double.url)
        embedder = Embedder.from_settings(settings)
        queue = CallQueue(1, max_waiting=1)
        index = SemanticIndex(
            embeddings=Embeddings(database, embedder.space),
            embedder=embedder,
            usage=UsageLog(database),
            quotas=Quotas.on(Stores.on(database, lease=15), settings, queue),
            locks=locks,
            patience=5,
        )
        opened.append(index)
        return index

    yield make
    for index in opened:
        await index.close()
    await locks.close()


@pytest.fixture
async def index(made: Made) -> SemanticIndex:
    index = made()
    await index.prepare()
    return index


async def tell(database: Database, channel: Channel, texts: list[str]) -> int:
    room = await Channels(database).id(channel)
    said = [sample_new_message(f"{room}-{n}", text) for n, text in enumerate(texts)]
    await Messages(database).add(room, said)
    return room


async def without_vector(database: Database, room: int) -> list[int]:
    return await rows(
        database,
        "SELECT seq FROM message m WHERE channel_id = :room AND NOT EXISTS (SELECT FROM embedding e"
        " WHERE e.channel_id = m.channel_id AND e.seq = m.seq AND length(code) > 1) ORDER BY seq",
        room=room,
    )


@pytest.mark.parametrize(
    "refusal",
    [
        (500, "failed to generate embedding"),
        (422, "Unprocessable Entity"),
        (400, "invalid input"),
        (500, "json: unsupported value: NaN"),
    ],
)
async def test_one_bad_text_is_set_aside_with_a_note_and_not_tried_again(
    database: Database, double: OpenAIServer, index: SemanticIndex, refusal: tuple[int, str]
) -> None:
    double.cannot_read, double.unreadable = "cursed", refusal
    room = await tell(database, ROOM, [*SAID[:10], "a cursed line", *SAID[10:], "end"])
    other = await tell(database, OTHER, [*SAID, "end"])

    with structlog.testing.capture_logs() as logs:
        await index.fill()

    assert await without_vector(database, room) == [11, 42]  # and the newest, which waits
    assert await without_vector(database, other) == [41]
    (note,) = [line for line in logs if line["event"] == "messages_not_embedded"]
    assert note["messages"] == [11]
    assert "cursed" not in str(logs)
    double.requests.clear()
    assert await index.fill() == 0
    assert double.embedded_texts == []


async def test_what_was_set_aside_is_tried_again_when_it_was_edited(
    database: Database, double: OpenAIServer, index: SemanticIndex
) -> None:
    double.cannot_read = "cursed"
    room = await tell(database, ROOM, [*SAID[:3], "a cursed line", *SAID[3:]])
    await index.fill()

    await MessageEdits(database).edit(room, f"{room}-3", "a blessed line", 3)
    await index.fill()

    assert await without_vector(database, room) == [41]


async def test_what_was_set_aside_after_an_edit_is_not_tried_for_ever(
    database: Database, double: OpenAIServer, index: SemanticIndex
) -> None:
    double.cannot_read = "cursed"
    room = await tell(database, ROOM, SAID)
    await index.fill()
    await MessageEdits(database).edit(room, f"{room}-3", "a cursed line", 3)

    await index.fill()
    double.requests.clear()

    assert await index.fill() == 0
    assert double.embedded_texts == []
    assert 8 in {hit.seq for hit in await index.find_nearest(room, SAID[7], limit=40)}


@pytest.mark.parametrize("size", [32, 16, 128])
async def test_vectors_of_another_size_are_all_made_anew_and_that_is_said(
    database: Database, double: OpenAIServer, index: SemanticIndex, made: Made, size: int
) -> None:
    room = await tell(database, ROOM, SAID)
    await tell(database, OTHER, SAID)
    await index.fill()
    double.vector_size = size

    again = made()  # as after a start
    await again.prepare()
    await Messages(database).add(room, [sample_new_message("new", "one more")])
    with structlog.testing.capture_logs() as logs:
        await again.fill()

    (said,) = [line for line in logs if line["event"] == "embeddings_made_anew"]
    assert (said["before"], said["numbers"]) == (64, size)
    found = await rows(database, "SELECT DISTINCT vector_dims(vector) FROM embedding")
    assert found == [size]
    assert await without_vector(database, room) == [41]
    assert 8 in {hit.seq for hit in await again.find_nearest(room, SAID[7], limit=40)}


async def test_a_size_that_differs_within_an_answer_is_never_kept(
    database: Database, double: OpenAIServer, index: SemanticIndex
) -> None:
    def spoil(data: list[dict[str, list[float]]]) -> list[dict[str, list[float]]]:
        return [
            {**entry, "embedding": entry["embedding"][: 30 + n]} for n, entry in enumerate(data)
        ]

    await tell(database, ROOM, SAID[:9])
    double.spoil = spoil

    await index.fill()

    kept = await rows(database, "SELECT DISTINCT vector_dims(vector) FROM embedding")
    assert len(kept) <= 1


@pytest.mark.parametrize("code", ["0A000", "22023", "42501", "P0001", "XX000", "55000"])
async def test_an_extension_that_may_not_be_made_is_lived_without(
    database: Database, made: Made, code: str
) -> None:
    for statement in (
        "CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" RAISE 'extension \"vector\" is not allow-listed' USING ERRCODE = '{code}'; END $$",
        "CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION')"
        " EXECUTE FUNCTION refuse()",
    ):
        await rows(database, statement)
    index = made()

    with structlog.testing.capture_logs() as logs:
        await index.prepare()

    assert [line["event"] for line in logs] == ["pgvector_missing"]
    assert "allow-listed" in logs[0]["reason"]
    assert (await index.fill(), await index.find_nearest(1, "lunch", limit=3)) == (0, [])


async def test_an_extension_out_of_reach_is_lived_without(database: Database, made: Made) -> None:
    for statement in ("CREATE SCHEMA hidden", "CREATE EXTENSION vector SCHEMA hidden"):
        await rows(database, statement)
    index = made()

    with structlog.testing.capture_logs() as logs:
        await index.prepare()

    assert "halfvec" in logs[0]["reason"]
