"""What a question finds as it is stored makes the same prompt as what is found when it is read."""

import random
import re
from dataclasses import replace
from typing import Any

import pytest
from doubles.start_nellie import Start

from bot.core.turn_run import TurnRun
from bot.domain.model import Channel, Prompt
from bot.language.question import find_terms
from bot.store.material import Material, Read
from bot.testing import ANA, BOB, GENERAL, RunningNellie

HALL = replace(GENERAL, id="hall", name="hall")
THINGS = ("printer", "kettle", "badge", "projector", "window", "contract", "invoice", "server")
HAPPENS = ("broke on", "was mended on", "is wanted on", "was paid for on", "is missing from")
QUESTIONS = (
    "which printer is broken?",
    "who mended the kettle on floor 12?",
    "what did Bob say about the contract?",
    "was the kettle mended on Friday?",
    "ok, thanks",
    "the badge is missing from floor 3",
    "why is the server on floor 4 so slow?",
)


def _told(count: int) -> list[str]:
    chance = random.Random(7)
    return [
        f"the {chance.choice(THINGS)} {chance.choice(HAPPENS)} floor {chance.randrange(30)}"
        for _ in range(count)
    ]


def _shown(prompt: Prompt) -> str:
    """The prompt, without what tells one channel and one moment from another."""
    text = "\n".join(message.text for message in prompt.messages)
    return re.sub(r"\d\d\d\d-\d\d-\d\d \d\d:\d\d|#?\b(?:general|hall)\b|\bm\d+\b", "", text)


async def _prompts(nellie: RunningNellie, channel: Channel, thread: str) -> list[str]:
    """Every question's prompt, in a channel full of messages whose window is known by then."""
    await nellie.add_history(*_told(600), channel=channel, author=BOB)
    await nellie.compact(channel)
    await nellie.ask(ANA, "hello", channel=channel, thread=thread)
    before = len(nellie.model.prompts)
    for text in QUESTIONS:
        await nellie.ask(ANA, text, channel=channel, thread=thread)
    return list(map(_shown, nellie.model.prompts[before:]))


@pytest.mark.parametrize("thread", ["", "t1"])
async def test_it_is_the_same_prompt(
    start_nellie: Start, monkeypatch: pytest.MonkeyPatch, thread: str
) -> None:
    nellie = await start_nellie(window_high=2_000, window_low=500)
    searched, read = list[bool](), Material.read

    async def noted(self: Material, *where: Any, **what: Any) -> Read:
        searched.append(bool(what["terms"]))
        return await read(self, *where, **what)

    monkeypatch.setattr(Material, "read", noted)
    ahead = await _prompts(nellie, GENERAL, thread)
    assert searched
    assert not any(searched)
    searched.clear()
    monkeypatch.setattr(TurnRun, "take_hits", lambda run: None)

    anew = await _prompts(nellie, HALL, thread)

    assert sum(searched) == sum(bool(find_terms(text)) for text in QUESTIONS)
    assert ahead == anew
    assert any("floor 12" in text for text in ahead)
