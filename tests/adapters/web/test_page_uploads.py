"""Files that are brought at the page: kept until they are read, and no longer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from doubles.page import OPERATOR, Answer, PageUnderTest, StartPage
from doubles.page_chat import Talk, token_in
from doubles.page_files import send_files
from doubles.pictures import png

from bot.core import supervision
from bot.documents.limits import Limits
from bot.domain.documents import PostedFile, name_files
from bot.domain.errors import DatabaseUnavailable
from bot.domain.model import Channel
from bot.domain.page import (
    TERMINAL,
    FileRefused,
    FileTooLarge,
    NoRoomForFiles,
    NotThere,
    Visitor,
)
from bot.page import uploading
from bot.page.building import build_page
from bot.page.uploading import PIECE, plain_name
from bot.store.posted_files import release_files
from bot.store.uploads import Uploads
from bot.testing import ANA, BOB, GENERAL, RunningNellie, says
from bot.testing.fake_platform import FakePlatform

DESK = Channel(TERMINAL, "local", "desk", "desk", direct=True)
WORDS = b"# Terms\n\nThe notice is thirty days.\n"
YOU = Visitor(
    session=1, platform=TERMINAL, workspace="local", person_id="you", name="you", admin=True
)


@pytest.fixture(autouse=True)
def nobody_waits_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody reads a file, its question would have all the seconds that answers have."""
    monkeypatch.setattr(supervision, "ENDING", 0.1)


