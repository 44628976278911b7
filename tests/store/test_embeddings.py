"""Vectors in Postgres: the nearest by their codes are the nearest."""

import random
from collections.abc import Sequence

import pytest
from doubles.sample_messages import ROOM, sample_new_message

from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.embeddings import Embeddings
from bot.store.messages import Messages

SIZE, TOPICS, SAID = 384, 40, 2_000
Vectors = list[list[float]]


@pytest.fixture
async def embeddings(database: Database) -> Embeddings:
    embeddings = Embeddings(database, "test/one")
    assert await embeddings.prepare()
    return embeddings


def talk(chance: random.Random) -> Vectors:
    """Vectors of talk that stays with a topic for a while, and says something of its own."""
    topics = [[chance.gauss(0, 1) for _ in range(SIZE)] for _ in range(TOPICS)]
    drawn = [topics[chance.randrange(TOPICS)] for _ in range(SAID // 8)]
    return [
        [number + chance.gauss(0, 1.2) for number in drawn[place // 8]] for place in range(SAID)
    ]


async def kept(database: Database, embeddings: Embeddings, vectors: Vectors) -> int:
    """A channel of messages with these vectors."""
    room = await Channels(database).id(ROOM)
    told = [sample_new_message(f"m{n}", f"number {n}") for n in range(len(vectors) + 1)]
    await Messages(database).add(room, told)
    while page := await embeddings.missing(room):
        await embeddings.put(room, page, {one.seq: vectors[one.seq - 1] for one in page})
    return room


def nearest(vectors: Vectors, asked: Sequence[float], limit: int) -> set[int]:
    def product(vector: Sequence[float]) -> float:
        return sum(a * b for a, b in zip(vector, asked, strict=True))

    order = sorted(range(len(vectors)), key=lambda place: -product(vectors[place]))
    return {place + 1 for place in order[:limit]}


async def test_codes_miss_hardly_any_of_the_nearest(
    database: Database, embeddings: Embeddings
) -> None:
    chance = random.Random(1)
    vectors = talk(chance)
    room = await kept(database, embeddings, vectors)
    found, expected = 0, 0

    for place in chance.sample(range(SAID), 10):
        asked = [number + chance.gauss(0, 1.2) for number in vectors[place]]
        wanted = nearest(vectors, asked, 50)
        hits = await embeddings.nearest(room, asked, limit=50)
        found += len({hit.seq for hit in hits} & wanted)
        expected += len(wanted)

    assert found >= 0.97 * expected
