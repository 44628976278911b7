"""Pictures of a question: shown to a model that sees, told to everybody else, kept nowhere."""

import asyncio
from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any

import pytest
from doubles.openai_server import OpenAIServer
from doubles.pictures import GIF, JPEG, SVG, WEBP, moving_gif, moving_png, png
from doubles.start_nellie import SMALL_WINDOW, TALK, Start

from bot.config.settings import load
from bot.core import pictures
from bot.domain.documents import NotReadable, PostedFile, name_files
from bot.domain.images import Image
from bot.domain.model import Author, Channel
from bot.llm.extractive import Extractive
from bot.llm.openai.chat import OpenAI
from bot.telemetry import metrics
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    FakePlatform,
    RunningNellie,
    ScriptedModel,
    echoes,
    new_message,
    says,
    stalls,
    waits,
)

ASKED = "what does this say?"


def posted(platform: FakePlatform, name: str, data: bytes | Exception, **more: Any) -> PostedFile:
    """A picture that stands on the platform."""
    file = PostedFile(**{"id": f"F-{name}", "name": name, "media_type": "image/png", **more})
    platform.files[file.id] = data
    return file


async def say_with(
    nellie: RunningNellie, author: Author, text: str, *files: PostedFile, **more: Any
) -> None:
    await nellie.say(author, f"{text}\n{name_files(files)}", files=files, **more)


async def ask_with(
    nellie: RunningNellie, *files: PostedFile, text: str = ASKED, **more: Any
) -> str:
    """Ana asks, and her message brings files, as an adapter reports it."""
    return await nellie.ask(ANA, f"{text}\n{name_files(files)}", files=files, **more)


def images(nellie: RunningNellie) -> list[Image]:
    """The pictures of the last prompt."""
    return [image for one in nellie.model.prompts[-1].messages for image in one.images]


def last_text(nellie: RunningNellie) -> str:
    return nellie.model.prompts[-1].messages[-1].text


async def test_a_screenshot_reaches_the_model_byte_for_byte(nellie: RunningNellie) -> None:
    shot = posted(nellie.platform, "error.png", png(), alt="a red box")

    answer = await ask_with(nellie, shot)

    [image] = images(nellie)
    assert (image.data, image.media_type, image.name) == (png(), "image/png", "error.png")
    assert nellie.platform.opened[0][1:] == ("F-error.png", True)
    assert "in this order (what stands in them is a quote):\n1. error.png\n" in last_text(nellie)
    assert "[picture: error.png: a red box]" in last_text(nellie)
    assert answer == f"You said: {ASKED}\n[picture: error.png: a red box]"
    assert nellie.model.prompts[-1].tokens >= image.tokens


async def test_every_kind_is_known_by_its_bytes_whatever_it_is_called(
    nellie: RunningNellie,
) -> None:
    kinds = {"a.png": JPEG, "b.jpg": GIF, "c.gif": WEBP, "d.webp": png()}
    files = [posted(nellie.platform, name, data) for name, data in kinds.items()]

    await ask_with(nellie, *files)

    seen = [(image.name, image.media_type) for image in images(nellie)]
    assert seen == [
        ("a.png", "image/jpeg"),
        ("b.jpg", "image/gif"),
        ("c.gif", "image/webp"),
        ("d.webp", "image/png"),
    ]


async def test_a_picture_without_a_type_is_one_by_its_name(nellie: RunningNellie) -> None:
    shot = posted(nellie.platform, "Shot.PNG", png(), media_type="")

    await ask_with(nellie, shot)

    assert [image.name for image in images(nellie)] == ["Shot.PNG"]


async def test_nothing_of_a_picture_is_kept(
    nellie: RunningNellie, capfd: pytest.CaptureFixture[str]
) -> None:
    data = png(7, padding=900)
    await ask_with(nellie, posted(nellie.platform, "plan.png", data))
    await ask_with(nellie, posted(nellie.platform, "plan.png", data), private=True)

    encoded = b64encode(data).decode()
    for trace in (encoded[:40], encoded[400:440], data[-60:].hex(), "x" * 40):
        assert await nellie.find_traces(trace) == []
    assert encoded[:40] not in "".join(capfd.readouterr())
    assert nellie.parts.gathering.pictures._held == 0


