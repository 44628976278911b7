"""What was deleted or edited in Slack while nobody listened is taken over."""

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server import Slack

from adapters.slack.connection import SocketMode
from adapters.slack.web_api import WebApi
from bot.domain.model import Channel
from bot.store.database import Database

GENERAL = Channel("slack", "T1", "C1")


@pytest.fixture(autouse=True)
def second_look_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.core.review.SECOND_LOOK", 0.0)


@pytest.fixture
async def nellie(start_nellie: StartNellie) -> AsyncIterator[NellieOnSlack]:
    """Nellie at work; what happens in Slack from now on, she is told when a test says so."""
    async with Slack() as slack:
        started = await start_nellie(slack)
        await started.wait_until_idle()
        yield started


async def said(nellie: NellieOnSlack, *texts: str, channel: str = "C1", **more: str) -> list[str]:
    """Somebody says all this, and Nellie hears it; then the app goes down."""
    slack = nellie.slack
    slack.app_is_down = False
    found = [slack.say("U2", channel, text, **more) for text in texts]
    await nellie.wait_until_idle()
    slack.app_is_down = True
    return found


async def review(nellie: NellieOnSlack, channel: Channel = GENERAL) -> list[str]:
    """Nellie looks; returns what she remembers, sorted: sockets keep no order."""
    await nellie.parts.inbox.review(channel)
    return await remembered(nellie)


async def remembered(nellie: NellieOnSlack) -> list[str]:
    return sorted(filter(None, await nellie.remembered()))


@pytest.mark.parametrize("which", [0, 1, 2])
async def test_a_deleted_message_is_forgotten_wherever_it_stood(
    nellie: NellieOnSlack, which: int
) -> None:
    texts = ["the key is in 7", "the key is in 8", "the key is in 9"]
    ids = await said(nellie, *texts)

    nellie.slack.delete("C1", ids[which])

    assert await review(nellie) == [text for text in texts if text != texts[which]]


async def test_an_edited_message_is_rewritten(nellie: NellieOnSlack) -> None:
    [one, _] = await said(nellie, "the launch is on friday", "fine")

    nellie.slack.edit("C1", one, "the launch is on monday, says @bob")

    assert await review(nellie) == ["fine", "the launch is on monday, says @bob"]


async def test_an_unfurl_and_a_renamed_person_are_no_edits(nellie: NellieOnSlack) -> None:
    [one, two] = await said(nellie, "see <https://a.example>", "ask @carl")

    nellie.slack.unfurl("C1", one)
    nellie.slack.people["U3"].name = "charles"
    nellie.slack.react("U1", "C1", two)

    assert await review(nellie) == ["ask @carl", "see https://a.example"]


async def test_replies_in_a_thread_are_forgotten_and_rewritten(nellie: NellieOnSlack) -> None:
    [root] = await said(nellie, "who has the key?")
    one, two, _ = await said(nellie, "me", "it is in 7", "thanks", thread=root)

    nellie.slack.delete("C1", one)
    nellie.slack.edit("C1", two, "it is in 8")

    assert await review(nellie) == ["it is in 8", "thanks", "who has the key?"]


async def test_replies_of_a_thread_that_began_long_ago_are_looked_at_too(
    nellie: NellieOnSlack,
) -> None:
    [root] = await said(nellie, "a root of last month")
    [reply, _] = await said(nellie, "the code is 4711", "fine", thread=root)
    await nellie.query(
        "UPDATE message SET said_at = said_at - interval '30 days' WHERE text LIKE 'a root%'"
        " RETURNING 1"
    )

    nellie.slack.delete("C1", reply)

    assert await review(nellie) == ["a root of last month", "fine"]


