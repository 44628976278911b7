"""Nothing is lost and nothing is said twice: not by Slack's repetitions, nor by broken calls."""

import asyncio
import re
from itertools import pairwise

import pytest
from doubles.model import Actor, Scripted, says, stalls
from doubles.office import Move, Office
from doubles.slack import Slack
from doubles.slack.api import METHODS

from bot.conversation import Chunk

SMALL, LARGE = 30, 500
ROOMS = 20


def answered_once(office: Office, questions: dict[str, str]) -> None:
    """Each question, by its ts, has exactly one answer, and no other is there."""
    slack = office.slack
    room = {ts: name for name, one in slack.rooms.items() for ts in one.messages}
    for ts, text in questions.items():
        said = [one for one in slack.answers(room[ts], ts) if not one.startswith("Hi, I am Nellie")]
        assert len(said) == 1, f"{text}: {said}"
        assert text in said[0]


@pytest.mark.parametrize("mode", ["socket", "http"])
async def test_answers_once_what_is_delivered_three_times(move_in: Move, mode: str) -> None:
    async with Slack() as slack:
        office = await move_in(slack, mode=mode)
        slack.delivery.copies = 3

        asked = {slack.say("U1", "C1", f"@nellie number {n}."): f"number {n}." for n in range(5)}
        asked[slack.dm("U2", "just us")] = "just us"
        await office.quiet()

        answered_once(office, asked)
        assert {one.attempts for one in slack.delivery.envelopes} == {3}
        assert len(office.model.asked("answer")) == 6


@pytest.mark.parametrize(
    "number", [SMALL, pytest.param(LARGE, marks=[pytest.mark.stress, pytest.mark.timeout(900)])]
)
async def test_a_connection_cut_after_the_write_loses_and_doubles_nothing(
    move_in: Move, number: int
) -> None:
    async with Slack() as slack:
        rooms = [slack.channel(f"room{n}") for n in range(ROOMS)]
        office = await move_in(slack)
        slack.faults.cut("chat.postMessage", every=5)

        asked = {
            slack.say("U1", rooms[n % ROOMS], f"@nellie number {n}."): f"number {n}."
            for n in range(number)
        }
        await office.quiet()

        answered_once(office, asked)
        assert slack.faults.count["cut"] > number // 10  # some may be streamed, where all is slow
        assert await office.turns() == {"done": number}


@pytest.mark.parametrize(
    "method", ["chat.startStream", "chat.appendStream", "chat.stopStream", "chat.update"]
)
async def test_a_stream_whose_calls_are_cut_stays_one_answer(move_in: Move, method: str) -> None:
    go, end = asyncio.Event(), asyncio.Event()
    beginning = (Chunk("first part " * 30), go, Chunk("second part " * 30), end)
    model = Scripted((*beginning, Chunk("third part."), Chunk("", "stop")))
    async with Slack(streaming=method != "chat.update") as slack:
        office = await move_in(slack, model=model)
        slack.faults.cut(method, every=1)

        ts = slack.say("U1", "C1", "@nellie go on")
        await slack.until(lambda: slack.answers("C1", ts))
        go.set()
        if method == "chat.stopStream":
            end.set()
        await slack.until(lambda: slack.faults.count["cut"])
        slack.faults.clear()
        end.set()
        await office.quiet()

        [said] = slack.answers("C1", ts)
        assert re.findall("first|second|third", said) == ["first"] * 30 + ["second"] * 30 + [
            "third"
        ]


async def test_loses_nothing_by_a_disconnect_in_mid_stream(move_in: Move) -> None:
    go = asyncio.Event()
    part = (Chunk("a long beginning " * 30), go, Chunk("and the end."), Chunk("", "stop"))
    office = await move_in(model=Scripted(part))
    slack = office.slack

    ts = slack.say("U1", "C1", "@nellie go on")
    await slack.until(lambda: slack.answers("C1", ts))
    await slack.sockets.disconnect("refresh_requested")
    meanwhile = slack.say("U2", "C1", "@nellie and me?")
    go.set()
    await office.quiet()

    for asked in (ts, meanwhile):
        assert len(slack.answers("C1", asked)) == 1
        assert slack.answers("C1", asked)[0].endswith("and the end.")
    await slack.until(lambda: len(slack.sockets.open) == 2)
    assert not slack.delivery.lost


