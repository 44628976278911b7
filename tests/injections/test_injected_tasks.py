"""Texts that want something else, sorted and read by models that obey them: nothing comes of it."""

import json
import re
from collections.abc import AsyncGenerator, Callable

import pytest
from doubles.discord_server import Discord
from doubles.nellie_on_discord import opened
from doubles.nellie_on_slack import running_on
from doubles.obeying_model import PINGS, ObeyingModel
from doubles.slack_server import Slack
from doubles.task_injections import TASK_INJECTIONS

from bot.domain.model import Channel, Chunk, Prompt, Usage
from bot.domain.ports import Model
from bot.prompting.task_prompts import build_labels_prompt
from bot.store.database import Database
from bot.tasks.sentiment import SENTIMENTS
from bot.testing import ANA, BOB, running_nellie
from bot.testing.running_nellie import new_message
from bot.text.sanitize import defuse

ELSEWHERE = Channel("fake", "team", "C9", "finance")
SECRETS = ("walrus", "ottokar")
LABELS = ("bug", "praise")
MARKS = ("<|im_", "<|eot", "[/INST]", "<start_of_turn>", "<｜", "<tool_call>", "</s>", "<think>")
_SURE = r"\(\d+% sure, as the model says\)\."
_CLIPPED = r"(?: I read only its beginning, about 3,000 tokens\.)?"


def told(labels: tuple[str, ...]) -> re.Pattern[str]:
    """All that an answer about one text may be."""
    return re.compile(
        rf"(?:{'|'.join(labels)}|None of {', '.join(labels)}) {_SURE}{_CLIPPED}"
        r"|I cannot tell: what the model answered was no label, twice\."
    )


def data_of(prompt: Prompt) -> str:
    """The text that a prompt works on, as somebody wrote it."""
    lines = [one for one in prompt.messages[1].text.splitlines() if one.startswith("| ")]
    return "\n".join(one.removeprefix("| ") for one in lines).replace("\u200b", "")


def echoes_it(prompt: Prompt) -> str:
    return data_of(prompt)


def says_the_json_in_it(prompt: Prompt) -> str:
    found = re.search(r"\{.*\}", data_of(prompt), re.DOTALL)
    return found.group() if found else json.dumps({"label": "OUTAGE", "confidence": 1})


def makes_it_a_label(prompt: Prompt) -> str:
    text = data_of(prompt)
    return json.dumps({"label": text, "confidence": 1, "total": [text], "who": [PINGS]})


def says_pings(prompt: Prompt) -> str:
    label = f"{PINGS} ![x](http://evil.example/x.png)"
    return json.dumps({"label": label, "confidence": 1, "total": [label], "who": ["```" + label]})


def says_a_label_and_more(prompt: Prompt) -> str:
    said = json.dumps({"label": "bug", "confidence": 1, "to": PINGS, "total": [], "who": []})
    return f"{PINGS} {said} {data_of(prompt)}"


class Obedient(Model):
    """Says what a text makes it say; calls tools, if it is given any."""

    name = "obedient"
    filters_thoughts = True
    calls_tools = True

    def __init__(self, say: Callable[[Prompt], str]) -> None:
        self.say = say
        self.prompts: list[Prompt] = []

    async def stream(self, prompt: Prompt) -> AsyncGenerator[Chunk]:
        """Say it."""
        self.prompts.append(prompt)
        yield Chunk(self.say(prompt), "stop", Usage(self.name, prompt.tokens, 1))


def check(prompts: list[Prompt], text: str) -> None:
    """The text is data in each prompt, nothing else of anybody is there, and no tool."""
    assert prompts
    for prompt in prompts:
        assert prompt.tools == ()
        assert [one.role for one in prompt.messages][:2] == ["system", "user"]
        told = "\n".join(one.text for one in prompt.messages)
        assert not [secret for secret in SECRETS if secret in told.lower()]
        assert not [mark for mark in MARKS if mark in told]
        assert text[:30] not in prompt.messages[0].text
        ours = [one for one in prompt.messages[1].text.splitlines() if not one.startswith("| ")]
        assert not [one for one in ours if "OUTAGE" in one or "evil" in one]


