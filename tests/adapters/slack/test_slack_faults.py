"""Nothing is lost and nothing is posted twice: not by redelivered events, nor by broken calls."""

import asyncio
import re
from itertools import pairwise

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack
from doubles.slack_server.api import METHODS

from bot.domain.model import Chunk
from bot.testing import ScriptedModel, SteppedModel, says, stalls

SMALL, LARGE = 30, 500
ROOMS = 20


def answered_once(nellie: NellieOnSlack, questions: dict[str, str]) -> None:
    """Each question, by its ts, has exactly one answer, and no other is there."""
    slack = nellie.slack
    room = {ts: name for name, one in slack.rooms.items() for ts in one.messages}
    for ts, text in questions.items():
        answers = [
            one for one in slack.answers(room[ts], ts) if not one.startswith("Hi, I am Nellie")
        ]
        assert len(answers) == 1, f"{text}: {answers}"
        assert text in answers[0]


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_answers_once_a_question_that_is_delivered_three_times(
    start_nellie: StartNellie, mode: str
) -> None:
    async with Slack() as slack:
        nellie = await start_nellie(slack, mode=mode)
        slack.delivery.copies = 3

        asked = {slack.say("U1", "C1", f"@nellie number {n}."): f"number {n}." for n in range(5)}
        asked[slack.dm("U2", "just us")] = "just us"
        await nellie.wait_until_idle()

        answered_once(nellie, asked)
        assert {one.attempts for one in slack.delivery.envelopes} == {3}
        assert len(nellie.model.prompts_for("answer")) == 6


@pytest.mark.parametrize(
    "number", [SMALL, pytest.param(LARGE, marks=[pytest.mark.stress, pytest.mark.timeout(900)])]
)
async def test_a_connection_cut_after_the_write_loses_nothing_and_posts_nothing_twice(
    start_nellie: StartNellie, number: int
) -> None:
    async with Slack() as slack:
        rooms = [slack.channel(f"room{n}") for n in range(ROOMS)]
        nellie = await start_nellie(slack)
        slack.faults.cut("chat.postMessage", every=5)

        asked = {
            slack.say("U1", rooms[n % ROOMS], f"@nellie number {n}."): f"number {n}."
            for n in range(number)
        }
        await nellie.wait_until_idle()

        answered_once(nellie, asked)
        assert slack.faults.count["cut"] > number // 10  # some may be streamed, where all is slow
        assert await nellie.count_turns() == {"done": number}


@pytest.mark.parametrize(
    "method", ["chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"]
)
async def test_a_stream_whose_calls_are_cut_stays_one_answer(
    start_nellie: StartNellie, method: str
) -> None:
    go, end = asyncio.Event(), asyncio.Event()
    beginning = (Chunk("first part " * 30), go, Chunk("second part " * 30), end)
    model = SteppedModel((*beginning, Chunk("third part."), Chunk("", "stop")))
    async with Slack(streaming=method != "chat.update") as slack:
        nellie = await start_nellie(slack, model=model)
        slack.faults.cut(method, every=1)

        ts = slack.say("U1", "C1", "@nellie go on")
        await slack.until(lambda: slack.answers("C1", ts))
        go.set()
        if method == "chat.stopStream":
            end.set()
        await slack.until(lambda: slack.faults.count["cut"])
        slack.faults.clear()
        end.set()
        await nellie.wait_until_idle()

        [answer] = slack.answers("C1", ts)
        parts = re.findall("first|second|third", answer)
        assert parts == ["first"] * 30 + ["second"] * 30 + ["third"]


async def test_a_disconnect_in_mid_stream_loses_nothing(start_nellie: StartNellie) -> None:
    go = asyncio.Event()
    part = (Chunk("a long beginning " * 30), go, Chunk("and the end."), Chunk("", "stop"))
    nellie = await start_nellie(model=SteppedModel(part))
    slack = nellie.slack

    ts = slack.say("U1", "C1", "@nellie go on")
    await slack.until(lambda: slack.answers("C1", ts))
    await slack.sockets.disconnect("refresh_requested")
    meanwhile = slack.say("U2", "C1", "@nellie and me?")
    go.set()
    await nellie.wait_until_idle()

    for asked in (ts, meanwhile):
        assert len(slack.answers("C1", asked)) == 1
        assert slack.answers("C1", asked)[0].endswith("and the end.")
    await slack.until(lambda: len(slack.sockets.open) == 2)
    assert not slack.delivery.lost


