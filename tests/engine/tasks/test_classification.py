"""Sorting texts by a channel's model: checked, asked again once, charged, within its room."""

import asyncio
import json
import re
from dataclasses import replace

import pytest
from doubles.start_nellie import Start

from bot.domain.errors import ContextOverflow, LimitReached, ModelUnavailable, NeedsModel
from bot.domain.model import Chunk, Prompt, Usage
from bot.llm.extractive import Extractive
from bot.store.channels import ChannelState
from bot.tasks.classification import Labelled
from bot.tasks.labels import LabelExample, LabelSet
from bot.testing import ANA, GENERAL, RunningNellie
from bot.testing.scripted_model import Script, Steps, breaks, says

KINDS = LabelSet(("bug", "praise"))
BUG = json.dumps({"label": "bug", "confidence": 0.9})


async def classify(
    nellie: RunningNellie, *texts: str, labels: LabelSet = KINDS, **fields: int
) -> list[Labelled]:
    state = ChannelState.unseen(GENERAL)
    classification = replace(nellie.parts.classification, **fields)
    return await classification.classify(state, labels, texts, person=ANA.id)


def labels_all(label: str) -> Script:
    """Gives every text of a prompt this label."""

    def script(prompt: Prompt) -> Steps:
        numbers = re.findall(r"^Text (\d+):", prompt.messages[1].text, re.MULTILINE)
        one = {"label": label, "confidence": 1}
        said = dict.fromkeys(numbers, one) if numbers else one
        return says(json.dumps(said))(prompt)

    return script


async def test_gives_a_text_a_label_of_the_list(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says(BUG))

    assert await classify(nellie, "it crashes") == [Labelled("bug", 0.9)]


async def test_abstains_where_the_model_does(nellie: RunningNellie) -> None:
    nellie.model.follow("task", labels_all("none"))

    assert await classify(nellie, "hello", "there") == [Labelled(None, 1.0)] * 2


async def test_asks_once_more_and_says_what_was_wrong(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says('{"label": "outage", "confidence": 1}'), says(BUG))

    assert await classify(nellie, "it crashes") == [Labelled("bug", 0.9)]
    second = nellie.model.prompts_for("task")[1]
    assert '"outage" is none of the labels' in second.messages[-1].text


@pytest.mark.parametrize(
    "script", [says("rubbish"), says("{}"), says(""), says('{"label": "bug"', finish="length")]
)
async def test_abstains_where_the_second_answer_is_no_better(
    nellie: RunningNellie, script: Script
) -> None:
    nellie.model.follow("task", script)

    assert await classify(nellie, "it crashes") == [Labelled(None, 0.0, unreadable=True)]
    assert len(nellie.model.prompts) == 2


async def test_thoughts_are_no_answer(start_nellie: Start) -> None:
    nellie = await start_nellie()
    thought = '<think>{"label": "praise", "confidence": 1}</think>'
    nellie.model.follow("task", says(f"{thought}{BUG}"))

    assert await classify(nellie, "it crashes") == [Labelled("bug", 0.9)]


async def test_of_a_batch_what_can_be_read_is_kept(nellie: RunningNellie) -> None:
    said = {"1": json.loads(BUG), "2": {"label": "what", "confidence": 1}}
    nellie.model.follow("task", says(json.dumps(said)))

    found = await classify(nellie, "it crashes", "hello")

    assert found == [Labelled("bug", 0.9), Labelled(None, 0.0, unreadable=True)]


async def test_many_texts_go_in_batches_in_their_order(nellie: RunningNellie) -> None:
    def script(prompt: Prompt) -> Steps:
        texts = re.findall(r"^\| (\w+) \d+", prompt.messages[1].text, re.MULTILINE)
        said = {str(n): {"label": word, "confidence": 1} for n, word in enumerate(texts, 1)}
        return says(json.dumps(said))(prompt)

    nellie.model.follow("task", script)
    texts = [f"{'bug' if number % 3 else 'praise'} {number}" for number in range(44)]

    found = await classify(nellie, *texts, at_once=20)

    assert [one.label for one in found] == [text.split()[0] for text in texts]
    assert len(nellie.model.prompts) == 3


async def test_one_at_once_is_one_call_each(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says(BUG))

    await classify(nellie, *["it crashes"] * 5, at_once=1)

    assert len(nellie.model.prompts) == 5


async def test_of_what_is_empty_nothing_is_asked(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says(BUG))

    found = await classify(nellie, "", " \n", "it crashes")

    assert found == [Labelled(None, 0.0), Labelled(None, 0.0), Labelled("bug", 0.9)]
    assert len(nellie.model.prompts) == 1
    assert await classify(nellie) == []


