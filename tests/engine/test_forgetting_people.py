"""A person who is forgotten: their id is in no table any more, whatever tables there will be."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from doubles.read_documents import pretend_to_read
from doubles.start_nellie import SMALL_WINDOW, TALK, Start
from sqlmodel import SQLModel

from bot.config.settings import load
from bot.domain.api import Caller
from bot.domain.documents import PostedFile
from bot.domain.errors import ModelTimeout
from bot.domain.model import Author, Channel, Usage
from bot.domain.pings import Ping
from bot.gateway.calls.calls import CallRequest, Calls
from bot.limits.reservations import Reserving
from bot.store.api_keys import NewKey, StoredKey
from bot.store.page_sessions import Person
from bot.store.reminders import NewReminder
from bot.store.uploads import Upload
from bot.testing import (
    ANA,
    BOB,
    GENERAL,
    RunningNellie,
    ScriptedModel,
    breaks,
    new_message,
    says,
    stalls,
)

ELSEWHERE = Channel("fake", "team", "C9", "elsewhere")
PEOPLE = [
    Author("U0MALLORY", "mallory"),
    Author("184467440737095516", "184467440737095516"),  # nobody knew the name
    Author("bob|away", "ana"),  # another one's name
    Author("wörk@er %_", "Ω"),
]

STAYS = {
    "answer_trace.parts": "numbers, by names of ours",
    "answer_trace.stages": "numbers, by names of ours",
    "api_call.kind": "one of a few",
    "api_call.model": "one of a few",
    "api_call.platform": "one of a few",
    "api_call.saved": "one of a few",
    "api_call.status": "a number",
    "api_call.team": "a workspace, or what an operator called a team",
    "api_day.payer": "a fingerprint, until the day ends: budgets tell people apart by it",
    "api_day.team": "a workspace, or what an operator called a team",
    "api_key.platform": "one of a few; the row goes",
    "api_key.workspace": "the platform's name for a place; the row goes",
    "asked.payer": "a fingerprint, for an hour: what limits questions tells people apart by it",
    "audit.action": "one of a few",
    "audit.once": "by chance, of a form",
    "audit.platform": "one of a few",
    "audit.workspace": "the platform's name for a place",
    "channel.answer_style": "what an operator applied, in which no person's words may stand",
    "channel.external_id": "the platform's name for a place",
    "channel.name": "the name of a place; that of a direct message goes",
    "channel.generation": "what people with rights set",
    "channel.model": "chosen from a list",
    "channel.persona": "what people with rights wrote",
    "channel.platform": "one of a few",
    "channel.summary_wanted": "as channel.answer_style",
    "channel.workspace": "the platform's name for a place",
    "consent.hash": "a hash of a call and of what its tool says of itself",
    "consent.person": "a fingerprint; the row goes with whom it was asked",
    "consent.state": "one of a few",
    "consent.tool": "chosen from a list",
    "confirmation.person": "a fingerprint, for ten minutes: whose yes is waited for",
    "digest.text": "made again, from what is left",
    "document.kind": "one of a few",
    "page_link.platform": "one of a few; the row goes",
    "page_link.workspace": "the platform's name for a place; the row goes",
    "page_session.platform": "one of a few; the row goes",
    "page_session.workspace": "the platform's name for a place; the row goes",
    "forgetting.person": "a fingerprint: what they said so far is not read in later",
    "label_example.hash": "a hash of a text; the row goes",
    "label_example.label": "chosen from a list",
    "label_example.name": "what people with rights called it",
    "label_set.labels": "what people with rights set",
    "label_set.name": "what people with rights called it",
    "ledger.model": "one of a few",
    "message.external_id": "keeps the message from coming back",
    "message.reply_to": "the id of a message",
    "message.thread": "the id of a message",
    "optout.author_id": "that they opted out, or else they would be remembered again",
    "posting.term": "others' words; of theirs, the index goes with the message",
    "posted_file.origin": "one of a few",
    "posted_file.state": "one of a few",
    "removal.thread": "the id of a message",
    "reservation.payer": "a fingerprint, as long as a call runs",
    "reservation.team": "a workspace, or what an operator called a team",
    "rule.label_set": "what people with rights wrote",
    "rule.labels": "what people with rights wrote",
    "rule.name": "what people with rights wrote",
    "rule.recap": "one of a few",
    "rule.trouble": "in words of ours",
    "rule_label.label": "one of its rule's; the row goes with the message",
    "rule_ping.kind": "one of two",
    "rule_ping.label": "one of its rule's",
    "rule_tell.label": "one of its rule's",
    "schedule.rhythm": "one of a few",
    "searched_address.hash": "a hash of an address",
    "tool_call.hash": "a hash of a tool and its arguments",
    "tool_call.key": "a random number",
    "tool_call.state": "one of a few",
    "tool_call.tool": "chosen from a list",
    "tool_switch.described": "a hash of what a tool says of itself",
    "tool_switch.tool": "chosen from a list",
    "tuned_prompt.applied": "as channel.answer_style",
    "tuned_prompt.former": "the same, and what people with rights wrote",
    "turn.error": "the name of a class",
    "turn.posted": "ids of messages",
    "turn.reply": "an introduction or a refusal, in words of ours",
    "turn.state": "one of a few",
    "upload_piece.platform": "one of a few; the row goes",
    "usage.model": "one of a few",
    "usage.payer": "a fingerprint, until the day ends: what limits tokens tells people apart by it",
    "usage.purpose": "one of a few",
}
"""Columns that may keep what stands there, and why. A new one must be emptied, or stand here."""


async def be_everywhere(nellie: RunningNellie, person: Author, channel: Channel = GENERAL) -> None:
    """Do everything that leaves a trace of who did it."""
    here = {"channel": channel}
    await nellie.say(person, f"I am {person.id}", **here)
    await nellie.say(person, "in a thread", thread="t1", **here)
    await nellie.ask(person, "where?", **here)
    await nellie.ask(person, "and in a thread?", thread="t1", **here)
    await nellie.ask(person, "and in private?", private=True, **here)
    turn = await nellie.open_turn(BOB, "who knows?", mentions=(person.id,), **here)
    await nellie.parts.lanes.idle()
    await nellie.parts.turns.rate(turn, person, good=True)
    await nellie.run_command("catchup 1h", person, **here)
    await nellie.run_command("memory forget me", person, **here)


async def be_read(nellie: RunningNellie, person: Author) -> None:
    """Post a file, and add another without a message, which are read."""
    file = PostedFile(id=f"F-{person.id}", name=f"{person.id}.pdf")
    await nellie.say(person, f"see {file}", files=(file,))
    channel, database = await nellie.channel_id(), nellie.parts.database
    await pretend_to_read(database, channel, file.id, "aa")
    async with database.begin() as connection:
        await connection.execute(
            sa.text(
                "INSERT INTO posted_file (channel_id, seq, external_id, origin, name, media_type,"
                " size, alt, address, state, author_id, author_name) VALUES (:channel, 0, :path,"
                " 'operator', :path, '', 0, '', '', 'waiting', :person, :name)"
            ),
            {"channel": channel, "path": "/x", "person": person.id, "name": person.name},
        )
    await pretend_to_read(database, channel, "/x", "bb")


async def use_the_api(nellie: RunningNellie, person: Author, platform: str = "fake") -> StoredKey:
    """Have a key, and call with it; the content of the call is kept."""
    stores = nellie.parts.stores
    new = NewKey(platform=platform, workspace="team", person_id=person.id, name=person.name)
    _, key = await stores.api_keys.add(new)
    settings = load(api_log="content")
    reserving = Reserving(settings=settings, store=stores.reservations)
    caller = Caller(
        key_id=key.id,
        platform=platform,
        workspace="team",
        person_id=person.id,
        name=person.name,
        team="team",
    )
    body = {"messages": [{"role": "user", "content": f"I am {person.id}"}]}
    request = CallRequest(kind="chat", asked=f"nellie/fake/{person.id}", model="small", body=body)
    call = await Calls.on(stores, reserving, settings).begin(caller, request)
    await call.end(answer=body, usage=Usage("small", 90, 10), error=f"no {person.id}")
    return key


async def look_at_the_page(nellie: RunningNellie, person: Author, platform: str = "fake") -> None:
    """Be signed in at the page, have another link, and have brought a file."""
    sessions = nellie.parts.stores.page_sessions
    whose = Person(
        platform=platform, workspace="team", person_id=person.id, name=f"I am {person.id}"
    )
    assert await sessions.sign_in(await sessions.add_link(whose), "")
    await sessions.add_link(whose)
    brought = Upload.begin(await nellie.channel_id(), platform, person.id)
    await nellie.parts.stores.uploads.add(brought, 1, person.id.encode())


async def be_reminded(nellie: RunningNellie, person: Author) -> None:
    """Have a reminder that is still to come."""
    channel_id, at = await nellie.channel_id(), datetime.now(UTC) + timedelta(days=1)
    await nellie.parts.stores.reminders.add(
        NewReminder(
            channel_id=channel_id,
            channel=GENERAL,
            person=person,
            text=f"tell {person.id}",
            at=at,
            zone="UTC",
        )
    )


async def be_an_example(nellie: RunningNellie, person: Author) -> None:
    """Have said what an example of a label is, and have added one."""
    await nellie.run_command("classify set kinds bug, praise", admin=True)
    message = new_message(person, f"{person.id} crashes")
    await nellie.parts.inbox.receive(message)
    await nellie.run_command("classify add kinds bug", ANA, admin=True, about=message)
    added = f"classify add kinds praise: {person.id} is fine"
    await nellie.run_command(added, person, admin=True)


async def be_told(nellie: RunningNellie, person: Author) -> None:
    """Be whom a rule tells."""
    await nellie.run_command("rules add triage: bug, outage", admin=True)
    ping = Ping.of("person", person.id, person.name)
    await nellie.run_command(f"rules tell triage outage {ping.markup}", admin=True)


async def be_looked_up(nellie: RunningNellie, person: Author) -> None:
    """Stand in a call of a tool that is under way."""
    await nellie.rows(
        "INSERT INTO tool_call (turn_id, channel_id, round, position, tool, changes, state, hash,"
        " key, call, said, usage, result)"
        " SELECT max(id), channel_id, 1, 0, 'search', false, 'running', '', '', :id, '', '[]', :id"
        " FROM turn GROUP BY channel_id RETURNING 1",
        id=person.id,
    )


async def be_asked(nellie: RunningNellie, person: Author) -> None:
    """Have decided what an answer to somebody else asked."""
    await nellie.rows(
        "INSERT INTO consent (channel_id, turn_id, call_id, number, tool, hash, again, repeats,"
        " person, state, decided_by, until)"
        " SELECT channel_id, max(id), 1, 1, 'send', '', false, false, 'bob', 'allowed', :id, now()"
        " FROM turn GROUP BY channel_id RETURNING 1",
        id=person.id,
    )


async def forget(nellie: RunningNellie, command: str, person: Author, **fields: object) -> str:
    """Give a command that asks first, and confirm it; what was asked."""
    asked = await nellie.run_command(f"memory forget {command}", person, **fields)
    assert asked.confirm, asked.text
    await nellie.run_command(f"memory {asked.confirm}", person, **fields)
    return asked.text


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
async def test_the_id_of_who_was_forgotten_stands_nowhere(
    nellie: RunningNellie, person: Author
) -> None:
    await be_everywhere(nellie, person)
    places = await nellie.find_traces(person.id)
    before = await nellie.rows("SELECT count(*), count(author_id) FROM usage")

    await forget(nellie, "me", person)

    assert {"message.author_id", "turn.asker_id", "turn.lane", "turn.mentions"} <= set(places)
    assert "message.mentions" in places
    assert {"usage.author_id", "rating.author_id"} <= set(places)
    assert await nellie.find_traces(person.id) == []
    assert await nellie.texts() == ["who knows?", "You said: who knows?"]
    [[calls, known]] = await nellie.rows("SELECT count(*), count(author_id) FROM usage")
    assert (calls, known) == (before[0][0], 1)  # bob's
    assert await nellie.rows("SELECT count(*) FROM rating WHERE good") == [(1,)]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
async def test_who_was_only_mentioned_can_be_forgotten_too(
    nellie: RunningNellie, person: Author
) -> None:
    await nellie.say(BOB, "who is on call?", mentions=(ANA.id, person.id))
    await nellie.say(BOB, "and tomorrow?", mentions=(person.id,))
    assert await nellie.find_traces(person.id) == ["message.mentions"]

    asked = await forget(nellie, "me", person)

    assert "stands in 2 other places" in asked
    assert await nellie.find_traces(person.id) == []
    assert [one.mentions for one in await nellie.messages()] == [(ANA.id,), ()]


async def test_whom_a_forgotten_message_mentions_is_forgotten_with_it(
    nellie: RunningNellie,
) -> None:
    for person in PEOPLE:
        await nellie.say(person, "and you?", mentions=("U0MENTIONED",))
    await nellie.ask(BOB, "and I?", mentions=("U0MENTIONED",))

    await forget(nellie, "all", ANA, admin=True)

    assert await nellie.find_traces("U0MENTIONED") == []


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
async def test_an_admin_forgets_a_person_as_wholly(nellie: RunningNellie, person: Author) -> None:
    await be_everywhere(nellie, person)

    await forget(nellie, f"person {person.id}", ANA, admin=True)

    assert await nellie.find_traces(person.id) == []


@pytest.mark.parametrize("how", ["memory forget me", "memory optout", "memory forget all"])
async def test_who_is_forgotten_or_opts_out_is_told_of_nothing_more(
    nellie: RunningNellie, how: str
) -> None:
    [mallory, *_] = PEOPLE
    await nellie.say(mallory, "hello")
    await be_told(nellie, mallory)
    await nellie.run_command("rules tell triage bug <@&S1|oncall>", admin=True)

    asked = await nellie.run_command(how, mallory, admin=True)
    if asked.confirm:
        await nellie.run_command(f"memory {asked.confirm}", mallory, admin=True)

    assert await nellie.rows("SELECT target_id FROM rule_ping") == [("S1",)]


async def test_forgetting_everything_forgets_everybody(nellie: RunningNellie) -> None:
    for person in PEOPLE:
        await be_everywhere(nellie, person)
    calls = await nellie.rows("SELECT count(*) FROM usage")

    await forget(nellie, "all", ANA, admin=True)

    for person in (*PEOPLE, BOB):
        assert await nellie.find_traces(person.id) == []
    assert await nellie.rows("SELECT count(*) FROM usage") == calls
    assert await nellie.rows("SELECT count(*) FROM rating") == [(4,)]


async def test_what_others_and_other_channels_hold_stays(nellie: RunningNellie) -> None:
    [mallory, *_] = PEOPLE
    await be_everywhere(nellie, mallory)
    await be_everywhere(nellie, mallory, ELSEWHERE)
    await be_everywhere(nellie, ANA)
    others = await nellie.find_traces(ANA.id)
    elsewhere = await nellie.texts(ELSEWHERE)

    await forget(nellie, "me", mallory)

    assert await nellie.find_traces(ANA.id) == others
    assert await nellie.texts(ELSEWHERE) == elsewhere
    assert "usage.author_id" in await nellie.find_traces(mallory.id)


async def test_who_only_asked_in_private_and_rated_can_be_forgotten_too(
    nellie: RunningNellie,
) -> None:
    [mallory, *_] = PEOPLE
    turn = await nellie.open_turn(BOB, "who knows?", mentions=(mallory.id,))
    await nellie.parts.lanes.idle()
    await nellie.parts.turns.rate(turn, mallory, good=False)

    asked = await forget(nellie, "me", mallory)
    again = await nellie.run_command("memory forget me", mallory)

    assert "no messages of yours, but their author's id stands in 2 other places" in asked
    assert await nellie.find_traces(mallory.id) == []
    assert "nothing to forget" in again.text


async def test_a_question_that_waits_is_never_answered_to_who_was_forgotten(
    start_nellie: Start,
) -> None:
    [mallory, *_] = PEOPLE
    nellie = await start_nellie(model=ScriptedModel(stalls("well"), says("no")))
    await nellie.open_turn(mallory, "one?")
    await nellie.open_turn(mallory, "two?", private=True)
    await nellie.model.called.wait()

    await forget(nellie, "me", mallory)
    async with asyncio.timeout(20):
        await nellie.parts.lanes.idle()

    assert await nellie.rows("SELECT DISTINCT state FROM turn") == [("cancelled",)]
    assert await nellie.find_traces(mallory.id) == []
    assert "two?" not in "".join(nellie.platform.shown.values())
    assert len(nellie.model.prompts) == 1


async def test_forgotten_words_stand_in_no_summary_while_it_waits_to_be_made_again(
    start_nellie: Start,
) -> None:
    nellie = await start_nellie(window_high=400, window_low=100)
    stranger = Author("U0STRANGER", "U0STRANGER")
    await nellie.add_history("the parrot is called captain Flint", author=stranger)
    await nellie.add_history(*(f"talk number {n} about the harbour" for n in range(60)))
    await nellie.compact()
    assert "segment.participants" in await nellie.find_traces(stranger.id)

    await forget(nellie, "me", stranger)

    assert await nellie.find_traces(stranger.id) == []
    assert await nellie.find_traces("Flint") == []
    await nellie.parts.compaction.repair(await nellie.channel_id())
    assert "harbour" in (await nellie.run_command("memory show")).text


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
@pytest.mark.parametrize("how", ["memory forget me", "memory forget person {}", "memory optout"])
async def test_who_is_forgotten_or_opts_out_has_no_keys_and_no_calls_any_more(
    nellie: RunningNellie, person: Author, how: str
) -> None:
    await use_the_api(nellie, person)
    others = await use_the_api(nellie, ANA)
    elsewhere = await use_the_api(nellie, person, platform="other")
    assert {"api_key.person_id", "api_call.request"} <= set(await nellie.find_traces(person.id))

    command = how.format(person.id)
    asked = await nellie.run_command(command, person, admin=True)
    if asked.confirm:
        await nellie.run_command(f"memory {asked.confirm}", person, admin=True)
        assert "stands in 2 other places" in asked.text
    else:
        assert "1 key of yours for the API ended with it." in asked.text

    left = await nellie.parts.stores.api_keys.list()
    assert [one.id for one in left] == [others.id, elsewhere.id]
    calls = "SELECT person_id, request IS NULL FROM api_call ORDER BY id"
    assert await nellie.rows(calls) == [("", True), (ANA.id, False), (person.id, False)]
    [(used,)] = await nellie.rows("SELECT sum(tokens) FROM api_day")
    assert used == 300  # it still counts
    await nellie.parts.stores.api_traces.forget(person.id)
    assert set(await nellie.find_traces(person.id)) <= {"optout.author_id"}


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.id)
async def test_opting_out_leaves_the_id_with_what_was_said_before_alone(
    nellie: RunningNellie, person: Author
) -> None:
    await be_everywhere(nellie, person)

    await nellie.run_command("memory optout", person)
    places = set(await nellie.find_traces(person.id))
    await be_everywhere(nellie, person)
    await nellie.ask(person, "still there?", thread="t2")

    said = {"message.author_id", "message.author_name", "message.text", "posting.term"}
    assert places <= said | {"optout.author_id"}
    assert set(await nellie.find_traces(person.id)) <= places


async def test_what_runs_when_somebody_opts_out_is_answered_and_leaves_no_id(
    start_nellie: Start,
) -> None:
    [mallory, *_] = PEOPLE
    gate = asyncio.Event()
    answer = says("here")
    nellie = await start_nellie(model=ScriptedModel(lambda prompt: (gate, *answer(prompt))))
    turn = await nellie.open_turn(mallory, "where?")
    await nellie.model.called.wait()

    await nellie.run_command("memory optout", mallory)
    gate.set()
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "here"
    assert set(await nellie.find_traces(mallory.id)) == {"message.author_id", "optout.author_id"}


async def test_a_failed_question_from_before_can_still_be_asked_again(start_nellie: Start) -> None:
    [mallory, *_] = PEOPLE
    broken = breaks(ModelTimeout(model="m", seconds=1))
    nellie = await start_nellie(model=ScriptedModel(broken, says("here")))
    turn = await nellie.open_turn(mallory, "where?")
    await nellie.parts.lanes.idle()
    await nellie.run_command("memory optout", mallory)

    assert await nellie.parts.turns.retry(turn)
    await nellie.parts.lanes.idle()

    assert nellie.platform.shown[turn] == "here"
    assert set(await nellie.find_traces(mallory.id)) == {"message.author_id", "optout.author_id"}


async def test_every_column_that_may_hold_an_id_is_emptied(start_nellie: Start) -> None:
    """Whatever a new table or column holds of a person: it is emptied, or it stands in STAYS."""
    nellie = await start_nellie(**SMALL_WINDOW)
    person = Author("U0PLANTED", "planted")
    await be_everywhere(nellie, person)
    await use_the_api(nellie, person)
    await look_at_the_page(nellie, person)
    await be_reminded(nellie, person)
    await be_an_example(nellie, person)
    await be_told(nellie, person)
    await be_looked_up(nellie, person)
    await be_asked(nellie, person)
    await be_read(nellie, person)
    await nellie.parts.inbox.edited(GENERAL, "not here yet", "new words")
    await nellie.add_history(*TALK)
    await nellie.compact()
    columns = [
        column
        for table in SQLModel.metadata.sorted_tables
        for column in table.columns
        if str(column) not in STAYS and _may_hold_an_id(column)
    ]

    for column in columns:
        planted = await nellie.rows(_plant(column), id=person.id)
        assert planted, f"nothing stands in {column}: let be_everywhere leave something there"
    await forget(nellie, "me", person)

    assert {str(column) for column in columns} >= {"lane.lane", "turn.mentions", "usage.author_id"}
    assert await nellie.find_traces(person.id) == []


def _may_hold_an_id(column: sa.Column[Any]) -> bool:
    kind = getattr(column.type, "item_type", column.type)  # of an array, what it holds
    return isinstance(kind, sa.String | sa.JSON)


def _plant(column: sa.Column[Any]) -> str:
    """SQL that puts the id into a column: into a row of the person's, where rows have one."""
    table = column.table.name
    value = ":id"
    if column.name == "lane":
        value = "'author:' || :id"
    elif isinstance(column.type, sa.ARRAY):
        value = "ARRAY[CAST(:id AS text)]"
    elif isinstance(column.type, sa.JSON):
        value = "to_jsonb(ARRAY[CAST(:id AS text)])"
    names = ("author_id", "asker_id", "person_id")
    owner = next((name for name in names if name in column.table.c), None)
    own = f"({owner} = :id) DESC, " if owner else ""
    return (
        f"UPDATE {table} SET {column.name} = {value}"  # noqa: S608  # names from our own tables
        f" WHERE ctid = (SELECT ctid FROM {table} ORDER BY {own}ctid LIMIT 1) RETURNING 1"
    )
