"""What is kept of how an answer was made: sizes, scores and times, with the turn's end."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from doubles.fake_toolbox import FakeToolbox
from doubles.library import pages, shelve
from doubles.start_nellie import SMALL_WINDOW, TALK, Start

from bot.core.answer_tracing import fingerprint_digest
from bot.domain.answer_trace import AnswerTrace, RecallScore
from bot.domain.errors import ContextOverflow, ModelTimeout
from bot.domain.model import Channel, Turn
from bot.domain.ports import DeliveryLog
from bot.store.answer_traces import to_row
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    breaks,
    calls,
    says,
)

DIRECT = Channel("fake", "team", "D1", direct=True)
PRINTERS = [f"the printer on floor {number} is broken again" for number in range(8)]
CONTRACT = pages(
    "The parties of this contract are Harbour Supplies and the rowing club.",
    "Either party may end the contract with a notice of thirty days before the end of a quarter.",
)


class BreaksAtTheEnd(FakePlatform):
    """Loses its connection once, with the last word of an answer."""

    broken = False

    async def deliver(
        self, turn: Turn, text: AsyncIterator[str], delivery_log: DeliveryLog
    ) -> None:
        await super().deliver(turn, text, delivery_log)
        if not self.broken:
            self.broken = True
            raise ConnectionError("the platform cut the connection")


async def trace_of(nellie: RunningNellie, turn: int, channel: Channel = GENERAL) -> AnswerTrace:
    trace = await nellie.parts.stores.answer_traces.get(await nellie.channel_id(channel), turn)
    assert trace, "nothing was kept"
    return trace


async def ask(nellie: RunningNellie, text: str, **fields: object) -> AnswerTrace:
    """What is kept of the answer to this."""
    turn = await nellie.open_turn(ANA, text, **fields)
    await nellie.parts.lanes.idle()
    channel = fields.get("channel", GENERAL)
    assert isinstance(channel, Channel)
    return await trace_of(nellie, turn, channel)


async def test_the_parts_of_a_prompt_are_counted_and_make_up_the_whole(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*PRINTERS, *TALK)
    await nellie.compact()
    await nellie.say(BOB, "how are the printers doing?", thread="t1")

    trace = await ask(nellie, "which printer is broken?", thread="t1")

    [*_, prompt] = nellie.model.prompts
    assert {"instructions", "window", "conversation", "recalled", "question"} <= set(trace.parts)
    assert all(tokens > 0 for tokens in trace.parts.values())
    assert sum(trace.parts.values()) == pytest.approx(prompt.tokens, abs=len(trace.parts) + 2)
    assert prompt.tokens <= trace.budget
    state = await nellie.channel_state()
    shown = await nellie.parts.stores.messages.oldest_of_window(state, limit=1_000)
    assert trace.window_from == shown[0].seq
    assert trace.window_messages == len(shown) - 1  # without the answer


async def test_what_was_recalled_is_kept_with_its_scores_the_best_first(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*PRINTERS, *TALK)

    trace = await ask(nellie, "which printer is broken?")

    [*_, prompt] = nellie.model.prompts
    assert [seq for seq, _ in trace.recalled] == [one.seq for one in prompt.recalled]
    totals = [score.total for _, score in trace.recalled]
    assert totals
    assert totals == sorted(totals, reverse=True)
    assert all(score.words > 0 and score.meaning == 0 for _, score in trace.recalled)
    assert trace.in_window == 0


async def test_what_was_found_in_the_window_stands_behind_the_rest(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await nellie.add_history(*PRINTERS)

    trace = await ask(nellie, "which printer is broken?")

    assert trace.in_window == len(trace.recalled) > 0


async def test_a_summary_is_known_by_its_fingerprint(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    before = await ask(nellie, "is it open?")
    await nellie.add_history(*TALK)
    await nellie.compact()

    trace = await ask(nellie, "is it open by now?")

    digest = await nellie.parts.stores.summaries.digest(await nellie.channel_id())
    assert digest
    assert (before.digest, trace.digest) == (None, fingerprint_digest(digest))
    assert trace.parts["digest"] > 0


async def test_times_are_kept_from_the_question_on(start_nellie: Start) -> None:
    gate = asyncio.Event()
    first = says("Let me see. ")
    model = ScriptedModel(lambda prompt: (*first(prompt)[:1], gate, *says("Yes.")(prompt)))
    nellie = await start_nellie(model=model)
    turn = await nellie.open_turn(ANA, "is it open?")
    await model.called.wait()
    await asyncio.sleep(0.05)
    gate.set()
    await nellie.parts.lanes.idle()

    trace = await trace_of(nellie, turn)

    assert trace.first_text_ms is not None
    assert 0 <= trace.first_text_ms <= trace.whole_ms - 50
    assert trace.stages["model"] >= 50
    assert {"queue", "gather", "recall", "model", "deliver"} <= set(trace.stages)
    assert trace.stages["recall"] <= trace.stages["gather"]
    assert sum(trace.stages.values()) - trace.stages["recall"] <= trace.whole_ms + 5


async def test_waiting_behind_another_question_is_told_apart(start_nellie: Start) -> None:
    gate = asyncio.Event()
    answer = says("Yes.")
    nellie = await start_nellie(model=ScriptedModel(lambda prompt: (gate, *answer(prompt))))
    await nellie.open_turn(ANA, "one?", thread="t1")
    second = await nellie.open_turn(BOB, "two?", thread="t1")
    await asyncio.sleep(0.1)
    gate.set()
    await nellie.parts.lanes.idle()

    trace = await trace_of(nellie, second)

    assert trace.waited_ms >= 100
    assert trace.first_text_ms is not None
    assert trace.first_text_ms >= trace.waited_ms


async def test_passages_of_documents_are_kept_as_the_model_was_given_them(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie()
    await nellie.add_history(*TALK[:3])
    channel = await nellie.channel_id()
    await shelve(nellie.database, channel, "contract.pdf", CONTRACT, seq=1)

    trace = await ask(nellie, "how many days of notice does a party of the contract have?")

    [*_, prompt] = nellie.model.prompts
    given = [(one.document_id, one.passage.number) for one in prompt.passages]
    assert [(one.document_id, one.number) for one in trace.passages] == given
    assert given
    assert trace.passages[0].page == 2
    assert trace.passages[0].score > 0
    assert trace.parts["passages"] > 0


async def test_tools_and_what_came_of_them_are_counted(start_nellie: Start) -> None:
    model = ScriptedModel(calls(("search", '{"query": "rent"}')), says("It is 900."))
    nellie = await start_nellie(model=model, toolbox=FakeToolbox())

    trace = await ask(nellie, "how high is the rent?")

    asked = model.prompts[-1]
    assert trace.parts["tools"] == sum(tool.tokens for tool in asked.tools)
    assert trace.parts["results"] > 0
    assert sum(trace.parts.values()) == pytest.approx(asked.tokens, abs=len(trace.parts) + 2)
    assert "tools" in trace.stages


async def test_an_answer_that_goes_on_counts_what_was_said_so_far(start_nellie: Start) -> None:
    model = ScriptedModel(says("First stop the", finish="length"), says(" server."))
    nellie = await start_nellie(model=model)
    await nellie.ask(ANA, "how?", thread="t1")

    trace = await ask(nellie, "go on", thread="t1")

    assert trace.parts["begun"] > 0


async def test_what_did_not_fit_is_forgotten_for_what_did(start_nellie: Start) -> None:
    refuses = breaks(ContextOverflow(model="scripted", reason="too long"))
    model = ScriptedModel(refuses, says("Yes."))
    nellie = await start_nellie(model=model, **SMALL_WINDOW)
    await nellie.add_history(*TALK)

    trace = await ask(nellie, "is it open?")

    first, second = model.prompts
    assert second.tokens < first.tokens
    assert sum(trace.parts.values()) == pytest.approx(second.tokens, abs=len(trace.parts) + 2)


async def test_of_an_answer_that_failed_no_first_text_is_told(start_nellie: Start) -> None:
    nellie = await start_nellie(model=ScriptedModel(breaks(ModelTimeout(model="m", seconds=1))))

    trace = await ask(nellie, "is it open?")

    assert trace.first_text_ms is None
    assert trace.parts["question"] > 0


async def test_what_no_model_makes_leaves_nothing(start_nellie: Start) -> None:
    nellie = await start_nellie()

    await nellie.ask(ANA, "be quiet", reply="I say no more.")

    assert nellie.platform.shown
    assert await nellie.rows("SELECT * FROM answer_trace") == []


async def test_of_a_private_question_sizes_and_times_are_kept_alone(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*PRINTERS, *TALK)

    trace = await ask(nellie, "which printer is broken?", private=True)

    assert trace.parts["recalled"] > 0
    assert trace.first_text_ms is not None
    assert trace.recalled == []
    assert trace.passages == []
    assert await nellie.rows("SELECT recalled, by_words, documents FROM answer_trace") == [
        (None, None, None)
    ]


async def test_another_answer_takes_the_place_of_the_former_and_its_waiting_does_not_count(
    start_nellie: Start,
) -> None:
    model = ScriptedModel(breaks(ModelTimeout(model="m", seconds=1)), says("Yes."))
    nellie = await start_nellie(model=model)
    turn = await nellie.open_turn(ANA, "is it open?")
    await nellie.parts.lanes.idle()
    await nellie.rows("UPDATE turn SET created_at = created_at - interval '1 day' RETURNING 1")

    assert await nellie.parts.turns.retry(turn)
    await nellie.parts.lanes.idle()

    trace = await trace_of(nellie, turn)
    assert await nellie.rows("SELECT count(*) FROM answer_trace") == [(1,)]
    assert trace.waited_ms == 0
    assert trace.first_text_ms is not None
    assert 0 <= trace.first_text_ms <= trace.whole_ms < 60_000


async def test_an_answer_that_was_posted_at_the_second_try_keeps_how_it_was_made(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(platform=BreaksAtTheEnd())

    trace = await ask(nellie, "is it open?")

    assert len(nellie.model.prompts) == 1
    assert trace.parts["question"] > 0


async def test_of_a_question_that_is_forgotten_only_sizes_and_times_stay(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*PRINTERS, *TALK)
    turn = await nellie.open_turn(ANA, "which printer is broken?", id="asked")
    other = await nellie.open_turn(BOB, "which printer is broken now?")
    await nellie.parts.lanes.idle()
    assert (await trace_of(nellie, turn)).recalled

    await nellie.parts.inbox.deleted(GENERAL, "asked")

    trace = await trace_of(nellie, turn)
    assert (trace.recalled, trace.passages) == ([], [])
    assert trace.parts
    assert (await trace_of(nellie, other)).recalled


async def test_a_row_is_small(start_nellie: Start) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*PRINTERS, *TALK)

    trace = await ask(nellie, "which printer on which floor is broken?")

    assert len(trace.recalled) >= 5
    [(size,)] = await nellie.rows("SELECT pg_column_size(a) FROM answer_trace a")
    assert size < 1_000


async def test_a_direct_message_counts_what_was_said_just_before(start_nellie: Start) -> None:
    nellie = await start_nellie()
    await nellie.ask(ANA, "is it open?", channel=DIRECT)

    trace = await ask(nellie, "and tomorrow?", channel=DIRECT)

    assert trace.parts["conversation"] > 0


async def test_a_score_that_is_no_number_ends_no_turn_badly(start_nellie: Start) -> None:
    nellie = await start_nellie()
    trace = await ask(nellie, "is it open?")
    strange = RecallScore(float("nan"), float("inf"), 1.0)

    row = to_row(replace(trace, recalled=[(1, strange)]))

    assert (row["by_words"], row["by_meaning"], row["by_conversation"]) == ([], [], [1.0])
    json.dumps(row, allow_nan=False)
