"""What was read goes with whoever brought it, however they are forgotten; people are told."""

import asyncio
import tempfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from doubles.start_nellie import CANARY, Start

from bot.domain.documents import PostedFile
from bot.domain.model import Author
from bot.testing import ANA, BOB, GENERAL, RunningNellie, new_message

FILE = PostedFile(id="F1", name="terms.txt", media_type="text/plain")
LINK = PostedFile(id="https://example.org/terms", name="terms")


async def post(nellie: RunningNellie, author: Author = ANA, file: PostedFile = FILE) -> int:
    """A file is posted and read; its words are the canary's."""
    nellie.platform.files[file.id] = f"The code is {CANARY} in {file.name}.".encode()
    seq = (await nellie.say(author, "have a look", files=(file,))).seq
    await read(nellie)
    return seq


async def add(nellie: RunningNellie, author: Author = ANA) -> None:
    """A link is added and read."""
    files, channel = nellie.parts.stores.posted_files, await nellie.channel_id()
    await files.add(channel, [LINK], origin="link", author=author)

    async def fetch(address: str, into: object) -> None:
        into.add(f"The code is {CANARY}.".encode())  # type: ignore[attr-defined]

    await read(nellie, fetch_link=fetch)


async def read(nellie: RunningNellie, **sources: object) -> None:
    queue = nellie.parts.reading_queue
    given = replace(queue.read_one.sources, **sources)  # type: ignore[arg-type]
    queue = replace(queue, read_one=replace(queue.read_one, sources=given))
    with tempfile.TemporaryDirectory() as folder:
        while await queue.read_next(Path(folder)):
            pass


async def forget(nellie: RunningNellie, command: str, author: Author = ANA) -> tuple[str, str]:
    """What is asked first, and what is said in the end."""
    asked = await nellie.run_command(f"memory forget {command}", author, admin=True)
    assert asked.confirm, asked.text
    return asked.text, (
        await nellie.run_command(f"memory {asked.confirm}", author, admin=True)
    ).text


async def is_gone(nellie: RunningNellie) -> bool:
    """That a file is to stay out of a message may be known: nothing else of it."""
    kept_out = "posted_file WHERE (state, name, address) <> ('forgotten', '', '')"
    tables = (kept_out, "document", "passage", "passage_posting")
    counts = [(await nellie.rows(f"SELECT count(*) FROM {one}"))[0][0] for one in tables]  # noqa: S608
    return await nellie.find_traces(CANARY) == [] and counts == [0, 0, 0, 0]


async def test_people_are_told_how_many_documents_go_with_what_they_said(
    nellie: RunningNellie,
) -> None:
    await post(nellie)
    await nellie.say(ANA, "and more")

    asked, done = await forget(nellie, "me")

    assert asked.startswith("This forgets 2 messages, 1 document of yours")
    assert done == "Forgotten: 2 messages, 1 document of yours."
    assert await is_gone(nellie)


async def test_a_document_that_somebody_else_posted_too_stays_and_is_not_counted(
    nellie: RunningNellie,
) -> None:
    await post(nellie)
    nellie.platform.files["F2"] = nellie.platform.files["F1"]
    await nellie.say(BOB, "the same", files=(replace(FILE, id="F2"),))
    await read(nellie)

    asked, done = await forget(nellie, "me")

    assert asked.startswith("This forgets 1 message of yours")
    assert "document" not in asked + done
    assert "passage.text" in await nellie.find_traces(CANARY)


async def test_who_only_added_a_link_can_be_forgotten(nellie: RunningNellie) -> None:
    await nellie.say(BOB, "hello")
    await add(nellie)

    asked, _ = await forget(nellie, f"person {ANA.id}", BOB)

    assert "1 document" in asked
    assert await is_gone(nellie)
    assert await nellie.find_traces(ANA.id) == []


async def test_everybody_is_forgotten_with_links_and_paths(nellie: RunningNellie) -> None:
    await add(nellie)

    asked, done = await forget(nellie, "all")

    assert asked.startswith("This forgets 1 document of everyone")
    assert done == "Forgotten: 1 document of everyone."
    assert await is_gone(nellie)


async def test_one_message_goes_with_its_document(nellie: RunningNellie) -> None:
    seq = await post(nellie)

    asked, _ = await forget(nellie, f"message {seq}")

    assert asked.startswith("This forgets 1 message, 1 document with the number 1")
    assert await is_gone(nellie)


