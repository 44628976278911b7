"""Files that are brought at the page: kept until they are read, and no longer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from doubles.page import OPERATOR, PageUnderTest, StartPage
from doubles.pictures import png

from bot.documents.limits import Limits
from bot.domain.documents import PostedFile, name_files
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
from bot.testing import ANA, GENERAL, RunningNellie

DESK = Channel(TERMINAL, "local", "desk", "desk", direct=True)
WORDS = b"# Terms\n\nThe notice is thirty days.\n"
YOU = Visitor(
    session=1, platform=TERMINAL, workspace="local", person_id="you", name="you", admin=True
)


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