@pytest.mark.parametrize("replies", ["all", "none"])
async def test_a_root_of_long_ago_is_forgotten_where_its_thread_still_lives(
    nellie: NellieOnSlack, replies: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(Slack, "next_ts", lambda slack: f"{time.time() - 30 * 86_400:.6f}")
        [root] = await said(nellie, "the code is 4711")
    await said(nellie, "and this stays")
    ids = await said(nellie, "you should not say that", "oh", thread=root)

    nellie.slack.delete("C1", root)
    if replies == "all":
        for reply in ids:
            nellie.slack.delete("C1", reply)

    kept = [] if replies == "all" else ["oh", "you should not say that"]
    assert await review(nellie) == ["and this stays", *kept]


@pytest.mark.parametrize("replies", ["all", "none"])
async def test_a_root_that_left_a_tombstone_is_forgotten(
    nellie: NellieOnSlack, replies: str
) -> None:
    [root] = await said(nellie, "the code is 4711")
    ids = await said(nellie, "you should not say that", "oh", thread=root)

    nellie.slack.delete("C1", root)
    if replies == "all":
        for reply in ids:
            nellie.slack.delete("C1", reply)

    expected = [] if replies == "all" else ["oh", "you should not say that"]
    assert await review(nellie) == expected


async def test_a_reply_that_was_shown_in_the_channel_too_is_one_message(
    nellie: NellieOnSlack,
) -> None:
    [root] = await said(nellie, "who has the key?")
    nellie.slack.app_is_down = False
    shown = nellie.slack.say("U1", "C1", "I do, in 7", thread=root, broadcast=True)
    await nellie.wait_until_idle()

    kept = await review(nellie)
    nellie.slack.app_is_down = True
    nellie.slack.delete("C1", shown)

    assert kept == ["I do, in 7", "who has the key?"]
    assert await review(nellie) == ["who has the key?"]


async def test_what_others_and_she_herself_say_is_not_missing(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    await nellie.ask("@nellie hello")
    await nellie.ask("hello", channel=slack.direct("U1").id)
    slack.bot_says("C1", "a bot that is not heard")
    slack.invite("C1", slack.person("dora").id)
    await nellie.wait_until_idle()
    before = await remembered(nellie)

    direct = Channel("slack", "T1", slack.direct("U1").id, direct=True)
    await review(nellie, direct)

    assert await review(nellie) == before


async def test_pages_of_a_long_channel_are_compared_one_by_one(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.history.PAGE", 7)
    ids = await said(nellie, *(f"number {number}" for number in range(40)))
    gone = {0, 6, 7, 8, 13, 14, 20, 39}

    for number in gone:
        nellie.slack.delete("C1", ids[number])

    assert await review(nellie) == sorted(f"number {n}" for n in range(40) if n not in gone)


async def test_what_the_plan_hides_is_not_missing(nellie: NellieOnSlack) -> None:
    ids = await said(nellie, *(f"number {number}" for number in range(6)))

    nellie.slack.room("C1").shown_from = float(ids[3])
    nellie.slack.delete("C1", ids[4])

    assert await review(nellie) == [f"number {number}" for number in (0, 1, 2, 3, 5)]


async def test_a_page_that_breaks_off_forgets_nothing_beyond_it(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.slack.history.PAGE", 3)
    monkeypatch.setattr("adapters.slack.web_api.READ_ATTEMPTS", 1)
    ids = await said(nellie, *(f"number {number}" for number in range(9)))
    nellie.running.cancel()  # so that nobody else reads
    await asyncio.wait([nellie.running])
    nellie.slack.delete("C1", ids[0])
    nellie.slack.faults.fail("conversations.history", status=503, times=1)

    with pytest.raises(Exception, match=r"conversations\.history"):
        await nellie.parts.inbox.review(GENERAL)
    kept = await remembered(nellie)

    assert len(kept) == 9
    assert len(await review(nellie)) == 8


async def test_after_a_reconnection_all_of_it_happens_by_itself(nellie: NellieOnSlack) -> None:
    slack = nellie.slack
    await said(nellie, "stands", channel=slack.direct("U2").id)
    deleted, edited = await said(nellie, "the code is 4711", "it is red")
    [reply] = await said(nellie, "are you sure?", thread=edited)
    slack.delete("C1", deleted)
    slack.edit("C1", edited, "it is blue")
    slack.delete("C1", reply)
    slack.app_is_down = False

    await slack.sockets.disconnect("refresh_requested")

    async with asyncio.timeout(30):
        while set(await nellie.remembered()) & {"the code is 4711", "it is red", "are you sure?"}:  # noqa: ASYNC110  # it is in Postgres
            await asyncio.sleep(0.05)
    assert "it is blue" in await nellie.remembered()
    assert "stands" in await nellie.remembered()


async def test_a_message_deleted_while_no_process_ran_is_forgotten_at_the_next_start(
    start_nellie: StartNellie, database: Database
) -> None:
    async with Slack() as slack:
        first = await start_nellie(slack)
        deleted, _ = await said(first, "the code is 4711", "fine")
        await first.crash()

        slack.delete("C1", deleted)
        slack.app_is_down = False
        second = await start_nellie(slack, introduced=False)

        async with asyncio.timeout(30):
            while "the code is 4711" in await second.remembered():  # noqa: ASYNC110  # likewise
                await asyncio.sleep(0.05)
        assert "fine" in await second.remembered()


async def test_it_keeps_to_its_pace(start_nellie: StartNellie) -> None:
    async with Slack() as slack:
        nellie = await start_nellie(slack, environ={"NELLIE_SLACK_REVIEWS": "60"})
        await said(nellie, "one")
        pace = (await nellie.adapter._service._sign_in.workspace()).rate_limits.reviews
        while pace.take():
            pass

        asked = asyncio.get_running_loop().time()
        await review(nellie)

        assert asyncio.get_running_loop().time() - asked > 0.5


async def test_a_socket_that_is_renewed_beside_an_open_one_has_missed_nothing(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    sockets = nellie.adapter._service._connection
    assert isinstance(sockets, SocketMode)
    one, other = sockets._clients
    just_opened = sockets._was_open_without(one)
    monkeypatch.setattr("adapters.slack.connection.SETTLED", 0.0)

    beside_an_open_one = sockets._was_open_without(one)
    assert other.current_session
    await other.current_session.close()

    assert (just_opened, beside_an_open_one) == (False, True)
    assert not sockets._was_open_without(one)


async def test_a_file_that_was_deleted_unheard_is_forgotten_while_its_message_stays(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    slack.app_is_down = False
    ts = slack.say("U2", "C1", "look at this", files=[("plan.txt", b"4411"), ("b.txt", b"b")])
    await nellie.wait_until_idle()

    slack.app_is_down = True
    slack.delete_file(slack.room("C1").messages[ts]["files"][0]["id"])
    slack.room("C1").messages[ts]["files"][0] = {"id": "F1", "mode": "tombstone"}

    assert await review(nellie) == ["look at this\n[file: b.txt]"]
    assert [tuple(row) for row in await nellie.query("SELECT name FROM posted_file")] == [
        ("b.txt",)
    ]


async def test_files_are_no_edits_where_nothing_was_edited(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    slack = nellie.slack
    slack.app_is_down = False
    slack.say("U2", "C1", "look", files=[("plan.pdf", b"%PDF"), ("a.png", b"\x89PNG")], stubs=True)
    await nellie.wait_until_idle()
    slack.app_is_down = True

    assert await review(nellie) == ["look\n[file: plan.pdf]\n[picture: a.png]"]


@pytest.mark.parametrize("kept", [0, 2, 5])
@pytest.mark.parametrize("thread", [False, True])
async def test_a_page_that_says_there_is_more_and_not_where_is_not_the_end(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, kept: int, thread: bool
) -> None:
    texts = [f"number {number}" for number in range(6)]
    more = {"thread_ts": (await said(nellie, "root"))[0]} if thread else {}
    await said(nellie, *texts, **more)
    read = WebApi.read

    async def cut_short(self: WebApi, method: str, **arguments: Any) -> dict[str, Any]:
        answer = await read(self, method, **arguments)
        cut = {"messages": answer["messages"][:kept], "has_more": True, "response_metadata": {}}
        return answer | (cut if "messages" in answer else {})

    monkeypatch.setattr(WebApi, "read", cut_short)

    assert await review(nellie) == texts + ["root"] * thread


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("thread", [False, True])
async def test_history_goes_on_where_slack_says_more_and_not_where(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch, size: int, thread: bool
) -> None:
    texts = [f"number {number}" for number in range(7)]
    slack = nellie.slack
    root = (await said(nellie, "root"))[0]
    for text in texts:
        slack.say("U2", "C1", text, **({"thread_ts": root} if thread else {}))
    read, read_page = WebApi.read, list[int]()

    async def cut_short(self: WebApi, method: str, **arguments: Any) -> dict[str, Any]:
        answer = await read(self, method, **arguments)
        if "messages" not in answer:
            return answer
        found = answer["messages"]
        kept = found[: size + (method == "conversations.replies")]  # its root comes each time
        read_page.append(len(kept))
        more = len(found) > len(kept)
        return answer | {"messages": kept, "has_more": more, "response_metadata": {}}

    monkeypatch.setattr(WebApi, "read", cut_short)

    async with asyncio.timeout(30):
        while await remembered(nellie) != [*texts, "root"]:
            await nellie.parts.inbox.catch_up(GENERAL)  # at once, unless it is read just now
    assert len(read_page) > 1