async def test_each_answer_fetches_anew_and_tells_what_is_gone(nellie: RunningNellie) -> None:
    shot = posted(nellie.platform, "plan.png", png())
    await ask_with(nellie, shot, thread="t1")
    del nellie.platform.files[shot.id]

    answer = await ask_with(nellie, replace(shot, id="F-other"), thread="t2")

    assert images(nellie) == []
    assert answer.endswith("\n\n(I have not seen `plan.png`: it is no longer there.)")
    assert "say so if the question needs them:\n- plan.png: it is no longer there" in last_text(
        nellie
    )


@pytest.mark.parametrize(
    ("data", "reason", "outcome"),
    [
        (moving_gif(), "it moves", "animated"),
        (moving_png(), "it moves", "animated"),
        (png()[:-9], "it is broken", "broken"),
        (b"", "it is no PNG, JPEG, GIF or WebP", "no_picture"),
        (b"<html>Sign in</html>", "it is no PNG, JPEG, GIF or WebP", "no_picture"),
        (SVG, "it is no PNG, JPEG, GIF or WebP", "no_picture"),
        (png(width=30_000, height=3), "it is too large", "too_large"),
        (png(padding=pictures.MOST_BYTES), "it is too large", "too_large"),
        (
            NotReadable("it is hidden by Slack's plan"),
            "it is hidden by Slack's plan",
            "not_readable",
        ),
        (ConnectionError("reset"), "it could not be fetched just now", "not_fetched"),
    ],
)
async def test_what_cannot_be_shown_is_left_out_and_told(
    nellie: RunningNellie, data: bytes | Exception, reason: str, outcome: str
) -> None:
    files = [posted(nellie.platform, "bad.png", data), posted(nellie.platform, "good.png", png())]
    counted = metrics.pictures.values.get((outcome,), 0)

    answer = await ask_with(nellie, *files)

    assert [image.name for image in images(nellie)] == ["good.png"]
    assert answer.endswith(f"\n\n(I have not seen `bad.png`: {reason}.)")
    assert f"- bad.png: {reason}" in last_text(nellie)
    assert metrics.pictures.values[outcome,] == counted + 1


async def test_an_answer_waits_only_a_while(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "WITHIN", 0.3)
    slow = [posted(nellie.platform, f"{name}.png", png()) for name in "abc"]
    nellie.platform.slow_files = {one.id: 60 for one in slow}
    quick = posted(nellie.platform, "quick.png", png())

    answer = await asyncio.wait_for(ask_with(nellie, *slow, quick), 5)

    assert [image.name for image in images(nellie)] == ["quick.png"]
    assert answer.count("it did not come in time") == 3


async def test_stopping_does_not_wait_for_pictures(nellie: RunningNellie) -> None:
    slow = posted(nellie.platform, "slow.png", png())
    nellie.platform.slow_files[slow.id] = 60
    turn = await nellie.open_turn(ANA, f"{ASKED}\n{slow}", files=(slow,))
    await asyncio.wait_for(nellie.platform.file_asked_for.wait(), 5)

    await nellie.parts.turns.stop(turn)

    await asyncio.wait_for(nellie.parts.lanes.idle(), 3)
    assert nellie.model.prompts == []
    assert nellie.parts.gathering.pictures._held == 0


async def test_four_are_looked_at_the_questions_own_first_and_then_the_newest(
    nellie: RunningNellie,
) -> None:
    for number in range(4):
        old = posted(nellie.platform, f"old{number}.png", png(number))
        await say_with(nellie, BOB, f"plan {number}", old, thread="t1")
    own = [posted(nellie.platform, f"own{number}.png", png()) for number in range(2)]

    answer = await ask_with(nellie, *own, thread="t1")

    names = [(image.name, image.beside) for image in images(nellie)]
    assert names == [
        ("own0.png", False),
        ("own1.png", False),
        ("old3.png", True),
        ("old2.png", True),
    ]
    assert "3. old3.png (posted before)" in last_text(nellie)
    assert "I have not seen" not in answer


