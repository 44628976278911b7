"""Sounds: named as not heard, and documents where a plugin hears them."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot.documents import hearing
from bot.documents.hearing import SILENT, Hearing
from bot.documents.queue import ReadingQueue
from bot.documents.read_one import PAUSES
from bot.domain.documents import FilePost, NotReadable, PostedFile
from bot.testing import ANA, RunningNellie

MEMO = PostedFile(id="F1", name="memo.ogg", media_type="audio/ogg")
CLIP = PostedFile(id="F2", name="clip.mp4", media_type="video/mp4")
NOTES = PostedFile(id="F3", name="notes.md", media_type="text/markdown")
SPOKEN = b"OggS spoken"


class Listener:
    """Hears one thing in everything (bot.domain.ports.Transcriber)."""

    def __init__(self, words: str | Exception = "The keys are in the drawer.") -> None:
        self.words = words
        self.given: list[tuple[bytes, str, str]] = []

    async def transcribe(self, path: Path, name: str, media_type: str) -> str:
        data = await asyncio.to_thread(path.read_bytes)
        self.given.append((data, name, media_type))
        if isinstance(self.words, Exception):
            raise self.words
        return self.words


class Slow(Listener):
    async def transcribe(self, path: Path, name: str, media_type: str) -> str:
        await asyncio.sleep(60)
        return "too late"


def listening(nellie: RunningNellie, listener: Listener) -> ReadingQueue:
    queue = nellie.parts.reading_queue
    return replace(queue, hears=True, read_one=replace(queue.read_one, read=Hearing(listener)))


async def post(nellie: RunningNellie, *files: PostedFile) -> None:
    nellie.platform.files |= {"F1": SPOKEN, "F2": b"film", "F3": b"# Notes\n\nNothing."}
    await nellie.say(ANA, "\n".join(map(str, files)), files=files)


async def stands(nellie: RunningNellie) -> list[FilePost]:
    return await nellie.parts.stores.posted_files.of_messages(await nellie.channel_id(), [1])


async def test_without_a_transcriber_a_sound_is_named_and_nothing_more(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    await post(nellie, MEMO, CLIP)

    assert not await nellie.parts.reading_queue.read_next(tmp_path)
    assert await nellie.texts() == ["[sound: memo.ogg, not heard]\n[video: clip.mp4, not seen]"]
    assert [one.state for one in await stands(nellie)] == ["sound", "video"]


async def test_what_is_heard_is_a_document_also_of_what_was_posted_before(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    await post(nellie, MEMO, CLIP)
    listener, folder = Listener(), tmp_path / "private"
    queue = listening(nellie, listener)

    assert await queue.read_next(folder)
    assert not await queue.read_next(folder)

    memo, clip = await stands(nellie)
    assert (memo.state, memo.kind, clip.state) == ("read", "sound", "video")
    assert listener.given == [(SPOKEN, "memo.ogg", "audio/ogg")]
    assert await nellie.rows("SELECT text FROM passage") == [("The keys are in the drawer.",)]
    assert not [*folder.iterdir()]


async def test_other_files_are_read_as_ever(nellie: RunningNellie, tmp_path: Path) -> None:
    await post(nellie, NOTES)
    listener = Listener()

    await listening(nellie, listener).read_next(tmp_path / "private")

    [notes] = await stands(nellie)
    assert (notes.state, notes.kind) == ("read", "Markdown")
    assert listener.given == []


@pytest.mark.parametrize(
    ("words", "note"), [("", SILENT), (" \n", SILENT), (NotReadable("it hisses"), "it hisses")]
)
async def test_what_can_never_be_heard_is_told(
    nellie: RunningNellie, tmp_path: Path, words: str | Exception, note: str
) -> None:
    await post(nellie, MEMO)

    await listening(nellie, Listener(words)).read_next(tmp_path / "private")

    [memo] = await stands(nellie)
    assert (memo.state, memo.note) == ("unreadable", note)


async def test_a_transcriber_that_fails_is_asked_again_and_not_for_ever(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    await post(nellie, MEMO)
    listener, folder = Listener(RuntimeError("the server is away")), tmp_path / "private"
    queue = listening(nellie, listener)

    for _ in PAUSES:
        assert await queue.read_next(folder)
        assert not await queue.read_next(folder)  # not at once
        [memo] = await stands(nellie)
        assert (memo.state, memo.note) == ("waiting", "what hears has failed (RuntimeError)")
        await nellie.rows("UPDATE posted_file SET due_at = now()")
    await queue.read_next(folder)

    [memo] = await stands(nellie)
    assert (memo.state, len(listener.given)) == ("unreadable", len(PAUSES) + 1)


async def test_one_that_never_ends_is_given_up(
    nellie: RunningNellie, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hearing, "PATIENCE", 0.2)
    await post(nellie, MEMO)

    await asyncio.wait_for(listening(nellie, Slow()).read_next(tmp_path / "private"), 10)

    [memo] = await stands(nellie)
    assert memo.state == "unreadable"
    assert "minutes to hear" in memo.note


async def test_what_was_heard_goes_with_its_message(nellie: RunningNellie, tmp_path: Path) -> None:
    await nellie.say(ANA, str(MEMO), files=(MEMO,), id="m-memo")
    nellie.platform.files["F1"] = SPOKEN
    await listening(nellie, Listener("the code is canary7731")).read_next(tmp_path / "private")
    assert await nellie.find_traces("canary7731") != []

    messages = await nellie.messages()
    await nellie.parts.inbox.deleted(messages[0].channel, "m-memo")

    assert await nellie.find_traces("canary7731") == []
