"""Recall by meaning: filled in the background, true to every change, missed by nobody."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest
import structlog
from doubles.openai import HTML, OpenAIDouble, Play
from doubles.said import ANA, NELLIE, ROOM, rows, said, stored

from bot.limits import Limits
from bot.llm.embedder import Embedder
from bot.memory.meaning import Meaning
from bot.memory.recall import Recall
from bot.places import Places
from bot.settings import Settings
from bot.store.changes import Changes
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embeddings import PAGE, Embeddings
from bot.store.messages import Messages
from bot.store.search import Search
from bot.store.spent import Ledger
from bot.store.usage import UsageLog

TOLD = ("the automobile is in the garage", *(f"lunch number {n} was fine" for n in range(30)), "!")
ASKED = "who took the vehicle?"


@pytest.fixture
async def double() -> AsyncIterator[OpenAIDouble]:
    async with OpenAIDouble() as opened:
        opened.meanings = {"automobile": "vehicle", "wagon": "vehicle"}
        yield opened


Made = Callable[..., Meaning]


@pytest.fixture
async def made(database: Database, double: OpenAIDouble) -> AsyncIterator[Made]:
    opened = list[Meaning]()

    def make(name: str = "double", database: Database = database, **given: object) -> Meaning:
        settings = Settings(embeddings=f"openai/{name}", embeddings_url=double.url, **given)  # type: ignore[arg-type]
        embedder = Embedder.configured(settings)
        limits = Limits(settings, Ledger(database), Places(1, most=1))
        kept = Embeddings(database, embedder.name)
        opened.append(Meaning(kept, embedder, UsageLog(database), limits, patience=0.3))
        return opened[-1]

    yield make
    for one in opened:
        await one.close()


@pytest.fixture
async def meaning(made: Made) -> Meaning:
    meaning = made()
    await meaning.prepare()
    return meaning


@pytest.fixture
async def room(database: Database) -> int:
    room = await Channels(database).id(ROOM)
    await Messages(database).add(room, [stored(f"m{n}", text) for n, text in enumerate(TOLD)])
    return room


async def recalled(database: Database, room: int, meaning: Meaning | None) -> list[str]:
    recall = Recall(Search(database), Messages(database), meaning=meaning)
    trigger = replace(said("q", ASKED, replace(ANA, id="U9", name="zoe")), seq=999_999)
    return [one.text for one in await recall.matching(room, trigger)]


async def embedded(database: Database) -> list[int]:
    return await rows(database, "SELECT seq FROM embedding WHERE vector IS NOT NULL ORDER BY seq")


async def test_finds_what_shares_no_word(database: Database, room: int, meaning: Meaning) -> None:
    assert await recalled(database, room, None) == []

    await meaning.fill()

    assert (await recalled(database, room, meaning))[0] == TOLD[0]


async def test_whom_it_asks_about_is_no_part_of_what_it_means(
    database: Database, room: int, meaning: Meaning, double: OpenAIDouble
) -> None:
    recall = Recall(Search(database), Messages(database), meaning=meaning)

    await recall.matching(room, replace(said("q", "what does Ana drive?"), seq=999_999))

    assert double.embedded == [["what does drive?"]]


async def test_embeds_newest_first_a_page_at_a_time(
    database: Database, room: int, meaning: Meaning, double: OpenAIDouble
) -> None:
    assert await meaning.fill() == len(TOLD) - 1  # the newest waits for the one after it

    assert [len(texts) for texts in double.embedded] == [2 * PAGE, 2 * (len(TOLD) - 1 - PAGE)]
    assert double.embedded[0][0] == f"Ana: {TOLD[-2]}"
    assert double.embedded[0][1] == "\n".join(f"Ana: {text}" for text in TOLD[-3:])
    assert await embedded(database) == list(range(1, len(TOLD)))


async def test_what_is_said_later_is_embedded_too_and_nothing_twice(
    database: Database, room: int, meaning: Meaning, double: OpenAIDouble
) -> None:
    await meaning.fill()
    assert await meaning.fill() == 0
    asked = len(double.embedded)

    await Messages(database).add(room, [stored(f"n{n}", f"later {n}") for n in range(40)])

    assert await meaning.fill() == 40
    assert await embedded(database) == list(range(1, len(TOLD) + 40))
    assert len(double.embedded) == asked + 3


async def test_her_own_and_forgotten_messages_are_not_embedded(
    database: Database, meaning: Meaning, double: OpenAIDouble
) -> None:
    room = await Channels(database).id(ROOM)
    hers = stored("h", "I think so", NELLIE)
    await Messages(database).add(room, [stored("a"), hers, stored("gone"), stored("b")])
    await Changes(database).forget(room, [3])

    await meaning.fill()

    assert await embedded(database) == [1]
    assert "gone" not in str(double.embedded)


async def test_an_edit_embeds_it_and_its_neighbours_anew(
    database: Database, room: int, meaning: Meaning, double: OpenAIDouble
) -> None:
    await meaning.fill()

    await Changes(database).edit(room, "m5", "the wagon is blue", 4)

    assert set(range(1, len(TOLD))) - set(await embedded(database)) == {5, 6, 7}
    double.requests.clear()
    assert await meaning.fill() == 3
    assert "Ana: the wagon is blue" in double.embedded[0]
    assert "the wagon is blue" in (await recalled(database, room, meaning))[:2]


async def test_what_is_forgotten_is_in_no_vector(
    database: Database, room: int, meaning: Meaning
) -> None:
    await meaning.fill()

    await Changes(database).forget(room, [1])

    assert await rows(database, "SELECT seq FROM embedding WHERE seq = 1") == []
    assert 2 not in await embedded(database)  # its neighbour's holds some of it
    assert await meaning.fill() == 1
    assert TOLD[0] not in await recalled(database, room, meaning)


async def test_what_changes_while_it_is_embedded_is_embedded_again(
    database: Database, room: int, meaning: Meaning, double: OpenAIDouble
) -> None:
    double.play(Play(delay=0.5))
    filling = asyncio.create_task(meaning.fill())
    while not double.embedded:  # noqa: ASYNC110  # it happens in the double
        await asyncio.sleep(0.01)

    await Changes(database).forget(room, [len(TOLD) - 1])
    await Changes(database).edit(room, f"m{len(TOLD) - 3}", "the wagon is blue", 4)
    await filling

    assert await embedded(database) == list(range(1, len(TOLD) - 1))
    assert any("Ana: the wagon is blue" in texts for texts in double.embedded)
    assert "the wagon is blue" in (await recalled(database, room, meaning))[:2]


async def test_another_model_embeds_everything_anew(
    database: Database, room: int, meaning: Meaning, made: Made, double: OpenAIDouble
) -> None:
    await meaning.fill()
    double.size = 32
    other = made("other")
    await other.prepare()

    assert await recalled(database, room, other) == []  # the former model's count no more
    assert await other.fill() == len(TOLD) - 1

    assert (await recalled(database, room, other))[0] == TOLD[0]
    assert await rows(database, "SELECT DISTINCT model FROM embedding") == ["openai/other"]


async def test_vectors_of_another_size_are_left_out(
    database: Database, room: int, meaning: Meaning, double: OpenAIDouble
) -> None:
    await meaning.fill()
    double.size = 32

    assert await recalled(database, room, meaning) == []


@pytest.mark.parametrize(
    "play",
    [Play(delay=5), Play(ending="stall"), Play(ending="garbage"), Play(ending="unfinished"), HTML,
     Play(status=500, error="out of memory"), Play(text="", ending="cut")],
)  # fmt: skip
async def test_a_fault_changes_nothing_but_the_score(
    database: Database, room: int, meaning: Meaning, double: OpenAIDouble, play: Play
) -> None:
    await Messages(database).add(room, [stored("v", "the vehicle is sold"), stored("w", "yes")])
    words = await recalled(database, room, None)
    await meaning.fill()
    double.always = play

    began = time.monotonic()
    with structlog.testing.capture_logs() as logs:
        found = [await recalled(database, room, meaning) for _ in range(3)]

    assert found == [words] * 3
    assert time.monotonic() - began < 2
    assert [line["event"] for line in logs] == ["embedder failed"]


async def test_a_failed_fill_goes_on_where_it_was(
    database: Database, room: int, meaning: Meaning, double: OpenAIDouble,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    double.play(Play(), HTML)
    now = time.monotonic()

    assert await meaning.fill() == PAGE
    assert await meaning.fill() == 0  # it rests

    monkeypatch.setattr(time, "monotonic", lambda: now + 60)
    assert await meaning.fill() == len(TOLD) - 1 - PAGE


async def test_replicas_share_the_work(
    database: Database, room: int, meaning: Meaning, made: Made, double: OpenAIDouble
) -> None:
    other = made()
    await other.prepare()

    counts = await asyncio.gather(meaning.fill(), other.fill())

    assert sum(counts) == len(TOLD) - 1
    assert len(double.embedded) == 2


async def test_each_call_is_charged_to_its_channel(
    database: Database, room: int, meaning: Meaning
) -> None:
    await meaning.fill()
    await recalled(database, room, meaning)

    found = await rows(database, "SELECT channel_id, purpose, model, input > 0 FROM usage")
    assert found == [(room, "embedding", "openai/double", True)] * 3


async def test_a_used_up_budget_lets_embedding_wait(
    database: Database, room: int, made: Made
) -> None:
    meaning = made(limit_channel_tokens=10)
    await meaning.prepare()

    assert await meaning.fill() == PAGE

    assert await meaning.fill() == 0


async def test_without_pgvector_words_have_to_do(
    address: str, database: Database, room: int, made: Made, double: OpenAIDouble
) -> None:
    plain = "a_role_without_rights"
    for statement in (f"CREATE ROLE {plain} LOGIN", f"GRANT ALL ON TABLE message TO {plain}"):
        await rows(database, statement)
    restricted = Database(address.replace("//postgres@", f"//{plain}@"))
    meaning = made(database=restricted)

    with structlog.testing.capture_logs() as logs:
        await meaning.prepare()

    assert [line["log_level"] for line in logs] == ["warning"]
    assert "pgvector" in logs[0]["event"]
    assert (await meaning.fill(), await recalled(database, room, meaning)) == (0, [])
    assert double.embedded == []
    await restricted.close()
    await rows(database, f"DROP OWNED BY {plain}")
    await rows(database, f"DROP ROLE {plain}")