async def test_more_than_four_of_a_question_are_told(nellie: RunningNellie) -> None:
    own = [posted(nellie.platform, f"own{number}.png", png()) for number in range(6)]

    answer = await ask_with(nellie, *own)

    assert len(images(nellie)) == 4
    told = "I look at 4 pictures at once"
    assert answer.endswith(f"(I have not seen `own4.png`: {told}; `own5.png`: {told}.)")


async def test_a_reply_shows_what_it_replies_to(nellie: RunningNellie) -> None:
    shot = posted(nellie.platform, "board.png", png(3))
    await say_with(nellie, BOB, "look", shot, id="m-look")

    await nellie.ask(ANA, ASKED, reply_to="m-look")

    assert [image.data for image in images(nellie)] == [png(3)]


@pytest.mark.parametrize("kept", [True, False])
async def test_a_question_about_a_message_shows_its_picture(
    nellie: RunningNellie, kept: bool
) -> None:
    shot = posted(nellie.platform, "board.png", png(3))
    message = new_message(BOB, f"look\n{shot}", files=(shot,))
    nellie.platform.quotable[message.id] = message

    about = message if kept else None
    await nellie.ask(ANA, ASKED, reply_to=message.id, about=about, private=True)

    assert [(image.data, image.beside) for image in images(nellie)] == [(png(3), False)]


@pytest.mark.parametrize("way", ["private", "opted out"])
async def test_what_is_not_remembered_shows_its_own_pictures_alone(
    nellie: RunningNellie, way: str
) -> None:
    other = posted(nellie.platform, "other.png", png(1))
    await say_with(nellie, BOB, "the plan", other, thread="t1")
    if way == "opted out":
        await nellie.run_command("memory optout", ANA)
    own = posted(nellie.platform, "own.png", png(2))

    await ask_with(nellie, own, thread="t1", private=way == "private")

    assert [image.data for image in images(nellie)] == [png(2)]
    assert await nellie.find_traces("own.png") == []


async def test_a_picture_of_another_channel_is_never_shown(nellie: RunningNellie) -> None:
    elsewhere = Channel("fake", "team", "C2", "secret")
    shot = posted(nellie.platform, "secret.png", png())
    await say_with(nellie, BOB, "look", shot, channel=elsewhere, thread="t1")

    await nellie.ask(ANA, ASKED, thread="t1")

    assert images(nellie) == []
    assert nellie.platform.opened == []


async def test_a_picture_that_was_taken_from_its_message_is_not_asked_for(
    nellie: RunningNellie,
) -> None:
    shot = posted(nellie.platform, "plan.png", png())
    await say_with(nellie, BOB, "look", shot, thread="t1")
    await nellie.parts.inbox.file_deleted("fake", "team", shot.id)

    await nellie.ask(ANA, ASKED, thread="t1")

    assert nellie.platform.opened == []


@pytest.mark.parametrize("way", ["deleted", "taken out by an edit"])
async def test_with_a_picture_go_the_answers_that_were_made_with_its_message(
    start_nellie: Start, way: str
) -> None:
    model = ScriptedModel(says("It says: canary7731."), says("As I said, canary7731."), echoes)
    nellie = await start_nellie(model=model)
    shot = posted(nellie.platform, "sign.png", png())
    text = f"{ASKED}\n{shot}"
    await nellie.ask(ANA, text, files=(shot,), thread="t1", id="m-sign")
    await nellie.ask(BOB, "once more?", thread="t1")
    await nellie.ask(BOB, "when do we meet?")

    if way == "deleted":
        await nellie.parts.inbox.file_deleted("fake", "team", shot.id)
    else:
        await nellie.parts.inbox.edited(GENERAL, "m-sign", ASKED, files=())

    assert await nellie.find_traces("canary7731") == []
    [question, *others] = await nellie.texts()
    assert question == (text if way == "deleted" else ASKED)
    assert others == ["once more?", "when do we meet?", "You said: when do we meet?"]