async def pieces_of(data: bytes, size: int = 7_000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@dataclass
class Desk:
    """A place where one brings files, and what becomes of them."""

    nellie: RunningNellie
    uploading: uploading.Uploading
    id: int

    async def take(self, data: bytes, name: str = "terms.md", type_: str = "") -> PostedFile:
        return await self.uploading.take(YOU, self.id, name, type_, pieces_of(data))

    async def say(self, *files: PostedFile, **more: object) -> int:
        text = f"see\n{name_files(files)}"
        return (await self.nellie.say(OPERATOR, text, channel=DESK, files=files, **more)).seq

    async def read(self, folder: Path) -> str:
        assert await self.nellie.parts.reading_queue.read_next(folder)
        [post] = await self.nellie.parts.stores.posted_files.in_channel(self.id)
        return post.state

    async def lying(self) -> int:
        """The bytes that lie in the database."""
        [(size,)] = await self.nellie.rows(
            "SELECT coalesce(sum(octet_length(data)), 0) FROM upload_piece"
        )
        return int(size)


@pytest.fixture
async def desk(start_page: StartPage) -> Desk:
    page: PageUnderTest = await start_page(read_files=0)
    id_ = await page.nellie.channel_id(DESK)
    return Desk(page.nellie, build_page(page.nellie.parts).uploading, id_)


async def test_a_file_is_read_cited_and_its_bytes_are_gone(desk: Desk, tmp_path: Path) -> None:
    file = await desk.take(WORDS, type_="text/markdown")
    await desk.say(file)
    assert await desk.lying() == len(WORDS)

    state = await desk.read(tmp_path)

    assert state == "read"
    assert await desk.lying() == 0
    rows = await desk.nellie.rows("SELECT text FROM passage")
    assert "The notice is thirty days." in rows[0][0]


async def test_a_large_file_comes_out_as_it_went_in(desk: Desk) -> None:
    data = bytes(range(256)) * 5_000 + b"the end"
    file = await desk.take(data, "x.bin")

    store = desk.nellie.parts.stores.uploads
    found = [piece async for piece in store.open(desk.id, file.id)]

    assert b"".join(found) == data
    assert {len(piece) for piece in found[:-1]} == {PIECE}
    assert file.size == len(data)


async def test_what_cannot_be_read_goes_too(desk: Desk, tmp_path: Path) -> None:
    await desk.say(await desk.take(b"%PDF-1.7 no more than that", "a.pdf", "application/pdf"))

    assert await desk.read(tmp_path) == "unreadable"
    assert await desk.lying() == 0


async def test_what_is_gone_says_so(desk: Desk, tmp_path: Path) -> None:
    file = await desk.take(WORDS)
    await desk.say(file)
    await desk.nellie.rows("UPDATE upload_piece SET at = now() - interval '25 hours'")
    await desk.nellie.parts.stores.uploads.drop_old()

    assert await desk.read(tmp_path) == "unreadable"
    [post] = await desk.nellie.parts.stores.posted_files.in_channel(desk.id)
    assert post.note == "it was kept for 24 hours, and is gone"


async def test_what_a_replica_read_and_did_not_let_go_is_swept(desk: Desk, tmp_path: Path) -> None:
    file = await desk.take(WORDS)
    await desk.say(file)
    kept = await desk.take(b"still waiting", "later.txt")
    await desk.nellie.rows("UPDATE posted_file SET state = 'read'")

    await desk.nellie.parts.jobs.expire()

    assert await desk.lying() == len(b"still waiting")
    assert kept.size == len(b"still waiting")


@pytest.mark.parametrize("line", ["memory forget 1", "memory forget me", "memory forget all"])
async def test_forgetting_takes_the_bytes(desk: Desk, line: str) -> None:
    await desk.say(await desk.take(WORDS))

    asked = await desk.nellie.run_command(line, OPERATOR, channel=DESK, admin=True)
    await desk.nellie.run_command(f"memory {asked.confirm}", OPERATOR, channel=DESK, admin=True)

    assert await desk.lying() == 0


async def test_forgetting_a_person_takes_what_no_message_brought(desk: Desk) -> None:
    await desk.take(WORDS)

    await desk.nellie.parts.stores.api_traces.forget("you", TERMINAL)

    assert await desk.lying() == 0
    assert await desk.nellie.find_traces("upload:") == []


async def test_an_edit_that_takes_a_file_away_takes_its_bytes(desk: Desk) -> None:
    first, second = await desk.take(WORDS), await desk.take(b"and this", "b.txt")
    seq = await desk.say(first, second)

    async with desk.nellie.database.begin() as connection:
        await release_files(connection, desk.id, [seq], kept=[second.id])

    assert await desk.lying() == len(b"and this")


async def test_a_picture_is_looked_at_with_its_question(desk: Desk) -> None:
    id_ = await desk.nellie.channel_id(GENERAL)
    uploads = desk.nellie.parts.stores.uploads
    upload = uploading.Upload.begin(id_, "fake", ANA.id)
    await uploads.add(upload, 1, png())
    shot = PostedFile(id=upload.id, name="shot.png", media_type="image/png")

    await desk.nellie.ask(ANA, f"what is it?\n{name_files([shot])}", files=(shot,))

    [image] = [one for said in desk.nellie.model.prompts[-1].messages for one in said.images]
    assert image.data == png()


async def test_a_picture_is_told_by_its_bytes(desk: Desk) -> None:
    shot = await desk.take(png(), "shot.txt", "text/plain")
    lie = await desk.take(b"no picture", "shot.png", "image/png; x=y")
    drawing = await desk.take(b"<svg/>", "d.svg", "image/svg+xml")

    assert shot.media_type == "image/png"
    assert lie.media_type == ""
    assert drawing.kind == "document"


async def test_nobody_reads_a_file_of_another_channel(desk: Desk, tmp_path: Path) -> None:
    file = await desk.take(WORDS)

    await desk.nellie.say(ANA, "mine?", files=(file,))
    await desk.nellie.parts.reading_queue.read_next(tmp_path)

    [post] = await desk.nellie.parts.stores.posted_files.in_channel(await desk.nellie.channel_id())
    assert post.state == "unreadable"
    assert await desk.lying() == len(WORDS)


async def test_too_large_empty_and_private_are_refused_and_nothing_is_kept(desk: Desk) -> None:
    small = replace(desk.uploading, limits=Limits(bytes=2**20))
    with pytest.raises(FileTooLarge, match=r"a\.bin was not taken: it is larger than 1 MB"):
        await small.take(YOU, desk.id, "a.bin", "", pieces_of(bytes(2**20 + 1)))
    with pytest.raises(FileRefused, match="it is empty"):
        await desk.take(b"")
    fake = replace(YOU, platform="fake", person_id=ANA.id)
    desk.nellie.platform.readers = {"C1": {ANA.id}}
    with pytest.raises(FileRefused, match="private and not remembered"):
        await desk.uploading.take(fake, await desk.nellie.channel_id(), "a", "", pieces_of(WORDS))
    assert await desk.lying() == 0


async def test_others_channels_take_nothing(desk: Desk) -> None:
    with pytest.raises(NotThere):
        await desk.uploading.take(YOU, await desk.nellie.channel_id(), "a", "", pieces_of(WORDS))
    with pytest.raises(NotThere):
        await desk.uploading.take(YOU, 10**17, "a", "", pieces_of(WORDS))


async def test_who_opted_out_brings_nothing(desk: Desk) -> None:
    await desk.nellie.run_command("memory optout", OPERATOR, channel=DESK, admin=True)

    with pytest.raises(FileRefused, match="you opted out"):
        await desk.take(WORDS)
    assert await desk.lying() == 0


async def test_only_so_much_of_a_person_waits(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploading, "MOST_FILES", 2)
    monkeypatch.setattr(uploading, "MOST_BYTES", 2**20)
    await desk.take(WORDS)
    with pytest.raises(NoRoomForFiles, match="more than 1 MB of yours would wait"):
        await desk.take(bytes(2**20))
    await desk.take(WORDS)
    with pytest.raises(NoRoomForFiles, match="2 files of yours wait"):
        await desk.take(WORDS)
    assert await desk.lying() == 2 * len(WORDS)


async def test_many_at_once_do_not_get_around_it(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_BYTES", 10 * 2**20)
    sizes = [9 * 2**20] * 6

    taken = await asyncio.gather(
        *(desk.take(bytes(size), f"{size}.bin") for size in sizes), return_exceptions=True
    )

    assert sum(isinstance(one, NoRoomForFiles) for one in taken) >= 4
    assert await desk.lying() <= 2 * 9 * 2**20


async def test_what_breaks_off_leaves_nothing(desk: Desk) -> None:
    async def breaking() -> AsyncIterator[bytes]:
        yield bytes(PIECE + 1)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await desk.uploading.take(YOU, desk.id, "a", "", breaking())
    assert await desk.lying() == 0


async def test_a_browser_that_goes_away_leaves_nothing(desk: Desk) -> None:
    waiting = asyncio.Event()

    async def stalling() -> AsyncIterator[bytes]:
        yield bytes(PIECE)
        waiting.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(desk.uploading.take(YOU, desk.id, "a", "", stalling()))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await desk.lying() == 0


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\plan.pdf", "plan.pdf"),
        ("", "file"),
        ("..", "file"),
        ("/", "file"),
        ("a\nb\tc\0.txt", "a b c\ufffd.txt"),
        ("gnp\u202efdp.exe", "gnpfdp.exe"),
        ("план 漢字.pdf", "план 漢字.pdf"),
        ("x" * 10_000 + ".pdf", "x" * 115 + "….pdf"),
    ],
)
def test_names_are_plain(given: str, kept: str) -> None:
    assert plain_name(given) == kept


