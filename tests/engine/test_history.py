"""History in and out, as `nellie import` and `nellie export` do it."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.archives.jsonl import JSONL, to_json_line
from bot.cli.exporting import export_channel
from bot.core.archive_import import ImportResult, import_archive
from bot.domain.errors import ArchiveError, SettingsError
from bot.domain.model import Author, Channel, Message
from bot.domain.ports import BadLine
from bot.testing import ANA, BOB, GENERAL, RunningNellie, new_message

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
ELSEWHERE = Channel("fake", "team", "C9", "elsewhere")


def ignore_progress(done: int, total: int | None) -> None:
    """Nobody watches."""


def write_lines(path: Path, *entries: object) -> Path:
    """Write entries as JSON lines, and text as it is; returns the path."""
    lines = [entry if isinstance(entry, str) else json.dumps(entry) for entry in entries]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def entry(number: int, text: str = "", **more: Any) -> dict[str, Any]:
    return {
        "id": f"x{number}",
        "author": {"id": "U2", "name": "bob"},
        "text": text or f"talk number {number}",
        "at": (NOON + timedelta(minutes=number)).isoformat(),
        **more,
    }


async def import_(
    nellie: RunningNellie, path: Path, channel: Channel = GENERAL
) -> tuple[ImportResult, list[BadLine]]:
    bad: list[BadLine] = []
    done = await import_archive(
        nellie.parts, JSONL(), path, channel, progress=ignore_progress, complain=bad.append
    )
    return done, bad


async def export(nellie: RunningNellie, path: Path, channel: Channel = GENERAL) -> str:
    await export_channel(nellie.database, channel, path, progress=ignore_progress)
    return await asyncio.to_thread(path.read_text, encoding="utf-8")


async def test_importing_twice_adds_nothing(nellie: RunningNellie, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "in.jsonl", *(entry(n) for n in range(1_203)))

    first, _ = await import_(nellie, path)
    second, _ = await import_(nellie, path)

    assert (first.new, first.known, first.bad) == (1_203, 0, 0)
    assert (second.new, second.known, second.bad) == (0, 1_203, 0)
    assert await nellie.texts() == [f"talk number {n}" for n in range(1_203)]
    assert nellie.model.prompts == []


async def test_imported_questions_are_not_answered_and_can_be_recalled(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "in.jsonl", entry(1, "where is the backup disk", addressed=True))

    await import_(nellie, path)
    await nellie.parts.lanes.idle()

    assert nellie.model.prompts == []
    found = await nellie.run_command("memory search backup")
    assert found.text == "#1 [2020-01-01 12:01] bob: where is the backup disk"


async def test_a_bad_line_is_reported_and_the_rest_is_imported(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    path = write_lines(
        tmp_path / "in.jsonl",
        entry(1),
        "{not json",
        entry(2, "x" * 1_000_001),
        entry(3, at="2020-01-01T00:00:00"),
        entry(4, " "),
        "",
        {"id": "x5"},
        entry(6),
    )

    done, bad = await import_(nellie, path)

    assert (done.new, done.bad) == (2, 5)
    assert [one.path for one in bad] == [str(path)] * 5
    assert [one.line for one in bad] == [2, 3, 4, 5, 7]
    assert all(one.reason for one in bad)
    assert await nellie.texts() == ["talk number 1", "talk number 6"]


async def test_a_file_of_another_kind_is_one_clear_error(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 not text\n" * 100)

    with pytest.raises(ArchiveError, match=r"photo\.jpg"):
        await import_(nellie, path)

    assert await nellie.texts() == []


async def test_strange_characters_come_in(nellie: RunningNellie, tmp_path: Path) -> None:
    path = write_lines(tmp_path / "in.jsonl", entry(1, "a\x00b \ud83d \u2028 \u202e"))

    done, _ = await import_(nellie, path)

    assert done.new == 1
    assert len(await nellie.texts()) == 1


async def test_who_opted_out_and_what_was_forgotten_stay_out(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    await nellie.run_command("memory optout", Author("U9", "zoe"))
    await nellie.parts.inbox.deleted(GENERAL, "x2")
    path = write_lines(
        tmp_path / "in.jsonl",
        entry(1),
        entry(2, "canary7731"),
        entry(3, "canary7731", author={"id": "U9", "name": "canary7731"}),
        entry(4),
    )

    await import_(nellie, path)
    await import_(nellie, path)

    assert await nellie.texts() == ["talk number 1", "talk number 4"]
    assert await nellie.find_traces("canary7731") == []


async def test_what_is_forgotten_after_an_import_does_not_come_back(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "in.jsonl", entry(1), entry(2))
    await import_(nellie, path)
    await nellie.parts.inbox.deleted(GENERAL, "x1")

    done, _ = await import_(nellie, path)

    assert (done.new, done.known, done.forgotten) == (0, 1, 1)
    assert await nellie.texts() == ["talk number 2"]


async def test_export_then_import_is_the_identity(nellie: RunningNellie, tmp_path: Path) -> None:
    await nellie.ask(ANA, "where is\nthe disk? ✓ @everyone", thread="t1", link="https://x/1")
    await nellie.say(BOB, "late", at=NOON, reply_to="m1", addressed=False)
    await nellie.add_history(*(f"talk {n}" for n in range(600)))
    copy = Channel("fake", "team", "copy")

    first = await export(nellie, tmp_path / "one.jsonl")
    await import_(nellie, tmp_path / "one.jsonl", copy)
    second = await export(nellie, tmp_path / "two.jsonl", copy)

    assert second == first
    assert len(first.splitlines()) == 603
    assert await nellie.texts(copy) == await nellie.texts()
    tokens = [[one.tokens for one in await nellie.messages(c)] for c in (GENERAL, copy)]
    assert tokens[0] == tokens[1]


async def test_what_is_said_twice_in_one_file_is_remembered_once(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    path = write_lines(tmp_path / "in.jsonl", entry(1, "first"), entry(2), entry(1, "second"))

    done, _ = await import_(nellie, path)

    assert (done.new, done.known) == (2, 1)
    assert await nellie.texts() == ["first", "talk number 2"]


async def test_an_export_of_a_channel_never_seen_names_the_setting(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="--channel"):
        await export(nellie, tmp_path / "out.jsonl", Channel("fake", "team", "C9", "nowhere"))


async def test_messages_come_in_while_people_talk(nellie: RunningNellie) -> None:
    class Slow:
        """An archive during whose reading somebody says something."""

        def read(self, path: Path, channel: Channel) -> Iterator[Message | BadLine]:
            for number in range(1_100):
                yield new_message(BOB, f"old {number}", at=NOON)

    await nellie.say(ANA, "now")
    await import_archive(
        nellie.parts,
        Slow(),
        Path("x"),
        GENERAL,
        progress=ignore_progress,
        complain=lambda bad: None,
    )
    await nellie.say(ANA, "later")

    texts = await nellie.texts()
    assert (texts[0], texts[1], texts[-1]) == ("now", "old 0", "later")
    assert [one.seq for one in await nellie.messages()] == list(range(1, 1_103))


@pytest.mark.parametrize(
    "mentions", [["U3"], ["184467440737095516", "U3", "bob|away"], ["wörk@er %_", "", "🦜"]]
)
async def test_export_keeps_whom_an_imported_message_mentions(
    nellie: RunningNellie, tmp_path: Path, mentions: list[str]
) -> None:
    lines = [entry(1, "who?"), entry(2, "you!", mentions=mentions), entry(3, mentions=["U1"])]
    await import_(nellie, write_lines(tmp_path / "in.jsonl", *lines))

    first = await export(nellie, tmp_path / "out.jsonl")
    await import_(nellie, tmp_path / "out.jsonl", ELSEWHERE)
    second = await export(nellie, tmp_path / "again.jsonl", ELSEWHERE)

    assert [json.loads(line) for line in first.splitlines()] == lines
    assert second == first


async def test_export_keeps_whom_a_live_message_mentions(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    await nellie.say(ANA, "ask Bob", mentions=(BOB.id,))
    await nellie.say(ANA, "or both", mentions=(BOB.id, "U7"))
    await nellie.ask(BOB, "where is it?", mentions=("U7",))

    lines = (await export(nellie, tmp_path / "out.jsonl")).splitlines()

    mentions = [json.loads(line).get("mentions") for line in lines]
    assert mentions == [[BOB.id], [BOB.id, "U7"], ["U7"], None]


def test_a_line_holds_nothing_empty() -> None:
    plain = Message(GENERAL, "1", ANA, "hello", NOON)

    assert json.loads(to_json_line(plain)).keys() == {"id", "author", "text", "at"}


@pytest.mark.parametrize("id", ["introduction", " introduction", "turn:1", "digest:2026-01-01"])
async def test_an_id_of_nellies_own_is_not_to_be_had(
    nellie: RunningNellie, tmp_path: Path, id: str
) -> None:
    nellie.platform.messages.append(new_message(BOB, "from before", id="before"))
    path = write_lines(tmp_path / "in.jsonl", entry(1, id=id), entry(2))

    done, bad = await import_(nellie, path)
    await nellie.parts.inbox.joined(GENERAL)
    await nellie.ask(ANA, "hello")

    assert (done.new, len(bad)) == (1, 1)
    assert "keeps for herself" in bad[0].reason
    assert {"from before", "talk number 2"} <= set(await nellie.texts())
    assert len(await nellie.rows("SELECT 1 FROM message WHERE nellie AND text <> ''")) == 1


@pytest.mark.parametrize("id", ["x1 ", "\u202ax1", "\ufeff x1\u200b", "x1\n", "\u00a0x1\u2060"])
async def test_what_was_deleted_comes_back_by_no_id_that_only_looks_the_same(
    nellie: RunningNellie, tmp_path: Path, id: str
) -> None:
    await nellie.say(BOB, "the key is red", id="x1")
    await nellie.parts.inbox.deleted(GENERAL, "x1")

    done, _ = await import_(nellie, write_lines(tmp_path / "in.jsonl", entry(1, id=id)))

    assert (done.new, done.known, done.forgotten) == (0, 0, 1)
    assert await nellie.texts() == []
