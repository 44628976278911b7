"""What a key of somebody may read in Slack: the conversations that they are in, and no other."""

import pytest
from doubles.nellie_on_slack import NellieOnSlack, StartNellie
from doubles.slack_server.shapes import TEAM

from adapters.slack import readers
from bot.domain.model import Channel


async def may(nellie: NellieOnSlack, person: str, room: str, *, direct: bool = False) -> bool:
    channel = Channel("slack", TEAM, room, direct=direct)
    return bool(await nellie.adapter.may_read(channel, person))


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look is a new one."""
    monkeypatch.setattr(readers, "FRESH", -1.0)


async def test_who_is_in_a_channel_may_read_it_and_no_more_once_they_have_left(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    gus = slack.person("gus").id

    before = await may(nellie, gus, "C1")
    slack.invite("C1", gus)
    inside = await may(nellie, gus, "C1")
    slack.kick("C1", gus)
    after = await may(nellie, gus, "C1")

    assert (before, inside, after) == (False, True, False)


@pytest.mark.parametrize("kind", ["guest", "deactivated", "stranger", "nobody"])
async def test_who_has_no_business_there_may_not(nellie: NellieOnSlack, kind: str) -> None:
    slack = nellie.slack
    gus = slack.person("gus", guest=kind == "guest")
    if kind == "deactivated":
        slack.invite("C1", gus.id)
        gus.deleted = True
    person = {"stranger": "U0ELSEWHERE", "nobody": ""}.get(kind, gus.id)

    assert not await may(nellie, person, "C1")


async def test_a_guest_may_read_the_channels_that_they_were_let_into(
    nellie: NellieOnSlack,
) -> None:
    gus = nellie.slack.person("gus", guest=True).id
    nellie.slack.invite("C1", gus)

    assert await may(nellie, gus, "C1")


async def test_private_channels_are_their_members_and_archived_ones_stay_readable(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    room = slack.channel("secret", kind="group")
    slack.kick(room, "U2")
    slack.archive(room)

    assert await may(nellie, "U1", room)
    assert not await may(nellie, "U2", room)


async def test_direct_messages_are_only_their_persons(nellie: NellieOnSlack) -> None:
    direct = nellie.slack.direct("U1").id

    assert await may(nellie, "U1", direct, direct=True)
    assert not await may(nellie, "U2", direct, direct=True)
    assert not await may(nellie, "U2", "C1", direct=True)


async def test_whose_direct_messages_are_is_asked_once_for_all_of_them(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "FRESH", 60.0)
    slack = nellie.slack
    rooms = [slack.direct(slack.person(f"person{at}").id).id for at in range(5)]
    mine = slack.direct("U1").id
    before = len(slack.called("conversations.info"))

    may_read = [await may(nellie, "U1", room, direct=True) for room in (*rooms, mine)]

    assert may_read == [False] * 5 + [True]
    assert len(slack.called("conversations.info")) == before


async def test_another_workspace_is_none_of_theirs(nellie: NellieOnSlack) -> None:
    assert not await nellie.adapter.may_read(Channel("slack", "T0OTHER", "C1"), "U1")


@pytest.mark.parametrize("method", ["users.conversations", "users.info", "conversations.info"])
async def test_what_slack_does_not_say_nobody_may_read(
    start_nellie: StartNellie, method: str
) -> None:
    nellie = await start_nellie()
    nellie.slack.faults.refuse(method, error="missing_scope", times=10**6)
    if direct := method == "conversations.info":
        nellie.slack.faults.refuse("users.conversations", error="missing_scope", times=10**6)
    room = nellie.slack.direct("U1").id if direct else "C1"

    assert not await may(nellie, "U1", room, direct=direct)


async def test_somebody_in_more_channels_than_a_page_may_read_the_last_of_them(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "PAGE", 2)
    rooms = [nellie.slack.channel(f"room{at}") for at in range(5)]

    assert await may(nellie, "U1", rooms[-1])


async def all_that(nellie: NellieOnSlack, person: str, *ids: str) -> dict[str, bool]:
    """What is said of many channels at once, by their ids."""
    channels = [Channel("slack", TEAM, one, direct=one.startswith("D")) for one in ids]
    answers = await nellie.adapter.readable(channels, person)
    return {channel.id: answer for channel, answer in answers.items()}


async def test_of_thousands_of_channels_few_requests_say_which_may_be_read(
    nellie: NellieOnSlack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "FRESH", 60.0)
    slack = nellie.slack
    rooms = [slack.channel(f"room{number}") for number in range(3_000)]
    slack.kick(rooms[7], "U2")
    before = len(slack.called("users.conversations"))

    u1, u2 = [await all_that(nellie, person, *rooms, "C0GONE") for person in ("U1", "U2")]

    assert [id_ for id_, yes in u1.items() if not yes] == ["C0GONE"]
    assert [id_ for id_, yes in u2.items() if not yes] == [rooms[7], "C0GONE"]
    assert len(slack.called("users.conversations")) <= before + 8
    elsewhere = Channel("slack", "T0OTHER", rooms[0])
    assert await nellie.adapter.readable([elsewhere], "U1") == {elsewhere: False}


async def test_of_many_direct_messages_those_are_left_out_that_no_list_holds(
    nellie: NellieOnSlack,
) -> None:
    slack = nellie.slack
    mine, theirs = slack.direct("U1").id, slack.direct("U2").id

    answers = await all_that(nellie, "U1", mine, theirs, "D0CLOSED")

    assert answers == {mine: True, theirs: False}


@pytest.mark.parametrize("kind", ["deactivated", "stranger", "nobody"])
async def test_who_has_no_business_there_may_read_none_of_many(
    nellie: NellieOnSlack, kind: str
) -> None:
    slack = nellie.slack
    gus = slack.person("gus")
    slack.invite("C1", gus.id)
    direct = slack.direct(gus.id).id
    gus.deleted = kind == "deactivated"
    person = {"stranger": "U0ELSEWHERE", "nobody": ""}.get(kind, gus.id)

    assert await all_that(nellie, person, "C1", direct) == {"C1": False, direct: False}


async def test_of_many_channels_nobody_may_read_any_that_slack_does_not_tell_of(
    start_nellie: StartNellie,
) -> None:
    nellie = await start_nellie()
    nellie.slack.faults.refuse("users.conversations", error="missing_scope", times=10**6)

    assert await all_that(nellie, "U1", "C1") == {"C1": False}


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("active", True), ("guest", True), ("deactivated", False), ("stranger", False)],
)
async def test_a_key_is_good_as_long_as_its_persons_account(
    nellie: NellieOnSlack, kind: str, expected: bool
) -> None:
    gus = nellie.slack.person("gus", guest=kind == "guest")
    gus.deleted = kind == "deactivated"
    person = "U0ELSEWHERE" if kind == "stranger" else gus.id

    assert await nellie.adapter.is_member(TEAM, person) is expected


async def test_of_another_workspace_nothing_is_said(nellie: NellieOnSlack) -> None:
    assert await nellie.adapter.is_member("T0OTHER", "U1") is None