async def test_a_question_during_the_backfill_is_answered_once(start_nellie: StartNellie) -> None:
    async with Slack() as slack:
        nellie = await start_nellie(slack)
        room = slack.channel("new")
        slack.faults.slow("conversations.history", seconds=0.5)

        slack.invite(room)
        await slack.settled()
        slack.app_is_down = True  # its event is late: history tells of it first
        ts = slack.say("U1", room, "@nellie hello, where is the disk?")
        slack.app_is_down = False
        await slack.until(lambda: slack.answers(room))
        slack.send_message_events(slack.room(room), slack.room(room).messages[ts])
        await nellie.wait_until_idle()

        answered_once(nellie, {ts: "where is the disk?"})


@pytest.mark.stress  # the SDK takes its time to notice
async def test_reconnects_when_every_socket_breaks(start_nellie: StartNellie) -> None:
    async with Slack(retries=(0, 1, 5, 20)) as slack:
        nellie = await start_nellie(slack)

        slack.sockets.break_all()
        ts = slack.say("U1", "C1", "@nellie still there?")
        await slack.until(lambda: slack.answers("C1", ts))
        await nellie.wait_until_idle()

        answered_once(nellie, {ts: "still there?"})


async def test_answers_stay_in_order_when_every_method_is_rate_limited_once(
    start_nellie: StartNellie,
) -> None:
    async with Slack() as slack:
        slack.faults.limit(*METHODS)
        nellie = await start_nellie(slack)

        root = slack.say("U1", "C1", "@nellie number 0.")
        asked = [slack.say("U1", "C1", f"@nellie number {n}.", thread=root) for n in range(1, 4)]
        direct = slack.dm("U2", "number 4.")
        slack.open_home("U1")
        await nellie.wait_until_idle()
        await slack.until(lambda: slack.home_tabs)

        answers = slack.answers("C1", root)
        assert [re.findall(r"number (\d)", answer) for answer in answers] == [
            ["0"],
            ["1"],
            ["2"],
            ["3"],
        ]
        assert len(slack.answers(slack.direct("U2").id, direct)) == 1
        assert slack.faults.count["limited"] >= 3
        assert len(asked) == 3


def long_answer(characters: int) -> str:
    """Numbered lines, every other part of them in code."""
    lines, number = [], 0
    while sum(map(len, lines)) + len(lines) < characters:
        code = (number // 40) % 2
        if number % 40 == 0 and number:
            lines.append("```python" if code else "```")
        lines.append(f"line {number:05} {'of code' if code else 'of the long answer'}")
        number += 1
    return "\n".join([*lines, "```"] if (number - 1) // 40 % 2 else lines)


@pytest.mark.parametrize("streaming", [True, False])
async def test_a_long_answer_is_complete_and_in_order_and_breaks_no_fence(
    start_nellie: StartNellie, streaming: bool
) -> None:
    text = long_answer(60_000)
    pieces = [text[at : at + 97] for at in range(0, len(text), 97)]
    async with Slack(streaming=streaming) as slack:
        nellie = await start_nellie(slack, model=ScriptedModel(says(*pieces)))

        answers = await nellie.ask("@nellie tell me everything")

        numbers = [
            int(number) for answer in answers for number in re.findall(r"line (\d{5})", answer)
        ]
        assert numbers == list(range(len(re.findall(r"line \d{5}", text))))
        assert all(answer.count("```") % 2 == 0 for answer in answers)
        for answer in answers:
            outside = re.sub(r"```.*?```", "", answer, flags=re.DOTALL)
            assert "of code" not in outside
        times = [float(one["ts"]) for one in slack.posts("C1")]
        assert all(first < second for first, second in pairwise(times))


async def test_stop_ends_the_model_call(start_nellie: StartNellie) -> None:
    model = SteppedModel((Chunk("a long beginning " * 30), asyncio.Event()))
    nellie = await start_nellie(model=model)
    slack = nellie.slack

    ts = slack.say("U1", "C1", "@nellie go on")
    await slack.until(lambda: slack.answers("C1", ts))
    slack.stop("U1", "C1", ts)
    await slack.until(lambda: model.closed)
    await nellie.wait_until_idle()

    assert "a long beginning" in slack.answers("C1", ts)[0]
    await slack.until(lambda: slack.sessions.get(("C1", ts)) != "processing")
    await slack.until(lambda: (slack.statuses.get(("C1", ts)) or [""])[-1] == "")


async def test_a_stalled_model_leaves_no_status_behind(start_nellie: StartNellie) -> None:
    nellie = await start_nellie(model=ScriptedModel(stalls(), says("late, but here")))
    slack = nellie.slack

    ts = slack.say("U1", "C1", "@nellie hello")
    await slack.until(lambda: slack.statuses.get(("C1", ts)))
    slack.stop("U1", "C1", ts)
    await slack.until(lambda: slack.statuses["C1", ts][-1] == "")
    await nellie.wait_until_idle()