@pytest.fixture
async def talk(page: PageUnderTest) -> Talk:
    """Ana's conversation."""
    return await Talk.begin(await page.signed_in(ANA))


async def lying(page: PageUnderTest) -> int:
    """Files whose bytes lie in the database."""
    [(count,)] = await page.nellie.rows("SELECT count(DISTINCT file_id) FROM upload_piece")
    return int(count)


async def bring(talk: Talk, *files: tuple[str, bytes], text: str = "what is in it?") -> Answer:
    token = await token_in(talk.browser, talk.path)
    return await send_files(talk.browser, talk.path, files, {"token": token, "text": text})


async def until_read(page: PageUnderTest, talk: Talk, count: int = 1) -> list[str]:
    """The states of the files of a conversation, once so many are read or will not be."""
    posted = page.nellie.parts.stores.posted_files
    while True:
        posts = await posted.in_channel(talk.channel_id)
        if len(posts) == count and all(one.state != "waiting" for one in posts):
            return [one.state for one in posts]
        await asyncio.sleep(0.02)


async def test_a_question_brings_files_and_is_answered_from_them(
    page: PageUnderTest, talk: Talk
) -> None:
    page.nellie.model.follow("answer", says("Thirty days [doc 1]."))
    reading = asyncio.create_task(page.nellie.parts.reading_queue.run())
    try:
        answer = await bring(
            talk, ("terms.md", WORDS), ("b.txt", b"nothing else"), text="how long is the notice?"
        )
        assert answer.status == 303
        assert answer.headers["Location"].startswith(f"{talk.path}#")
        shown = await talk.answer(max(talk.turns(await talk.look())))
        states = await until_read(page, talk, 2)
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)

    assert states == ["read", "read"]
    assert "terms.md" in shown
    assert await lying(page) == 0
    prompt = "\n".join(one.text for one in page.nellie.model.prompts_for("answer")[-1].messages)
    assert "The notice is thirty days." in prompt
    assert "[file: terms.md]" in await talk.look()


async def test_files_alone_are_a_message(page: PageUnderTest, talk: Talk) -> None:
    assert (await bring(talk, ("terms.md", WORDS), text="")).status == 303
    assert "[file: terms.md]" in await talk.look()


async def test_a_form_without_files_is_a_question(page: PageUnderTest, talk: Talk) -> None:
    assert (await bring(talk, text="hello")).status == 303
    assert (await bring(talk, ("", b""), text="/help")).status == 200
    assert await lying(page) == 0