async def test_what_no_message_brought_is_kept_as_long_as_messages_are(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(retention=30)
    await add(nellie)
    await nellie.rows("UPDATE posted_file SET at = now() - interval '29 days'")
    await nellie.parts.jobs.expire()
    assert not await is_gone(nellie)

    await nellie.rows("UPDATE posted_file SET at = now() - interval '31 days'")
    await nellie.parts.jobs.expire()

    assert await is_gone(nellie)


async def test_by_default_nothing_expires(nellie: RunningNellie) -> None:
    await add(nellie)
    await nellie.rows("UPDATE posted_file SET at = now() - interval '9000 days'")

    await nellie.parts.jobs.expire()

    assert not await is_gone(nellie)


async def test_a_document_expires_with_its_message(start_nellie: Start) -> None:
    nellie = await start_nellie(retention=30)
    nellie.platform.files["F1"] = f"The code is {CANARY}.".encode()
    old = datetime.now(UTC) - timedelta(days=31)
    await nellie.parts.acceptance.remember([new_message(ANA, "look", at=old, files=(FILE,))])
    await read(nellie)

    await nellie.parts.jobs.expire()

    assert await is_gone(nellie)


async def test_a_channel_that_nellie_was_removed_from_leaves_no_document(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(forget_removed_days=30)
    await post(nellie)
    await add(nellie)
    await nellie.parts.inbox.removed(GENERAL)
    await nellie.rows("UPDATE removal SET at = at - interval '31 days'")

    await nellie.parts.jobs.expire()

    assert await is_gone(nellie)


async def test_a_thread_that_is_gone_takes_no_link_with_it(start_nellie: Start) -> None:
    nellie = await start_nellie(forget_removed_days=30)
    await add(nellie)
    await nellie.say(ANA, "in a thread", thread="t1")
    await nellie.parts.inbox.removed(GENERAL, "t1")
    await nellie.rows("UPDATE removal SET at = at - interval '31 days'")

    await nellie.parts.jobs.expire()

    assert "passage.text" in await nellie.find_traces(CANARY)


async def test_deleting_the_message_or_the_file_forgets_the_document(
    nellie: RunningNellie,
) -> None:
    await post(nellie)
    await nellie.parts.inbox.file_deleted(GENERAL.platform, GENERAL.workspace, "F1")
    assert await is_gone(nellie)

    await nellie.say(ANA, "again", id="m-deleted", files=(FILE,))
    await read(nellie)
    assert not await is_gone(nellie)
    await nellie.parts.inbox.deleted(GENERAL, "m-deleted")
    assert await is_gone(nellie)


async def test_who_opted_out_leaves_no_files(nellie: RunningNellie) -> None:
    await nellie.run_command("memory optout", ANA)

    await post(nellie)

    assert await is_gone(nellie)


@pytest.mark.parametrize("left", [(), (replace(FILE, id="F2"),)])
async def test_an_edit_that_came_before_its_message_decides_about_its_files(
    nellie: RunningNellie, left: tuple[PostedFile, ...]
) -> None:
    await nellie.parts.inbox.edited(GENERAL, "m9", "look at this", files=left)

    await nellie.say(ANA, "look", id="m9", files=(FILE,))
    await nellie.ask(ANA, "and this?", id="q9", files=(FILE,))

    rows = await nellie.rows("SELECT seq, external_id FROM posted_file ORDER BY 1")
    assert [external for seq, external in rows if seq == 1] == [file.id for file in left]
    assert ("F1" in [external for _, external in rows]) is True


async def test_an_early_edit_that_says_nothing_of_files_leaves_them(nellie: RunningNellie) -> None:
    await nellie.parts.inbox.edited(GENERAL, "q9", "and this?")

    await nellie.ask(ANA, "and that?", id="q9", files=(FILE,))

    assert await nellie.rows("SELECT external_id FROM posted_file") == [("F1",)]


async def test_a_question_whose_files_an_early_edit_took_opens_none(nellie: RunningNellie) -> None:
    await nellie.parts.inbox.edited(GENERAL, "q9", "and this?", files=())

    await nellie.ask(ANA, "and that?", id="q9", files=(FILE,))

    assert await nellie.rows("SELECT external_id FROM posted_file") == []


async def test_forgetting_and_reading_at_the_same_time_leave_nothing(
    nellie: RunningNellie,
) -> None:
    nellie.platform.files["F1"] = f"The code is {CANARY}.".encode()
    await nellie.say(ANA, "have a look", files=(FILE,))

    await asyncio.gather(
        read(nellie), nellie.parts.stores.person_traces.forget(await nellie.channel_id(), ANA.id)
    )

    assert await is_gone(nellie)
