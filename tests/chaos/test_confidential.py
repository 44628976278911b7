"""What the chaos run says of private questions: who was answered, and whose answer was lost."""

import random
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from chaos.audit import AuditResult
from chaos.confidential import Confidential
from chaos.platforms import open_platforms
from chaos.predictable_model import answer_to
from chaos.timeline import Timeline
from chaos.traffic import INTRODUCTION, PersonMessage
from doubles.discord_server.guild import COMMAND, EPHEMERAL, Post
from doubles.discord_server.interactions import Interaction
from doubles.slack_server import NELLIE, chat

from adapters.slack.outgoing import metadata

APOLOGY = "I could not answer this. The model did not answer for 2 s. Please ask me again."

COMMAND_OF_OURS = {
    "id": "1",
    "name": "ask",
    "type": 1,
    "default_member_permissions": None,
    "options": [{"name": "question", "type": 3}, {"name": "private", "type": 5}],
}


class Turns:
    """Turns as a test has them, in the place of a database."""

    def __init__(self) -> None:
        self.known: list[tuple[Any, ...]] = []

    async def rows(self, sql: str, **values: object) -> list[Any]:
        return self.known if "t.private" in sql else []


class Asked:
    """Private questions on both platforms, and what Nellie makes of them."""

    def __init__(self, confidential: Confidential, turns: Turns) -> None:
        self.confidential, self.turns = confidential, turns
        self.slack, self.discord = confidential.platforms.slack, confidential.platforms.discord

    def ask(self) -> tuple[PersonMessage, PersonMessage]:
        """Somebody asks on Slack, and somebody on Discord."""
        self.confidential.ask()
        *_, (on_slack, _), (on_discord, _) = self.confidential.asked.values()
        return on_slack, on_discord

    def end(self, question: PersonMessage, error: str | None = None) -> int:
        """The turn of a question is over."""
        id_ = len(self.turns.known) + 1
        state = "failed" if error else "done"
        self.turns.known.append((id_, question.platform, question.message, state, error, 1, []))
        return id_

    def asker(self, question: PersonMessage) -> str:
        return self.confidential.asked[question.id][1]

    def show(
        self, question: PersonMessage, text: str, *, to: str = "", by_url: bool = True
    ) -> None:
        """Nellie shows somebody a text, for their eyes alone."""
        if question.platform == "slack":
            trigger = question.message.removeprefix("command-") if by_url else ""
            self.slack.post_ephemeral(
                self.slack.room(question.channel),
                to or self.asker(question),
                {"text": text, "trigger_id": trigger},
            )
            return
        self.discord.world.add(
            Post(
                self.interaction(question).channel,
                self.discord.bot,
                text,
                COMMAND,
                asker=self.discord.world.users[to or self.asker(question)],
                flags=EPHEMERAL,
                command={"id": question.message},
            )
        )

    def interaction(self, question: PersonMessage) -> Interaction:
        return next(one for one in self.discord.interactions.all if one.id == question.message)

    def send_directly(self, question: PersonMessage, turn: int, *texts: str) -> None:
        """Nellie writes to the asker's direct messages."""
        for part, text in enumerate(texts):
            if question.platform == "slack":
                fields = {**chat.author(), "text": text, "metadata": metadata(turn, part)}
                self.slack.post(self.slack.direct(self.asker(question)), fields)
            else:
                box = self.discord.world.direct(self.discord.world.users[self.asker(question)])
                nonce = f"{turn}.{part}"
                self.discord.world.add(Post(box, self.discord.bot, text, nonce=nonce))

    async def check(self) -> AuditResult:
        result = AuditResult()
        await self.confidential.check(result)
        return result

    async def lost(self) -> list[PersonMessage | None]:
        """The questions that are called lost."""
        return [one.about for one in (await self.check()).findings if one.kind == "lost"]


@pytest.fixture
async def asked() -> AsyncIterator[Asked]:
    """Both platforms, with Nellie introduced everywhere."""
    rng, turns = random.Random(1), Turns()
    async with open_platforms(rng, Timeline(), 0.5) as platforms:
        for room in platforms.slack.rooms.values():
            if NELLIE in room.members and room.kind == "channel":
                platforms.slack.post(room, {**chat.author(), "text": INTRODUCTION})
        for channel in list(platforms.discord.world.channels.values()):
            platforms.discord.world.add(Post(channel, platforms.discord.bot, INTRODUCTION))
        platforms.discord.world.commands = [COMMAND_OF_OURS]
        yield Asked(Confidential(platforms, turns, rng), turns)


