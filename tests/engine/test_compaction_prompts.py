"""What a model is asked for by a compaction, and how large what it makes is."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from doubles.start_nellie import TALK, Start, check_memory

from bot.memory import segment_writer, segments
from bot.prompting.cache_marks import KEPT
from bot.prompting.fixed_text import DIGEST_HEADING
from bot.prompting.summary_prompt import SUMMARY_LIMIT
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    repeats_prompt,
    says,
    summarizes,
)
from bot.text.tokens import estimate


async def test_a_model_of_4096_tokens_works_end_to_end(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(repeats_prompt, context_tokens=4096))
    await nellie.add_history(*(f"{line} {'word ' * (n % 30)}" for n, line in enumerate(TALK * 4)))

    for number in range(3):
        await nellie.parts.jobs.compact_due()
        await nellie.ask(ANA, f"tell me about ships {number} " * 60)
        await nellie.say(BOB, "word " * 3000)
    await nellie.parts.jobs.compact_due()

    assert len(nellie.model.prompts_for("compaction")) > 3
    assert {prompt.purpose for prompt in nellie.model.prompts} >= {"answer", "compaction"}
    for prompt in nellie.model.prompts:
        assert prompt.tokens * 1.35 + prompt.max_output <= 4096
    for prompt in nellie.model.prompts_for("compaction"):
        shown = f"\n{prompt.messages[-1].text}"
        assert all(f"\n{one.seq} [" in shown for one in prompt.source)
    await check_memory(nellie)


WORDY = says(*(f"- bob: ships {n} {'talk ' * 12}[1]\n" for n in range(8)))


async def test_the_digest_of_many_segments_fits(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=2000, window_low=400)
    nellie.model.follow("compaction", WORDY)
    for round in range(8):
        at = datetime.now(UTC) - timedelta(hours=9 - round)
        await nellie.add_history(*(f"{line} " * 16 for line in TALK[:20]), at=at)
        await nellie.parts.jobs.compact_due()

    digest = await nellie.parts.stores.summaries.digest(await nellie.channel_id())
    assert len(nellie.model.prompts_for("compaction")) >= 8
    assert "bob: ships 0" in digest
    assert estimate(digest) <= nellie.parts.budget.digest


async def test_while_talk_goes_on_a_summary_is_asked_for_at_the_end_of_the_last_prompt(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(window_high=1_600, window_low=400)
    for line in TALK[:60]:
        await nellie.say(BOB, line)
    await nellie.ask(ANA, "tell me about ships")
    for line in TALK[60:]:
        await nellie.say(BOB, line)
    last = nellie.model.prompts[-1].messages

    await nellie.parts.jobs.compact_due()

    asked = nellie.model.prompts_for("compaction")
    window = last[1].text.partition("\n\n")[0]
    assert asked
    for prompt in asked:
        assert prompt.messages[0] == last[0]
        assert prompt.messages[1].text.startswith(window)
    await check_memory(nellie)


async def test_all_blocks_are_asked_for_at_once_and_one_left_out_by_itself(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segment_writer, "BLOCK_LIMIT", 400)
    monkeypatch.setattr(segments, "SHORTEST_BLOCK", 100)
    nellie = await start_nellie(window_high=1_600, window_low=400)
    for line in TALK[:60]:
        await nellie.say(BOB, line)
    await nellie.ask(ANA, "tell me about ships")
    for line in TALK[60:]:
        await nellie.say(BOB, line)
    nellie.model.follow("compaction", says("- bob: one [1]\n- bob: many [1, 40]"), summarizes)

    await nellie.parts.jobs.compact_due()

    made = [
        one for one, _ in await nellie.parts.stores.summaries.segments(await nellie.channel_id())
    ]
    asked = nellie.model.prompts_for("compaction")
    assert len(made) > 2
    assert [len(prompt.source) for prompt in asked[1:]] == [
        one.last - one.first + 1 for one in made[1:]
    ]
    assert asked[0].max_output == sum(prompt.max_output for prompt in asked[1:]) + 80
    assert [one.text for one in made[0].statements] == ["bob: one"]
    assert made[1].statements[0].text == f"bob: {TALK[made[0].last]}"
    await check_memory(nellie)


async def test_every_summary_keeps_its_size(full: RunningNellie) -> None:
    await full.compact()

    sizes = await full.rows("SELECT tokens FROM segment")
    assert all(tokens <= 2 * SUMMARY_LIMIT + 100 for (tokens,) in sizes)


@pytest.mark.parametrize("word", ["xylophone", "\u0434\u0438\u0441\u043a", "\u78c1\u76e4"])
async def test_what_people_say_and_are_called_stands_in_no_system_message(
    start_nellie: Start, word: str
) -> None:
    nellie = await start_nellie(window_high=1_600, window_low=400)
    zoe = replace(BOB, name=f"zoe {word}")
    for _ in range(2):
        for number in range(40):
            await nellie.say(zoe, f"the {word} is number {number}, and there it stays for today")
        await nellie.ask(ANA, f"where is the {word}?")
        await nellie.parts.jobs.compact_due()
    await nellie.ask(ANA, f"where is the {word} now?")
    await nellie.run_command("catchup 2h")
    await nellie.run_command("digest daily 09:00", admin=True)
    due = "UPDATE schedule SET next_at = now(), since = now() - interval '1 hour' RETURNING 1"
    await nellie.rows(due)
    await nellie.parts.scheduled_digests.open_due()
    await nellie.parts.lanes.idle()

    prompts = nellie.model.prompts
    assert {one.purpose for one in prompts} == {"answer", "compaction", "catchup", "digest"}
    assert any(DIGEST_HEADING in prompt.messages[1].text for prompt in prompts)
    for prompt in prompts:
        first, *others = prompt.messages
        assert first.role == "system"
        assert word not in first.text
        assert all(one.role != "system" for one in others)


async def test_a_summary_is_asked_for_with_the_marks_of_the_last_prompt(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(window_high=1_600, window_low=400)
    for line in TALK[:60]:
        await nellie.say(BOB, line)
    await nellie.ask(ANA, "tell me about ships")
    for line in TALK[60:]:
        await nellie.say(BOB, line)
    last = nellie.model.prompts[-1].messages[1]

    await nellie.parts.jobs.compact_due()

    asked = nellie.model.prompts_for("compaction")[0].messages[1]
    assert last.text[: last.ends[-1]] in [asked.text[:end] for end in asked.ends]


async def _talk_and_compact(nellie: RunningNellie, about: str) -> str:
    """More talk than the window holds, compacted while it goes on; the digest is returned."""
    for line in TALK[:90]:
        await nellie.say(BOB, f"{about}: {line}")
    await nellie.ask(ANA, f"tell me about {about}")
    await nellie.parts.jobs.compact_due()
    return await nellie.parts.stores.summaries.digest(await nellie.channel_id())


async def test_while_people_talk_a_digest_grows_and_then_begins_anew(start_nellie: Start) -> None:
    nellie = await start_nellie(window_high=1_600, window_low=400)

    digests = [await _talk_and_compact(nellie, f"ship {number}") for number in range(12)]

    grown = [later.startswith(former) for former, later in pairwise(digests)]
    assert all(digests)
    assert len(set(digests)) == len(digests)
    assert any(grown)
    assert all(estimate(digest) <= nellie.parts.budget.digest for digest in digests)
    await check_memory(nellie)


async def test_of_what_a_digest_grows_from_nothing_stays_that_was_forgotten(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(window_high=1_600, window_low=400)
    first = await _talk_and_compact(nellie, "ship 1")
    for message in await nellie.parts.stores.messages.newest(
        GENERAL, await nellie.channel_id(), limit=200
    ):
        if "ship 1" in message.text:
            await nellie.parts.inbox.deleted(GENERAL, message.id)
    await nellie.parts.jobs.compact_due()

    later = await _talk_and_compact(nellie, "ship 2")

    assert "ship 1" in first
    assert "ship 1" not in later
    assert "ship 2" in later
    await check_memory(nellie)


async def test_the_first_prompt_with_a_digest_marks_it_and_leaves_the_last_marks_for_it(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(window_high=1_600, window_low=400)
    digest = await _talk_and_compact(nellie, "ships")

    for text in ("and now?", "and then?"):
        await nellie.ask(ANA, text)

    first, second = (prompt.messages[1] for prompt in nellie.model.prompts[-2:])
    end = len(f"{DIGEST_HEADING}\n{digest}")
    within = [place for place in first.ends if place <= end]
    assert [first.text[place] for place in within] == ["\n"] * len(within)
    assert len(within) == digest.count("\n") + 2
    assert within[-1] == end == second.ends[0]
    assert len(first.ends) - len(within) == KEPT - 1
    assert len(second.ends) > KEPT
    assert first.ends[-1] in second.ends
