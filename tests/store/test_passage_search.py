"""Passages are found by their words; files by their names, and by where the question stands."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from doubles.library import pages, shelve
from doubles.sample_messages import BOB, NOON, ROOM, rows, sample_new_message

from bot.store import passage_search as module
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.message_edits import MessageEdits
from bot.store.messages import Messages
from bot.store.passage_search import PassageHit, PassageSearch


@pytest.fixture
def search(database: Database) -> PassageSearch:
    return PassageSearch(database)


def _places(hits: Sequence[PassageHit]) -> list[tuple[str, int]]:
    return [(hit.found.name, hit.found.passage.number) for hit in hits]


async def test_a_channel_without_documents_finds_nothing(search: PassageSearch, room: int) -> None:
    assert await search.best(room, ["notic"], limit=5) == []
    assert await search.best(room, [], limit=5) == []
    assert await search.files(room, "contract") == []
    assert await search.terms(room, {}) == []
    assert await search.within(room, [], ["notic"], limit=5, first=5) == []


async def test_a_passage_is_found_by_its_words_with_where_it_was_posted(
    search: PassageSearch, database: Database, room: int
) -> None:
    await Messages(database).add(room, [sample_new_message("m1", "look", BOB, link="https://x/1")])
    text = pages("The rent is due monthly.", "Notice, a notice: thirty days before the end.")
    document = await shelve(database, room, "contract.pdf", text, seq=1)

    (hit,) = await search.best(room, ["notic", "unicorn"], limit=5)

    one = hit.found
    assert (one.document_id, one.name, one.author) == (document, "contract.pdf", "Bob")
    assert (one.link, one.pages, one.passage) == ("https://x/1", "p. 2", text[1])
    assert one.tokens > 4
    assert hit.held == {"notic": 2}
    assert hit.length == 5


async def test_rare_words_and_headings_count(
    search: PassageSearch, database: Database, room: int
) -> None:
    common = pages(*("the server is slow" for _ in range(20)))
    await shelve(database, room, "log.txt", common)
    await shelve(database, room, "manual.pdf", pages("restart it", heading="Server > Vacuum"))

    hits = await search.best(room, ["server", "vacuum"], limit=3)

    assert _places(hits)[0] == ("manual.pdf", 1)
    assert len(hits) == 3


async def test_of_a_term_that_is_everywhere_the_newest_postings_are_read(
    search: PassageSearch, database: Database, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        text = pages(*(f"word{number}x{page} everywhere" for page in range(5)))
        await shelve(database, room, f"{number}.pdf", text)
    monkeypatch.setattr(module, "CAP", 6)

    hits = await search.best(room, ["everywher", "word1x2"], limit=50)

    assert _places(hits)[0] == ("1.pdf", 3)
    assert len(hits) == 7
    assert hits[0].held == {"everywher": 1, "word1x2": 1}


async def test_terms_are_told_with_their_other_forms_and_how_often_they_are_used(
    search: PassageSearch, database: Database, room: int
) -> None:
    said = ["варшавская биржа", "биржа сегодня", "биржа"]
    await Messages(database).add(
        room, [sample_new_message(f"m{n}", text) for n, text in enumerate(said)]
    )
    await shelve(database, room, "a.pdf", pages("Варшавской биржи", "варшавская", "варить"))

    found = await search.terms(room, {"варшавскои": "варшавс", "биржа": ""}, without=3)

    used = {(one.asked, one.term): (one.said, one.read) for one in found}
    assert used == {
        ("варшавскои", "варшавскои"): (0, 1),
        ("варшавскои", "варшавская"): (1, 1),
        ("биржа", "биржа"): (2, 0),
    }
    assert {(one.messages, one.passages) for one in found} == {(3, 3)}


async def test_no_more_forms_are_told_than_help(
    search: PassageSearch, database: Database, room: int
) -> None:
    text = pages(" ".join(f"bootshaus{letter}" for letter in "abcdefghijklmnopqr"))
    await shelve(database, room, "a.pdf", text)

    found = await search.terms(room, {"bootshaeuser": "bootsh"})

    assert len(found) == 1 + module.VARIANTS


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

    async def posts() -> list[tuple[str, str]]:
        hits = await search.best(room, ["thirti"], limit=5)
        return [(hit.found.name, hit.found.link) for hit in hits]

    assert await posts() == [("new.pdf", "https://x/2")]
    await rows(database, "UPDATE message SET deleted = true WHERE seq = 2 RETURNING 1")
    assert await posts() == [("old.pdf", "https://x/1")]
    await MessageEdits(database).forget(room, [1])
    assert await posts() == []
    assert await search.by_key(room, [document << 20 | 1], []) == []


async def test_another_channels_documents_are_never_found(
    search: PassageSearch, database: Database, room: int
) -> None:
    other = await Channels(database).id(replace(ROOM, id="C2"))
    document = await shelve(database, other, "secret.pdf", pages("thirty days"))

    assert await search.best(room, ["thirti"], limit=5) == []
    assert await search.files(room, "secret") == []
    assert await search.by_key(room, [document << 20 | 1], []) == []
    assert await search.within(room, [document], ["thirti"], limit=5, first=9) == []
    (term,) = await search.terms(room, {"thirti": "thirt"})
    assert (term.read, term.passages) == (0, 0)


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

    found = await search.files(room, "what of Contracts, 100%? \0\ud800 " + "x " * 9_999, question)

    assert [one.place for one in found] == ["asked", "asked", "thread", "thread", "", "", ""]
    assert {one.name for one in found[:2]} == {"own.pdf", "replied-to.pdf"}
    assert {one.name for one in found[4:6]} == {"Contract_2024.pdf", "x.docx"}
    assert (found[6].name, found[6].author_id, found[6].kind) == ("new.pdf", "U-Ana", "PDF")


async def test_within_a_document_the_best_passages_are_found_and_the_first_ones_told(
    search: PassageSearch, database: Database, room: int
) -> None:
    text = pages(*(f"page {number}" for number in range(30)), "notice is thirty days")
    document = await shelve(database, room, "contract.pdf", text)

    hits = await search.within(room, [document], ["notic", "thirti"], limit=5, first=2)

    assert _places(hits) == [("contract.pdf", 1), ("contract.pdf", 2), ("contract.pdf", 31)]
    assert [hit.held for hit in hits] == [{}, {}, {"notic": 1, "thirti": 1}]


async def test_passages_are_read_by_their_keys(
    search: PassageSearch, database: Database, room: int
) -> None:
    await shelve(database, room, "a.pdf", pages("one", "two"))
    (hit,) = await search.best(room, ["two"], limit=1)

    assert await search.by_key(room, [hit.key, 99 << 20], ["two"]) == [hit]