async def test_whole_answers_are_counted(asked: Asked) -> None:
    for question in asked.ask():
        asked.end(question)
        asked.show(question, answer_to(question.id))

    result = await asked.check()

    assert (result.answered, result.apologies, result.findings) == (2, 0, [])


async def test_what_is_done_and_was_never_shown_is_lost(asked: Asked) -> None:
    questions = asked.ask()
    for question in questions:
        asked.end(question)

    assert await asked.lost() == list(questions)


async def test_what_failed_with_words_to_who_asked_is_counted_and_not_lost(asked: Asked) -> None:
    for question in asked.ask():
        asked.end(question, "ModelTimeout")
        asked.show(question, APOLOGY)

    result = await asked.check()

    assert (result.answered, result.apologies, result.findings) == (0, 2, [])


async def test_what_failed_without_a_word_is_lost_whatever_struck_the_model(asked: Asked) -> None:
    questions = asked.ask()
    for question in questions:
        asked.end(question, "ModelTimeout")

    assert await asked.lost() == list(questions)


async def test_words_of_failure_excuse_nothing_where_all_went_well(asked: Asked) -> None:
    questions = asked.ask()
    for question in questions:
        asked.end(question)
        asked.show(question, APOLOGY)

    assert await asked.lost() == list(questions)


async def test_words_to_somebody_else_are_no_answer(asked: Asked) -> None:
    questions = asked.ask()
    for question in questions:
        asked.end(question, "ModelTimeout")
    others = next(one for one in asked.slack.people if one != asked.asker(questions[0]))
    asked.show(questions[0], APOLOGY, to=others)
    someone = next(one for one in asked.discord.world.users if one != asked.asker(questions[1]))
    asked.show(questions[1], APOLOGY, to=someone)

    result = await asked.check()

    assert {one.kind for one in result.findings} == {"lost", "shown_to_others"}
    assert await asked.lost() == list(questions)


async def test_words_that_name_no_question_are_for_one_question_alone(asked: Asked) -> None:
    questions = []
    while len({question.id for question in questions}) < 2:
        question, other = asked.ask()
        asked.show(other, answer_to(other.id))
        asked.end(other)
        if not questions or asked.asker(question) == asked.asker(questions[0]):
            questions.append(question)
            asked.end(question, "ModelTimeout")
        else:
            asked.show(question, answer_to(question.id))
            asked.end(question)

    asked.show(questions[0], APOLOGY, by_url=False)
    assert await asked.lost() == [questions[1]]

    asked.show(questions[1], APOLOGY, by_url=False)
    assert await asked.lost() == []


async def test_an_answer_that_broke_off_is_one_with_words(asked: Asked) -> None:
    for question in asked.ask():
        begun = answer_to(question.id)[:25]
        asked.end(question, "IncompleteAnswer")
        asked.show(
            question,
            f"{begun}\n\n(This answer broke off. It ended too early. Ask me again for the rest.)",
            by_url=False,
        )

    assert (await asked.check()).apologies == 2


async def test_an_answer_in_several_direct_messages_is_whole_with_its_last(asked: Asked) -> None:
    questions = asked.ask()
    turns = [asked.end(question) for question in questions]
    for question, turn in zip(questions, turns, strict=True):
        asked.send_directly(question, turn, *re.split("(?<= quay) ", answer_to(question.id))[:1])
    assert await asked.lost() == list(questions)

    for question, turn in zip(questions, turns, strict=True):
        asked.send_directly(question, turn, *re.split("(?<= quay) ", answer_to(question.id)))
    assert await asked.lost() == []


async def test_a_command_that_was_killed_before_its_commit_is_counted_apart(asked: Asked) -> None:
    on_slack, _ = asked.ask()
    asked.end(on_slack)
    asked.show(on_slack, answer_to(on_slack.id))

    result = await asked.check()

    assert (result.answered, result.excused, result.findings) == (1, 1, [])


async def test_a_finding_says_what_became_of_the_turn(asked: Asked) -> None:
    question, _ = asked.ask()
    asked.end(question, "ModelTimeout")

    [found] = [one for one in (await asked.check()).findings if one.about == question]

    assert "state='failed'" in found.what
    assert "ModelTimeout" in found.what
