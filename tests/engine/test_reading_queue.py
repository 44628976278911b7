"""The reading queue of a replica: every file comes to an end, and says which it was."""

import asyncio
import errno
import os
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from doubles.start_nellie import Start

from bot.documents.fetching import LOGIN_PAGE, FetchedFile
from bot.documents.limits import Limits
from bot.documents.queue import ReadingQueue
from bot.documents.read_one import BROKEN_OFF, NOT_FETCHED, NOT_STORED, PAUSES, ReadOne
from bot.domain.documents import DocumentText, FilePost, NotReadable, Passage, PostedFile
from bot.domain.errors import DatabaseUnavailable
from bot.language.indexing import to_row
from bot.testing import ANA, RunningNellie

TERMS = PostedFile(id="F1", name="terms.md", media_type="text/markdown")
WORDS = b"# Terms\n\nThe notice is thirty days.\n\n# Price\n\nIt costs nine marks a month.\n"
PATIENCE = 30.0  # seconds


class Room:
    """A Nellie, and what becomes of the files that are posted to her."""

    def __init__(self, nellie: RunningNellie, folder: Path) -> None:
        self.nellie = nellie
        self.folder = folder
        self.queue = nellie.parts.reading_queue

    async def post(self, *files: PostedFile, text: str = "have a look") -> int:
        return (await self.nellie.say(ANA, text, files=files)).seq

    async def read(self, **read_one: Any) -> FilePost:
        """Read what is due, and how it stands then; nothing may be left on the disk."""
        self.queue = replace(self.queue, read_one=replace(self.queue.read_one, **read_one))
        assert await self.queue.read_next(self.folder)
        assert not [*self.folder.iterdir()]
        return await self.one()

    async def one(self) -> FilePost:
        [post] = await self.posts()
        return post

    async def posts(self) -> list[FilePost]:
        files = self.nellie.parts.stores.posted_files
        return await files.in_channel(await self.nellie.channel_id())

    async def due(self) -> None:
        """Time goes by."""
        await self.nellie.rows("UPDATE posted_file SET due_at = now()")

    async def passages(self) -> list[str]:
        rows = await self.nellie.rows("SELECT text FROM passage ORDER BY document_id, number")
        return [text for (text,) in rows]


@pytest.fixture
def room(nellie: RunningNellie, tmp_path: Path) -> Room:
    nellie.platform.files["F1"] = WORDS
    return Room(nellie, tmp_path / "private")


async def reads_well(path: Path, name: str, media_type: str, **more: Any) -> DocumentText:
    """Reads any file as one passage, in this process."""
    text = path.read_bytes().decode(errors="replace")  # noqa: ASYNC240 - a few bytes
    more["take"](to_row(Passage(number=1, text=text, first_page=1, last_page=1)))
    return DocumentText(kind="text", passages=(), pages=1)


async def test_what_is_posted_is_read_and_found_by_its_words(room: Room) -> None:
    await room.post(TERMS)

    post = await room.read()

    assert (post.state, post.kind, post.note) == ("read", "Markdown", "")
    assert any("thirty days" in text for text in await room.passages())
    [(number,)] = await room.nellie.rows("SELECT number FROM passage_posting WHERE term = 'thirti'")
    assert number == 1
    assert [opened[1:] for opened in room.nellie.platform.opened] == [("F1", False)]
    assert not await room.queue.read_next(room.folder)


async def test_nothing_is_fetched_before_the_message_is_stored_and_acknowledged(room: Room) -> None:
    received = await room.nellie.say(ANA, "see", files=(TERMS,))

    assert received.seq
    assert room.nellie.platform.opened == []


async def test_the_same_content_is_read_once(room: Room) -> None:
    room.nellie.platform.files["F2"] = WORDS
    await room.post(TERMS)
    await room.read()
    await room.post(replace(TERMS, id="F2"))

    async def never(*_: object, **__: object) -> DocumentText:
        raise AssertionError("it was read again")

    room.queue = replace(room.queue, read_one=replace(room.queue.read_one, read=never))
    await room.queue.read_next(room.folder)

    assert len({post.document_id for post in await room.posts()}) == 1
    assert [post.state for post in await room.posts()] == ["read", "read"]


async def test_a_file_that_cannot_be_read_says_why(room: Room) -> None:
    room.nellie.platform.files["F1"] = b"\x89PNG\r\n\x1a\n" + bytes(99)
    await room.post(replace(TERMS, media_type="application/pdf", name="plan.pdf"))

    post = await room.read()

    assert post.state == "unreadable"
    assert post.note
    assert post.document_id is None