async def test_answers_what_is_asked_while_she_reads_back(move_in: Move) -> None:
    async with Slack() as slack:
        office = await move_in(slack)
        room = slack.channel("new")
        slack.faults.slow("conversations.history", seconds=0.5)

        slack.invite(room)
        await slack.settled()
        slack.quiet = True  # its event is late: history tells of it first
        ts = slack.say("U1", room, "@nellie hello, who are you?")
        slack.quiet = False
        await slack.until(lambda: slack.answers(room))
        slack.announce(slack.room(room), slack.room(room).messages[ts])
        await office.quiet()

        answered_once(office, {ts: "who are you?"})


@pytest.mark.stress  # the SDK takes its time to notice
async def test_comes_back_when_every_socket_breaks(move_in: Move) -> None:
    async with Slack(retries=(0, 1, 5, 20)) as slack:
        office = await move_in(slack)

        slack.sockets.break_all()
        ts = slack.say("U1", "C1", "@nellie still there?")
        await slack.until(lambda: slack.answers("C1", ts))
        await office.quiet()

        answered_once(office, {ts: "still there?"})


async def test_delivers_all_in_order_though_every_method_is_limited_once(move_in: Move) -> None:
    async with Slack() as slack:
        slack.faults.limit(*METHODS)
        office = await move_in(slack)

        root = slack.say("U1", "C1", "@nellie number 0.")
        asked = [slack.say("U1", "C1", f"@nellie number {n}.", thread=root) for n in range(1, 4)]
        direct = slack.dm("U2", "number 4.")
        slack.open_home("U1")
        await office.quiet()
        await slack.until(lambda: slack.homes)

        said = slack.answers("C1", root)
        assert [re.findall(r"number (\d)", one) for one in said] == [["0"], ["1"], ["2"], ["3"]]
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
async def test_a_long_answer_is_complete_in_order_and_breaks_no_fence(
    move_in: Move, streaming: bool
) -> None:
    text = long_answer(60_000)
    pieces = [text[at : at + 97] for at in range(0, len(text), 97)]
    async with Slack(streaming=streaming) as slack:
        office = await move_in(slack, model=Actor(says(*pieces)))

        said = await office.ask("@nellie tell me everything")

        numbers = [int(number) for one in said for number in re.findall(r"line (\d{5})", one)]
        assert numbers == list(range(len(re.findall(r"line \d{5}", text))))
        assert all(one.count("```") % 2 == 0 for one in said)
        for one in said:
            outside = re.sub(r"```.*?```", "", one, flags=re.DOTALL)
            assert "of code" not in outside
        times = [float(one["ts"]) for one in slack.posts("C1")]
        assert all(first < second for first, second in pairwise(times))


async def test_stop_ends_the_call_of_the_model(move_in: Move) -> None:
    model = Scripted((Chunk("a long beginning " * 30), asyncio.Event()))
    office = await move_in(model=model)
    slack = office.slack

    ts = slack.say("U1", "C1", "@nellie go on")
    await slack.until(lambda: slack.answers("C1", ts))
    slack.stop("U1", "C1", ts)
    await slack.until(lambda: model.closed)
    await office.quiet()

    assert "a long beginning" in slack.answers("C1", ts)[0]
    assert slack.sessions.get(("C1", ts)) != "processing"
    assert (slack.statuses.get(("C1", ts)) or [""])[-1] == ""


async def test_a_stalled_model_leaves_no_status_behind(move_in: Move) -> None:
    office = await move_in(model=Actor(stalls(), says("late, but here")))
    slack = office.slack

    ts = slack.say("U1", "C1", "@nellie hello")
    await slack.until(lambda: slack.statuses.get(("C1", ts)))
    slack.stop("U1", "C1", ts)
    await slack.until(lambda: slack.statuses["C1", ts][-1] == "")
    await office.quiet()
