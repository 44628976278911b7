"""/summarize, and /docs summarize: a thread, a time, a message, a text or a document in short."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from doubles.read_documents import document_of, read_file
from doubles.start_nellie import CANARY, Start

from bot.commands.request import Request
from bot.domain.documents import PostedFile
from bot.domain.errors import CommandError, DatabaseUnavailable, ModelUnavailable
from bot.domain.model import Author, Channel
from bot.llm.extractive import Extractive
from bot.store.database import Database
from bot.store.messages import Messages
from bot.tasks.material import Materials
from bot.testing import (
    ANA,
    BOB,
    CARL,
    GENERAL,
    RunningNellie,
    breaks,
    new_message,
    says,
    waits,
)
from bot.testing.scripted_model import summarizes, summarizes_document

THEN = datetime(2026, 3, 1, 9, 5, tzinfo=UTC)
LETTER = "The ship left Hull on Monday. It carries 40 tons of salt.\n\nIt is due on Friday."


async def test_a_thread_is_summed_up_with_links(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "who has the key?", id="t1", at=THEN, link="https://x.example/1")
    await nellie.say(CARL, "I have it", thread="t1", at=THEN, link="https://x.example/2")
    await nellie.say(BOB, "the mast is wet")

    reply = await nellie.run_command("summarize thread", thread="t1")

    assert reply.private
    assert reply.text.splitlines() == [
        "2 messages since 2026-03-01 09:05 UTC:",
        "- bob: who has the key? (09:05) https://x.example/1",
        "- carl: I have it (09:05) https://x.example/2",
    ]
    assert await nellie.rows("SELECT purpose, author_id FROM usage") == [("catchup", ANA.id)]


async def test_no_control_characters_of_a_model_are_shown(start_nellie: Start) -> None:
    nellie = await start_nellie()
    for purpose in ("document", "task"):
        nellie.model.follow(purpose, says("- the \x1b[31mmast\u202e is \ud800wet\x00"))

    reply = await nellie.run_command(f"summarize {LETTER}")

    assert "mast is" in reply.text
    assert not set("\x1b\u202e\ud800\x00") & set(reply.text)


async def test_a_time_is_summed_up(nellie: RunningNellie) -> None:
    now = datetime.now(UTC)
    await nellie.say(BOB, "the ship is late", at=now - timedelta(days=2))
    await nellie.say(BOB, "the mast is wet", at=now)

    reply = await nellie.run_command("summarize 2h")

    assert reply.text.startswith("1 message since ")
    assert "mast is wet" in reply.text
    assert "ship" not in reply.text


async def test_a_text_is_summed_up_as_one_and_stored_nowhere(nellie: RunningNellie) -> None:
    reply = await nellie.run_command(f"summarize {LETTER} {CANARY}")

    [prompt] = nellie.model.prompts_for("document")
    assert prompt.messages[-1].text.endswith(
        "The request: Summarize this text, in its own language."
    )
    assert "Summarize a text for people" in prompt.messages[0].text
    assert reply.text == (
        "In short, your text:\n- The ship left Hull on Monday. It carries 40 tons of salt."
    )
    assert await nellie.find_traces(CANARY) == []
    assert await nellie.rows("SELECT purpose, author_id FROM usage") == [("document", ANA.id)]


@pytest.mark.parametrize("sign", ["--public", "—public", "–Public", "  —-public"])
async def test_a_summary_is_for_everybody_where_that_is_asked_for(
    nellie: RunningNellie, sign: str
) -> None:
    reply = await nellie.run_command(f"summarize {sign} {LETTER}")

    assert not reply.private
    [prompt] = nellie.model.prompts_for("document")
    assert "public" not in prompt.messages[-1].text.lower()


async def test_a_word_that_only_begins_like_that_sign_is_text(nellie: RunningNellie) -> None:
    reply = await nellie.run_command("summarize --publication of the year")

    assert reply.private
    assert "--publication" in nellie.model.prompts_for("document")[0].messages[-1].text


async def test_a_long_text_is_read_to_its_end_in_rounds(start_nellie: Start) -> None:
    nellie = await start_nellie(context_window=2048, limit_person_minute=1)
    text = "\n\n".join(f"Part {number} says " + "word " * 200 for number in range(40))

    reply = await nellie.run_command(f"summarize {text}")

    *parts, joined = nellie.model.prompts_for("document")
    assert len(parts) > 5
    assert "Summarize part 1 of a text" in parts[0].messages[0].text
    assert "points of all parts of a text" in joined.messages[0].text
    assert any("Part 39 says" in one.messages[-1].text for one in parts)
    assert reply.text.startswith("In short, your text:\n- ")
    assert all(one.tokens * 1.35 + one.max_output <= 2048 for one in parts)


async def test_a_text_of_a_million_characters_is_summed_up_without_a_model(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=Extractive())

    reply = await nellie.run_command(f"summarize {'The ship is late again. ' * 41_000}")

    assert "The ship is late again." in reply.text
    assert reply.text.endswith("(I have no language model here: these are its own sentences.)")


async def test_a_menu_on_what_is_not_remembered_is_summed_up(nellie: RunningNellie) -> None:
    robot = Author("B7", "robot", bot=True)
    about = new_message(robot, "the build is red", at=THEN)

    reply = await nellie.run_command("summarize", about=about)

    assert reply.text == "In short, what robot (a bot) said 2026-03-01 09:05:\n- the build is red"
    assert await nellie.texts() == []


async def test_nothing_of_another_channel_is_summed_up(nellie: RunningNellie) -> None:
    other = Channel("fake", "team", "C2", "other")
    await nellie.say(BOB, "the mast is wet", link="https://x.example/1")
    await nellie.say(BOB, CANARY, channel=other, link="https://x.example/2")

    with pytest.raises(CommandError, match="of another channel"):
        await nellie.run_command("summarize https://x.example/2")

    assert nellie.model.prompts == []


async def test_who_cannot_read_the_channel_is_told_nothing_of_it(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "the mast is wet")

    for line in ("summarize", "summarize 2h", "docs summarize terms.pdf"):
        with pytest.raises(CommandError, match="you cannot read it"):
            await nellie.run_command(line, refusal="you cannot read it")


async def test_in_a_channel_without_a_word_there_is_nothing_to_sum_up(
    nellie: RunningNellie,
) -> None:
    with pytest.raises(CommandError, match="Nothing was said here yet"):
        await nellie.run_command("summarize")


async def test_a_deletion_meanwhile_is_honoured(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie()
    nellie.model.follow("document", waits(gate, summarizes_document))
    await nellie.say(BOB, CANARY, id="m1", link="https://x.example/1")

    asked = asyncio.create_task(nellie.run_command("summarize https://x.example/1"))
    await nellie.model.called.wait()
    await nellie.parts.inbox.deleted(GENERAL, "m1")
    gate.set()

    with pytest.raises(CommandError, match="has changed meanwhile"):
        await asked


async def test_a_thread_that_changes_meanwhile_is_read_again(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie()
    nellie.model.follow("catchup", waits(gate, summarizes), summarizes)
    await nellie.say(BOB, "who has the key?", id="t1")
    await nellie.say(CARL, CANARY, id="m2", thread="t1")

    asked = asyncio.create_task(nellie.run_command("summarize thread", thread="t1"))
    await nellie.model.called.wait()
    await nellie.parts.inbox.deleted(GENERAL, "m2")
    gate.set()
    reply = await asked

    assert CANARY not in reply.text
    assert "who has the key?" in reply.text


@pytest.mark.parametrize("line", ["summarize", "summarize a text"])
async def test_a_model_that_fails_is_said(nellie: RunningNellie, line: str) -> None:
    await nellie.say(BOB, "the mast is wet")
    for purpose in ("catchup", "document"):
        failing = breaks(ModelUnavailable(model="m", reason="gone"))
        nellie.model.follow(purpose, failing)  # type: ignore[arg-type]  # each is a purpose

    with pytest.raises(CommandError, match=r"could not sum it up\. .*cannot be reached: gone"):
        await nellie.run_command(line)


async def test_a_model_that_says_nothing_is_said(nellie: RunningNellie) -> None:
    nellie.model.follow("document", says("  "))

    with pytest.raises(CommandError, match="without saying anything"):
        await nellie.run_command("summarize a text")


async def test_a_summary_of_a_text_pings_nobody_and_cites_nothing(nellie: RunningNellie) -> None:
    nellie.model.follow("document", says("- call @every", "one\x00 [doc 1] now [doc 99]"))

    reply = await nellie.run_command("summarize call @everyone now")

    assert "@everyone" not in reply.text
    assert "\x00" not in reply.text
    assert "doc" not in reply.text


async def test_a_limit_is_one_for_summaries_too(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_minute=1)
    await nellie.run_command("summarize a text")

    with pytest.raises(CommandError, match="could not sum it up"):
        await nellie.run_command("summarize a text")


async def test_without_a_database_it_is_said(nellie: RunningNellie) -> None:
    away = Database("postgresql://nobody@127.0.0.1:1/none")
    command = nellie.parts.commands.table["summarize"].__self__  # type: ignore[attr-defined]  # a method
    request = Request(
        state=await nellie.channel_state(), person=ANA, privileged=False, arguments="2h"
    )

    with pytest.raises(DatabaseUnavailable):
        await replace(command, materials=Materials.for_all(Messages(away))).run(request)
    await away.close()


CONTRACT = PostedFile(id="F1", name="contract.pdf", media_type="application/pdf", size=3)


async def test_a_document_is_summed_up_by_its_name(nellie: RunningNellie) -> None:
    link = "https://x.example/f1"
    await nellie.say(BOB, "[file: contract.pdf]", id="f1", link=link, files=(CONTRACT,))
    await read_file(nellie.parts.stores, document_of("Two companies.", "Notice is thirty days."))

    reply = await nellie.run_command("docs summarize contract")

    assert reply.text == (
        f"[contract.pdf]({link}) (PDF, 2 pages):"
        f"\n- Two companies. [p. 1]({link})\n- Notice is thirty days. [p. 2]({link})"
    )
    assert await nellie.rows("SELECT purpose, author_id FROM usage") == [("document", ANA.id)]


async def test_a_document_that_is_not_read_is_said_to_be_none(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "[file: contract.pdf]", files=(CONTRACT,))

    with pytest.raises(CommandError, match=r"cannot sum up contract.pdf: waits to be read."):
        await nellie.run_command("docs summarize contract.pdf")
    with pytest.raises(CommandError, match="Which document"):
        await nellie.run_command("docs summarize")
    with pytest.raises(CommandError, match="no document called bill"):
        await nellie.run_command("docs summarize bill.pdf")


async def test_a_document_that_goes_meanwhile_is_not_shown(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie()
    nellie.model.follow("document", waits(gate, summarizes_document))
    await nellie.say(BOB, "[file: contract.pdf]", id="f1", files=(CONTRACT,))
    await read_file(nellie.parts.stores, document_of(f"The code is {CANARY}."))

    asked = asyncio.create_task(nellie.run_command("docs summarize contract.pdf"))
    await nellie.model.called.wait()
    await nellie.parts.inbox.deleted(GENERAL, "f1")
    gate.set()

    with pytest.raises(CommandError, match="taken back meanwhile"):
        await asked