async def test_what_the_platform_refuses_for_good_is_not_asked_for_again(room: Room) -> None:
    room.nellie.platform.files["F1"] = NotReadable("it was deleted")
    await room.post(TERMS)

    post = await room.read()

    assert (post.state, post.note, post.mendable) == ("unreadable", "it was deleted", False)


async def test_what_lacks_a_right_is_tried_again_at_the_next_start(
    room: Room, start_nellie: Start
) -> None:
    room.nellie.platform.files["F1"] = NotReadable("files:read is missing", mendable=True)
    await room.post(TERMS)
    assert (await room.read()).mendable

    room.nellie.platform.files["F1"] = WORDS
    async with _at_work(room.queue):
        await _until(room, lambda post: post.state == "read")


async def test_a_platform_that_is_away_is_asked_again_ever_less_often(room: Room) -> None:
    room.nellie.platform.away = True
    await room.post(TERMS)

    for pause in PAUSES:
        before = datetime.now(UTC)
        post = await room.read()
        assert (post.state, post.note) == ("waiting", NOT_FETCHED)
        [(due,)] = await room.nellie.rows("SELECT due_at FROM posted_file")
        assert pause - 1 < (due - before).total_seconds() < pause + 30
        assert not await room.queue.read_next(room.folder)
        await room.due()

    assert (await room.read()).state == "unreadable"
    assert (await room.one()).note == NOT_FETCHED


async def test_a_platform_that_comes_back_is_read_in_the_end(room: Room) -> None:
    room.nellie.platform.away = True
    await room.post(TERMS)
    await room.read()
    room.nellie.platform.away = False
    await room.due()

    post = await room.read()

    assert (post.state, post.note) == ("read", "")


async def test_a_file_that_takes_too_long_to_come_is_tried_again(room: Room) -> None:
    room.nellie.platform.slow_files["F1"] = 60
    await room.post(TERMS)

    post = await room.read(fetching=0.05)

    assert (post.state, post.note) == ("waiting", NOT_FETCHED)


async def test_a_file_that_says_it_is_too_large_is_not_fetched(room: Room) -> None:
    await room.post(replace(TERMS, size=51 * 2**20))

    post = await room.read()

    assert (post.state, post.note) == ("unreadable", "it is larger than 50 MB")
    assert room.nellie.platform.opened == []


async def test_a_file_that_turns_out_too_large_is_let_go_at_once(room: Room) -> None:
    room.nellie.platform.files["F1"] = bytes(9 * 2**20)
    await room.post(TERMS)

    post = await room.read(limits=Limits(bytes=2 * 2**20))

    assert (post.state, post.note) == ("unreadable", "it is larger than 2 MB")


async def test_a_login_page_in_place_of_a_file_is_no_document(room: Room) -> None:
    room.nellie.platform.files["F1"] = b"\n<!DOCTYPE html><html><title>Sign in</title>"
    await room.post(replace(TERMS, media_type="application/pdf", name="terms.pdf"))

    post = await room.read()

    assert (post.state, post.note, post.mendable) == ("unreadable", LOGIN_PAGE, True)
    assert await room.passages() == []


@pytest.mark.parametrize(
    ("media_type", "name"),
    [("text/html", "a.html"), ("", "a.html"), ("application/octet-stream", "a"), ("", "notes")],
)
async def test_a_page_that_was_posted_as_one_is_read(
    room: Room, media_type: str, name: str
) -> None:
    room.nellie.platform.files["F1"] = (
        b"<html><body><p>The notice is thirty days.</p></body></html>"
    )
    await room.post(replace(TERMS, media_type=media_type, name=name))

    assert (await room.read()).state == "read"