@pytest.mark.parametrize("text", ["x" * 1_000_000, "word " * 200_000, "\n" * 500_000 + "x"])
async def test_a_huge_text_is_read_in_part_and_that_is_said(
    nellie: RunningNellie, text: str
) -> None:
    nellie.model.follow("task", labels_all("bug"))

    assert await classify(nellie, text) == [Labelled("bug", 1.0, clipped=True)]
    found = await classify(nellie, *[text] * 30)

    assert found == [Labelled("bug", 1.0, clipped=True)] * 30
    assert all(one.tokens < nellie.parts.budget.total for one in nellie.model.prompts)


async def test_examples_are_shown_as_many_of_each_label(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says(BUG))
    bugs = [LabelExample("bug", f"it crashes {number} " + "x" * 9_000) for number in range(500)]
    labels = LabelSet(("bug", "praise"), (*bugs, LabelExample("praise", "lovely")))

    await classify(nellie, "it crashes", labels=labels)

    prompt = nellie.model.prompts[0]
    assert '| lovely\n= "praise"' in prompt.messages[1].text
    assert "| it crashes 3 " in prompt.messages[1].text
    assert prompt.tokens < nellie.parts.budget.total


async def test_a_hundred_labels_stay_within_what_servers_take(nellie: RunningNellie) -> None:
    names = tuple(f"label {number}" for number in range(100))
    nellie.model.follow("task", labels_all("label 7"))

    found = await classify(nellie, *["it crashes"] * 20, labels=LabelSet(names))

    assert {one.label for one in found} == {"label 7"}
    for prompt in nellie.model.prompts:
        assert str(prompt.response_format.schema).count("'label ") <= 1_000


async def test_what_is_too_long_for_the_model_is_asked_in_less(nellie: RunningNellie) -> None:
    def script(prompt: Prompt) -> Steps:
        if prompt.tokens > 500:
            error = ContextOverflow(model="scripted", reason="too long")
            return breaks(error)(prompt)
        return labels_all("bug")(prompt)

    nellie.model.follow("task", script)

    found = await classify(nellie, *["word " * 2_000] * 8)
    assert found == [Labelled("bug", 1.0, clipped=True)] * 8
    assert await classify(nellie, "word " * 2_000) == [Labelled("bug", 1.0, clipped=True)]


async def test_what_fits_into_no_prompt_is_said(nellie: RunningNellie) -> None:
    nellie.model.follow("task", breaks(ContextOverflow(model="scripted", reason="too long")))

    with pytest.raises(ContextOverflow):
        await classify(nellie, "word " * 2_000, "word")


async def test_the_usage_is_charged_to_the_person(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says("rubbish"), says(BUG))

    await classify(nellie, "it crashes")

    rows = await nellie.rows("SELECT purpose, author_id, input > 0 FROM usage")
    assert rows == [("task", ANA.id, True)] * 2


async def test_one_command_is_one_question_to_the_rate_limit(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_minute=2)
    nellie.model.follow("task", labels_all("bug"))

    for _ in range(2):
        assert len(await classify(nellie, *["it crashes"] * 50)) == 50
    with pytest.raises(LimitReached):
        await classify(nellie, "it crashes")


async def test_a_used_up_quota_stops_it(start_nellie: Start) -> None:
    nellie = await start_nellie(limit_person_tokens=1_500)

    def script(prompt: Prompt) -> Steps:
        usage = Usage("", 1_000, 10)
        return (Chunk(BUG), Chunk("", "stop", usage))

    nellie.model.follow("task", script)
    await classify(nellie, "it crashes")

    with pytest.raises(LimitReached):
        await classify(nellie, *["it crashes"] * 3, at_once=1)
    assert len(nellie.model.prompts) <= 2


async def test_a_model_that_never_answers_is_given_up(start_nellie: Start) -> None:
    nellie = await start_nellie(turn_timeout=0.3)
    nellie.model.follow("task", lambda prompt: (asyncio.Event(),))

    with pytest.raises(Exception, match="said nothing"):
        await classify(nellie, "it crashes")


async def test_a_model_that_is_away_is_said(nellie: RunningNellie) -> None:
    nellie.model.follow("task", breaks(ModelUnavailable(model="scripted", reason="away")))

    with pytest.raises(ModelUnavailable):
        await classify(nellie, "it crashes")


async def test_what_only_quotes_says_that_it_needs_a_model(start_nellie: Start) -> None:
    nellie = await start_nellie(model=Extractive())

    with pytest.raises(NeedsModel):
        await classify(nellie, "it crashes")
