"""Polls that Discord sends without what discord.py insists on, wherever they stand."""

from typing import Any

import pytest
from doubles.discord_server.guild import Post
from doubles.nellie_on_discord import NellieOnDiscord
from structlog.testing import capture_logs

from adapters.kit.button_presses import THANKS

SOUP, QUAY = {"text": "Which soup?"}, {"text": "Which quay?"}
POLLS: list[dict[str, Any]] = [
    {"question": SOUP, "answers": [{"answer_id": 1, "poll_media": {"text": "fish"}}]},
    {"question": SOUP, "answers": [{"answer_id": 1, "poll_media": {"emoji": {"name": "🍜"}}}]},
    {"question": QUAY, "answers": [{"answer_id": 1, "poll_media": {"text": None}}], "expiry": ""},
]


def ask(nellie: NellieOnDiscord, poll: dict[str, Any]) -> Post:
    """Ana asks with a poll that never ends."""
    discord, rest = nellie.discord, {"allow_multiselect": False, "layout_type": 1, "expiry": None}
    text = f"{discord.bot.mention} which one?"
    return discord.say(discord.ana, discord.general, text, poll=rest | poll)


@pytest.mark.parametrize("poll", POLLS)
async def test_a_question_with_such_a_poll_is_answered_at_the_first_attempt(
    nellie: NellieOnDiscord, poll: dict[str, Any]
) -> None:
    with capture_logs() as lines:
        answer = await nellie.answer_to(ask(nellie, poll))

    assert answer.startswith(f"You said: which one?\n[poll] {poll['question']['text']}")
    assert "attempt_failed" not in [one["event"] for one in lines]


@pytest.mark.parametrize("poll", POLLS)
async def test_the_buttons_below_its_answer_work(
    nellie: NellieOnDiscord, poll: dict[str, Any]
) -> None:
    discord = nellie.discord
    asked = ask(nellie, poll)
    await nellie.answer_to(asked)

    pressed = discord.press(discord.ana, discord.answers(asked)[0], "👍")
    await discord.until(lambda: pressed.shown)

    assert pressed.shown == THANKS


@pytest.mark.parametrize("poll", POLLS)
async def test_it_can_be_asked_about_from_its_menu(
    nellie: NellieOnDiscord, poll: dict[str, Any]
) -> None:
    discord = nellie.discord
    menu = discord.menu(discord.bob, "Ask Nellie about this", ask(nellie, poll))
    await discord.until(lambda: menu.modal)
    assert menu.modal
    field = menu.modal["components"][0]["components"][0]["custom_id"]

    submitted = discord.submit(menu, **{field: "what is this about?"})
    await discord.until(lambda: submitted.shown and not submitted.thinking)

    prompt = "\n".join(part.text for part in nellie.model.prompts[-1].messages)
    assert poll["question"]["text"] in prompt
