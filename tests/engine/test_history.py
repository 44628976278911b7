"""History in and out, as `nellie import` and `nellie export` do it."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from doubles.house import ANA, BOB, GENERAL, House, said

from bot.archive import JSONL, line
from bot.conversation import Author, Channel, Message
from bot.errors import ArchiveError, SettingsError
from bot.history import Imported, bring_in, take_out
from bot.ports import BadLine

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)


def quiet(done: int, total: int | None) -> None:
    """Progress that nobody watches."""


def written(path: Path, *entries: object) -> Path:
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


async def imported(
    house: House, path: Path, channel: Channel = GENERAL
) -> tuple[Imported, list[BadLine]]:
    bad: list[BadLine] = []
    done = await bring_in(house.engine, JSONL(), path, channel, progress=quiet, complain=bad.append)
    return done, bad


async def exported(house: House, path: Path, channel: Channel = GENERAL) -> str:
    await take_out(house.database, channel, path, progress=quiet)
    return await asyncio.to_thread(path.read_text, encoding="utf-8")


async def test_importing_twice_adds_nothing(house: House, tmp_path: Path) -> None:
    path = written(tmp_path / "in.jsonl", *(entry(n) for n in range(1_203)))

    first, _ = await imported(house, path)
    second, _ = await imported(house, path)

    assert (first.new, first.known, first.bad) == (1_203, 0, 0)
    assert (second.new, second.known, second.bad) == (0, 1_203, 0)
    assert await house.texts() == [f"talk number {n}" for n in range(1_203)]
    assert house.model.prompts == []


async def test_imported_questions_are_not_answered_and_can_be_recalled(
    house: House, tmp_path: Path
) -> None:
    path = written(tmp_path / "in.jsonl", entry(1, "where is the backup disk", addressed=True))

    await imported(house, path)
    await house.engine.lanes.idle()

    assert house.model.prompts == []
    found = await house.command("memory search backup")
    assert found.text == "#1 [2020-01-01 12:01] bob: where is the backup disk"


async def test_a_bad_line_is_reported_and_the_rest_is_imported(
    house: House, tmp_path: Path
) -> None:
    path = written(
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

    done, bad = await imported(house, path)

    assert (done.new, done.bad) == (2, 5)
    assert [one.path for one in bad] == [str(path)] * 5
    assert [one.line for one in bad] == [2, 3, 4, 5, 7]
    assert all(one.reason for one in bad)
    assert await house.texts() == ["talk number 1", "talk number 6"]


async def test_a_file_of_another_kind_is_one_clear_error(house: House, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0 not text\n" * 100)

    with pytest.raises(ArchiveError, match=r"photo\.jpg"):
        await imported(house, path)

    assert await house.texts() == []


async def test_strange_characters_come_in(house: House, tmp_path: Path) -> None:
    path = written(tmp_path / "in.jsonl", entry(1, "a\x00b \ud83d \u2028 \u202e"))

    done, _ = await imported(house, path)

    assert done.new == 1
    assert len(await house.texts()) == 1


async def test_who_opted_out_and_what_was_forgotten_stay_out(house: House, tmp_path: Path) -> None:
    await house.command("memory optout", Author("U9", "zoe"))
    await house.engine.deleted(GENERAL, "x2")
    path = written(
        tmp_path / "in.jsonl",
        entry(1),
        entry(2, "canary7731"),
        entry(3, "canary7731", author={"id": "U9", "name": "canary7731"}),
        entry(4),
    )

    await imported(house, path)
    await imported(house, path)

    assert await house.texts() == ["talk number 1", "talk number 4"]
    assert await house.traces("canary7731") == []


async def test_what_is_forgotten_after_an_import_does_not_come_back(
    house: House, tmp_path: Path
) -> None:
    path = written(tmp_path / "in.jsonl", entry(1), entry(2))
    await imported(house, path)
    await house.engine.deleted(GENERAL, "x1")

    done, _ = await imported(house, path)

    assert (done.new, done.known) == (0, 2)
    assert await house.texts() == ["talk number 2"]


async def test_export_then_import_is_the_identity(house: House, tmp_path: Path) -> None:
    await house.ask(ANA, "where is\nthe disk? ✓ @everyone", thread="t1", link="https://x/1")
    await house.say(BOB, "late", at=NOON, reply_to="m1", addressed=False)
    await house.history(*(f"talk {n}" for n in range(600)))
    copy = Channel("stage", "team", "copy")

    first = await exported(house, tmp_path / "one.jsonl")
    await imported(house, tmp_path / "one.jsonl", copy)
    second = await exported(house, tmp_path / "two.jsonl", copy)

    assert second == first
    assert len(first.splitlines()) == 603
    assert await house.texts(copy) == await house.texts()
    tokens = [[one.tokens for one in await house.remembered(c)] for c in (GENERAL, copy)]
    assert tokens[0] == tokens[1]


async def test_what_is_said_twice_in_one_file_is_remembered_once(
    house: House, tmp_path: Path
) -> None:
    path = written(tmp_path / "in.jsonl", entry(1, "first"), entry(2), entry(1, "second"))

    done, _ = await imported(house, path)

    assert (done.new, done.known) == (2, 1)
    assert await house.texts() == ["first", "talk number 2"]


async def test_an_export_of_a_channel_never_seen_names_the_setting(
    house: House, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match="--channel"):
        await exported(house, tmp_path / "out.jsonl", Channel("stage", "team", "C9", "nowhere"))


async def test_messages_come_in_while_people_talk(house: House) -> None:
    class Slow:
        """An archive during whose reading somebody says something."""

        def read(self, path: Path, channel: Channel) -> Iterator[Message | BadLine]:
            for number in range(1_100):
                yield said(BOB, f"old {number}", at=NOON)

    await house.say(ANA, "now")
    await bring_in(
        house.engine, Slow(), Path("x"), GENERAL, progress=quiet, complain=lambda bad: None
    )
    await house.say(ANA, "later")

    texts = await house.texts()
    assert (texts[0], texts[1], texts[-1]) == ("now", "old 0", "later")
    assert [one.seq for one in await house.remembered()] == list(range(1, 1_103))


def test_a_line_holds_nothing_empty() -> None:
    plain = Message(GENERAL, "1", ANA, "hello", NOON)

    assert json.loads(line(plain)).keys() == {"id", "author", "text", "at"}
