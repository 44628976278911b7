"""Passages are found by their words; files by their names, and by where the question stands."""

from dataclasses import replace

import pytest
from doubles.library import pages, shelve
from doubles.sample_messages import BOB, NOON, ROOM, rows, sample_new_message

from bot.domain.documents import FoundPassage
from bot.store import passage_search as module
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.passage_search import PassageSearch, TermWeights, key_of


@pytest.fixture
def search(database: Database) -> PassageSearch:
    return PassageSearch(database)


def _places(found: list[FoundPassage]) -> list[tuple[str, int]]:
    return [(one.name, one.passage.number) for one in found]


async def test_a_channel_without_documents_finds_nothing(search: PassageSearch, room: int) -> None:
    assert await search.best(room, ["notic"], limit=5) == ([], TermWeights({}, 1.0))
    assert await search.best(room, [], limit=5) == ([], TermWeights({}, 1.0))
    assert await search.files(room, ["contract"]) == []


async def test_a_passage_is_found_by_its_words_with_where_it_was_posted(
    search: PassageSearch, database: Database, room: int
) -> None:
    await Messages(database).add(room, [sample_new_message("m1", "look", BOB, link="https://x/1")])
    text = pages("The rent is due monthly.", "Notice is thirty days before the end.")
    document = await shelve(database, room, "contract.pdf", text, seq=1)

    found, weights = await search.best(room, ["notic", "unicorn"], limit=5)

    (one,) = found
    assert (one.document_id, one.name, one.author) == (document, "contract.pdf", "Bob")
    assert (one.link, one.pages, one.passage) == ("https://x/1", "p. 2", text[1])
    assert one.tokens > 4
    assert one.score > 0
    assert weights.known.keys() == {"notic"}
    assert weights.unknown > weights.known["notic"]
    assert weights.sum_of(["notic", "unicorn"]) == weights.known["notic"] + weights.unknown


async def test_rare_words_and_headings_count(
    search: PassageSearch, database: Database, room: int
) -> None:
    common = pages(*("the server is slow" for _ in range(20)))
    await shelve(database, room, "log.txt", common)
    await shelve(database, room, "manual.pdf", pages("restart it", heading="Server > Vacuum"))

    found, _ = await search.best(room, ["server", "vacuum"], limit=3)

    assert _places(found)[0] == ("manual.pdf", 1)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


async def test_of_a_term_that_is_everywhere_the_newest_postings_are_read(
    search: PassageSearch, database: Database, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        text = pages(*(f"word{number}x{page} everywhere" for page in range(5)))
        await shelve(database, room, f"{number}.pdf", text)
    exact = (await search.best(room, ["everywher", "word1x2"], limit=50))[1]
    monkeypatch.setattr(module, "CAP", 6)

    found, weights = await search.best(room, ["everywher", "word1x2"], limit=50)

    assert _places(found)[0] == ("1.pdf", 3)
    assert len(found) == 7
    assert weights.known["everywher"] == pytest.approx(exact.known["everywher"], abs=0.3)


async def test_the_newest_post_of_a_document_is_told_and_none_is_found_without_one(
    search: PassageSearch, database: Database, room: int
) -> None:
    new = [sample_new_message(f"m{n}", f"look {n}", link=f"https://x/{n}") for n in (1, 2)]
    await Messages(database).add(room, new)
    document = await shelve(database, room, "old.pdf", pages("thirty days"), seq=1)
    again = """
        INSERT INTO posted_file
        SELECT channel_id, 2, external_id, origin, 'new.pdf', media_type, size, alt, address,
               state, note, mendable, document_id FROM posted_file RETURNING 1
    """
    await rows(database, again)

    assert [(one.name, one.link) for one in await search.find(room, "thirty", limit=5)] == [
        ("new.pdf", "https://x/2")
    ]
    await rows(database, "UPDATE message SET deleted = true WHERE seq = 2 RETURNING 1")
    assert [(one.name, one.link) for one in await search.find(room, "thirty", limit=5)] == [
        ("old.pdf", "https://x/1")
    ]
    await MessageEdits(database).forget(room, [1])
    assert await search.find(room, "thirty", limit=5) == []
    assert await search.by_key(room, [document << 20 | 1]) == {}


async def test_another_channels_documents_are_never_found(
    search: PassageSearch, database: Database, room: int
) -> None:
    other = await Channels(database).id(replace(ROOM, id="C2"))
    document = await shelve(database, other, "secret.pdf", pages("thirty days"))

    assert await search.find(room, "thirty days", limit=5) == []
    assert await search.files(room, ["secret"]) == []
    assert await search.by_key(room, [document << 20 | 1]) == {}
    weights = TermWeights({}, 1.0)
    assert await search.within(room, [document], ["thirti"], weights, limit=5, first=9) == []


async def test_files_are_told_by_place_then_by_name_then_by_time(
    search: PassageSearch, database: Database, room: int
) -> None:
    said = [
        sample_new_message("m1", "first", thread="m1"),
        sample_new_message("m2", "second"),
        sample_new_message("m3", "third", thread="m1"),
        sample_new_message("m4", "the question", reply_to="m2", thread="m1"),
    ]
    await Messages(database).add(room, said)
    for seq, name in ((1, "root.pdf"), (2, "replied-to.pdf"), (3, "thread.pdf"), (4, "own.pdf")):
        await shelve(database, room, name, pages("a text"), seq=seq)
    await shelve(database, room, "new.pdf", pages("a text"))
    await shelve(database, room, "Contract_2024.pdf", pages("a text"), at=NOON)
    await shelve(database, room, "x.docx", pages("a text"), title="The contract", at=NOON)
    question = replace(said[3].message, seq=4)

    found = await search.files(room, ["contracts", "what", "100%"], question)

    assert [one.place for one in found] == ["asked", "asked", "thread", "thread", "", "", ""]
    assert {one.name for one in found[:2]} == {"own.pdf", "replied-to.pdf"}
    assert {one.name for one in found[4:6]} == {"Contract_2024.pdf", "x.docx"}
    assert (found[6].name, found[6].author_id, found[6].kind) == ("new.pdf", "U-Ana", "PDF")


async def test_within_a_document_the_best_passages_are_found_and_the_first_ones_told(
    search: PassageSearch, database: Database, room: int
) -> None:
    text = pages(*(f"page {number}" for number in range(30)), "notice is thirty days")
    document = await shelve(database, room, "contract.pdf", text)
    weights = TermWeights({"notic": 2.0, "thirti": 3.0}, 9.0)

    found = await search.within(room, [document], ["notic", "thirti"], weights, limit=5, first=2)

    assert _places(found) == [("contract.pdf", 1), ("contract.pdf", 2), ("contract.pdf", 31)]
    assert [one.score > 0 for one in found] == [False, False, True]


async def test_passages_are_read_by_their_keys(
    search: PassageSearch, database: Database, room: int
) -> None:
    await shelve(database, room, "a.pdf", pages("one", "two"))
    (found, *_), _ = await search.best(room, ["two"], limit=1)

    assert await search.by_key(room, [key_of(found), 99 << 20]) == {
        key_of(found): replace(found, score=0.0)
    }