async def test_fifty_files_at_once_and_no_more(page: PageUnderTest, talk: Talk) -> None:
    many = [(f"{number}.txt", b"words") for number in range(51)]

    refused = await bring(talk, *many, text="typed words")
    assert refused.status == 422
    assert "50.txt was not taken: at most 50 files come with one message." in refused.text
    assert "typed words" in refused.text
    assert await lying(page) == 0
    assert (await bring(talk, *many[:50])).status == 303
    assert await lying(page) == 50


async def test_one_bad_file_and_none_is_kept(page: PageUnderTest, talk: Talk) -> None:
    refused = await bring(talk, ("a.txt", b"words"), ("<b>.txt", b""), text="typed words")

    assert refused.status == 422
    assert "&lt;b&gt;.txt was not taken: it is empty." in refused.text
    assert await lying(page) == 0
    assert "a.txt" not in await talk.look()


async def test_too_large_a_file_is_told(
    page: PageUnderTest, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "MOST_BYTES", 3 * 2**20)

    refused = await bring(talk, ("a.bin", bytes(60 * 2**20)))

    assert refused.status == 422
    assert "more than 3 MB of yours would wait" in refused.text
    monkeypatch.undo()
    refused = await bring(talk, ("a.bin", bytes(51 * 2**20)))
    assert refused.status == 413
    assert "a.bin was not taken: it is larger than 50 MB." in refused.text
    assert await lying(page) == 0


@pytest.mark.parametrize("step", ["add", "room"])
async def test_words_stay_where_the_database_goes_away_while_files_come(
    page: PageUnderTest, talk: Talk, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    async def away(*_: object) -> None:
        raise DatabaseUnavailable(reason="gone")

    with monkeypatch.context() as patched:
        patched.setattr(Uploads, step, away)
        patched.setattr(Uploads, "let_go", away)

        answer = await bring(talk, ("a.txt", WORDS), text="my typed words")

    assert answer.status == 503
    assert "my typed words" in answer.text
    assert "with the files" in answer.text
    assert (await bring(talk, ("a.txt", WORDS), text="my typed words")).status == 303


@pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
async def test_a_question_that_is_not_stored_keeps_no_files(
    page: PageUnderTest, talk: Talk
) -> None:
    token = await token_in(talk.browser, talk.path)
    for _ in range(2):
        given = {"token": token, "text": "twice"}
        assert (await send_files(talk.browser, talk.path, [("a.txt", WORDS)], given)).status == 303
    assert await lying(page) == 1

    assert (await bring(talk, ("a.txt", WORDS), text="x" * 1_100_000)).status == 422
    assert await lying(page) == 1


async def test_files_for_a_private_question_are_refused(start_page: StartPage) -> None:
    platform = FakePlatform()
    platform.readers = {"C1": {ANA.id}}
    page = await start_page(platform=platform)
    await page.nellie.say(ANA, "hello")
    talk = Talk(await page.signed_in(ANA), f"/chat/{await page.nellie.channel_id()}")

    assert 'type="file"' not in await talk.look()
    refused = await bring(talk, ("a.txt", WORDS))

    assert refused.status == 422
    assert "what you ask here is private and not remembered" in refused.text
    assert await lying(page) == 0


async def test_nobody_else_brings_files(page: PageUnderTest, talk: Talk) -> None:
    bob = await page.signed_in(BOB)
    given = {"text": "hello"}

    assert (await send_files(bob, talk.path, [("a", WORDS)], given)).status == 404
    assert (await send_files(await page.browser(), talk.path, [("a", WORDS)], given)).status == 303
    forged = await send_files(
        talk.browser, talk.path, [("a", WORDS)], given, Origin="https://evil.example.org"
    )
    assert forged.status == 403
    assert await lying(page) == 0


async def test_a_picture_that_is_brought_is_seen(page: PageUnderTest, talk: Talk) -> None:
    assert (await bring(talk, ("shot.png", png()))).status == 303
    await talk.answer(max(talk.turns(await talk.look())))

    [image] = [
        one for said in page.nellie.model.prompts_for("answer")[-1].messages for one in said.images
    ]
    assert image.data == png()


async def test_what_is_no_form_is_refused(page: PageUnderTest, talk: Talk) -> None:
    own = {"Origin": talk.browser.url}
    for kind, status in (
        ("multipart/form-data", 400),
        ("multipart/form-data; boundary=x", 400),
        ("multipart/mixed; boundary=x", 415),
        ("application/json", 415),
    ):
        async with talk.browser.session.post(
            f"{talk.browser.url}{talk.path}",
            data=b"--y\r\nx",
            headers={**own, "Content-Type": kind},
        ) as answer:
            assert answer.status == status, kind
    assert await lying(page) == 0
