"""Late is late: what is imported or read back takes its place by its own time."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from doubles.bad_summarizers import echoes
from doubles.start_nellie import SMALL_WINDOW, TALK, Start, check_memory

from bot.archives.jsonl import JSONL
from bot.core.archive_import import import_archive
from bot.core.message_checks import checked
from bot.domain.model import Message
from bot.prompting.fixed_text import TRANSCRIPT_HEADING
from bot.testing import ANA, BOB, CARL, GENERAL, RunningNellie, new_message

YEAR = timedelta(days=365)


def lines(texts: Iterable[str], start: datetime) -> list[Message]:
    """What Bob said, a minute between one and the next."""
    return [
        new_message(BOB, text, at=start + timedelta(minutes=number))
        for number, text in enumerate(texts)
    ]


async def remember(nellie: RunningNellie, messages: Iterable[Message]) -> None:
    await nellie.parts.acceptance.remember([checked(message) for message in messages])


async def transcript(nellie: RunningNellie, question: str = "what is there now?") -> str:
    """The window, as the prompt of the next question shows it."""
    await nellie.ask(CARL, question)
    memory = nellie.model.prompts_for("answer")[-1].messages[1].text
    _, heading, window = memory.partition(TRANSCRIPT_HEADING)
    return heading + window.partition("\n\n")[0]


async def say_two_things(nellie: RunningNellie) -> None:
    now = datetime.now(UTC)
    for minutes, text in ((2, "the cat is called Minka"), (1, "I bought cheese today")):
        await nellie.say(BOB, text, at=now - timedelta(minutes=minutes))


async def import_lines(nellie: RunningNellie, folder: Path, messages: Iterable[Message]) -> None:
    path = folder / "past.jsonl"
    with path.open("w") as file:
        for one in messages:
            author = {"id": one.author.id, "name": one.author.name}
            entry = {"id": one.id, "author": author, "text": one.text, "at": one.at.isoformat()}
            file.write(json.dumps(entry) + "\n")
    result = await import_archive(
        nellie.parts,
        JSONL(),
        path,
        GENERAL,
        progress=lambda done, total: None,
        complain=lambda line: None,
    )
    assert result.bad == 0


async def test_an_import_of_last_year_hides_nothing_that_was_said_just_now(
    nellie: RunningNellie, tmp_path: Path
) -> None:
    await say_two_things(nellie)
    past = lines((f"old line {n}" for n in range(2_500)), datetime.now(UTC) - YEAR)

    await import_lines(nellie, tmp_path, past)

    lately = await nellie.run_command("catchup 2h", ANA)
    ever = await nellie.run_command("catchup", ANA)
    assert lately.text.startswith("2 messages since")
    assert "Minka" in lately.text
    assert [one.text for one in nellie.model.prompts_for("catchup")[1].source[-2:]] == [
        "the cat is called Minka",
        "I bought cheese today",
    ]
    assert ever.text.startswith("1,000 messages since")
    shown = (await transcript(nellie)).splitlines()
    assert "old line 2499" in shown[-4]
    assert [text.partition(": ")[2] for text in shown[-3:-1]] == [
        "the cat is called Minka",
        "I bought cheese today",
    ]


async def test_what_was_said_just_now_stays_in_the_window_while_an_import_is_summarized(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    nellie.model.follow("compaction", echoes)
    await say_two_things(nellie)
    await remember(nellie, lines((f"old {line}" for line in TALK), datetime.now(UTC) - YEAR))

    made = await nellie.compact()

    shown = await transcript(nellie)
    assert made >= 1
    assert "Minka" in shown
    assert "cheese" in shown
    assert "old talk number 3 " not in shown
    memory = nellie.model.prompts_for("answer")[-1].messages[1].text
    assert "Minka" not in memory.partition(TRANSCRIPT_HEADING)[0]
    await check_memory(nellie)


async def test_the_digest_of_the_hour_tells_what_was_said_in_it(nellie: RunningNellie) -> None:
    await nellie.run_command("digest daily 09:00", admin=True)
    await say_two_things(nellie)
    await remember(nellie, lines((f"old {n}" for n in range(2_100)), datetime.now(UTC) - YEAR))
    await nellie.rows(
        "UPDATE schedule SET next_at = now(), since = now() - interval '1 hour' RETURNING 1"
    )

    await nellie.parts.scheduled_digests.open_due()
    await nellie.parts.lanes.idle()

    [text] = nellie.platform.shown.values()
    assert "(2 messages)" in text
    assert "Minka" in text
    assert "old" not in text


async def test_old_talk_that_comes_late_is_summarized_by_itself_and_stands_before_newer(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    nellie.model.follow("compaction", echoes)
    now = datetime.now(UTC)
    await remember(nellie, lines(TALK, now - timedelta(hours=2)))
    await nellie.compact()
    window = await transcript(nellie)

    await remember(nellie, lines((f"ancient {line}" for line in TALK), now - YEAR))

    due = await nellie.parts.compaction.find_due()
    after = await transcript(nellie)
    await nellie.compact()
    segments = await nellie.parts.stores.summaries.segments(await nellie.channel_id())
    digest = await nellie.parts.stores.summaries.digest(await nellie.channel_id())
    assert due == [await nellie.channel_id()]
    assert after.startswith(window)  # nothing of it entered the window
    assert [one.ended for one, _ in segments] == sorted(one.ended for one, _ in segments)
    assert digest.index("ancient") < digest.index("- bob: talk number")
    assert (await nellie.channel_state()).late_tokens == 0
    await check_memory(nellie)


async def test_a_message_that_is_late_by_minutes_stands_where_it_was_said(
    nellie: RunningNellie,
) -> None:
    now = datetime.now(UTC)
    await nellie.say(BOB, "one", at=now - timedelta(minutes=9))
    await nellie.say(BOB, "three", at=now - timedelta(minutes=7))
    before = await transcript(nellie)
    await nellie.say(BOB, "two", at=now - timedelta(minutes=8))

    after = await transcript(nellie)

    said = [line.partition(": ")[2] for line in after.splitlines()[1:]]
    assert said[:3] == ["one", "two", "three"]
    assert said.count("three") == before.count("three") == 1


async def test_history_that_is_read_after_the_first_live_word_stands_before_it(
    nellie: RunningNellie,
) -> None:
    now = datetime.now(UTC)
    nellie.platform.messages = lines(TALK[:20], now - timedelta(days=20))
    await nellie.say(ANA, "welcome!", at=now)

    await nellie.parts.inbox.catch_up(GENERAL)

    said = (await transcript(nellie)).splitlines()
    assert len(nellie.platform.messages) == 20
    assert "talk number 19 " in said[-3]
    assert said[-2].endswith("welcome!")


async def test_what_was_missed_in_an_outage_stands_before_what_was_heard_since(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    now = datetime.now(UTC)
    await remember(nellie, lines(TALK[:10], now - timedelta(hours=9)))
    await nellie.parts.stores.channels.set_read_until(
        await nellie.channel_id(), now - timedelta(hours=4)
    )
    await nellie.say(ANA, "I am back", at=now)
    missed = [f"missed {line}" for line in TALK[:40]]
    nellie.platform.messages = lines(missed, now - timedelta(hours=3))

    await nellie.parts.inbox.catch_up(GENERAL)
    await nellie.compact()

    said = (await transcript(nellie)).splitlines()
    assert "missed talk number 39 " in said[-3]
    assert said[-2].endswith("I am back")
    await check_memory(nellie)


async def test_the_prefix_stays_the_same_while_old_talk_is_imported(
    start_nellie: Start, tmp_path: Path
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*TALK)
    await nellie.compact()
    shown = [await transcript(nellie)]

    for part in range(3):
        start = datetime.now(UTC) - YEAR * (part + 1)
        await import_lines(nellie, tmp_path, lines([f"{part} {one}" for one in TALK[:9]], start))
        shown.append(await transcript(nellie))

    for former, later in pairwise(shown):
        assert later.startswith(former)


async def test_old_talk_that_came_late_is_found_by_a_question(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    now = datetime.now(UTC)
    await remember(nellie, lines(TALK, now - timedelta(hours=2)))
    await nellie.compact()
    fact = new_message(BOB, "the anchor is stored in shed nineteen", at=now - YEAR)
    await remember(nellie, [fact])

    await nellie.ask(CARL, "where is the anchor stored?")

    prompt = nellie.model.prompts_for("answer")[-1]
    assert "shed nineteen" in prompt.messages[-1].text


async def test_catching_up_begins_where_the_person_spoke_last_by_time(
    nellie: RunningNellie,
) -> None:
    now = datetime.now(UTC)
    await nellie.say(ANA, "good night", at=now - timedelta(hours=9))
    await nellie.say(BOB, "the disk is red", at=now - timedelta(hours=1))
    await nellie.say(ANA, "an old word of mine, imported", at=now - YEAR)
    await nellie.say(CARL, "said before Ana went", at=now - timedelta(hours=10))

    reply = await nellie.run_command("catchup", ANA)

    assert [one.text for one in nellie.model.prompts_for("catchup")[-1].source] == [
        "the disk is red"
    ]
    assert "the disk is red" in reply.text


async def test_rebuilding_puts_segments_in_the_order_of_time(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    now = datetime.now(UTC)
    await remember(nellie, lines(TALK, now - timedelta(hours=2)))
    await nellie.compact()
    await remember(nellie, lines((f"ancient {line}" for line in TALK), now - YEAR))
    await nellie.compact()

    await nellie.parts.compaction.rebuild(await nellie.channel_id())

    segments = await nellie.parts.stores.summaries.segments(await nellie.channel_id())
    spans = [(one.began, one.ended) for one, _ in segments]
    assert all(former[1] <= later[0] for former, later in pairwise(spans))
    await check_memory(nellie)