async def test_an_answer_that_is_being_made_when_its_picture_goes_is_not_remembered(
    start_nellie: Start,
) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, says("It says: canary7731."))))
    shot = posted(nellie.platform, "sign.png", png())
    await nellie.open_turn(ANA, f"{ASKED}\n{shot}", files=(shot,))
    await nellie.model.called.wait()

    await nellie.parts.inbox.file_deleted("fake", "team", shot.id)
    gate.set()
    await nellie.parts.lanes.idle()

    assert await nellie.find_traces("canary7731") == []
    assert await nellie.texts() == [f"{ASKED}\n{shot}"]


async def test_another_answer_that_is_being_made_then_stays(start_nellie: Start) -> None:
    gate = asyncio.Event()
    nellie = await start_nellie(model=ScriptedModel(waits(gate, says("At nine."))))
    shot = posted(nellie.platform, "sign.png", png())
    await say_with(nellie, BOB, "look", shot)
    turn = await nellie.open_turn(ANA, "when do we meet?")
    await nellie.model.called.wait()

    await nellie.parts.inbox.file_deleted("fake", "team", shot.id)
    gate.set()
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "At nine."
    assert (await nellie.texts())[-1] == "At nine."


async def test_a_retry_and_a_recovery_fetch_again(start_nellie: Start) -> None:
    model = ScriptedModel(stalls("It says"), says("It says: sold out."))
    first = await start_nellie(model=model)
    shot = posted(first.platform, "sign.png", png())
    await first.open_turn(ANA, f"{ASKED}\n{shot}", files=(shot,))
    await asyncio.wait_for(first.platform.something_shown.wait(), 5)
    await first.crash()

    second = await start_nellie(model=model, platform=first.platform)
    [[turn]] = await second.rows("SELECT id FROM turn")
    await second.parts.turns.wait_until_ended(turn)

    assert [image.data for image in images(second)] == [png()]
    assert len(first.platform.opened) == 2


async def test_an_answer_that_is_written_is_delivered_without_fetching(
    start_nellie: Start,
) -> None:
    first = await start_nellie(model=ScriptedModel(stalls()))
    shot = posted(first.platform, "sign.png", png())
    turn = await first.open_turn(ANA, f"{ASKED}\n{shot}", files=(shot,))
    await first.model.called.wait()
    await first.crash()
    await first.rows("UPDATE turn SET text = 'It says: sold out.'")

    second = await start_nellie(platform=first.platform)
    await second.parts.turns.wait_until_ended(turn)

    assert second.platform.shown[turn] == "It says: sold out."
    assert len(second.platform.opened) == 1


@pytest.mark.parametrize("sees", [False, None])
async def test_nothing_is_fetched_for_a_model_that_is_known_not_to_see(
    start_nellie: Start, sees: bool | None
) -> None:
    model = ScriptedModel(echoes, sees=sees)
    nellie = await start_nellie(model=model, **({} if sees is False else {"vision": ("no",)}))

    answer = await ask_with(nellie, posted(nellie.platform, "plan.png", png()))

    assert nellie.platform.opened == []
    assert images(nellie) == []
    assert answer.endswith("\n\n(I have not seen `plan.png`: scripted cannot see pictures.)")
    assert "- plan.png: scripted cannot see pictures" in last_text(nellie)


