"""The lexical index: any word is enough, rare ones count most, the forgotten is never found."""

from dataclasses import replace

import pytest
from doubles.sample_messages import BOB, ROOM, rows, sample_new_message

from bot.language.terms import (
    extract_question_terms,
    extract_terms,
    extract_words_and_wholes,
)
from bot.store import search as module
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.search import Search


@pytest.fixture
def search(database: Database) -> Search:
    return Search(database)


async def test_any_word_is_enough_and_none_is_required(
    search: Search, database: Database, room: int
) -> None:
    await Messages(database).add(
        room,
        [
            sample_new_message("m1", "the backup disk"),
            sample_new_message("m2", "a red cupboard"),
            sample_new_message("m3", "lunch"),
        ],
    )

    found = await search.find(ROOM, room, "unicorn disk cupboard", limit=9)

    assert {one.id for one in found} == {"m1", "m2"}


async def test_rare_words_count_most(search: Search, database: Database, room: int) -> None:
    talk = [sample_new_message(f"m{n}", "the server is slow today") for n in range(30)]
    await Messages(database).add(
        room, [*talk, sample_new_message("rare", "the postgres vacuum is running")]
    )

    found = await search.best(ROOM, room, list(extract_terms("server vacuum")), limit=3)

    assert found[0][1].id == "rare"
    assert [score for score, _ in found] == sorted((score for score, _ in found), reverse=True)


async def test_more_of_the_words_in_fewer_words_is_better(
    search: Search, database: Database, room: int
) -> None:
    texts = {
        "both": "apt pinning",
        "one": "apt alone",
        "long": f"apt pinning {' '.join(f'word{n}' for n in range(60))}",
        "none": "nothing of it",
    }
    await Messages(database).add(room, [sample_new_message(id, text) for id, text in texts.items()])

    found = await search.find(ROOM, room, "apt pinning", limit=9)

    assert found[0].id == "both"
    assert {one.id for one in found} == {"both", "one", "long"}


async def test_finds_other_forms_of_a_word_and_authors(
    search: Search, database: Database, room: int
) -> None:
    await Messages(database).add(
        room,
        [
            sample_new_message("m1", "we deployed it", BOB),
            sample_new_message("m2", "ÜBERRASCHUNG 🎉"),
        ],
    )

    async def found(words: str) -> list[str]:
        return [one.id for one in await search.find(ROOM, room, words, limit=9)]

    assert await found("deploying") == ["m1"]
    assert await found("bob") == ["m1"]
    assert await found("überraschung") == ["m2"]


async def test_every_word_can_be_demanded(search: Search, database: Database, room: int) -> None:
    await Messages(database).add(
        room, [sample_new_message("m1", "red key"), sample_new_message("m2", "blue key")]
    )

    held = await search.seqs_containing(room, "red key")

    found = await Messages(database).get(ROOM, room, held)
    assert [one.id for one in found] == ["m1"]


@pytest.mark.parametrize("words", ["", "the of", "☃", "%_' \"\\ --", "🐘" * 50, "\u202e\u200b"])
async def test_a_question_without_words_finds_nothing(
    search: Search, database: Database, room: int, words: str
) -> None:
    await Messages(database).add(room, [sample_new_message("m1", "the red key")])

    assert await search.find(ROOM, room, words, limit=9) == []


async def test_nothing_crosses_channels(search: Search, database: Database, room: int) -> None:
    other = replace(ROOM, id="C2")
    hall = await Channels(database).id(other)
    await Messages(database).add(room, [sample_new_message("m1", "the secret is out")])

    assert await search.find(other, hall, "secret", limit=9) == []


async def test_the_forgotten_is_never_found(search: Search, database: Database, room: int) -> None:
    await Channels(database).set_opt_out(room, BOB.id, out=True)
    await Messages(database).add(
        room,
        [
            sample_new_message("m1", "the secret"),
            sample_new_message("m2", "the secret", BOB),
            sample_new_message("m3", "secret"),
        ],
    )

    await MessageEdits(database).forget(room, [1])

    assert [one.id for one in await search.find(ROOM, room, "secret", limit=9)] == ["m3"]
    assert await rows(database, "SELECT DISTINCT seq FROM posting") == [3]


async def test_a_word_that_is_everywhere_costs_bounded_work(
    search: Search, database: Database, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CAP", 5)
    await Messages(database).add(room, [sample_new_message(f"m{n}", "lunch") for n in range(20)])

    found = await search.find(ROOM, room, "lunch", limit=50)

    assert sorted(one.seq for one in found) == [16, 17, 18, 19, 20]


async def test_a_word_that_floods_the_channel_counts_as_frequent(
    search: Search, database: Database, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CAP", 5)  # no more of either word is read
    talk = [sample_new_message(f"d{n}", f"disk {n}") for n in range(6)]
    flood = [sample_new_message(f"f{n}", "lunch") for n in range(40)]
    await Messages(database).add(room, [*talk, *flood])

    found = await search.best(ROOM, room, ["lunch", "disk"], limit=50)

    assert [one.text[:4] for _, one in found[:5]] == ["disk"] * 5
    assert max(score for score, one in found if one.text == "lunch") < found[0][0] / 10


async def test_no_more_than_asked_for(search: Search, database: Database, room: int) -> None:
    await Messages(database).add(
        room, [sample_new_message(f"m{n}", f"lunch {n}") for n in range(20)]
    )

    assert len(await search.find(ROOM, room, "lunch", limit=3)) == 3


async def hits_with_text(search: Search, room: int, question: str) -> dict[int, str]:
    terms = list(extract_question_terms(question))
    return {hit.seq: hit.text for hit in await search.hits(room, terms, limit=50)}


async def test_what_holds_every_term_of_a_question_comes_with_its_text(
    search: Search, database: Database, room: int
) -> None:
    question = "where is the backup disk?"
    texts = (question, "a backup disk, or where is it", "a disk", f"{question} {'aha ' * 5_000}")
    await Messages(database).add(
        room, [sample_new_message(f"m{n}", text) for n, text in enumerate(texts)]
    )

    found = await hits_with_text(search, room, question)

    assert found == {1: texts[0], 2: texts[1], 3: "", 4: ""}


async def test_a_term_that_is_everywhere_hides_no_earlier_asking(
    search: Search, database: Database, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "CAP", 5)
    question = "where is the backup disk?"
    await Messages(database).add(
        room,
        [
            sample_new_message("asked", question),
            *(sample_new_message(f"m{n}", f"disk {n}") for n in range(9)),
            sample_new_message("again", question),
        ],
    )

    found = await hits_with_text(search, room, question)

    assert {seq for seq, text in found.items() if text == question} == {1, 11}


TALK = ("we met at the pier", "the boat was late, so we waited", "a red boat with two sails")


@pytest.mark.parametrize("marks", ["🎉🎊 👍🏽", "v2.11.4 https://example.org/a/b", "12,500 +C++"])
async def test_what_is_one_as_a_whole_makes_no_message_longer(
    search: Search, database: Database, room: int, marks: str
) -> None:
    plain = [sample_new_message(f"p{n}", text) for n, text in enumerate(TALK)]
    marked = [sample_new_message(f"m{n}", f"{text} {marks}") for n, text in enumerate(TALK)]
    await Messages(database).add(room, [*plain, *marked])
    words = set(extract_words_and_wholes(marks)[0])

    lengths = await rows(database, "SELECT max(length) FROM posting GROUP BY seq ORDER BY seq")

    assert lengths[3:] == [length + len(words) for length in lengths[:3]]
