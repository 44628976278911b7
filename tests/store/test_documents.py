"""Documents: claimed, read once, stored whole or not at all, and gone with what they stand on."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from doubles.sample_messages import ANA, BOB, NELLIE, ROOM, rows, run, sample_new_message
from store.one_channel import Store

from bot.domain.documents import DocumentText, FilePost, Passage, PostedFile
from bot.domain.model import Author
from bot.language.indexing import to_row
from bot.store.channels import Channels
from bot.store.database import Database
from bot.store.documents import PIECE, Documents
from bot.store.file_claims import ClaimedFile, FileClaims
from bot.store.file_edits import FileEdits
from bot.store.message_inserts import NewMessage
from bot.store.posted_files import PostedFiles

CONTRACT = PostedFile(id="F1", name="contract.pdf", media_type="application/pdf", size=3)
LINK = PostedFile(id="https://example.org/terms", name="terms")
ME, OTHER = 7, 8
LONG = 3 * PIECE + 1


def sample_text(passages: int = 2, *, about: str = "notice") -> DocumentText:
    """A document in which every passage says something of its own."""
    return DocumentText(
        kind="PDF",
        title="Terms",
        pages=passages,
        notes=("page 9 has no text",),
        passages=tuple(
            Passage(
                number=number,
                text=f"The {about} of part{number} is thirty days.",
                heading="Terms > Notice",
                first_page=number,
                last_page=number,
            )
            for number in range(1, passages + 1)
        ),
    )


def rows_of(text: DocumentText) -> list[str]:
    """Its passages, as the process that reads gives them out."""
    return [json.dumps(to_row(passage)) for passage in text.passages]


class Reader:
    """A replica that reads files, and one room in which they are posted."""

    def __init__(self, store: Store, owner: int = ME) -> None:
        self.store = store
        self.owner = owner
        self.claims = FileClaims(store.database)
        self.documents = Documents(store.database)
        self.files = PostedFiles(store.database)

    async def post(self, id: str, *files: PostedFile, text: str = "", author: Author = ANA) -> int:
        new = sample_new_message(id, text or f"see {id}", author)
        new = replace(new, message=replace(new.message, files=files))
        return (await self.store.messages.add(self.store.id, [new]))[id]

    async def claim(self, **more: object) -> ClaimedFile | None:
        wanted = {"platforms": [ROOM.platform], "lease": 60.0, **more}
        return await self.claims.claim(self.owner, **wanted)  # type: ignore[arg-type]

    async def claimed(self, **more: object) -> ClaimedFile:
        claimed = await self.claim(**more)
        assert claimed is not None
        return claimed

    async def read(self, sha256: str = "aa", text: DocumentText | None = None) -> bool:
        """The next file, to its end."""
        return await self.put(await self.claimed(), sha256, text or sample_text())

    async def put(self, claimed: ClaimedFile, sha256: str, text: DocumentText) -> bool:
        return await self.documents.put(claimed, sha256, text, rows_of(text))

    async def one(self) -> FilePost:
        [post] = await self.files.in_channel(self.store.id)
        return post

    async def left(self) -> list[int]:
        """How many documents, passages and postings there are."""
        tables = ("document", "passage", "passage_posting")
        return [
            (await rows(self.store.database, f"SELECT count(*) FROM {one}"))[0]  # noqa: S608
            for one in tables
        ]


@pytest.fixture
async def store(database: Database) -> Store:
    return Store(database, await Channels(database).id(ROOM))


@pytest.fixture
def reader(store: Store) -> Reader:
    return Reader(store)


async def test_a_file_is_claimed_with_all_that_opening_it_needs(reader: Reader) -> None:
    await reader.post("m1", replace(CONTRACT, alt="the terms", address="https://files/F1"))

    claimed = await reader.claimed()

    assert (claimed.channel, claimed.seq, claimed.message_id) == (ROOM, 1, "m1")
    assert claimed.file == replace(CONTRACT, alt="the terms", address="https://files/F1")
    assert (claimed.origin, claimed.attempts, claimed.former) == ("post", 1, None)


async def test_a_file_has_one_reader_at_a_time(reader: Reader, store: Store) -> None:
    for number in range(5):
        await reader.post(f"m{number}", replace(CONTRACT, id=f"F{number}"))
    readers = [Reader(store, owner=owner) for owner in range(1, 9)]

    claimed = await asyncio.gather(*(one.claim() for one in readers))

    assert sorted(one.file.id for one in claimed if one) == ["F0", "F1", "F2", "F3", "F4"]
    assert await reader.claim() is None


async def test_the_newest_is_read_first_and_history_that_is_read_in_waits(reader: Reader) -> None:
    now = datetime.now(UTC)
    for id, at in (("new", now), ("old", now - timedelta(days=9)), ("older", None)):
        new = sample_new_message(id, at=at or now - timedelta(days=99))
        new = replace(new, message=replace(new.message, files=(replace(CONTRACT, id=id),)))
        await reader.store.messages.add(reader.store.id, [new])

    claimed = [(await reader.claimed()).file.id for _ in range(3)]

    assert claimed == ["new", "old", "older"]


async def test_pictures_and_what_other_platforms_brought_is_not_claimed(reader: Reader) -> None:
    await reader.post("m1", PostedFile(id="F2", name="plan.png", media_type="image/png"))
    await reader.post("m2", CONTRACT)

    assert await reader.claim(platforms=["another"]) is None
    assert await reader.claim(origins=["link"]) is None
    assert await reader.claim(channel_id=reader.store.id + 1) is None
    assert (await reader.claimed(channel_id=reader.store.id)).file.id == "F1"


async def test_who_is_silent_for_longer_than_a_lease_loses_the_file(
    reader: Reader, store: Store
) -> None:
    await reader.post("m1", CONTRACT)
    silent = await reader.claimed(lease=-1)

    taken = await Reader(store, OTHER).claimed()

    assert taken.attempts == 2
    assert not await reader.claims.keep(silent, lease=60, progress="")
    assert not await reader.claims.refuse(silent, "it is broken")
    assert not await reader.claims.put_off(silent, 5, "no answer")
    assert not await reader.put(silent, "aa", sample_text())
    await reader.claims.give_back(silent)
    assert await reader.left() == [0, 0, 0]
    assert await reader.put(taken, "aa", sample_text())


async def test_who_says_how_far_it_is_keeps_the_file(reader: Reader) -> None:
    await reader.post("m1", CONTRACT)
    claimed = await reader.claimed(lease=-1)

    assert await reader.claims.keep(claimed, lease=60, progress="page 30 of 100")

    assert await reader.claim() is None
    assert (await reader.one()).progress == "page 30 of 100"


async def test_what_was_read_is_there_whole(reader: Reader, store: Store) -> None:
    await reader.post("m1", CONTRACT)
    text = sample_text(LONG)

    assert await reader.read(text=text)

    post = await reader.one()
    assert (post.state, post.kind, post.pages) == ("read", "PDF", LONG)
    assert (post.author, post.seq, post.notes) == ("Ana", 1, ("page 9 has no text",))
    assert post.document_id is not None
    whole = await reader.documents.passages(store.id, post.document_id)
    assert tuple(whole) == text.passages
    part = await reader.documents.passages(store.id, post.document_id, after=1, limit=2)
    assert [passage.number for passage in part] == [2, 3]
    [kept] = await rows(store.database, "SELECT passages FROM document")
    [tokens] = await rows(store.database, "SELECT tokens FROM document")
    assert (kept, tokens) == (
        LONG,
        (await rows(store.database, "SELECT sum(tokens) FROM passage"))[0],
    )
    found = "SELECT number FROM passage_posting WHERE term = 'part7' ORDER BY 1"
    assert await rows(store.database, found) == [7]
    of_the_heading = "SELECT count(*) FROM passage_posting WHERE term = 'term'"
    assert await rows(store.database, of_the_heading) == [LONG]
    assert await reader.claim() is None


async def test_an_empty_document_is_a_document(reader: Reader) -> None:
    await reader.post("m1", CONTRACT)

    assert await reader.read(text=sample_text(0))

    assert await reader.left() == [1, 0, 0]


async def test_the_same_content_is_read_once_and_both_posts_point_to_it(reader: Reader) -> None:
    await reader.post("m1", CONTRACT)
    await reader.post("m2", replace(CONTRACT, id="F2"))
    assert await reader.read()

    second = await reader.claimed()
    assert await reader.documents.point_to_known(second, "aa")

    posts = await reader.files.in_channel(reader.store.id)
    assert [post.seq for post in posts] == [2, 1]
    assert len({post.document_id for post in posts}) == 1
    assert (await reader.left())[0] == 1
    cited = await reader.files.of_documents(reader.store.id, [posts[0].document_id or 0])
    assert [post.link for post in cited] == [post.link for post in posts]


async def test_other_content_is_not_known(reader: Reader) -> None:
    await reader.post("m1", CONTRACT)

    claimed = await reader.claimed()

    assert not await reader.documents.point_to_known(claimed, "bb")
    assert await reader.put(claimed, "bb", sample_text())


async def test_two_replicas_that_read_the_same_content_store_it_once(
    reader: Reader, store: Store
) -> None:
    await reader.post("m1", CONTRACT)
    await reader.post("m2", replace(CONTRACT, id="F2"))
    readers = [Reader(store, ME), Reader(store, OTHER)]
    claimed = [await one.claimed() for one in readers]

    done = await asyncio.gather(
        *(
            one.put(file, "aa", sample_text(LONG))
            for one, file in zip(readers, claimed, strict=True)
        )
    )

    assert done == [True, True]
    assert (await reader.left())[:2] == [1, LONG]


async def test_nothing_is_left_of_a_file_whose_message_goes_while_it_is_read(
    reader: Reader,
) -> None:
    await reader.post("m1", CONTRACT)
    claimed = await reader.claimed()

    await reader.store.changes.forget(reader.store.id, [1])

    assert not await reader.claims.keep(claimed, lease=60, progress="")
    assert not await reader.put(claimed, "aa", sample_text(LONG))
    assert await reader.left() == [0, 0, 0]


async def test_forgetting_while_it_is_stored_waits_for_nothing_and_leaves_nothing(
    reader: Reader,
) -> None:
    await reader.post("m1", CONTRACT)
    claimed = await reader.claimed()

    await asyncio.gather(
        reader.put(claimed, "aa", sample_text(20 * PIECE)),
        reader.store.changes.forget(reader.store.id, [1]),
    )

    assert await reader.left() == [0, 0, 0]


async def test_content_that_is_forgotten_while_another_points_to_it_is_stored_again(
    reader: Reader,
) -> None:
    await reader.post("m1", CONTRACT)
    await reader.post("m2", replace(CONTRACT, id="F2"))
    await reader.read()
    second = await reader.claimed()

    done, _ = await asyncio.gather(
        reader.put(second, "aa", sample_text()),
        reader.store.changes.forget(reader.store.id, [2]),
    )

    assert done
    assert (await reader.left())[:2] == [1, 2]
    assert (await reader.one()).document_id is not None


async def test_what_is_put_off_comes_again_in_time(reader: Reader) -> None:
    await reader.post("m1", CONTRACT)

    assert await reader.claims.put_off(await reader.claimed(), 60, "it did not answer")
    assert await reader.claim() is None
    assert (await reader.one()).note == "it did not answer"

    await run(reader.store.database, "UPDATE posted_file SET due_at = now()")
    again = await reader.claimed()
    assert again.attempts == 2
    assert await reader.put(again, "aa", sample_text())
    assert (await reader.one()).note == ""


async def test_what_is_given_back_counts_as_not_tried(reader: Reader, store: Store) -> None:
    await reader.post("m1", CONTRACT)
    await reader.claims.give_back(await reader.claimed())

    assert (await Reader(store, OTHER).claimed()).attempts == 1


async def test_what_is_unreadable_says_why_and_is_not_read_again(reader: Reader) -> None:
    await reader.post("m1", CONTRACT)

    assert await reader.claims.refuse(await reader.claimed(), "it is protected " + "x" * 999)

    post = await reader.one()
    assert (post.state, post.note[:15], post.mendable) == ("unreadable", "it is protected", False)
    assert await reader.claim() is None
    await reader.files.try_again([ROOM.platform], limit=9)
    assert await reader.claim() is None
    assert await reader.claims.count() == {"unreadable": 1}


async def test_what_lacks_a_right_is_read_when_it_is_tried_again(reader: Reader) -> None:
    await reader.post("m1", CONTRACT)
    await reader.claims.refuse(await reader.claimed(), "files:read is missing", mendable=True)

    await reader.files.try_again(["another"], limit=9)
    assert await reader.claim() is None
    await reader.files.try_again([ROOM.platform], limit=9)

    assert (await reader.claimed()).attempts == 1


async def test_what_no_message_brought_is_read_anew_when_it_is_added_again(
    reader: Reader, store: Store
) -> None:
    async def add() -> None:
        await reader.files.add(store.id, [LINK], origin="link", author=BOB)

    await add()
    await reader.read("aa", sample_text(about="notice"))
    post = await reader.one()
    assert (post.seq, post.origin, post.author, post.link) == (0, "link", "Bob", LINK.id)

    await add()
    assert (await reader.one()).document_id == post.document_id
    await reader.read("bb", sample_text(about="price"))

    assert (await reader.left())[:2] == [1, 2]
    assert await rows(store.database, "SELECT 1 FROM passage WHERE text LIKE '%notice%'") == []
    assert (await reader.one()).document_id != post.document_id
    await FileEdits(store.database).forget(store.id, [0], LINK.id)
    assert await reader.left() == [0, 0, 0]


async def test_answers_that_rest_on_what_a_link_said_go_when_it_says_something_else(
    reader: Reader, store: Store
) -> None:
    await reader.files.add(store.id, [LINK], origin="link", author=BOB)
    await reader.read("aa")
    document = (await reader.one()).document_id or 0
    await reader.post("q", text="how long?")
    answer = sample_new_message("a1", "Thirty days.", NELLIE).message
    await store.messages.add(store.id, [NewMessage(answer, rests_on=(1, -document))])

    await reader.files.add(store.id, [LINK], origin="link", author=BOB)
    await reader.read("bb")

    assert [one.text for one in await store.messages.get(ROOM, store.id, [1, 2])] == ["how long?"]


async def test_who_opted_out_is_not_named_as_who_added_something(reader: Reader) -> None:
    await run(reader.store.database, "INSERT INTO optout SELECT id, 'U2' FROM channel")

    await reader.files.add(reader.store.id, [LINK], origin="link", author=BOB)

    assert (await reader.one()).author == ""
    assert await rows(reader.store.database, "SELECT author_id FROM posted_file") == [""]


async def test_the_files_of_messages_are_all_told(reader: Reader) -> None:
    picture = PostedFile(id="F2", name="plan.png", media_type="image/png")
    await reader.post("m1", CONTRACT, picture)
    await reader.post("m2", replace(CONTRACT, id="F3"))

    posts = await reader.files.of_messages(reader.store.id, [1])

    assert [(post.file.id, post.state) for post in posts] == [("F1", "waiting"), ("F2", "picture")]