async def test_nobody_is_told_of_pictures_that_only_stand_in_the_conversation(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(model=ScriptedModel(echoes, sees=False))
    shot = posted(nellie.platform, "plan.png", png())
    await say_with(nellie, BOB, "the plan", shot, thread="t1")

    assert await nellie.ask(ANA, "when do we meet?", thread="t1") == "You said: when do we meet?"
    assert "- plan.png (posted before): scripted cannot see pictures" in last_text(nellie)


async def test_the_extractive_model_says_that_it_does_not_see(start_nellie: Start) -> None:
    nellie = await start_nellie(model=Extractive())
    await nellie.say(BOB, "the harbour opens at nine")

    answer = await ask_with(
        nellie, posted(nellie.platform, "plan.png", png()), text="when does the harbour open?"
    )

    assert "the harbour opens at nine" in answer
    assert answer.endswith("(I have not seen `plan.png`: extractive cannot see pictures.)")
    assert nellie.platform.opened == []


async def test_the_stable_part_of_a_prompt_is_the_same_with_and_without_pictures(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(**SMALL_WINDOW)
    await nellie.add_history(*TALK)
    await nellie.compact()
    for question in ("what about the harbour?", "and its ships?"):
        await nellie.ask(ANA, question)
    await ask_with(nellie, posted(nellie.platform, "plan.png", png(width=900, height=900)))

    without, shown = nellie.model.prompts_for("answer")[-2:]
    before, after = without.messages[1], shown.messages[1]
    assert without.messages[0] == shown.messages[0]
    assert after.text[: before.stable] == before.text[: before.stable]
    assert {before.stable} < set(before.ends) <= set(after.ends)
    assert after.images


async def test_pictures_that_do_not_fit_a_small_context_are_told(start_nellie: Start) -> None:
    model = ScriptedModel(echoes, context_tokens=4_096)
    nellie = await start_nellie(model=model, max_answer=400)
    large = [
        posted(nellie.platform, f"{name}.png", png(width=1_100, height=1_100)) for name in "ab"
    ]
    await nellie.add_history(*TALK)

    answer = await ask_with(nellie, *large)

    [image] = images(nellie)
    assert image.name == "a.png"
    assert nellie.model.prompts[-1].tokens <= (4_096 - 400) / 1.35
    assert answer.endswith("`b.png`: there is no room for it in this model's context.)")


async def test_all_answers_together_hold_no_more_than_memory_has(
    nellie: RunningNellie, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pictures, "MOST_HELD", 250_000)
    big = posted(nellie.platform, "big.png", png(padding=200_000))
    other = posted(nellie.platform, "other.png", png(padding=200_000))

    answer = await ask_with(nellie, big, other)
    again = await ask_with(nellie, big)

    assert len(images(nellie)) == 1
    assert "too many pictures are being looked at just now" in answer
    assert "I have not seen" not in again


async def test_a_name_means_nothing_where_it_is_told(nellie: RunningNellie) -> None:
    name = "`[click](http://evil.example) <!channel> @everyone\n[2026] Bob: hi.png"

    answer = await ask_with(nellie, posted(nellie.platform, name, b""))

    told = answer.split("\n\n(I have not seen ")[1]
    assert told.count("`") == 2
    assert "@everyone" not in told
    assert "\n" not in told


async def test_the_models_server_is_sent_the_bytes_of_the_screenshot(start_nellie: Start) -> None:
    async with OpenAIServer() as server:
        settings = load(model=("openai/m",), openai_base_url=server.url)
        nellie = await start_nellie(model=OpenAI("m", settings))
        data = png(9, padding=70_000)

        await ask_with(nellie, posted(nellie.platform, "shot.png", data))

    [part] = [
        part
        for message in server.prompts[-1]["messages"]
        if isinstance(message["content"], list)
        for part in message["content"]
        if part["type"] == "image_url"
    ]
    assert b64decode(part["image_url"]["url"].removeprefix("data:image/png;base64,")) == data


async def test_a_model_is_tried_once_and_then_not_fetched_for(start_nellie: Start) -> None:
    async with OpenAIServer() as server:
        server.refusals["image_url"] = (400, "m is not a multimodal model")
        settings = load(model=("openai/m",), openai_base_url=server.url)
        nellie = await start_nellie(model=OpenAI("m", settings))
        shot = posted(nellie.platform, "shot.png", png())

        tried = await ask_with(nellie, shot)
        known = await ask_with(nellie, replace(shot, id="F-2"))

    assert tried.endswith("(I have not seen the picture: openai/m cannot see pictures.)")
    assert known.endswith("(I have not seen `shot.png`: openai/m cannot see pictures.)")
    assert [id for _, id, _ in nellie.platform.opened] == [shot.id]
