"""/sentiment and /extract, by a channel's model."""

import json
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from doubles.start_nellie import Start

from bot.domain.errors import CommandError, ContextOverflow, ModelUnavailable
from bot.domain.model import Author, Prompt
from bot.llm.extractive import Extractive
from bot.testing import ANA, BOB, GENERAL, RunningNellie
from bot.testing.running_nellie import new_message
from bot.testing.scripted_model import Steps, breaks, says

AWAY = ModelUnavailable(model="scripted", reason="away")
INVOICE = "Invoice 2026-114 of 3 May. Total: 1,200.50 EUR. Thanks!"


def feels(prompt: Prompt) -> Steps:
    """Finds good and bad in texts."""
    found = [
        {"label": "positive" if "good" in text else "negative" if "bad" in text else "neutral",
         "confidence": 0.8}
        for text in re.findall(r"^\| (.*)", prompt.messages[1].text, re.MULTILINE)
    ]  # fmt: skip
    numbered = {str(number): one for number, one in enumerate(found, start=1)}
    return says(json.dumps(found[0] if len(found) == 1 else numbered))(prompt)


async def test_tells_how_a_text_sounds(nellie: RunningNellie) -> None:
    nellie.model.follow("task", feels)

    reply = await nellie.run_command("sentiment this is good")

    assert reply.text == "positive (80% sure, as the model says)."
    assert reply.private
    assert not (await nellie.run_command("sentiment --public so bad")).private


async def test_tells_how_a_message_of_a_menu_sounds(nellie: RunningNellie) -> None:
    nellie.model.follow("task", feels)

    reply = await nellie.run_command("sentiment", about=new_message(BOB, "so bad"))

    assert reply.text.startswith("negative")


async def test_draws_how_a_time_went(nellie: RunningNellie) -> None:
    nellie.model.follow("task", feels)
    now = datetime.now(UTC)
    for days, text in [(2, "good"), (2, "good"), (1, "bad"), (0, "hm")]:
        await nellie.say(BOB, text, at=now - timedelta(days=days))
    await nellie.say(Author("B1", "deploys", bot=True), "good good")

    reply = await nellie.run_command("sentiment 3d", zone=ZoneInfo("Asia/Tokyo"))

    head, fence, _, first, second, third, closing = reply.text.splitlines()
    assert head.endswith(": 2 positive, 1 neutral, 1 negative. I read all of them.")
    assert (fence, closing) == ("```", "```")
    day = (now - timedelta(days=2)).astimezone(ZoneInfo("Asia/Tokyo"))
    assert first == f"{day:%a %m-%d}          | ████████ -0 +2"
    assert second.endswith("     ████ |          -1 +0")
    assert third.endswith("|")


async def test_reads_the_newest_and_says_how_many(nellie: RunningNellie) -> None:
    nellie.model.follow("task", feels)
    await nellie.add_history(*[f"bad {number}" for number in range(50)])
    await nellie.add_history(*[f"good {number}" for number in range(300)])

    reply = await nellie.run_command("sentiment 3d")

    assert "I read the newest 300 of 350 messages." in reply.text


async def test_what_was_read_before_the_model_went_away_is_told(nellie: RunningNellie) -> None:
    nellie.model.follow("task", feels, feels, breaks(AWAY))
    await nellie.add_history(*[f"good {number}" for number in range(50)])

    reply = await nellie.run_command("sentiment 3d")

    assert "20 positive. I read the newest 20 of 50 messages, and stopped there" in reply.text
    assert "away" in reply.text


async def test_a_model_that_answers_rubbish_is_not_asked_for_ever(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says("rubbish"))
    await nellie.add_history(*[f"good {number}" for number in range(300)])

    reply = await nellie.run_command("sentiment 3d")

    assert "20 I cannot tell" in reply.text
    assert "cannot be read" in reply.text
    assert len(nellie.model.prompts) == 4


@pytest.mark.parametrize("line", ["sentiment", "sentiment 2h"])
async def test_says_that_nothing_was_said(nellie: RunningNellie, line: str) -> None:
    with pytest.raises(CommandError, match=r"Nothing was said|Nobody said anything"):
        await nellie.run_command(line)

    await nellie.say(Author("B1", "deploys", bot=True), "good")
    await nellie.say(Author("B1", "deploys", bot=True), "good")
    with pytest.raises(CommandError, match="bots and files are not counted"):
        await nellie.run_command(line)


def finds(**values: object) -> str:
    return json.dumps(values)


