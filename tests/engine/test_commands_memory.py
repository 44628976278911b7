"""/memory show, search, log, rebuild and export, as a person types them."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from doubles.library import pages, shelve
from doubles.start_nellie import SMALL_WINDOW, TALK, Start

from bot.archives.jsonl import JSONL
from bot.core.message_checks import checked
from bot.domain.errors import CommandError, NotAllowed
from bot.domain.model import Channel
from bot.testing import ANA, BOB, CARL, RunningNellie, says


async def test_show_tells_what_is_remembered(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    await nellie.add_history(*(f"talk number {n} about the harbour" for n in range(60)))
    await nellie.compact()
    await nellie.run_command("memory optout", ANA)

    reply = await nellie.run_command("memory show", ANA)

    assert "I remember 60 messages here, since 20" in reply.text
    assert "summarized in 1 block:" in reply.text
    assert "you opted out" in reply.text
    assert "talk number 0" in reply.text


async def test_search_shows_author_time_number_and_link(nellie: RunningNellie) -> None:
    at = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    await nellie.say(BOB, "the backup disk is red\nand old", at=at, link="https://x/1")
    await nellie.say(CARL, "something else")

    reply = await nellie.run_command("memory search disk backup")

    assert reply.text == "#1 [2026-01-02 03:04] bob: the backup disk is red\n| and old https://x/1"


async def test_search_finds_any_of_the_words_and_shows_the_best(nellie: RunningNellie) -> None:
    await nellie.add_history(
        *(f"the disk {n} is full" for n in range(30)), "the backup disk is red"
    )

    reply = await nellie.run_command("memory search backup disk tape")

    assert reply.text.startswith("#31 ")
    assert len(reply.text.splitlines()) == 10


async def test_nobody_finds_what_was_said_elsewhere(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the backup disk is red", channel=Channel("fake", "team", "C2"))

    assert "nothing" in (await nellie.run_command("memory search backup disk")).text
    assert "nothing" in (await nellie.run_command("memory show")).text


async def test_the_log_tells_each_compaction(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    await nellie.add_history(*(f"talk number {n} about the harbour" for n in range(60)))
    await nellie.compact()

    reply = await nellie.run_command("memory log")

    assert "  #1-#" in reply.text
    assert "messages, " in reply.text
    assert reply.text.endswith("tokens, scripted")


async def test_summaries_are_rebuilt_by_the_clock(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    none = await nellie.run_command("memory rebuild", admin=True)
    await nellie.add_history(*TALK)
    await nellie.compact()
    made = await nellie.parts.stores.summaries.segments(await nellie.channel_id())
    nellie.model.follow("compaction", says("- bob: the ships [1]"))

    with pytest.raises(NotAllowed):
        await nellie.run_command("memory rebuild")
    reply = await nellie.run_command("memory rebuild", admin=True)
    hidden = (await nellie.run_command("memory show")).text
    await nellie.parts.jobs.compact_due()

    again = await nellie.parts.stores.summaries.segments(await nellie.channel_id())
    shown = (await nellie.run_command("memory show")).text
    assert none.text == "I have summarized nothing here yet."
    assert reply.text.startswith(f"I make {len(made)} summar")
    assert "In short" not in hidden
    assert [(one.first, one.last) for one, _ in again] == [(one.first, one.last) for one, _ in made]
    assert "bob: the ships" in shown
    assert "talk number" not in shown
    assert (await nellie.run_command("memory log")).text.count(" (rebuilt)") == len(made)


async def test_an_export_can_be_imported_again(nellie: RunningNellie, tmp_path: Path) -> None:
    await nellie.ask(BOB, "where is the\ndisk? @everyone <b>", thread="t1", link="https://x/1")
    await nellie.say(CARL, "here ✓", reply_to="m1")

    reply = await nellie.run_command("memory export", admin=True)

    path = tmp_path / "out.jsonl"
    path.write_text(reply.attachment, encoding="utf-8")
    copy = Channel("fake", "team", "copy")
    read = list(JSONL().read(path, copy))
    await nellie.parts.acceptance.remember(checked(one) for one in read)  # type: ignore[arg-type]  # no bad lines
    assert reply.text == "3 messages."
    again = await nellie.run_command("memory export", admin=True, channel=copy)
    assert again.attachment == reply.attachment
    assert len([json.loads(line) for line in reply.attachment.splitlines()]) == 3


async def test_an_export_that_is_too_long_says_where_to_turn(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.commands.memory.EXPORT_LIMIT", 2)
    await nellie.add_history("one", "two", "three")

    with pytest.raises(CommandError, match="nellie export"):
        await nellie.run_command("memory export", admin=True)


async def test_search_finds_parts_of_files_with_page_and_link(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await nellie.say(BOB, "see the file", id="f", link="https://chat.example/1")
    text = pages("Of rent and tea.", "Notice is given\nthirty days before.")
    await shelve(nellie.database, await nellie.channel_id(), "lease_v2.pdf", text, seq=1)

    found = (await nellie.run_command("memory search thirty notice", ANA)).text
    named = (await nellie.run_command("memory search lease", ANA)).text

    assert "p. 2](https://chat.example/1) Notice is given" in found
    assert "lease" in found
    assert "p. 1]" not in found
    assert "p. 1](https://chat.example/1)" in named
    assert "nothing" in (await nellie.run_command("memory search unicorn", ANA)).text