async def test_a_full_disk_is_nobodys_fault_and_uses_up_no_attempt(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(file: int, data: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    await room.post(TERMS)
    for _ in range(9):
        with monkeypatch.context() as patched:
            patched.setattr("bot.documents.fetching.os.write", full)
            post = await room.read()
        assert post.state == "waiting"
        assert "No space left on device" in post.note
        await room.due()

    assert (await room.read()).state == "read"


async def test_no_process_can_be_started(room: Room) -> None:
    async def none_left(*_: object, **__: object) -> DocumentText:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    await room.post(TERMS)

    post = await room.read(read=none_left)

    assert post.state == "waiting"
    assert "temporarily unavailable" in post.note


async def test_what_postgres_does_not_take_is_told_in_the_end_and_stops_no_other(
    room: Room,
) -> None:
    async def reads_nonsense(*_: object, take: Any, **__: object) -> DocumentText:
        take({**to_row(Passage(number=1, text="nul\0")), "first_page": 2**40})
        return DocumentText(kind="text", passages=())

    await room.post(TERMS)
    for _ in range(len(PAUSES) + 1):
        post = await room.read(read=reads_nonsense)
        await room.due()

    assert (post.state, post.note) == ("unreadable", NOT_STORED)
    assert await room.passages() == []


async def test_a_file_of_which_the_process_dies_each_time_is_given_up(room: Room) -> None:
    await room.post(TERMS)
    for _ in range(len(PAUSES) + 1):
        claimed = await room.queue.claims.claim(1, platforms=["fake"], lease=-1)
        assert claimed is not None

    post = await room.read()

    assert (post.state, post.note) == ("unreadable", BROKEN_OFF)
    assert room.nellie.platform.opened == []


async def test_a_message_that_goes_while_its_file_is_read_leaves_nothing(room: Room) -> None:
    seq = await room.post(TERMS)
    changes = room.nellie.parts.stores.message_edits

    async def meanwhile(*given: Any, **more: Any) -> DocumentText:
        await changes.forget(await room.nellie.channel_id(), [seq])
        return await reads_well(*given, **more)

    room.queue = replace(room.queue, read_one=replace(room.queue.read_one, read=meanwhile))
    assert await room.queue.read_next(room.folder)

    assert await room.posts() == []
    assert await room.passages() == []
    assert not [*room.folder.iterdir()]


async def test_reading_ends_early_where_the_file_is_gone(room: Room) -> None:
    seq = await room.post(TERMS)
    ended = asyncio.Event()

    async def endless(*_: object, **__: object) -> DocumentText:
        try:
            await room.nellie.parts.stores.message_edits.forget(
                await room.nellie.channel_id(), [seq]
            )
            await asyncio.Event().wait()
        finally:
            ended.set()
        raise AssertionError

    room.queue = replace(room.queue, lease=0.3, read_one=replace(room.queue.read_one, read=endless))
    async with asyncio.timeout(PATIENCE):
        await room.queue.read_next(room.folder)

    assert ended.is_set()
    assert not [*room.folder.iterdir()]


async def test_people_who_wait_see_how_far_it_is(room: Room) -> None:
    await room.post(TERMS)
    seen = asyncio.Event()

    async def slowly(*given: Any, progress: Callable[[int, int], None], **more: Any) -> Any:
        progress(30, 1_000)
        await seen.wait()
        return await reads_well(*given, **more)

    room.queue = replace(room.queue, lease=0.3, read_one=replace(room.queue.read_one, read=slowly))
    reading = asyncio.ensure_future(room.queue.read_next(room.folder))
    await _until(room, lambda post: post.progress == "page 30 of 1,000")
    seen.set()
    await reading

    assert (await room.one()).progress == ""


async def test_a_replica_that_is_told_to_stop_gives_the_file_back(room: Room) -> None:
    await room.post(TERMS)
    started = asyncio.Event()

    async def endless(*_: object, **__: object) -> DocumentText:
        started.set()
        await asyncio.Event().wait()
        raise AssertionError

    queue = replace(room.queue, read_one=replace(room.queue.read_one, read=endless))
    async with _at_work(queue):
        await started.wait()

    room.folder.mkdir()
    assert (await room.read()).state == "read"
    [(attempts,)] = await room.nellie.rows("SELECT attempts FROM posted_file")
    assert attempts == 1


async def test_what_comes_here_is_read_at_once(room: Room) -> None:
    async with _at_work(replace(room.queue, look=PATIENCE * 9)):
        await asyncio.sleep(0.1)  # it has looked, and waits
        await room.post(TERMS)
        await _until(room, lambda post: post.state == "read")


async def test_what_another_replica_left_is_found_by_looking(room: Room) -> None:
    async with _at_work(replace(room.queue, look=0.1)):
        await asyncio.sleep(0.2)
        await room.nellie.add_history("long ago", files=(TERMS,))
        await _until(room, lambda post: post.state == "read")


async def test_several_are_read_side_by_side_where_that_is_set(start_nellie: Start) -> None:
    nellie = await start_nellie(read_files=3)
    room = Room(nellie, Path())
    at_once, together = asyncio.Semaphore(0), asyncio.Event()

    async def in_company(*given: Any, **more: Any) -> DocumentText:
        at_once.release()
        if at_once._value == 3:
            together.set()
        await asyncio.wait_for(together.wait(), PATIENCE)
        return await reads_well(*given, **more)

    for number in range(3):
        nellie.platform.files[f"F{number}"] = f"the text {number}".encode()
        await room.post(replace(TERMS, id=f"F{number}"))
    queue = replace(room.queue, read_one=replace(room.queue.read_one, read=in_company))

    async with _at_work(queue), asyncio.timeout(PATIENCE):
        await together.wait()
        await _until(room, lambda post: post.seq == 1 and post.state == "read")


async def test_a_database_that_is_away_ends_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await room.post(TERMS)
    claim, times = room.queue.claims.claim, 0

    async def away_at_first(*given: Any, **more: Any) -> Any:
        nonlocal times
        times += 1
        if times < 3:
            raise DatabaseUnavailable(reason="it is away")
        return await claim(*given, **more)

    monkeypatch.setattr(room.queue.claims, "claim", away_at_first)
    async with _at_work(replace(room.queue, look=0.05)):
        await _until(room, lambda post: post.state == "read")


async def test_a_fault_of_ours_ends_one_file_and_not_the_process(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.documents.queue.log", Silent())
    room.nellie.platform.files["F2"] = b"another text"
    await room.post(TERMS)
    await room.post(replace(TERMS, id="F2"))
    faults = [ZeroDivisionError()]

    class Faulty(ReadOne):
        async def run(self, *given: Any) -> str:
            if faults:
                raise faults.pop()
            return await super().run(*given)

    parts = {field.name: getattr(room.queue.read_one, field.name) for field in fields(ReadOne)}
    queue = replace(room.queue, look=0.05, read_one=Faulty(**parts))
    async with _at_work(queue):
        await _until(room, lambda post: post.state == "read")


async def test_a_link_is_fetched_by_its_address(room: Room) -> None:
    async def fetch(address: str, into: FetchedFile) -> None:
        assert address == "https://example.org/terms"
        into.media_type = "text/html"
        into.add(b"<html><body><p>The notice is thirty days.</p></body></html>")

    link = PostedFile(id="https://example.org/terms", name="terms")
    channel = await room.nellie.channel_id()
    await room.nellie.parts.stores.posted_files.add(channel, [link], origin="link", author=ANA)

    post = await room.read(sources=replace(room.queue.read_one.sources, fetch_link=fetch))

    assert (post.state, post.kind, post.link) == ("read", "web page", link.id)


async def test_a_path_of_the_operators_is_left_to_who_can_see_it(
    room: Room, tmp_path: Path
) -> None:
    path = tmp_path / "terms.md"
    path.write_bytes(WORDS)
    file = PostedFile(id=str(path), name=path.name)
    channel = await room.nellie.channel_id()
    await room.nellie.parts.stores.posted_files.add(channel, [file], origin="operator", author=ANA)

    assert not await room.queue.read_next(room.folder)

    room.queue = replace(room.queue, origins=("operator",))
    assert (await room.read()).state == "read"


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
async def test_a_path_that_is_no_file_is_not_waited_for(
    room: Room, tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "terms.md"
    if kind == "folder":
        path.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    file = PostedFile(id=str(path), name=path.name)
    channel = await room.nellie.channel_id()
    await room.nellie.parts.stores.posted_files.add(channel, [file], origin="operator", author=ANA)
    room.queue = replace(room.queue, origins=("operator",))

    post = await room.read()

    assert (post.state, post.note) == ("unreadable", "it is not there any more")


class Silent:
    """A log that says nothing."""

    def __getattr__(self, level: str) -> Callable[..., None]:
        return lambda event, **fields: None


async def _until(room: Room, holds: Callable[[FilePost], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not any(map(holds, await room.posts())):  # noqa: ASYNC110 - a row changes
            await asyncio.sleep(0.05)


class _at_work:
    """The queue runs as long as the block; nothing is left of its folder."""

    def __init__(self, queue: ReadingQueue) -> None:
        self._queue = queue

    async def __aenter__(self) -> None:
        self._task = asyncio.ensure_future(self._queue.run())

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        assert self._task.cancelled()