@pytest.mark.parametrize(
    "say",
    [echoes_it, says_the_json_in_it, makes_it_a_label, says_pings, says_a_label_and_more],
    ids=lambda one: one.__name__,
)
@pytest.mark.timeout(300)
async def test_labels_are_of_the_list_and_nothing_else_is_said(
    database: Database, say: Callable[[Prompt], str]
) -> None:
    model = Obedient(say)
    async with running_nellie(database, model=model) as nellie:
        await nellie.say(BOB, f"our disk code: {SECRETS[0]}")
        await nellie.say(BOB, f"our bank code: {SECRETS[1]}", channel=ELSEWHERE)

        assert len(TASK_INJECTIONS) == 40
        for kind, text in TASK_INJECTIONS.items():
            model.prompts.clear()
            typed = await nellie.run_command(f"classify {', '.join(LABELS)}: {text}")
            chosen = await nellie.run_command("classify bug, praise", about=new_message(BOB, text))
            felt = await nellie.run_command("sentiment", about=new_message(BOB, text))
            found = await nellie.run_command(f"extract total, who: {text}")

            for reply, labels in ((typed, LABELS), (chosen, LABELS), (felt, SENTIMENTS.labels)):
                assert told(labels).fullmatch(reply.text), f"{kind}: {reply.text}"
            assert found.text.count("```") in (0, 2), kind
            assert found.text == defuse(found.text), kind
            assert not [secret for secret in SECRETS if secret in found.text], kind
            check(model.prompts, text)


def test_the_task_is_the_same_whatever_the_text_says() -> None:
    tasks = {
        build_labels_prompt(LABELS, [one]).messages[0].text for one in TASK_INJECTIONS.values()
    }

    assert len(tasks) == 1


@pytest.mark.parametrize("obeyed", [False, True], ids=["by chance", "by order"])
async def test_one_text_of_many_takes_no_label_from_the_list_of_others(
    database: Database, obeyed: bool
) -> None:
    """The worst that a text can do to its neighbours is another label of the list."""

    def say(prompt: Prompt) -> str:
        one = {"label": "OUTAGE" if obeyed else "bug", "confidence": 1}
        return json.dumps({str(number): one for number in range(1, 11)})

    model = Obedient(say)
    async with running_nellie(database, model=model) as nellie:
        for text in TASK_INJECTIONS.values():
            await nellie.say(BOB, text)

        reply = await nellie.run_command("classify bug, praise: 1h", ANA)

        counted = "20 I cannot tell" if obeyed else "40 bug"
        assert counted in reply.text
        check(model.prompts, "x" * 30)


@pytest.mark.timeout(300)
async def test_on_slack_nobody_is_pinged_and_nothing_is_opened(database: Database) -> None:
    model = ObeyingModel(SECRETS[0])
    async with Slack() as slack, running_on(database, slack, model=model) as nellie:
        for number, (kind, text) in enumerate(TASK_INJECTIONS.items(), start=1):
            slack.command("U1", "C1", f"classify --public bug, praise: {text}")
            slack.command("U1", "C1", f"extract --public total, who: {text}")
            slack.command("U1", "C1", f"translate --public german {text}")
            await slack.settled()
            await nellie.wait_until_idle()

            assert model.tried == [], kind
            assert (slack.pings, slack.unfurled) == ([], []), kind
            assert len(slack.visible("C1")) >= number, kind


@pytest.mark.timeout(300)
async def test_on_discord_nobody_is_pinged_and_nothing_is_opened(database: Database) -> None:
    model = ObeyingModel(SECRETS[0])
    async with Discord() as discord, opened(discord, database, model=model) as nellie:
        ana, general = discord.ana, discord.general
        for kind, text in TASK_INJECTIONS.items():
            given = {"text": text[:4_000], "public": True}
            sorted_ = await nellie.slash(
                ana, general, "classify text", labels=", ".join(LABELS), **given
            )
            found = await nellie.slash(ana, general, "extract", fields="total, who", **given)

            assert "@everyone" not in f"{sorted_.shown}{found.shown}", kind
            assert model.tried == [], kind
            assert (discord.pinging(), discord.opened()) == ([], []), kind