async def test_extracts_fields_and_says_what_is_missing(nellie: RunningNellie) -> None:
    said = finds(invoice_number=["2026-114"], total=["1200.50 EUR"], who_pays=[], place=["Bonn"])
    nellie.model.follow("task", says(said))

    reply = await nellie.run_command(f"extract invoice number, total, who pays, place: {INVOICE}")

    assert reply.text.splitlines() == [
        "```",
        "invoice number  2026-114",
        "total           1200.50 EUR",
        "who pays        (not in the text)",
        "place           Bonn (not found word for word)",
        "```",
    ]
    assert reply.private
    assert "| Invoice 2026-114 of 3 May." in nellie.model.prompts[0].messages[1].text


async def test_extracts_from_a_message_that_was_said(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says(finds(total=["1,200.50"])))
    await nellie.say(BOB, INVOICE)

    reply = await nellie.run_command("extract --public total")

    assert "total  1,200.50" in reply.text
    assert not reply.private


async def test_asks_again_and_then_says_that_it_cannot_tell(nellie: RunningNellie) -> None:
    nellie.model.follow("task", says("rubbish"))

    reply = await nellie.run_command(f"extract total: {INVOICE}")

    assert "could not be read, twice" in reply.text
    assert len(nellie.model.prompts) == 2


async def test_a_long_text_is_read_in_parts_and_that_is_said(nellie: RunningNellie) -> None:
    def script(prompt: Prompt) -> Steps:
        found = re.findall(r"total \d+", prompt.messages[1].text)
        return says(finds(total=found[:1]))(prompt)

    nellie.model.follow("task", script)
    text = "total 17. " + "word " * 5_000 + "total 18. " + "word " * 200_000

    reply = await nellie.run_command(f"extract total: {text[:900_000]}")

    assert "total  total 17; total 18" in reply.text
    assert "I read the first" in reply.text
    assert len(nellie.model.prompts) <= 9
    assert all(one.tokens < nellie.parts.budget.total for one in nellie.model.prompts)


async def test_what_is_too_long_for_the_model_is_asked_in_less(nellie: RunningNellie) -> None:
    def script(prompt: Prompt) -> Steps:
        if prompt.tokens > 900:
            return breaks(ContextOverflow(model="scripted", reason="too long"))(prompt)
        return says(finds(total=re.findall(r"total \d+", prompt.messages[1].text)))(prompt)

    nellie.model.follow("task", script)

    reply = await nellie.run_command(f"extract total: {'word ' * 2_000} total 17")

    assert "total  total 17" in reply.text


async def test_values_stay_in_their_table_and_ping_nobody(nellie: RunningNellie) -> None:
    hostile = "```\n@everyone <!channel> ![x](http://evil.example/x.png)"
    nellie.model.follow("task", says(finds(total=[hostile])))

    reply = await nellie.run_command(f"extract total: {INVOICE}")

    assert reply.text.count("```") == 2
    assert "@everyone" not in reply.text
    assert "<!channel>" not in reply.text
    assert len(reply.text.splitlines()) == 3


@pytest.mark.parametrize(
    "line",
    [
        "extract total",
        "extract total: all",
        "classify a, b",
        "classify a, b: all",
        "sentiment {link}",
        "sentiment all",
    ],
)
async def test_nothing_is_told_of_a_message_that_was_forgotten_meanwhile(
    nellie: RunningNellie, line: str
) -> None:
    await nellie.say(BOB, "other words")
    message = new_message(BOB, INVOICE, link="https://fake.example/C1/77")
    await nellie.parts.inbox.receive(message)
    forgetting: list[object] = []

    def script(prompt: Prompt) -> Steps:
        import asyncio

        done = asyncio.Event()

        async def forget() -> None:
            await nellie.parts.inbox.deleted(GENERAL, message.id)
            done.set()

        forgetting.append(asyncio.ensure_future(forget()))
        return (done, *says(finds(total=["1,200.50"], label="a"))(prompt))

    nellie.model.follow("task", script)

    with pytest.raises(CommandError, match="changed meanwhile"):
        await nellie.run_command(line.format(link=message.link), ANA)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("extract", "What do you look for"),
        ("extract : x", "What do you look for"),
        (f"extract {', '.join(f'f{n}' for n in range(500))}: x", "at most 20"),
        (f"extract {'x' * 1_000_000}", "at most 20"),
        ("extract total", "Nothing was said"),
    ],
)
async def test_says_what_is_wrong(nellie: RunningNellie, line: str, why: str) -> None:
    with pytest.raises(CommandError, match=why):
        await nellie.run_command(line)

    assert nellie.model.prompts == []
    assert await nellie.rows("SELECT name FROM channel") == []


@pytest.mark.parametrize("line", ["sentiment so good", "extract total: 17"])
async def test_what_only_quotes_says_that_it_needs_a_model(start_nellie: Start, line: str) -> None:
    nellie = await start_nellie(model=Extractive())

    with pytest.raises(CommandError, match="needs a language model"):
        await nellie.run_command(line)
